/**
 * Port probes in Rust, on tokio: twin of `pure.ts`, which says what it must do. Permissions, scope and
 * names are settled before; the library gets a literal address.
 *
 * @module
 */

import { securityProbe } from "../native/generated/security.ts";
import type { Target } from "./pure.ts";
import type { PortProbe } from "./types.ts";

/**
 * The same probe as the pure twin's, made by the library.
 *
 * @param target What to probe.
 * @returns What the outcome says.
 * @throws {AgentError} As the pure twin does.
 */
export async function probe(target: Target): Promise<PortProbe> {
  const { allowed, port, timeoutMs, signal } = target;
  const address = allowed.addresses[0]!;
  const answer = await securityProbe(address, port, timeoutMs, { signal });
  return { address, port, ...answer as Omit<PortProbe, "address" | "port"> };
}
