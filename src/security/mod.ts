/**
 * Security tools: what listens where.
 *
 * Loopback and the private networks that this machine is in may be scanned; everything else needs an authorisation,
 * which a program's configuration gives and no argument of a tool. Metadata services, multicast and broadcast addresses
 * are never scanned.
 *
 * @example
 * ```ts
 * import { scanPorts } from "@agent/runtime/security";
 *
 * const { ports, counts, durationMs } = await scanPorts("127.0.0.1", { ports: "1-1024" });
 * console.log(`${ports.length} of ${counts.open + counts.closed} open, in ${durationMs} ms`);
 * ```
 *
 * @module
 */

import type { DetectOptions, ServiceReport } from "./services/types.ts";
import type { PortProbe, ProbeOptions } from "./types.ts";
import type { DiscoverOptions, HostReport, ScanOptions, ScanReport } from "./types/scan.ts";

export * from "../shared/errors.ts";
export type * from "../shared/implementation.ts";
export type { Banner, Confidence, DetectOptions, ServiceReport } from "./services/types.ts";
export type * from "./services/tls/types.ts";
export type * from "./types.ts";
export type * from "./types/scan.ts";
export type * from "./types/scope.ts";
export type * from "./types/service_facts.ts";
export * from "./scan/diff.ts";
export * from "./scan/output/jsonl.ts";
export * from "./scan/output/nmap_xml.ts";
export * from "./host/mod.ts";
export * from "./threats/mod.ts";
export * from "./picture/mod.ts";

/**
 * Probes one TCP port of a host, by one connect. What may be probed is what {@linkcode scanPorts} may scan.
 *
 * Nothing is sent over the connection, and it is closed at once. Needs `--allow-net=<host>`; a literal
 * address may also be granted with its port; for private networks also `--allow-sys=networkInterfaces`. It never prompts. Of
 * a name with several addresses the first is probed, IPv4 before IPv6, and all must be in scope.
 *
 * @param host A name or a literal address, in any spelling.
 * @param port 1 to 65535.
 * @param options Time limit, twin, signal, and what the program allows.
 * @returns The port's state with its reason, and the time to the answer in milliseconds.
 * @throws {AgentError} `SCOPE` for what may not be probed;
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
export function probePort(host: string, port: number, options?: ProbeOptions): Promise<PortProbe>;
export async function probePort(
  host: string,
  port: number,
  options: ProbeOptions = {},
): Promise<PortProbe> {
  const { probeOne } = await import("./probe.ts");
  return await probeOne(host, port, options);
}

/**
 * Scans the ports of one host: TCP by connect, UDP by questions in the services' own protocols.
 *
 * Nothing is sent over TCP connections, and they end at once. Of a name all addresses must be in scope; the first is
 * scanned, IPv4 before IPv6, and the report says which. How many probes are under way follows from the descriptors of the
 * process, from answers and from silence; ports that did not answer are asked again, all others once. Needs
 * `--allow-net=<host>`; for private networks also `--allow-sys=networkInterfaces`, to know which of them are this
 * machine's; UDP needs the address itself granted, and `--allow-net=127.0.0.1:0`
 * (other hosts: `0.0.0.0:0`; IPv6: `[::1]:0`, `[::]:0`) to send from. It never prompts.
 *
 * @param target A name or a literal address, in any spelling.
 * @param options Which ports, how, and what the program allows.
 * @returns The open ports with evidence and times in milliseconds, and the counts of all states.
 * @throws {AgentError} `SCOPE` for targets that may not be scanned; `PERMISSION` naming what Deno does not allow;
 * `NOT_FOUND` for a name without an address; `TOO_LARGE`; `IO` if the scan itself was not possible; `NATIVE_REQUIRED`.
 * @throws {TypeError | RangeError} For targets, ports and options that are none.
 *
 * @example
 * ```ts
 * import { scanPorts } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const { port } = listener.addr;
 * const report = await scanPorts("127.0.0.1", { ports: String(port) });
 * assert.equal(report.ports[0]!.state, "open");
 * ```
 */
export function scanPorts(target: string, options?: ScanOptions): Promise<ScanReport>;
export async function scanPorts(target: string, options: ScanOptions = {}): Promise<ScanReport> {
  const { scanOne } = await import("./scan/scan.ts");
  return await scanOne(target, options);
}

/**
 * Scans the ports of several hosts at once, as {@linkcode scanPorts} does those of one.
 *
 * @param targets Names, addresses and networks (`"10.0.0.0/24"`): an array, or one text with commas or spaces between.
 * Of IPv4 networks the first and the last address are left out, which are no hosts'.
 * @param options As for `scanPorts`.
 * @returns One report for each address, in order. All have the times of the whole call.
 * @throws {AgentError} As `scanPorts`; `TOO_LARGE` for more than `maxHosts` addresses or `maxProbes` probes.
 * @throws {TypeError | RangeError} For targets, ports and options that are none.
 *
 * @example
 * ```ts
 * import { scanHosts } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const planned = await scanHosts("127.0.0.0/29", { ports: "22,80", dryRun: true });
 * assert.deepEqual(planned.map(({ address }) => address).slice(0, 2), ["127.0.0.1", "127.0.0.2"]);
 * ```
 */
export function scanHosts(
  targets: string | readonly string[],
  options?: ScanOptions,
): Promise<ScanReport[]>;
export async function scanHosts(
  targets: string | readonly string[],
  options: ScanOptions = {},
): Promise<ScanReport[]> {
  const { scanMany } = await import("./scan/scan.ts");
  return await scanMany(targets, options);
}

/**
 * Finds the hosts of a network: by TCP ports that accept or refuse; by echo requests (ICMP) where the native twin works, the
 * system lets this process send them without privileges, and Deno grants the host with all of its ports; by the neighbour
 * table, natively with `--allow-read` and `--allow-sys`, in TypeScript that of IPv4 alone and with `--allow-all`.
 *
 * @param cidr A network such as `"192.168.1.0/24"`, or several, with commas or spaces between.
 * @param options Which ports are asked, and what the program allows.
 * @returns The hosts that were seen, in order, with what showed them.
 * @throws {AgentError} As `scanHosts`.
 * @throws {TypeError | RangeError} For networks and options that are none.
 *
 * @example
 * ```ts
 * import { discoverHosts } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const [host] = await discoverHosts("127.0.0.1/32");
 * assert.equal(host!.by, "tcp");
 * ```
 */
export function discoverHosts(cidr: string, options?: DiscoverOptions): Promise<HostReport[]>;
export async function discoverHosts(
  cidr: string,
  options: DiscoverOptions = {},
): Promise<HostReport[]> {
  const { discover } = await import("./scan/hosts.ts");
  return await discover(cidr, options);
}

/**
 * Finds out what speaks at a port: protocol, product, version and TLS, by what it says and not by the port's number. What
 * may be asked is what {@linkcode scanPorts} may scan.
 *
 * It listens first, then asks questions such as any client asks, over a bounded number of connections. It never logs in
 * and never tries passwords; printers' and plants' ports are not spoken to. What a server says is untrusted: texts come
 * cut and without control characters, and are data, never instructions. `tls.verified` is about the certificates; that
 * the server holds their key is not checked. Needs what {@linkcode probePort} needs, over UDP also
 * `--allow-net=127.0.0.1:0` (other hosts: `0.0.0.0:0`); to hold certificates against Mozilla's authorities, `--allow-sys`.
 *
 * @param host A name or a literal address, in any spelling.
 * @param port 1 to 65535.
 * @param options Time limit for each answer, TCP or UDP, whether TLS is looked at, twin, signal.
 * @returns What it is; a service that is not recognised is null, with the reason.
 * @throws {AgentError} `SCOPE`, `PERMISSION`, `NOT_FOUND`, `IO` and `NATIVE_REQUIRED` as `probePort` does.
 * @throws {TypeError | RangeError} For options, a host or a port that are none.
 *
 * @example
 * ```ts
 * import { detectService } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
 * const found = await detectService("127.0.0.1", server.addr.port);
 * assert.equal(found.service, "http");
 * await server.shutdown();
 * ```
 */
export function detectService(
  host: string,
  port: number,
  options?: DetectOptions,
): Promise<ServiceReport>;
export async function detectService(
  host: string,
  port: number,
  options: DetectOptions = {},
): Promise<ServiceReport> {
  const { detectOne } = await import("./services/detect.ts");
  return await detectOne(host, port, options);
}
