/**
 * Security tools: what listens where.
 *
 * @example
 * ```ts
 * import { probePort } from "@agent/runtime/security";
 *
 * const { state, reason, rttMs } = await probePort("127.0.0.1", 22);
 * console.log(`ssh is ${state} (${reason}, ${rttMs} ms)`);
 * ```
 *
 * @module
 */

import type { PortProbe, ProbeOptions } from "./types.ts";

export type { Implementation } from "../shared/implementation.ts";
export type { PortProbe, PortReason, PortState, ProbeOptions } from "./types.ts";

/**
 * Probes one TCP port of a host of this machine or of a private network, by one connect.
 *
 * Nothing is sent over the connection, and it is closed at once. Needs `--allow-net=<host>`; a literal
 * address may also be granted with its port. It never prompts. Of a name with several addresses the
 * first is probed, IPv4 before IPv6, and all must be in scope.
 *
 * @param host A name or a literal address, in any spelling.
 * @param port 1 to 65535.
 * @param options Time limit, twin, signal.
 * @returns The port's state with its reason, and the time to the answer in milliseconds.
 * @throws {AgentError} `SCOPE` for public addresses, metadata services, multicast and broadcast;
 * `PERMISSION` naming what Deno does not allow; `NOT_FOUND` for a name without an address; `IO` if the
 * probe itself was not possible; `NATIVE_REQUIRED`.
 * @throws {TypeError | RangeError} For a host, a port or a time limit that is none.
 *
 * @example
 * ```ts
 * import { probePort } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const found = await probePort("127.0.0.1", listener.addr.port);
 * assert.equal(found.state, "open");
 * ```
 */
export async function probePort(
  host: string,
  port: number,
  options: ProbeOptions = {},
): Promise<PortProbe> {
  const { probeOne } = await import("./probe.ts");
  return await probeOne(host, port, options);
}
