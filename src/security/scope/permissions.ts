/**
 * Whether Deno allows a scan. Where all of the network is granted that is one question; else each port of each address
 * is asked for, since a port may be denied where its host is granted, and nothing else tells so.
 *
 * @module
 */

import { allowName, authority, mayDial, mayReachAll } from "../../shared/access.ts";
import { AgentError } from "../../shared/errors.ts";
import { countPorts, eachPort, type PortRanges } from "./ports.ts";
import type { Resolved } from "./resolve.ts";
import { isLoopback } from "./targets.ts";

/** More questions than that are no good use of time and memory. */
const MOST_QUESTIONS = 131_072;

/**
 * Asks for all ports of all targets: of a name it must be granted, and its address must not be denied.
 *
 * @param resolved The targets; the first address of each is meant.
 * @param ports The ports of each; none at all ask nothing.
 * @throws {AgentError} `PERMISSION` naming the first that is not granted.
 */
export function allowPorts(resolved: readonly Resolved[], ports: PortRanges): void {
  if (ports.length === 0 || mayReachAll()) return;
  const questions = resolved.length * countPorts(ports);
  if (questions > MOST_QUESTIONS) {
    const target = authority(resolved[0]!.addresses[0]!, ports[0]![0]);
    throw new AgentError(
      "PERMISSION",
      `${questions} probes are too many to be asked for one by one; grant the network with --allow-net`,
      { permission: "net", target },
    );
  }
  for (const { hostname, addresses: [address] } of resolved) {
    for (const port of eachPort(ports)) {
      allowName(hostname ?? address!, port);
      if (hostname !== undefined) refuseDenied(hostname, address!, port);
    }
  }
}

function refuseDenied(hostname: string, address: string, port: number): void {
  const target = authority(address, port);
  if (Deno.permissions.querySync({ name: "net", host: target }).state !== "denied") return;
  throw new AgentError(
    "PERMISSION",
    `${hostname} resolves to ${address}, which --deny-net forbids; nothing was sent to it`,
    { permission: "net", target },
  );
}

/** The address that datagrams to another one leave from. */
export function sourceOf(address: string): string {
  const isSix = address.includes(":");
  if (isLoopback(address)) return isSix ? "::1" : "127.0.0.1";
  return isSix ? "::" : "0.0.0.0";
}

/**
 * Asks for the address that datagrams leave from, as Deno does itself.
 *
 * @throws {AgentError} `PERMISSION` if it is not granted.
 */
export function allowSource(address: string): void {
  allowName(sourceOf(address), 0);
}

/** What the pure twin dials for a target: where only the name is granted, the name; Deno then resolves it once more. */
export function dialled({ hostname, addresses: [address] }: Resolved, port: number): string {
  return hostname === undefined || mayDial(address!, port) ? address! : hostname;
}
