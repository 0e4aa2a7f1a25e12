/**
 * Makes connections: to an address that was checked, with TLS for the name that was asked for, through a proxy where
 * the caller named one.
 *
 * An address is dialled itself where Deno's permissions cover it. Where they cover the name alone, the name is dialled,
 * and before a byte is sent the address that it led to is compared with those that were checked.
 *
 * @module
 */

import { mayDial } from "../../../shared/access.ts";
import { connectTcp } from "../../../shared/connect.ts";
import { TransportFault } from "../fault.ts";
import type { Exchange, ProxyTarget } from "../types.ts";
import { innerTls } from "./inner_tls.ts";
import type { Connection } from "./wire.ts";
import { headEnd, latin1, readHead } from "./head.ts";

/** What a connection is made with. */
export interface DialOptions {
  readonly caCerts: readonly string[];
  readonly signal: AbortSignal;
}

const MOST_CONNECT_HEAD_BYTES = 16_384;

/** The port of an address, where it says none too. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** A host as TLS and sockets want it. */
export function bareHost(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

/** Makes a connection that can carry the exchange. */
export async function dial(exchange: Exchange, options: DialOptions): Promise<Connection> {
  const { url, proxy } = exchange;
  const isSecure = url.protocol === "https:";
  if (proxy === undefined) {
    const connection = await reach(url, exchange.addresses, options.signal);
    return isSecure ? await secured(connection, bareHost(url), options) : connection;
  }
  const isProxySecure = proxy.url.protocol === "https:";
  let connection: Deno.TcpConn | Deno.TlsConn = await reach(
    proxy.url,
    proxy.addresses,
    options.signal,
  );
  if (isProxySecure) connection = await secured(connection, bareHost(proxy.url), options);
  if (!isSecure) return connection;
  await closingOnFailure(connection, options.signal, () => tunnel(connection, url, proxy));
  const hostname = bareHost(url);
  if (!isProxySecure) return await secured(connection, hostname, options);
  return await closingOnFailure(connection, options.signal, async () => {
    try {
      return await innerTls(connection, { hostname, caCerts: options.caCerts });
    } catch (error) {
      throw new TransportFault("tls", messageOf(error));
    }
  });
}

async function reach(
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const port = portOf(url);
  let failure = new TransportFault("connect", "there is no address");
  for (const address of addresses) {
    signal.throwIfAborted();
    try {
      const isDialled = mayDial(address, port);
      const hostname = isDialled ? address : bareHost(url);
      const connection = await connectTcp({ hostname, port }, signal);
      if (!isDialled && !addresses.includes(connection.remoteAddr.hostname)) {
        connection.close();
        failure = new TransportFault("connect", "the name led to an address that was not checked");
        continue;
      }
      connection.setNoDelay(true);
      connection.setKeepAlive(true);
      return connection;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      failure = new TransportFault("connect", messageOf(error));
    }
  }
  throw failure;
}

/** Limit: Deno keeps a TLS connection that is closed while hands are shaken until the server ends it. */
async function secured(
  connection: Deno.Conn,
  hostname: string,
  { caCerts, signal }: DialOptions,
): Promise<Deno.TlsConn> {
  return await closingOnFailure(connection, signal, async (replace) => {
    try {
      const tls = await Deno.startTls(connection as Deno.TcpConn, {
        hostname,
        caCerts: [...caCerts],
        alpnProtocols: ["http/1.1"],
      });
      replace(tls);
      await tls.handshake();
      return tls;
    } catch (error) {
      throw new TransportFault("tls", messageOf(error));
    }
  });
}

/** Asks a proxy for a connection to the origin. */
async function tunnel(connection: Deno.Conn, url: URL, proxy: ProxyTarget): Promise<void> {
  const host = `${url.hostname}:${portOf(url)}`;
  const authorization = proxy.authorization === undefined
    ? ""
    : `proxy-authorization: ${proxy.authorization}\r\n`;
  const request = `CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n`;
  const bytes = new TextEncoder().encode(request);
  const buffer = new Uint8Array(MOST_CONNECT_HEAD_BYTES);
  let length = 0;
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    for (;;) {
      const end = headEnd(buffer, 0, length);
      if (end >= 0) {
        const { status } = readHead(latin1(buffer.subarray(0, end)).trimEnd(), "CONNECT");
        // An origin with TLS says nothing before it is spoken to.
        if (status >= 200 && status < 300 && end === length) return;
        throw new TransportFault("connect", `the proxy answered ${status}`);
      }
      const count = length < buffer.length ? await connection.read(buffer.subarray(length)) : null;
      if (count === null) throw new TransportFault("connect", "the proxy gave no answer");
      length += count;
    }
  } catch (error) {
    if (error instanceof TransportFault) throw new TransportFault("connect", error.message);
    throw new TransportFault("connect", messageOf(error));
  }
}

/** Closes a connection if the work on it fails, and when the signal fires, which ends the work. */
async function closingOnFailure<T>(
  connection: Deno.Conn,
  signal: AbortSignal,
  work: (replace: (by: Deno.Conn) => void) => Promise<T>,
): Promise<T> {
  const close = (): void => {
    try {
      connection.close();
    } catch {
      // Its own failure, or its becoming a TLS connection, closed it.
    }
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    return await work((by) => connection = by);
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
