/**
 * Which addresses may be probed at all: those of this machine and of private networks. Everybody
 * else's need an authorisation, and some (metadata services, multicast, broadcast) are no targets.
 *
 * Decided on resolved, literal addresses, so that no spelling and no name leads round it.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import { AgentError } from "../shared/errors.ts";

type Family = "ipv4" | "ipv6";

function list(...subnets: readonly (readonly [string, number, Family])[]): BlockList {
  const made = new BlockList();
  for (const [network, bits, family] of subnets) made.addSubnet(network, bits, family);
  return made;
}

/** Loopback, private and link-local ranges: RFC 1122, 1918, 3927, 4193, 4291. */
const LOCAL = list(
  ["127.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
);

/** Where clouds hand out credentials to whoever asks from inside. They lie in local ranges. */
const METADATA = list(
  ["169.254.169.254", 32, "ipv4"],
  ["169.254.170.2", 32, "ipv4"],
  ["100.100.100.200", 32, "ipv4"],
  ["fd00:ec2::254", 128, "ipv6"],
);

/**
 * Refuses a target of which one address is out of scope.
 *
 * @param target What the caller named.
 * @param addresses What it resolves to.
 * @throws {AgentError} `SCOPE`.
 */
export function checkScope(target: string, addresses: readonly string[]): void {
  for (const address of addresses) {
    const plain = withoutMapping(address);
    const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
    const reason = METADATA.check(plain, family)
      ? "a metadata service"
      : LOCAL.check(plain, family)
      ? undefined
      : "not an address of this machine or of a private network";
    if (reason === undefined) continue;
    const which = target === address ? target : `${target} (${address})`;
    throw new AgentError("SCOPE", `${which} is ${reason}, and is not probed`, {
      target,
      address,
      reason,
    });
  }
}

/** `::ffff:1.2.3.4` is 1.2.3.4 to the network, whichever way it is written. */
function withoutMapping(address: string): string {
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (hex === null) return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const [high, low] = [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
