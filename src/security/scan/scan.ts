/**
 * What `scanPorts` and `scanHosts` do: scope, permissions and limits first, then one scan by a twin, then the reports.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { addressKind } from "../../shared/addresses.ts";
import { checkString } from "../../shared/arguments.ts";
import { Audit } from "../scope/audit.ts";
import { checkProbes, mostHosts, rateOf, type ReadOptions, readOptions } from "../scope/options.ts";
import { allowPorts, dialled } from "../scope/permissions.ts";
import { ownNetworks, type Policy, readAuthorization } from "../scope/policy.ts";
import { countPorts, writtenRanges } from "../scope/ports.ts";
import { resolveAll, type Resolved, resolveHost } from "../scope/resolve.ts";
import type { AuditEntry } from "../types/scope.ts";
import type { ScannedPort, ScannedUdpPort, ScanOptions, ScanReport } from "../types/scan.ts";
import type { ScanResult, UdpRow } from "./job.ts";
import { countUdp, udpServices } from "./udp.ts";

/** Probes from which the native twin is faster, measured on loopback, where the network costs least. */
const NATIVE_FROM = 16;

/** See `scanPorts` in `mod.ts`. */
export async function scanOne(target: string, options: ScanOptions): Promise<ScanReport> {
  checkString(target, "target");
  const [report] = await scanTargets("scanPorts", target, options, async (port, policy) => [
    await resolveHost(target, port, policy),
  ]);
  return report!;
}

/** See `scanHosts` in `mod.ts`. */
export async function scanMany(
  targets: string | readonly string[],
  options: ScanOptions,
): Promise<ScanReport[]> {
  const named = typeof targets === "string" ? targets : String(targets);
  return await scanTargets(
    "scanHosts",
    named,
    options,
    (port, policy) => resolveAll(targets, port, policy, mostHosts(options)),
  );
}

type Resolve = (port: number, policy: Policy) => Promise<Resolved[]>;

async function scanTargets(
  operation: AuditEntry["operation"],
  target: string,
  options: ScanOptions,
  resolve: Resolve,
): Promise<ScanReport[]> {
  const read = readOptions(options);
  const identify = read.services ? (await import("../services/facts.ts")).serviceFacts : undefined;
  const { signal } = options;
  const audit = new Audit(options.audit, { operation, target: target.slice(0, 1_000) });
  let resolved: Resolved[];
  try {
    // A rate that is none is a mistake whatever the targets are.
    rateOf(options, false);
    mostHosts(options);
    const policy = {
      authorized: readAuthorization(options.authorization),
      networks: ownNetworks(),
    };
    const [first] = read.ports;
    resolved = await resolve(first?.[0] ?? 53, policy);
    signal?.throwIfAborted();
    allow(resolved, read);
    checkProbes(resolved.length * (countPorts(read.ports) + countUdp(read.udp)), options);
  } catch (error) {
    await audit.write("refused", { reason: (error as Error).message });
    throw error;
  }
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const planned = countPorts(read.ports) + countUdp(read.udp);
  const authorization = resolved.find((one) => one.authorization !== null)?.authorization ?? null;
  const rate = rateOf(options, authorization !== null);
  const isFar = resolved.some(({ addresses: [address] }) => addressKind(address!) !== "loopback");
  await audit.write(read.dryRun ? "dry-run" : "start", {
    addresses: resolved.length,
    ports: planned,
    probes: read.dryRun ? 0 : planned * resolved.length,
    rate: isFar && rate !== Infinity ? rate : null,
    authorization,
  });
  const base = (
    one: Resolved,
  ): Pick<ScanReport, "target" | "address" | "addresses" | "scanned"> => ({
    target: one.target,
    address: one.addresses[0]!,
    addresses: one.addresses,
    scanned: writtenRanges(read.ports),
  });
  if (read.dryRun) {
    const counts = { open: 0, closed: 0, filtered: 0, unprobed: countPorts(read.ports) };
    return resolved.map((one) => ({
      ...base(one),
      ports: [],
      udp: [],
      counts: { ...counts },
      startedAt,
      durationMs: 0,
      complete: false,
      authorization: one.authorization,
      dryRun: true,
      planned,
    }));
  }
  try {
    const isNative = pick(
      "security",
      planned * resolved.length,
      NATIVE_FROM,
      options.implementation,
    );
    const twin = isNative ? "native" : "pure";
    const [tcp, udp] = [
      await scanTcp(resolved, read, options, rate, isNative),
      await scanUdp(resolved, read, signal, isNative),
    ];
    const reports: ScanReport[] = [];
    for (const [at, one] of resolved.entries()) {
      const { ports, counts } = tcp.hosts[at]!;
      const listed: ScannedPort[] = ports.map(([port, state, reason, rttMs]) => ({
        port,
        state,
        reason,
        rttMs,
      }));
      const { hostname } = one;
      const open = listed.filter(({ state }) => state === "open");
      const address = one.addresses[0]!;
      const facts = await identify?.(
        open.map(({ port }) => ({ address, port, ...(hostname !== undefined && { hostname }) })),
        { implementation: twin, ...(signal && { signal }) },
      ) ?? [];
      for (const [index, fact] of facts.entries()) Object.assign(open[index]!, fact);
      reports.push({
        ...base(one),
        ports: listed,
        udp: udp[at]!,
        counts,
        startedAt,
        durationMs: performance.now() - start,
        complete: counts.unprobed === 0,
        authorization: one.authorization,
        planned,
      });
    }
    await audit.write("end", { probes: tcp.probes + countUdp(read.udp) * resolved.length });
    return reports;
  } catch (error) {
    await audit.write("failed", {
      probes: null,
      reason: String((error as Error)?.message ?? error),
    });
    throw error;
  }
}

function allow(resolved: readonly Resolved[], { ports, udp }: ReadOptions): void {
  allowPorts(resolved, ports);
  allowPorts(resolved, udpServices(udp).map(({ port }) => [port, port] as const));
}

async function scanTcp(
  resolved: readonly Resolved[],
  read: ReadOptions,
  options: ScanOptions,
  rate: number,
  isNative: boolean,
): Promise<ScanResult> {
  const addresses = resolved.map((one) => one.addresses[0]!);
  if (read.ports.length === 0) {
    const counts = { open: 0, closed: 0, filtered: 0, unprobed: 0 };
    return {
      hosts: addresses.map(() => ({ ports: [], counts: { ...counts } })),
      probes: 0,
      rounds: 0,
    };
  }
  const { scan } = isNative ? await import("./native.ts") : await import("./pure.ts");
  return await scan({
    addresses,
    dial: resolved.map((one) => dialled(one, read.ports[0]![0])),
    ports: read.ports,
    timeoutMs: read.timeoutMs,
    concurrency: read.concurrency,
    rate,
    limitMs: read.limitMs,
    all: read.lists === "all",
    ...(options.signal && { signal: options.signal }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
}

async function scanUdp(
  resolved: readonly Resolved[],
  { udp, timeoutMs }: ReadOptions,
  signal: AbortSignal | undefined,
  isNative: boolean,
): Promise<ScannedUdpPort[][]> {
  const services = udpServices(udp);
  if (services.length === 0) return resolved.map(() => []);
  const { ask } = isNative ? await import("./native.ts") : await import("./udp_pure.ts");
  const questions = resolved.flatMap(({ addresses: [address] }) =>
    services.map(({ port, payload }) => ({ address: address!, port, payload }))
  );
  const rows: UdpRow[] = await ask(questions, timeoutMs, signal);
  return resolved.map((_, host) =>
    services.map(({ port, name }, at) => {
      const [state, reason, rttMs] = rows[host * services.length + at]!;
      return { port, asked: name, state, reason, rttMs };
    })
  );
}
