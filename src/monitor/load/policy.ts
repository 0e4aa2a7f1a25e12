/**
 * What may be put under load: the scanner's policy, asked in the same way. Spelling, Deno's permission, name, scope; then
 * the first address that takes a connection is the target.
 *
 * @module
 */

import { dialled } from "../../security/scope/permissions.ts";
import { ownNetworks, readAuthorization } from "../../security/scope/policy.ts";
import { resolveHost } from "../../security/scope/resolve.ts";
import { mayDial } from "../../shared/access.ts";
import { addressKind } from "../../shared/addresses.ts";
import { checkString, shown, wrongValue } from "../../shared/arguments.ts";
import type { LoadTestOptions } from "./types.ts";

/** A target that may be put under load. */
export interface LoadTarget {
  /** The address of the web, without a fragment. */
  readonly url: URL;
  /** The name or the literal address, without brackets. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** All addresses in canonical spelling; all of them are in scope. */
  readonly addresses: readonly string[];
  /** Whether all of them are loopback. */
  readonly isLoopback: boolean;
  /** The reference of the authorisation that was needed. */
  readonly authorization: string | null;
  /** What the pure twin dials for an address. */
  dial(address: string): string;
}

/**
 * Reads an address of the web and asks whether it may be put under load. Nothing is sent.
 *
 * @throws {TypeError | AgentError} If it is none; `SCOPE`, `PERMISSION`, `NOT_FOUND`.
 */
export async function targetOf(address: unknown, options: LoadTestOptions): Promise<LoadTarget> {
  const url = readUrl(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const policy = {
    authorized: readAuthorization(options.authorization),
    networks: ownNetworks(),
    act: "put under load",
  };
  const resolved = await resolveHost(host, port, policy);
  const { addresses, authorization, hostname } = resolved;
  return {
    url,
    host: hostname ?? host,
    port,
    addresses,
    isLoopback: addresses.every((one) => addressKind(one) === "loopback"),
    authorization,
    dial: (one) => hostname === undefined || mayDial(one, port) ? one : dialled(resolved, port),
  };
}

function readUrl(address: unknown): URL {
  const text = address instanceof URL ? address.href : address;
  checkString(text, "url");
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `url must be an address such as "http://127.0.0.1:8080/", got ${shown(text)}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(
      "url must be without a user's name and password; give a field in options.headers",
    );
  }
  if (url.port === "0") throw wrongValue("url", "with a port from 1 to 65535", text);
  url.hash = "";
  return url;
}
