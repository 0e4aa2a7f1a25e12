/**
 * Container engines in Rust, on bollard: twin of `pure.ts`, which says what it must do. Permissions
 * and names are settled before; the library gets a socket's path or a literal address.
 *
 * @module
 */

import { containersPing } from "../native/generated/containers.ts";
import { authority } from "../shared/access.ts";
import type { Question } from "./pure.ts";
import type { EngineInfo } from "./types.ts";

/**
 * The same question as the pure twin's, asked by the library.
 *
 * @param question Where to, and for how long.
 * @returns Who the engine is.
 * @throws {AgentError} As the pure twin does.
 */
export async function ping(question: Question): Promise<EngineInfo> {
  const { host, allowed, timeoutMs, signal } = question;
  const target = host.kind === "unix"
    ? host.text
    : `tcp://${authority(allowed?.addresses[0] ?? host.host, host.port)}`;
  const answer = await containersPing(target, timeoutMs, { signal });
  return { host: host.text, ...answer as Omit<EngineInfo, "host"> };
}
