/**
 * What every request passes before anything else looks at it: host, origin, and who asks.
 *
 * @module
 */

import { HttpFault } from "./faults.ts";
import { bearerOf, cookieOf, type Doorkeeper } from "./tokens.ts";

/** The cookie of a browser that was signed in. */
export const COOKIE = "agent_session";
/** The field with the key that belongs to the cookie. */
export const KEY_FIELD = "x-agent-key";

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** How somebody has shown who they are. */
export interface Visitor {
  /** A program with the token, or a browser that was signed in. */
  kind: "token" | "browser";
  /** The name under which what it has in work is counted. */
  client: string;
}

/** The names under which the server may be asked. */
export function readHosts(allowed: readonly string[] | undefined): ReadonlySet<string> {
  const hosts = new Set(LOOPBACK);
  for (const host of allowed ?? []) {
    const given: unknown = host;
    const url = typeof given === "string" ? URL.parse(`http://${given}`) : null;
    if (url === null || url.hostname !== (given as string).toLowerCase()) {
      throw new TypeError(
        `options.allowedHosts must be host names without a port, got ${JSON.stringify(given)}`,
      );
    }
    hosts.add(url.hostname);
  }
  return hosts;
}

/**
 * Refuses names that are not the server's: a page whose own name was made to lead here (DNS rebinding) is asked for under
 * that name.
 *
 * @returns The origin under which the server was asked.
 */
export function checkHost(request: Request, url: URL, hosts: ReadonlySet<string>): string {
  const field = request.headers.get("host");
  const named = field === null || field === url.host ? url : URL.parse(`http://${field}`);
  const holds = hosts.has(url.hostname) && named !== null && hosts.has(named.hostname) &&
    (field === null || named.host === field.toLowerCase().replace(/:80$/, ""));
  if (!holds) {
    throw new HttpFault(
      421,
      "wrong_host",
      "The server may not be asked under this host name; it can be allowed when the server is started",
    );
  }
  return `${url.protocol}//${named.host}`;
}

/** Refuses what pages of other origins send, whatever they hold. */
export function checkOrigin(request: Request, origin: string): void {
  const { headers } = request;
  const from = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const foreign = (from !== null && from !== origin) ||
    // Following a link from elsewhere only looks at the page.
    ((site === "cross-site" || site === "same-site") &&
      (request.method !== "GET" || headers.get("sec-fetch-mode") !== "navigate"));
  if (foreign) {
    throw new HttpFault(403, "wrong_origin", "Pages of other origins may not use this server");
  }
}

/**
 * Who asks.
 *
 * @param request The request.
 * @param doors Knows the token and the browsers.
 * @param address Where it comes from.
 * @param files Whether it is for a file of the page's, which holds no secret and for which the cookie is enough.
 * @throws {HttpFault} 401.
 */
export function identify(
  request: Request,
  doors: Doorkeeper,
  address: string,
  files: boolean,
): Visitor {
  const { headers } = request;
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const bearer = bearerOf(authorization);
    if (bearer !== undefined && doors.isToken(bearer)) {
      return { kind: "token", client: `token ${address}` };
    }
    throw new HttpFault(401, "invalid_api_key", "The token is not that of this server");
  }
  const cookie = cookieOf(headers.get("cookie"), COOKIE);
  const browser = cookie === undefined ? undefined : doors.browser(cookie);
  if (cookie === undefined || browser === undefined) {
    throw new HttpFault(
      401,
      "missing_api_key",
      "Send the server's token as `Authorization: Bearer`, or open the address that it printed at its start",
    );
  }
  if (!files && !doors.isKey(cookie, headers.get(KEY_FIELD) ?? "")) {
    throw new HttpFault(401, "missing_key", "The page must be opened anew with a code");
  }
  return { kind: "browser", client: browser };
}
