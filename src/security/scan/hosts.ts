/**
 * What `discoverHosts` does: TCP ports that answer show a host, whether they accept or refuse; so do echoes, where the system
 * lets this process send them, and entries of the neighbour table, where it may be read.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { mayReach } from "../../shared/access.ts";
import { checkBoolean, checkOptions, checkString } from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { Audit, audited } from "../scope/audit.ts";
import { checkNames } from "../scope/names.ts";
import { checkProbes, limitOf, mostHosts, rateOf, writtenRate } from "../scope/options.ts";
import { allowPorts, dialled } from "../scope/permissions.ts";
import { lastsMs, ownNetworks, type Policy, readAuthorization } from "../scope/policy.ts";
import { countPorts, type PortRanges, portRanges } from "../scope/ports.ts";
import { resolveAll, type Resolved } from "../scope/resolve.ts";
import { isLoopback } from "../scope/targets.ts";
import type { DiscoverOptions, HostReport } from "../types/scan.ts";
import { NATIVE_FROM, type PortRow } from "./job.ts";
import { nativeNeighbours, type Neighbours, pureNeighbours } from "./neighbours.ts";
import type { Rate } from "./pace.ts";

const PORTS = "22,80,443,445";
const TIMEOUT_MS = 500;
const CONCURRENCY = 4_096;

/** What was decided before anything is sent. */
interface Plan {
  readonly resolved: readonly Resolved[];
  readonly addresses: readonly string[];
  readonly ports: PortRanges;
  readonly probes: number;
  readonly timeoutMs: number;
  readonly limitMs: number;
  readonly rate: Rate;
  readonly authorization: string | null;
}

/** See `discoverHosts` in `mod.ts`. */
export async function discover(cidr: string, options: DiscoverOptions): Promise<HostReport[]> {
  checkString(cidr, "cidr");
  checkOptions(options);
  checkNames(options, "discover");
  const { all = false, dryRun = false, signal } = options;
  checkBoolean(all, "options.all");
  checkBoolean(dryRun, "options.dryRun");
  limitOf(options.limitMs);
  const target = cidr.slice(0, 1_000);
  const audit = new Audit(options.audit, { operation: "discoverHosts", target });
  return await audited<Plan, HostReport[]>(audit, {
    plan: () => planOf(cidr, options),
    facts: ({ addresses, ports, probes, rate, authorization }) => ({
      addresses: addresses.length,
      ports: countPorts(ports),
      probes,
      ...writtenRate(rate),
      authorization,
    }),
    dry: ({ addresses }) =>
      dryRun ? addresses.map((address) => notAsked(address, "it is a dry run")) : undefined,
    async run(plan) {
      const { hosts, probes } = await look(plan, options);
      signal?.throwIfAborted();
      return { result: all ? hosts : hosts.filter(({ up }) => up !== false), probes };
    },
  });
}

async function planOf(cidr: string, options: DiscoverOptions): Promise<Plan> {
  const ports = portRanges(options.ports ?? PORTS);
  const timeoutMs = timeLimit(options.timeoutMs, TIMEOUT_MS);
  rateOf(options, false);
  if (ports.length === 0) throw new RangeError("options.ports is none; give ports to ask");
  const policy: Policy = {
    authorized: readAuthorization(options.authorization),
    networks: ownNetworks(),
  };
  const resolved = await resolveAll(cidr, ports[0]![0], policy, mostHosts(options));
  const addresses = resolved.map(({ addresses: [address] }) => address!);
  allowPorts(resolved, ports);
  const probes = addresses.length * countPorts(ports);
  checkProbes(probes, options);
  const authorization = resolved.find((one) => one.authorization !== null)?.authorization ?? null;
  const isFar = authorization !== null;
  const rate = rateOf(options, isFar);
  const limitMs = Math.min(limitOf(options.limitMs), lastsMs(policy, isFar));
  return { resolved, addresses, ports, probes, timeoutMs, limitMs, rate, authorization };
}

async function look(
  plan: Plan,
  options: DiscoverOptions,
): Promise<{ hosts: HostReport[]; probes: number }> {
  const { addresses, ports, timeoutMs, limitMs, rate } = plan;
  const { signal, onProgress } = options;
  const ends = performance.now() + limitMs;
  const isNative = pick("security", plan.probes, NATIVE_FROM, options.implementation);
  const { scan } = isNative ? await import("./native.ts") : await import("./pure.ts");
  const result = await scan({
    addresses,
    dial: plan.resolved.map((one) => dialled(one, ports[0]![0])),
    ports,
    timeoutMs,
    rate,
    concurrency: CONCURRENCY,
    limitMs,
    all: true,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const rows = result.hosts.map((host) => host.ports);
  // Deno has no permission for echoes alone: a host that is granted as a whole may be sent one.
  const silent = addresses.filter((address, at) =>
    answered(rows[at]!).length === 0 && mayReach(address)
  );
  const echoes = new Map<string, number>();
  const leftMs = ends - performance.now();
  const sendsEchoes = isNative && silent.length > 0 && leftMs > 0;
  if (sendsEchoes) {
    const { echo } = await import("./native.ts");
    const job = { addresses: silent, timeoutMs, limitMs: leftMs, rate: rate.all };
    const { answers } = await echo({ ...job, ...(signal && { signal }) });
    for (const [address, ms] of answers) echoes.set(address, ms);
  }
  const table = await (isNative ? nativeNeighbours(signal) : pureNeighbours());
  const hosts = addresses.map((address, at) =>
    reportOf(address, rows[at]!, result.hosts[at]!.counts.unprobed > 0, echoes.get(address), table)
  );
  return { hosts, probes: result.probes + (sendsEchoes ? silent.length : 0) };
}

function answered(rows: readonly PortRow[]): PortRow[] {
  return rows.filter(([, state]) => state !== "filtered");
}

function reportOf(
  address: string,
  rows: readonly PortRow[],
  isUnprobed: boolean,
  echoMs: number | undefined,
  table: Neighbours,
): HostReport {
  const mac = table.found.get(address) ?? null;
  const told = answered(rows);
  const by = told.length > 0
    ? "tcp"
    : echoMs !== undefined
    ? "icmp"
    : mac !== null
    ? "neighbour"
    : null;
  return {
    address,
    up: by === null && isUnprobed ? null : by !== null,
    by,
    rttMs: told.length > 0 ? Math.min(...told.map((row) => row[3] ?? Infinity)) : echoMs ?? null,
    openPorts: rows.filter(([, state]) => state === "open").map(([port]) => port),
    mac,
    macReason: mac === null ? macReason(address, table) : null,
  };
}

function notAsked(address: string, macReason: string): HostReport {
  return { address, up: null, by: null, rttMs: null, openPorts: [], mac: null, macReason };
}

function macReason(address: string, { reason, reason6 }: Neighbours): string {
  if (isLoopback(address)) return "loopback has no hardware addresses";
  return (address.includes(":") ? reason6 : reason) ?? "not in the neighbour table";
}
