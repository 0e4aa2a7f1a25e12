/**
 * From what a caller names to literal addresses that may be scanned: spelling, Deno's permission, name, scope, in this
 * order. Nothing is sent to a target meanwhile.
 *
 * @module
 */

import { allowHost, isLiteral } from "../../shared/access.ts";
import { checkStrings, shown } from "../../shared/arguments.ts";
import { checkAddresses, type Policy } from "./policy.ts";
import { canonicalTarget, hostsOf, networkOf, tooMany } from "./targets.ts";

/** A target with its addresses. */
export interface Resolved {
  /** What the caller named. */
  readonly target: string;
  /** The name, if it is one, in canonical spelling. */
  readonly hostname: string | undefined;
  /** Its addresses in canonical spelling; all of them are in scope. */
  readonly addresses: readonly string[];
  /** The reference of the authorisation that one of them needed; null if none did. */
  readonly authorization: string | null;
}

/**
 * Resolves a name or a literal address.
 *
 * @param target What the caller named.
 * @param port A port that is asked of Deno for.
 * @param policy What decides.
 * @throws {TypeError | AgentError} If it is no target, is not granted, or is out of scope.
 */
export async function resolveHost(
  target: string,
  port: number,
  policy: Policy,
): Promise<Resolved> {
  if (target.includes("/")) {
    throw new TypeError(
      `${shown(target)} is no single host; scanHosts() and discoverHosts() take networks`,
    );
  }
  const canonical = canonicalTarget(target);
  // What is out of scope as it stands is so whatever Deno allows; a name has to be resolved first.
  if (isLiteral(canonical)) {
    const authorization = checkAddresses(target, [canonical], policy);
    await allowHost(canonical, port);
    return { target, hostname: undefined, addresses: [canonical], authorization };
  }
  const { host, addresses } = await allowHost(canonical, port);
  const literal = addresses.map(canonicalTarget);
  const authorization = checkAddresses(target, literal, policy);
  return { target, hostname: host, addresses: literal, authorization };
}

/**
 * Resolves a list of names, addresses and networks. Each address is there once, at its first place.
 *
 * @param targets One text with commas or spaces between, or an array.
 * @param port A port that is asked of Deno for.
 * @param policy What decides.
 * @param most How many addresses there may be.
 * @throws {TypeError | RangeError | AgentError} As {@linkcode resolveHost}; `TOO_LARGE` for too many.
 */
export async function resolveAll(
  targets: string | readonly string[],
  port: number,
  policy: Policy,
  most: number,
): Promise<Resolved[]> {
  const items = typeof targets === "string" ? targets.split(/[\s,]+/) : targets;
  checkStrings(items, "targets");
  const named = items.map((item) => item.trim()).filter((item) => item !== "");
  if (named.length === 0) {
    throw new RangeError("targets is empty; give addresses, names or networks");
  }
  if (named.length > most) throw tooMany("The list", named.length, most);
  const seen = new Set<string>();
  const resolved: Resolved[] = [];
  for (const target of named) {
    const found = target.includes("/")
      ? resolveNetwork(target, policy, most)
      : [await resolveHost(target, port, policy)];
    for (const one of found) {
      const [address] = one.addresses as [string];
      if (seen.has(address)) continue;
      seen.add(address);
      resolved.push(one);
      if (seen.size > most) throw tooMany("The list", seen.size, most);
    }
  }
  return resolved;
}

function resolveNetwork(target: string, policy: Policy, most: number): Resolved[] {
  const addresses = hostsOf(networkOf(target, "targets"), target, most);
  return addresses.map((address) => ({
    target: address,
    hostname: undefined,
    addresses: [address],
    authorization: checkAddresses(target === address ? address : target, [address], policy),
  }));
}
