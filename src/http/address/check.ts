/**
 * Where a request may go: the address as it is written, and the addresses that its name leads to. Decided on parsed
 * addresses and literal ones, so that no spelling leads round it.
 *
 * @module
 */

import { isLiteral } from "../../shared/access.ts";
import { type AddressKind, addressKind } from "../../shared/addresses.ts";
import { AgentError } from "../../shared/errors.ts";

/** Names by which clouds reach their metadata services, whatever they resolve to. */
const METADATA_NAMES: readonly string[] = [
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
  "instance-data",
  "instance-data.ec2.internal",
];

/** What `allowPrivate` opens. */
const OPENED: readonly AddressKind[] = ["loopback", "private", "link-local", "shared", "benchmark"];

const REASONS: Readonly<Record<Exclude<AddressKind, "public">, string>> = {
  loopback: "an address of this machine",
  private: "an address of a private network",
  "link-local": "a link-local address",
  shared: "an address of a carrier's network",
  benchmark: "an address for measuring networks",
  metadata: "a metadata service",
  multicast: "a multicast address",
  broadcast: "a broadcast address",
  unspecified: "no address of a host",
  reserved: "a reserved address",
};

/** A URL as messages show it: without its query, which may hold secrets, and never long. */
export function shownUrl(url: URL): string {
  const text = `${url.protocol}//${url.host}${url.protocol.startsWith("http") ? url.pathname : ""}`;
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/**
 * Refuses an address that no request may go to, as it is written.
 *
 * @param url The address.
 * @param allowPrivate Whether this machine and private networks may be reached.
 * @throws {AgentError} `SCOPE`.
 */
export function checkUrl(url: URL, allowPrivate: boolean): void {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw scope(url, "", `${url.protocol} is neither http: nor https:`);
  }
  if (url.username !== "" || url.password !== "") {
    throw scope(url, "", "it has user info; say it with the header authorization");
  }
  const host = hostOf(url);
  if (host === "") throw scope(url, "", "it names no host");
  if (url.port === "0") throw scope(url, host, "nothing listens on port 0");
  if (METADATA_NAMES.includes(host.replace(/\.+$/, ""))) {
    throw scope(url, host, `${host} is a metadata service`);
  }
  if (isLiteral(host)) checkAddresses(url, [host], allowPrivate);
}

/**
 * Refuses a host of which one address must not be reached.
 *
 * @param url Whose host it is.
 * @param addresses What its name leads to.
 * @param allowPrivate Whether this machine and private networks may be reached.
 * @throws {AgentError} `SCOPE`.
 */
export function checkAddresses(
  url: URL,
  addresses: readonly string[],
  allowPrivate: boolean,
): void {
  for (const address of addresses) {
    const kind = addressKind(address);
    if (kind === "public") continue;
    const isOpened = OPENED.includes(kind);
    if (allowPrivate && isOpened) continue;
    const which = address === hostOf(url) ? address : `${hostOf(url)} (${address})`;
    const advice = isOpened ? "; allowPrivate opens it" : "";
    throw scope(url, address, `${which} is ${REASONS[kind]}${advice}`);
  }
}

/**
 * The addresses that can be asked for everywhere: those without a zone (`fe80::1%eth0`), which says of an address on
 * which of this machine's networks it is.
 *
 * @throws {AgentError} `SCOPE` if there is none.
 */
export function withoutZones(url: URL, addresses: readonly string[]): readonly string[] {
  if (!addresses.some((address) => address.includes("%"))) return addresses;
  const left = addresses.filter((address) => !address.includes("%"));
  if (left.length > 0) return left;
  throw scope(url, addresses[0]!, `${hostOf(url)} (${addresses[0]}) is an address with a zone`);
}

/** A host in canonical spelling, IPv6 without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

function scope(url: URL, address: string, reason: string): AgentError<"SCOPE"> {
  const target = shownUrl(url);
  return new AgentError("SCOPE", `${target} is not requested: ${reason}`, {
    target,
    address,
    reason,
  });
}
