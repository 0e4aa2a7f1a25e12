/**
 * What `discoverHosts` does: TCP ports that answer show a host, whether they accept or refuse; so do echoes, where the system
 * lets this process send them, and entries of the neighbour table, where it may be read.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { addressKind } from "../../shared/addresses.ts";
import { checkBoolean, checkOptions, checkString } from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { Audit } from "../scope/audit.ts";
import { checkProbes, mostHosts, rateOf } from "../scope/options.ts";
import { allowPorts, dialled } from "../scope/permissions.ts";
import { ownNetworks, type Policy, readAuthorization } from "../scope/policy.ts";
import { countPorts, type PortRanges, portRanges } from "../scope/ports.ts";
import { resolveAll, type Resolved } from "../scope/resolve.ts";
import type { DiscoverOptions, HostReport } from "../types/scan.ts";
import type { PortRow } from "./job.ts";
import { type Neighbours, neighbours } from "./neighbours.ts";

const PORTS = "22,80,443,445";
const TIMEOUT_MS = 500;
const CONCURRENCY = 4_096;
const LIMIT_MS = 3_600_000;
const NATIVE_FROM = 16;

/** What was decided before anything is sent. */
interface Plan {
  readonly resolved: readonly Resolved[];
  readonly addresses: readonly string[];
  readonly ports: PortRanges;
  readonly timeoutMs: number;
  readonly rate: number;
  readonly authorization: string | null;
}

/** See `discoverHosts` in `mod.ts`. */
export async function discover(cidr: string, options: DiscoverOptions): Promise<HostReport[]> {
  checkString(cidr, "cidr");
  checkOptions(options);
  const { all = false, signal } = options;
  checkBoolean(all, "options.all");
  const audit = new Audit(options.audit, {
    operation: "discoverHosts",
    target: cidr.slice(0, 1_000),
  });
  let plan: Plan;
  try {
    plan = await planOf(cidr, options);
  } catch (error) {
    await audit.write("refused", { reason: (error as Error).message });
    throw error;
  }
  const { addresses, ports, authorization } = plan;
  await audit.write("start", {
    addresses: addresses.length,
    ports: countPorts(ports),
    probes: addresses.length * countPorts(ports),
    rate: plan.rate === Infinity ? null : plan.rate,
    authorization,
  });
  try {
    const found = await look(plan, options);
    signal?.throwIfAborted();
    await audit.write("end", { probes: found.probes });
    return all ? found.hosts : found.hosts.filter(({ up }) => up);
  } catch (error) {
    await audit.write("failed", {
      probes: null,
      reason: String((error as Error)?.message ?? error),
    });
    throw error;
  }
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
  checkProbes(addresses.length * countPorts(ports), options);
  const authorization = resolved.find((one) => one.authorization !== null)?.authorization ?? null;
  const rate = rateOf(options, authorization !== null);
  return { resolved, addresses, ports, timeoutMs, rate, authorization };
}

async function look(
  plan: Plan,
  options: DiscoverOptions,
): Promise<{ hosts: HostReport[]; probes: number }> {
  const { addresses, ports, timeoutMs, rate } = plan;
  const { signal, onProgress } = options;
  const isNative = pick(
    "security",
    addresses.length * countPorts(ports),
    NATIVE_FROM,
    options.implementation,
  );
  const { scan } = isNative ? await import("./native.ts") : await import("./pure.ts");
  const result = await scan({
    addresses,
    dial: plan.resolved.map((one) => dialled(one, ports[0]![0])),
    ports,
    timeoutMs,
    rate,
    concurrency: CONCURRENCY,
    limitMs: LIMIT_MS,
    all: true,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const silent = addresses.filter((_, at) => answered(result.hosts[at]!.ports).length === 0);
  const echoes = new Map<string, number>();
  if (isNative && silent.length > 0) {
    const { echo } = await import("./native.ts");
    for (const [address, ms] of (await echo(silent, timeoutMs, rate, signal)).answers) {
      echoes.set(address, ms);
    }
  }
  const table = await neighbours();
  const hosts = addresses.map((address, at) =>
    reportOf(address, result.hosts[at]!.ports, echoes.get(address), table)
  );
  return { hosts, probes: result.probes + (isNative ? silent.length : 0) };
}

function answered(rows: readonly PortRow[]): PortRow[] {
  return rows.filter(([, state]) => state !== "filtered");
}

function reportOf(
  address: string,
  rows: readonly PortRow[],
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
    up: by !== null,
    by,
    rttMs: told.length > 0 ? Math.min(...told.map((row) => row[3] ?? Infinity)) : echoMs ?? null,
    openPorts: rows.filter(([, state]) => state === "open").map(([port]) => port),
    mac,
    macReason: mac === null ? macReason(address, table) : null,
  };
}

function macReason(address: string, { reason }: Neighbours): string {
  if (addressKind(address) === "loopback") return "loopback has no hardware addresses";
  if (address.includes(":")) return "the table of IPv6 neighbours is not read";
  return reason ?? "not in the neighbour table";
}
