/**
 * Open port -> process -> executable -> container -> certificate -> findings, from one reading of the machine.
 *
 * @module
 */

import { addressKind } from "../../shared/addresses.ts";
import { fieldsOf, wrongType } from "../../shared/arguments.ts";
import { shown } from "../host/command.ts";
import { HOST_ROOTS, type HostRoots } from "../host/reader.ts";
import type { Connection } from "../host/types.ts";
import { checkNames } from "../scope/names.ts";
import { applyRules, checkTlsOptions, inspectorOf } from "../threats/detect.ts";
import { type Facts, type Process, readFacts } from "../threats/facts.ts";
import { certificateRules } from "../threats/rules/certificates.ts";
import { networkRules } from "../threats/rules/network.ts";
import { processRules } from "../threats/rules/processes.ts";
import { type SeenTls, seeTls } from "../threats/tls.ts";
import type { Threat } from "../threats/types.ts";
import type {
  HostPicture,
  PictureContainer,
  PictureOptions,
  PicturePort,
  PictureProcess,
} from "./types.ts";

const SCOPE =
  "the network name space of this program; containers with a network of their own have sockets that are not in it";

/** See `picture` in `mod.ts`. */
export async function takePicture(
  options: PictureOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<HostPicture> {
  checkNames(options, "picture");
  const { containers, certificates = true, inspectTls, implementation, signal } = fieldsOf(
    options,
    "options",
  ) as PictureOptions;
  checkTlsOptions({ certificates, inspectTls });
  if (containers !== undefined && typeof containers?.list !== "function") {
    throw wrongType("options.containers", "an object with list()", containers);
  }
  const facts = await readFacts({ implementation, signal }, roots, "owners");
  const unavailable: Record<string, string> = {};
  const known = await containersBy(containers, unavailable);
  signal?.throwIfAborted();
  const inspect = await inspectorOf({ certificates, inspectTls, implementation });
  const tls = inspect && await seeTls(facts.connections, inspect, facts.signal);
  const ports = portsOf(facts, known, tls);
  addFindings(ports, { ...facts, tls });
  return {
    takenAt: new Date().toISOString(),
    ports,
    established: facts.connections.filter(isEstablished).length,
    unavailable,
    scope: SCOPE,
  };
}

function isEstablished({ protocol, state }: Connection): boolean {
  return protocol === "tcp" && state === "established";
}

/** Whether others can reach it: a TCP listener, or a UDP socket that waits for anybody. */
function isOpen({ protocol, state, local }: Connection): boolean {
  if (protocol === "tcp") return state === "listen";
  return protocol === "udp" && state === "unconnected" && local!.port !== 0;
}

type Known = ReadonlyMap<string, PictureContainer>;

async function containersBy(
  containers: PictureOptions["containers"],
  unavailable: Record<string, string>,
): Promise<Known> {
  if (containers === undefined) return new Map();
  try {
    return new Map((await containers.list()).map((container) => [container.id, container]));
  } catch (error) {
    // The picture is good without names.
    unavailable["containers"] = shown((error as Error).message);
    return new Map();
  }
}

function portsOf(facts: Facts, known: Known, tls: SeenTls | undefined): PicturePort[] {
  const ports = new Map<string, PicturePort>();
  for (const connection of facts.connections) {
    if (!isOpen(connection)) continue;
    const { local, owners, reason } = connection;
    const protocol = connection.protocol as "tcp" | "udp";
    const key = `${protocol} ${local!.port}`;
    let port = ports.get(key);
    if (port === undefined) {
      port = {
        protocol,
        port: local!.port,
        addresses: [],
        reach: "machine",
        processes: [],
        reason,
        ...tlsOf(protocol, local!.port, tls),
        findings: [],
      };
      ports.set(key, port);
    }
    if (!port.addresses.includes(local!.address)) port.addresses.push(local!.address);
    if (addressKind(local!.address) !== "loopback") port.reach = "network";
    for (const owner of owners) {
      const process = facts.byPid.get(owner.pid);
      if (process === undefined || port.processes.some(({ pid }) => pid === owner.pid)) continue;
      port.processes.push(processOf(process, known));
    }
    if (port.processes.length > 0) port.reason = null;
  }
  return [...ports.values()].map((port) => ({
    ...port,
    addresses: port.addresses.sort(),
    processes: port.processes.sort((one, other) => one.pid - other.pid),
  }));
}

function processOf(process: Process, known: Known): PictureProcess {
  const { pid, name, user, executable, deleted, command, startedAt, container } = process;
  const more = container === null ? undefined : known.get(container.id) ??
    [...known.values()].find(({ id }) => id.length >= 12 && container.id.startsWith(id));
  return {
    pid,
    name,
    user,
    executable,
    deleted,
    command,
    startedAt,
    container: container && {
      ...container,
      name: more === undefined ? null : shown(more.name),
      image: more?.image === undefined ? null : shown(more.image),
    },
  };
}

function tlsOf(
  protocol: PicturePort["protocol"],
  port: number,
  seen: SeenTls | undefined,
): Pick<PicturePort, "tls" | "tlsReason"> {
  if (protocol === "udp") return { tls: null, tlsReason: "only TCP is asked" };
  const found = seen?.get(port);
  if (found === undefined) return { tls: null, tlsReason: "nobody was asked" };
  if (found === false || !("unknown" in found)) return { tls: found, tlsReason: null };
  return { tls: null, tlsReason: found.unknown };
}

/** Rules about sockets, certificates and processes, each finding at the ports that it is about. */
function addFindings(ports: readonly PicturePort[], facts: Facts): void {
  const rules = [...processRules, ...networkRules, ...certificateRules];
  for (const threat of applyRules(rules, facts)) {
    for (const port of ports) if (isAbout(threat, port)) port.findings.push(threat);
  }
}

function isAbout({ evidence, pid }: Threat, port: PicturePort): boolean {
  const { local, protocol } = evidence;
  if (typeof local === "string") {
    return protocol === port.protocol && local.endsWith(` ${port.port}`);
  }
  return pid !== null && port.processes.some((process) => process.pid === pid);
}
