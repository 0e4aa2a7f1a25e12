/**
 * Makes connections to an engine: its socket, or an address that was checked, with TLS where its host says so.
 *
 * @module
 */

import { mayDial } from "../../../shared/access.ts";
import { EngineFault } from "../errors.ts";
import type { EngineAddress } from "../types.ts";
import { Connection, type Socket } from "./connection.ts";

/** What a program that was busy needs to see what has happened meanwhile. */
const SEEING_MS = 50;

/** Makes one within the time limit of the address; the signal ends the attempt. */
export async function dial(address: EngineAddress, signal?: AbortSignal): Promise<Connection> {
  signal?.throwIfAborted();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const limit = address.connectTimeoutMs;
  const fail = (): void =>
    reject(new EngineFault("connect-timeout", `no connection within ${limit} ms`));
  // It may be there, and nobody had the time to see it: timers come first.
  let timer = setTimeout(() => timer = setTimeout(fail, SEEING_MS), limit);
  const abort = (): void => reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const connecting = connect(address);
  try {
    return new Connection(await Promise.race([connecting, over]));
  } catch (error) {
    // One that comes about after it was given up belongs to nobody.
    connecting.then((socket) => socket.close(), () => {});
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function connect(address: EngineAddress): Promise<Socket> {
  const { host } = address;
  if (host.kind === "tcp") return await connectTcp(address, host.host, host.port);
  try {
    return await Deno.connect({ transport: "unix", path: host.path });
  } catch (error) {
    const kind = error instanceof Deno.errors.NotFound ? "no-socket" : "connect";
    throw new EngineFault(kind, messageOf(error));
  }
}

async function connectTcp(address: EngineAddress, name: string, port: number): Promise<Socket> {
  let failure = new EngineFault("connect", "there is no address");
  for (const literal of address.allowed?.addresses ?? []) {
    try {
      return await connectOne(address, name, port, literal);
    } catch (error) {
      failure = error as EngineFault;
    }
  }
  throw failure;
}

/** An address is dialled itself where Deno's permissions cover it; else the name, and what it led to is compared. */
async function connectOne(
  { tls, allowed }: EngineAddress,
  name: string,
  port: number,
  literal: string,
): Promise<Socket> {
  // A certificate of ours can only be shown where Deno makes the whole connection, by the name that TLS is for.
  const isNamed = tls?.cert !== undefined || !mayDial(literal, port);
  const hostname = isNamed ? name : literal;
  try {
    if (tls?.cert !== undefined) {
      const { ca, cert, key = "" } = tls;
      const caCerts = ca === undefined ? [] : [ca];
      const socket = await Deno.connectTls({ hostname, port, caCerts, cert, key });
      await closingOnFailure(socket, async () => {
        checkRemote(socket, isNamed, allowed?.addresses);
        await socket.handshake();
      });
      return socket;
    }
    const socket = await Deno.connect({ hostname, port });
    await closingOnFailure(socket, () => checkRemote(socket, isNamed, allowed?.addresses));
    socket.setNoDelay(true);
    if (tls === undefined) return socket;
    const caCerts = tls.ca === undefined ? [] : [tls.ca];
    const secured = await Deno.startTls(socket, { hostname: name, caCerts });
    await closingOnFailure(secured, () => secured.handshake());
    return secured;
  } catch (error) {
    if (error instanceof EngineFault) throw error;
    const isTls = error instanceof Deno.errors.InvalidData ||
      /certificate|tls|handshake/i.test(messageOf(error));
    throw new EngineFault(tls !== undefined && isTls ? "tls" : "connect", messageOf(error));
  }
}

function checkRemote(
  socket: Deno.TcpConn | Deno.TlsConn,
  isNamed: boolean,
  addresses: readonly string[] = [],
): void {
  if (!isNamed || addresses.includes(socket.remoteAddr.hostname)) return;
  throw new EngineFault("connect", "the name led to an address that was not checked");
}

async function closingOnFailure(
  socket: Socket,
  work: () => void | Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    try {
      socket.close();
    } catch {
      // Its failure closed it.
    }
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
