/**
 * Port probes in Rust, on tokio: twin of `pure.ts`, which says what it must do. Permissions, scope and
 * names are settled before; the library gets a literal address.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { Scratch } from "../ffi/encode.ts";
import type { SecuritySymbols } from "../ffi/generated/security.ts";
import type { Target } from "./pure.ts";
import type { PortProbe } from "./types.ts";

const scratch = new Scratch();
const decoder = new TextDecoder();

/**
 * The same probe as the pure twin's, made by the library.
 *
 * @param native The open area.
 * @param target What to probe.
 * @returns What the outcome says.
 * @throws {AgentError} As the pure twin does.
 */
export async function probeNative(
  native: NativeArea<SecuritySymbols>,
  target: Target,
): Promise<PortProbe> {
  const { allowed, port, timeoutMs, signal } = target;
  const address = allowed.addresses[0]!;
  const answer = await native.ring.submit(
    "probePort",
    (ring, operation, out, capacity) => {
      const length = scratch.encode(address);
      return native.symbols.agent_security_submit_probe(
        ring,
        operation,
        scratch.bytes,
        length,
        port,
        timeoutMs,
        out,
        capacity,
      );
    },
    (payload) => JSON.parse(decoder.decode(payload)) as Omit<PortProbe, "address" | "port">,
    { signal },
  );
  return { address, port, ...answer };
}
