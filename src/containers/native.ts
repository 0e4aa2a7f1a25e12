/**
 * Container engines in Rust, on bollard: twin of `pure.ts`, which says what it must do. Permissions
 * and names are settled before; the library gets a socket's path or a literal address.
 *
 * @module
 */

import { authority } from "../access.ts";
import type { NativeArea } from "../ffi/area.ts";
import { Scratch } from "../ffi/encode.ts";
import type { ContainersSymbols } from "../ffi/generated/containers.ts";
import type { Question } from "./pure.ts";
import type { EngineInfo } from "./types.ts";

const scratch = new Scratch();
const decoder = new TextDecoder();

/**
 * The same question as the pure twin's, asked by the library.
 *
 * @param native The open area.
 * @param question Where to, and for how long.
 * @returns Who the engine is.
 * @throws {AgentError} As the pure twin does.
 */
export async function pingNative(
  native: NativeArea<ContainersSymbols>,
  question: Question,
): Promise<EngineInfo> {
  const { host, allowed, timeoutMs, signal } = question;
  const target = host.kind === "unix"
    ? host.text
    : `tcp://${authority(allowed?.addresses[0] ?? host.host, host.port)}`;
  const answer = await native.ring.submit(
    "pingEngine",
    (ring, operation, out, capacity) => {
      const length = scratch.encode(target);
      return native.symbols.agent_containers_submit_ping(
        ring,
        operation,
        scratch.bytes,
        length,
        timeoutMs,
        out,
        capacity,
      );
    },
    (payload) => JSON.parse(decoder.decode(payload)) as Omit<EngineInfo, "host">,
    { signal },
  );
  return { host: host.text, ...answer };
}
