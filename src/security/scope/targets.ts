/**
 * What a caller names as a target, read into one spelling: names, literal addresses, networks.
 *
 * @module
 */

import { canonicalHost, isLiteral } from "../../shared/access.ts";
import { addressBytes, addressKind, isTunnelled } from "../../shared/addresses.ts";
import { checkString, shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";

/** A network: its first address and how many bits of it are fixed. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** 0 to 32 or 128. */
  readonly bits: number;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/**
 * A name or an address in the one spelling that everything is decided on: decimal, octal, hexadecimal and short IPv4
 * become four decimal parts, IPv4-mapped IPv6 becomes IPv4.
 *
 * @throws {TypeError} If it is neither, or has a zone.
 */
export function canonicalTarget(host: string): string {
  if (host.includes("%")) {
    throw new TypeError(
      `${
        shown(host)
      } has a zone, which Deno's permissions cannot name; give an address without one`,
    );
  }
  if (/^(?:[^:[\]]*|\[.*\]):[0-9]*$/.test(host)) {
    throw new TypeError(
      `${shown(host)} has a port in it; give the host alone, and ports by themselves`,
    );
  }
  const canonical = canonicalHost(host);
  if (!isLiteral(canonical)) {
    // Deno's own error for it is none of ours.
    if (/^\.|\.\./.test(canonical)) throw new TypeError(`${shown(host)} is not a host name`);
    return canonical;
  }
  const bytes = addressBytes(canonical);
  if (bytes?.length === 16 && MAPPED_PREFIX.every((byte, at) => bytes[at] === byte)) {
    return bytes.subarray(12).join(".");
  }
  return canonical;
}

/**
 * Reads a network in CIDR notation; a single address is a network of one.
 *
 * @param text Such as `"10.0.0.0/24"`; bits beyond the prefix are passed over.
 * @param name What it is, for the error.
 * @throws {TypeError | RangeError} If it is none.
 */
export function networkOf(text: unknown, name: string): Network {
  checkString(text, name);
  const [host = "", prefix, ...rest] = text.trim().split("/");
  const canonical = rest.length === 0 ? canonicalTarget(host) : "";
  const bytes = addressBytes(canonical);
  if (bytes === undefined) {
    throw new TypeError(
      `${name} must be an address or a network such as "10.0.0.0/24", got ${shown(text)}`,
    );
  }
  const most = bytes.length * 8;
  const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  if (!(bits <= most)) {
    throw new RangeError(`${name} must have a prefix from 0 to ${most}, got ${shown(text)}`);
  }
  return { bytes: bytes.map((byte, at) => byte & maskAt(bits, at)), bits };
}

function maskAt(bits: number, at: number): number {
  const left = bits - at * 8;
  return left >= 8 ? 255 : left <= 0 ? 0 : 255 << (8 - left) & 255;
}

/**
 * Whether an address is this machine's own, which no packet leaves for. A loopback address behind a gateway
 * (`64:ff9b::7f00:1`) is the gateway's.
 */
export function isLoopback(address: string): boolean {
  return addressKind(address) === "loopback" && !isTunnelled(address);
}

/** Whether an address is in a network. */
export function isIn(address: string, { bytes, bits }: Network): boolean {
  const own = addressBytes(address);
  return own?.length === bytes.length &&
    bytes.every((byte, at) => (own[at]! & maskAt(bits, at)) === byte);
}

/** The last address of a network: of IPv4 the one that reaches everybody in it. */
export function lastOf({ bytes, bits }: Network): string {
  return written(bytes.map((byte, at) => byte | ~maskAt(bits, at) & 255));
}

/**
 * The addresses of a network that may be hosts: of IPv4 networks of four and more without the first (the network's own)
 * and the last (everybody's).
 *
 * @param network The network.
 * @param text As the caller wrote it, for the error.
 * @param most How many there may be.
 * @throws {AgentError} `TOO_LARGE` if there are more.
 */
export function hostsOf(network: Network, text: string, most: number): string[] {
  const { bytes, bits } = network;
  const free = bytes.length * 8 - bits;
  const isTrimmed = bytes.length === 4 && free > 1;
  const size = 2 ** free - (isTrimmed ? 2 : 0);
  if (size > most) throw tooMany(text, size, most);
  const from = isTrimmed ? 1 : 0;
  return Array.from({ length: size }, (_, at) => written(plus(bytes, from + at)));
}

/** The error of more addresses than one call may name. */
export function tooMany(text: string, size: number, most: number): AgentError<"TOO_LARGE"> {
  return new AgentError(
    "TOO_LARGE",
    `${text} has ${size} addresses; one call takes at most ${most} (maxHosts). Is the prefix right?`,
    { what: "targets", size, limit: most },
  );
}

function plus(bytes: Uint8Array, count: number): Uint8Array {
  const sum = bytes.slice();
  for (let at = sum.length - 1, carry = count; carry > 0 && at >= 0; at--) {
    carry += sum[at]!;
    sum[at] = carry & 255;
    carry = Math.floor(carry / 256);
  }
  return sum;
}

/** An address in canonical spelling. */
export function written(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, at) => (bytes[at * 2]! << 8 | bytes[at * 2 + 1]!).toString(16),
  );
  return canonicalHost(groups.join(":"));
}
