/**
 * What `scanPorts` and `scanHosts` do: scope, permissions and limits first, then one scan by a twin, then the reports.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { checkString } from "../../shared/arguments.ts";
import { Audit, audited } from "../scope/audit.ts";
import { Gate } from "../scope/gate.ts";
import {
  checkProbes,
  mostHosts,
  rateOf,
  type ReadOptions,
  readOptions,
  writtenRate,
} from "../scope/options.ts";
import { allowPorts, allowSource, dialled } from "../scope/permissions.ts";
import { lastsMs, ownNetworks, type Policy, readAuthorization } from "../scope/policy.ts";
import { countPorts, writtenRanges } from "../scope/ports.ts";
import { resolveAll, type Resolved, resolveHost } from "../scope/resolve.ts";
import { isLoopback } from "../scope/targets.ts";
import type { ServiceFacts } from "../types/service_facts.ts";
import type { AuditEntry } from "../types/scope.ts";
import type {
  ScannedPort,
  ScannedUdpPort,
  ScanOptions,
  ScanProgress,
  ScanReport,
} from "../types/scan.ts";
import { NATIVE_FROM, type ScanResult, type UdpRow } from "./job.ts";
import type { Rate } from "./pace.ts";
import { countUdp, udpServices } from "./udp.ts";

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

/** What was decided before anything is sent. */
interface Plan {
  readonly resolved: readonly Resolved[];
  /** Ports of one address that are asked. */
  readonly planned: number;
  readonly authorization: string | null;
  readonly rate: Rate;
  readonly limitMs: number;
  readonly read: ReadOptions;
  readonly options: ScanOptions;
}

async function scanTargets(
  operation: AuditEntry["operation"],
  target: string,
  options: ScanOptions,
  resolve: Resolve,
): Promise<ScanReport[]> {
  const read = readOptions(options);
  const audit = new Audit(options.audit, { operation, target: target.slice(0, 1_000) });
  return await audited<Plan, ScanReport[]>(audit, {
    plan: () => planOf(read, options, resolve),
    facts: ({ resolved, planned, rate, authorization }) => {
      const isFar = resolved.some(({ addresses: [address] }) => !isLoopback(address!));
      return {
        addresses: resolved.length,
        ports: planned,
        probes: planned * resolved.length,
        ...writtenRate(isFar ? rate : { all: Infinity, host: Infinity }),
        authorization,
      };
    },
    dry: (plan) => read.dryRun ? plan.resolved.map((one) => dryReport(one, plan)) : undefined,
    run: scanned,
  });
}

async function planOf(read: ReadOptions, options: ScanOptions, resolve: Resolve): Promise<Plan> {
  // A rate that is none is a mistake whatever the targets are.
  rateOf(options, false);
  mostHosts(options);
  const policy = {
    authorized: readAuthorization(options.authorization),
    networks: ownNetworks(),
  };
  const first = read.ports[0]?.[0] ?? udpServices(read.udp)[0]!.port;
  const resolved = await resolve(first, policy);
  options.signal?.throwIfAborted();
  allow(resolved, read);
  const planned = countPorts(read.ports) + countUdp(read.udp);
  checkProbes(resolved.length * planned, options);
  const authorization = resolved.find((one) => one.authorization !== null)?.authorization ?? null;
  const isFar = authorization !== null;
  const limitMs = Math.min(read.limitMs, lastsMs(policy, isFar));
  return { resolved, planned, authorization, rate: rateOf(options, isFar), limitMs, read, options };
}

function allow(resolved: readonly Resolved[], { ports, udp }: ReadOptions): void {
  allowPorts(resolved, ports);
  const asked = udpServices(udp);
  if (asked.length === 0) return;
  const asPorts = asked.map(({ port }) => [port, port] as const);
  allowPorts(resolved, asPorts);
  // Datagrams go to the address that was checked, so that a grant of its name is not enough.
  allowPorts(resolved.map((one) => ({ ...one, hostname: undefined })), asPorts);
  for (const { addresses: [address] } of resolved) allowSource(address!);
}

function baseOf(
  one: Resolved,
  { read, planned }: Plan,
): Pick<ScanReport, "target" | "address" | "addresses" | "scanned" | "authorization" | "planned"> {
  const { target, addresses, authorization } = one;
  const scanned = writtenRanges(read.ports);
  return { target, address: addresses[0]!, addresses, scanned, authorization, planned };
}

function dryReport(one: Resolved, plan: Plan): ScanReport {
  return {
    ...baseOf(one, plan),
    ports: [],
    udp: [],
    counts: { open: 0, closed: 0, filtered: 0, unprobed: countPorts(plan.read.ports) },
    startedAt: new Date().toISOString(),
    durationMs: 0,
    complete: false,
    dryRun: true,
  };
}

async function scanned(plan: Plan): Promise<{ result: ScanReport[]; probes: number }> {
  const { resolved, read, options } = plan;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  /** What is left of the time, in whole milliseconds. */
  const left = (): number => Math.max(1, Math.ceil(start + plan.limitMs - performance.now()));
  const isNative = pick(
    "security",
    plan.planned * resolved.length,
    NATIVE_FROM,
    options.implementation,
  );
  const tcp = await scanTcp(plan, isNative);
  const udp = await scanUdp(plan, left(), isNative);
  const gate = new Gate(plan.rate);
  const hosts = tcp.hosts.map(({ ports }) =>
    ports.map(([port, state, reason, rttMs]): ScannedPort => ({ port, state, reason, rttMs }))
  );
  const isIdentified = read.services
    ? await identify(plan, hosts, { limitMs: left(), gate, isNative })
    : resolved.map(() => true);
  options.signal?.throwIfAborted();
  const durationMs = performance.now() - start;
  const result = resolved.map((one, at): ScanReport => {
    const { counts } = tcp.hosts[at]!;
    const isAsked = counts.unprobed === 0 && udp[at]!.every(({ state }) => state !== "unprobed");
    return {
      ...baseOf(one, plan),
      ports: hosts[at]!,
      udp: udp[at]!,
      counts,
      startedAt,
      durationMs,
      complete: isAsked && isIdentified[at]!,
    };
  });
  const probes = tcp.probes + countUdp(read.udp) * resolved.length + gate.passed;
  return { result, probes };
}

type Told = Pick<ScanOptions, "signal"> & {
  onProgress?: (progress: { done: number; total: number }) => void;
};

/** The signal, and progress as that of a stage. */
function told({ signal, onProgress }: ScanOptions, stage: ScanProgress["stage"]): Told {
  return {
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (progress) => onProgress({ ...progress, stage }) }),
  };
}

async function scanTcp(plan: Plan, isNative: boolean): Promise<ScanResult> {
  const { resolved, read, rate, limitMs, options } = plan;
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
    limitMs,
    all: read.lists === "all",
    ...told(options, "tcp"),
  });
}

async function scanUdp(
  { resolved, read, rate, options }: Plan,
  limitMs: number,
  isNative: boolean,
): Promise<ScannedUdpPort[][]> {
  const services = udpServices(read.udp);
  if (services.length === 0) return resolved.map(() => []);
  const { ask } = isNative ? await import("./native.ts") : await import("./udp_pure.ts");
  const questions = resolved.flatMap(({ addresses: [address] }) =>
    services.map(({ port, payload }) => ({ address: address!, port, payload }))
  );
  const { timeoutMs } = read;
  const rows: UdpRow[] = await ask({
    questions,
    timeoutMs,
    limitMs,
    rate,
    ...told(options, "udp"),
  });
  return resolved.map((_, host) =>
    services.map(({ port, name }, at) => {
      const [state, reason, rttMs] = rows[host * services.length + at]!;
      return { port, asked: name, state, reason, rttMs };
    })
  );
}

/** Writes what is known of services to the open ports; says of which hosts all were asked in time. */
async function identify(
  { resolved, options }: Plan,
  hosts: readonly ScannedPort[][],
  { limitMs, gate, isNative }: { limitMs: number; gate: Gate; isNative: boolean },
): Promise<boolean[]> {
  const { serviceFacts } = await import("../services/facts.ts");
  const open = hosts.flatMap((ports, host) =>
    ports.filter(({ state }) => state === "open").map((listed) => ({ host, listed }))
  );
  const facts: (ServiceFacts | null)[] = await serviceFacts(
    open.map(({ host, listed: { port, rttMs } }) => {
      const { hostname, addresses: [address] } = resolved[host]!;
      return { address: address!, port, rttMs, ...(hostname !== undefined && { hostname }) };
    }),
    {
      implementation: isNative ? "native" : "pure",
      limitMs,
      gate,
      ...told(options, "services"),
    },
  );
  const isIdentified = resolved.map(() => true);
  for (const [at, { host, listed }] of open.entries()) {
    if (facts[at] === null) isIdentified[host] = false;
    else Object.assign(listed, facts[at]);
  }
  return isIdentified;
}
