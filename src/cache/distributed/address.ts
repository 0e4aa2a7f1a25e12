/**
 * Where a Redis server is: what the option `redis` says, without ever showing its password.
 *
 * @module
 */

import { authority, canonicalHost } from "../../shared/access.ts";
import { wrongType } from "../../shared/arguments.ts";

/** How to get in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where a server is. */
export interface Address {
  /** For messages: `host:port` or `unix:path`. */
  readonly shown: string;
  /** Name or address and port; undefined for a Unix socket. */
  readonly tcp: { readonly host: string; readonly port: number; readonly tls: boolean } | undefined;
  /** The path of a Unix socket. */
  readonly path: string | undefined;
  readonly database: number;
  /** A function, so that no inspection of the object shows them. */
  readonly credentials: () => Credentials | undefined;
}

const WANTED =
  `a URL "redis://[user:password@]host[:port][/database]", "rediss://..." for TLS, or ` +
  `"unix:///path[?db=database]"`;
const DEFAULT_PORT = 6379;

/** Makes the error of a URL, whose parts may be secret: says what is wrong with it instead of showing it. */
type WrongUrl = (fault: string) => TypeError;

/**
 * Reads the option `redis`.
 *
 * @param redis What the caller gave.
 * @param name What it is called in errors.
 * @returns Where the server is.
 * @throws {TypeError} If it is no URL of a Redis server; the message shows no part of it that can hold
 * a password.
 */
export function parseAddress(redis: unknown, name = "options.redis"): Address {
  if (typeof redis !== "string") throw wrongType(name, WANTED, redis);
  const wrongUrl: WrongUrl = (fault) =>
    new TypeError(`${name} must be ${WANTED}, got one ${fault}`);
  const url = URL.parse(redis);
  if (url === null) throw wrongUrl("that cannot be read");
  const { protocol } = url;
  if (protocol !== "redis:" && protocol !== "rediss:" && protocol !== "unix:") {
    throw wrongUrl("with another scheme");
  }
  const username = decoded(url.username, "user name", wrongUrl);
  const password = decoded(url.password, "password", wrongUrl);
  const credentials = (): Credentials | undefined =>
    username === "" && password === ""
      ? undefined
      : { username: username === "" ? "default" : username, password };
  if (url.hash !== "" || (protocol !== "unix:" && url.search !== "")) {
    throw wrongUrl("with more behind that");
  }
  if (protocol === "unix:") return socketOf(url, credentials, wrongUrl);
  if (url.hostname === "") throw wrongUrl("without a host");
  const host = canonicalHost(url.hostname);
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  const database = databaseOf(url.pathname.replace(/^\//, ""), wrongUrl);
  const tcp = { host, port, tls: protocol === "rediss:" };
  return { shown: authority(host, port), tcp, path: undefined, database, credentials };
}

function socketOf(
  url: URL,
  credentials: Address["credentials"],
  wrongUrl: WrongUrl,
): Address {
  if (url.hostname !== "" && url.hostname !== "localhost") {
    throw wrongUrl("with a host; a Unix socket has three slashes before it");
  }
  const path = decoded(url.pathname, "path", wrongUrl);
  if (path.length < 2) throw wrongUrl("without a path");
  const database = databaseOf(url.searchParams.get("db") ?? "", wrongUrl);
  return { shown: `unix:${path}`, tcp: undefined, path, database, credentials };
}

function databaseOf(text: string, wrongUrl: WrongUrl): number {
  if (text === "") return 0;
  if (!/^\d{1,9}$/.test(text)) throw wrongUrl("whose database is no whole number");
  return Number(text);
}

function decoded(text: string, what: string, wrongUrl: WrongUrl): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrongUrl(`with a "%" in the ${what} that encodes nothing; write %25 for it`);
  }
}
