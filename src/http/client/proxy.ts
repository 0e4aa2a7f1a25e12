/**
 * Which proxy a request goes through: none unless the caller says so.
 *
 * @module
 */

import { checkString } from "../../shared/arguments.ts";
import { readEnvironment } from "../../native/permissions.ts";
import { hostOf } from "../address/check.ts";

/** A proxy as it was named. */
export interface NamedProxy {
  /** Without user info. */
  readonly url: URL;
  /** The value of `proxy-authorization`, if it has user info. */
  readonly authorization: string | undefined;
}

/** Finds the proxy for an address; undefined where there is none. */
export type ProxyChoice = (url: URL) => NamedProxy | undefined;

/**
 * Reads the option.
 *
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it is no address of a proxy.
 */
export function readProxy(option: unknown): ProxyChoice {
  if (option === undefined) return () => undefined;
  checkString(option, "options.proxy");
  if (option === "environment") return fromEnvironment();
  const proxy = parse(option);
  if (proxy === undefined) {
    // Not the value: it may hold a password.
    throw new RangeError('options.proxy must be "environment" or an address with http: or https:');
  }
  return () => proxy;
}

function parse(text: string): NamedProxy | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  const { username, password } = url;
  let authorization: string | undefined;
  if (username !== "" || password !== "") {
    let plain: string;
    try {
      plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    } catch {
      return undefined;
    }
    const bytes = new TextEncoder().encode(plain);
    authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  }
  return { url: new URL(`${url.protocol}//${url.host}/`), authorization };
}

/** Read once, when the client is made; what may not be read counts as unset. */
function fromEnvironment(): ProxyChoice {
  const read = (name: string): string | undefined =>
    readEnvironment(name.toLowerCase()) || readEnvironment(name) || undefined;
  const proxyOf = (name: string): NamedProxy | undefined => {
    const text = read(name);
    if (text === undefined) return undefined;
    const proxy = parse(text.includes("://") ? text : `http://${text}`);
    // Not the value: it may hold a password.
    if (proxy === undefined) throw new RangeError(`${name} must be an address of a proxy`);
    return proxy;
  };
  const forHttp = proxyOf("HTTP_PROXY");
  const forHttps = proxyOf("HTTPS_PROXY");
  const exceptions = (read("NO_PROXY") ?? "").split(",").map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "");
  return (url) => {
    if (exceptions.some((entry) => isExcepted(url, entry))) return undefined;
    return url.protocol === "https:" ? forHttps : forHttp;
  };
}

/** An entry of NO_PROXY: `*`, or a host with or without its port, which means those under it too. */
function isExcepted(url: URL, entry: string): boolean {
  if (entry === "*") return true;
  const withPort = /^(.*[^:]):(\d+)$/.exec(entry);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (withPort !== null && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? entry).replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  const host = hostOf(url);
  return host === name || host.endsWith(`.${name}`);
}
