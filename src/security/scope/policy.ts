/**
 * Which addresses may be scanned: loopback, and private networks that this machine is in. All others need an
 * authorisation, and some (metadata services, multicast, broadcast, 0.0.0.0/8) are no targets whoever says so.
 *
 * Decided on resolved, literal addresses in canonical spelling, so that no spelling and no name leads round it.
 *
 * @module
 */

import {
  addressBytes,
  type AddressKind,
  addressKind,
  isTunnelled,
} from "../../shared/addresses.ts";
import { checkString, fieldsOf, wrongType, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { ScanAuthorization } from "../types/scope.ts";
import { isIn, isLoopback, lastOf, type Network, networkOf, written } from "./targets.ts";

const NEVER: Partial<Record<AddressKind, string>> = {
  metadata: "a metadata service",
  multicast: "a multicast address",
  broadcast: "the broadcast address",
  unspecified: "no host's address",
};

const PRIVATE: readonly AddressKind[] = ["private", "link-local"];

/** An authorisation that was read and holds now. */
export interface Authorized {
  /** The networks. */
  readonly networks: readonly Network[];
  /** Where it can be looked up. */
  readonly reference: string;
  /** When it ends, in milliseconds since 1970. */
  readonly ends: number;
}

/** What decides about addresses, read once for a call. */
export interface Policy {
  /** The caller's authorisation, if there is one. */
  readonly authorized: Authorized | undefined;
  /** The networks of this machine's interfaces, with those of loopback left out; undefined if Deno does not allow to ask. */
  readonly networks: readonly Network[] | undefined;
  /** What is to be done to a target, for errors. Default `scanned`. */
  readonly act?: string;
}

/**
 * Reads an authorisation.
 *
 * @throws {TypeError | RangeError} If it is none, or its networks or its end cannot be read.
 */
export function readAuthorization(
  value: unknown,
  now: number = Date.now(),
): Authorized | undefined {
  if (value === undefined) return undefined;
  const { scope, reference, expires } = fieldsOf(value, "options.authorization") as Partial<
    Record<keyof ScanAuthorization, unknown>
  >;
  if (!Array.isArray(scope) || scope.length === 0) {
    throw wrongType("options.authorization.scope", "an array of networks", scope);
  }
  checkString(reference, "options.authorization.reference");
  if (reference.trim() === "") {
    throw wrongValue("options.authorization.reference", "where it can be looked up", reference);
  }
  checkString(expires, "options.authorization.expires");
  const end = /^\d{4}-\d\d-\d\d/.test(expires) ? Date.parse(expires) : NaN;
  if (Number.isNaN(end)) {
    throw wrongValue("options.authorization.expires", "a date as in ISO 8601", expires);
  }
  if (end <= now) {
    throw new AgentError(
      "SCOPE",
      `The authorisation ${reference} ended ${expires}; nothing is scanned by it`,
      { target: scope.join(","), address: "", reason: "the authorisation is over" },
    );
  }
  const networks = scope.map((text, at) =>
    plainNetwork(text, `options.authorization.scope[${at}]`)
  );
  return { networks, reference, ends: end };
}

/** A network in the spelling that everybody reads alike: `010.0.0.0/8` is `8.0.0.0/8` to some. */
function plainNetwork(text: unknown, name: string): Network {
  const network = networkOf(text, name);
  const [address = ""] = (text as string).trim().split("/");
  const isPlain = address.includes(":") || addressBytes(address) !== undefined &&
      address.split(".").every((part) => part === String(Number(part)));
  if (!isPlain) {
    throw wrongValue(
      name,
      `written plainly, as in ${written(network.bytes)}/${network.bits}`,
      text,
    );
  }
  return network;
}

/** How long an authorisation lasts, if the addresses need it; `Infinity` if not. */
export function lastsMs({ authorized }: Policy, isNeeded: boolean, now = Date.now()): number {
  return isNeeded && authorized !== undefined ? Math.max(1, authorized.ends - now) : Infinity;
}

/** The networks that this machine is in; undefined if Deno does not allow to ask. */
export function ownNetworks(): readonly Network[] | undefined {
  const asked = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(asked).state !== "granted") return undefined;
  return Deno.networkInterfaces().flatMap(({ cidr, address }) =>
    isLoopback(address) || cidr === null ? [] : [networkOf(cidr.replace(/%[^/]*/, ""), "interface")]
  );
}

/**
 * Refuses what is out of scope.
 *
 * @param target What the caller named.
 * @param addresses What that is, each in canonical spelling.
 * @param policy What decides.
 * @returns The reference of the authorisation, if one address needed it.
 * @throws {AgentError} `SCOPE`.
 */
export function checkAddresses(
  target: string,
  addresses: readonly string[],
  policy: Policy,
): string | null {
  let reference: string | null = null;
  for (const address of addresses) {
    if (isLoopback(address)) continue;
    const kind = addressKind(address);
    const never = kind === "loopback"
      ? "a loopback address behind somebody's gateway"
      : NEVER[kind] ?? everybody(address, policy);
    const { authorized, act = "scanned" } = policy;
    if (never !== undefined) throw outOfScope(target, address, never, `is not ${act}`);
    if (isNear(address, kind, policy)) continue;
    if (authorized?.networks.some((network) => isIn(address, network))) {
      reference = authorized.reference;
      continue;
    }
    throw outOfScope(target, address, farReason(kind, policy), farAdvice(kind, policy));
  }
  return reference;
}

/** Whether an address is in a private network that this machine is in. */
function isNear(address: string, kind: AddressKind, { networks }: Policy): boolean {
  // Through a gateway it would be somebody else's network that is scanned.
  return PRIVATE.includes(kind) && !isTunnelled(address) &&
    (networks ?? []).some((network) => isIn(address, network));
}

/** The address by which everybody in a network of this machine is reached. */
function everybody(address: string, { networks = [] }: Policy): string | undefined {
  const isBroadcast = networks.some((network) =>
    network.bytes.length === 4 && network.bits < 31 && lastOf(network) === address
  );
  return isBroadcast ? "the broadcast address of a network of this machine" : undefined;
}

function farReason(kind: AddressKind, { authorized, networks }: Policy): string {
  if (authorized !== undefined) return `outside of the authorisation ${authorized.reference}`;
  if (!PRIVATE.includes(kind)) return "not an address of this machine or of a private network";
  return networks === undefined
    ? "in a private network of which is not known whether this machine is in it"
    : "in a private network that this machine is not in";
}

function farAdvice(kind: AddressKind, { authorized, networks, act = "scanned" }: Policy): string {
  const advice = `is ${act} only with an authorisation in the program's configuration`;
  if (authorized !== undefined || networks !== undefined || !PRIVATE.includes(kind)) return advice;
  return `${advice}, or with --allow-sys=networkInterfaces if this machine is in that network`;
}

function outOfScope(
  target: string,
  address: string,
  reason: string,
  then: string,
): AgentError<"SCOPE"> {
  const which = target === address ? target : `${target} (${address})`;
  return new AgentError("SCOPE", `${which} is ${reason}, and ${then}`, {
    target,
    address,
    reason,
  });
}
