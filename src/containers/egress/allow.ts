/**
 * Reads what a box may reach. It is judged here once more than in the proxy, so that a mistake is told before anything
 * is made.
 *
 * @module
 */

import { canonicalHost, isLiteral } from "../../shared/access.ts";
import { type AddressKind, addressKind } from "../../shared/addresses.ts";
import {
  checkBoolean,
  checkStrings,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields, literalAddress } from "../policy/mod.ts";
import type { EgressLimits, EgressOptions } from "./types.ts";

/** A host and a port that may be reached. */
export interface EgressRule {
  /** In canonical spelling; IPv6 without brackets. */
  readonly host: string;
  /** Whether it is all names below the host, and not the host. */
  readonly below: boolean;
  readonly port: number;
  /** Whether what goes there need not be TLS, where it otherwise must: at port 443. */
  readonly any: boolean;
}

/** Options that were judged. */
export interface EgressPlan {
  readonly rules: readonly EgressRule[];
  readonly allowPrivate: boolean;
  /** Each `address` or `address:port`; empty for those of the engine. */
  readonly dns: readonly string[];
  readonly limits: Required<EgressLimits>;
}

const MOST_RULES = 256;
/** Each is a listener of the proxy. */
const MOST_PORTS = 64;
const GIB = 1024 ** 3;
/** What `allowPrivate` opens, as in the HTTP client. */
const OPENED: readonly AddressKind[] = ["loopback", "private", "link-local", "shared", "benchmark"];

/** The kinds in a sentence. */
const WORDS: Readonly<Record<Exclude<AddressKind, "public">, string>> = {
  "loopback": "a loopback address",
  "private": "a private address",
  "link-local": "a link-local address",
  "shared": "a shared address, of a provider's own network",
  "benchmark": "a benchmark address, of networks for measurements",
  "metadata": "a metadata address, where a cloud answers its machines",
  "multicast": "a multicast address",
  "broadcast": "a broadcast address",
  "unspecified": "an unspecified address, of no machine",
  "reserved": "a reserved address",
};

/**
 * Reads options.
 *
 * @throws {TypeError | RangeError} For what is no host with a port, and unknown fields.
 * @throws {AgentError} `SCOPE` for an address that nothing may reach.
 */
export function judgeEgress(options: EgressOptions, name = "options"): EgressPlan {
  const fields = knownFields(options, name, ["allow", "allowPrivate", "dns", "limits"]);
  const { allow, allowPrivate = false, dns = [] } = fields;
  checkStrings(allow, `${name}.allow`);
  checkBoolean(allowPrivate, `${name}.allowPrivate`);
  checkStrings(dns, `${name}.dns`);
  if (allow.length > MOST_RULES) {
    throw new RangeError(`${name}.allow has at most ${MOST_RULES} entries, got ${allow.length}`);
  }
  const rules = allow.map((text, index) => ruleOf(text, `${name}.allow[${index}]`, allowPrivate));
  const ports = new Set(rules.map(({ port }) => port));
  if (ports.size > MOST_PORTS) {
    throw new RangeError(`${name}.allow names at most ${MOST_PORTS} ports, got ${ports.size}`);
  }
  if (dns.length > 3) throw new RangeError(`${name}.dns has at most 3 entries, got ${dns.length}`);
  return {
    rules,
    allowPrivate,
    dns: dns.map((text, index) => serverOf(text, `${name}.dns[${index}]`)),
    limits: limitsOf(fields["limits"] ?? {}, `${name}.limits`),
  };
}

function ruleOf(text: string, name: string, allowPrivate: boolean): EgressRule {
  const wrong = (): Error =>
    wrongValue(name, "a host with a port, such as example.org:443 or *.example.org:443", text);
  const match = /^(\*\.)?(\[[^\]]*\]|[^:\s*]+):(\d{1,5})(\/tcp)?$/.exec(text);
  if (match === null) throw wrong();
  const [, star, written, digits] = match;
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw wrong();
  let host: string;
  try {
    host = canonicalHost(written!).replace(/\.$/, "");
  } catch {
    throw wrong();
  }
  const below = star !== undefined;
  const any = match[4] !== undefined;
  if (isLiteral(host)) {
    if (below) throw wrong();
    checkAddress(text, host, allowPrivate);
    return { host, below, port, any };
  }
  const isName = host.length <= 253 &&
    host.split(".").every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
  if (!isName) throw wrong();
  if (below && !host.includes(".")) {
    throw wrongValue(name, "a name below a domain: all of a top-level domain is too much", text);
  }
  return { host, below, port, any };
}

function checkAddress(target: string, address: string, allowPrivate: boolean): void {
  const kind = addressKind(address);
  if (kind === "public") return;
  const isOpened = OPENED.includes(kind);
  if (isOpened && allowPrivate) return;
  const opens = isOpened ? "which allowPrivate opens" : "which nothing opens";
  const reason = `${address} is ${WORDS[kind]}, ${opens}`;
  const message = `A sandbox cannot reach ${target}: ${reason}`;
  throw new AgentError("SCOPE", message, { target, address, reason });
}

function serverOf(text: string, name: string): string {
  const match = /^(\[[^\]]*\]|[\d.]+):(\d{1,5})$/.exec(text);
  const port = match === null ? 53 : Number(match[2]);
  const address = match === null ? text : match[1]!.replace(/^\[|\]$/g, "");
  if (port < 1 || port > 65_535) throw wrongValue(name, "an address, or one with a port", text);
  literalAddress(address, name);
  return text;
}

function limitsOf(value: unknown, name: string): Required<EgressLimits> {
  if (typeof value !== "object") throw wrongType(name, "an object of bounds", value);
  const fields = knownFields(value, name, [
    ...["connections", "bytes", "totalBytes", "connectMs", "idleMs", "durationMs"],
  ]);
  const number = (key: keyof EgressLimits, fallback: number, most: number): number =>
    wholeNumber(fields[key], `${name}.${key}`, { fallback, least: 1, most });
  const day = 86_400_000;
  return {
    connections: number("connections", 64, 1024),
    bytes: number("bytes", GIB, 2 ** 50),
    totalBytes: number("totalBytes", 4 * GIB, 2 ** 50),
    connectMs: number("connectMs", 10_000, day),
    idleMs: number("idleMs", 60_000, day),
    durationMs: number("durationMs", 3_600_000, 30 * day),
  };
}
