/**
 * Ports that the machine listens for: of the loopback, unless the caller says that other machines may come.
 *
 * @module
 */

import { checkWord, wholeNumber } from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { literalAddress } from "./words.ts";
import type { PublishedPort } from "./types.ts";

/** The loopback, as the engine is told. */
export const LOOPBACK = "127.0.0.1";
const MOST_PORTS = 100;

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}

/**
 * Judges ports.
 *
 * @param ports What was asked.
 * @param exposed Whether other machines may come.
 * @throws {TypeError | RangeError} For one that is none or not allowed.
 */
export function judgePorts(ports: readonly unknown[], exposed: boolean): Required<PublishedPort>[] {
  if (ports.length > MOST_PORTS) {
    throw new RangeError(`spec.ports must have at most ${MOST_PORTS} entries, got ${ports.length}`);
  }
  const taken = new Set<string>();
  return ports.map((port, index) => {
    const name = `spec.ports[${index}]`;
    const fields = knownFields(port, name, ["container", "host", "protocol", "hostAddress"]);
    const container = wholeNumber(fields["container"], `${name}.container`, {
      least: 1,
      most: 65_535,
    });
    const host = wholeNumber(fields["host"], `${name}.host`, {
      fallback: 0,
      least: 0,
      most: 65_535,
    });
    const protocol = fields["protocol"] ?? "tcp";
    checkWord(protocol, `${name}.protocol`, ["tcp", "udp"]);
    const hostAddress = literalAddress(fields["hostAddress"] ?? LOOPBACK, `${name}.hostAddress`);
    if (!isLoopback(hostAddress) && !exposed) {
      throw new RangeError(
        `${name}.hostAddress must be 127.0.0.1 or ::1, got ${hostAddress}; ` +
          `exposeToNetwork: true lets other machines in`,
      );
    }
    const key = `${container}/${protocol}/${hostAddress}/${host === 0 ? index : host}`;
    if (taken.has(key)) throw new RangeError(`${name} is asked for twice`);
    taken.add(key);
    return { container, host, protocol, hostAddress };
  });
}

/** The engine's words for them: what is exposed, and what it is bound to. */
export function portWords(ports: readonly Required<PublishedPort>[]): {
  exposed: Record<string, Record<string, never>>;
  bindings: Record<string, { HostIp: string; HostPort: string }[]>;
} {
  const exposed: Record<string, Record<string, never>> = {};
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { container, host, protocol, hostAddress } of ports) {
    const key = `${container}/${protocol}`;
    exposed[key] = {};
    // An empty port is a free one; an empty address would be every address.
    (bindings[key] ??= []).push({ HostIp: hostAddress, HostPort: host === 0 ? "" : String(host) });
  }
  return { exposed, bindings };
}
