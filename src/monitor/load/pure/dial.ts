/**
 * Connections on Node's sockets: those of HTTP/2, and all in TLS, as a connection of Deno that is closed while hands are
 * shaken stays open until the server ends it.
 *
 * @module
 */

import type net from "node:net";
import { nodeNet, nodeTls } from "../../../shared/builtin.ts";
import type { LoadJob } from "../job.ts";
import { connectFault, Fault } from "./fault.ts";

/**
 * Connects to the target, in TLS where that is asked for.
 *
 * @param job The target.
 * @param protocol What is spoken, as TLS names it.
 * @param signal Gives up.
 * @throws {Fault} If there is no connection.
 */
export async function dial(
  job: LoadJob,
  protocol: "h2" | "http/1.1",
  signal: AbortSignal,
): Promise<net.Socket> {
  const { address, dial: host, port, host: name, caCerts } = job;
  const plain = nodeNet().connect({ host, port, noDelay: true });
  await opened(plain, "connect", signal, connectFault);
  if (host !== address && plain.remoteAddress !== address) {
    plain.destroy();
    // The name led to an address that was not checked.
    throw new Fault("connect");
  }
  if (!job.tls) return plain;
  const tls = nodeTls();
  const secured = tls.connect({
    socket: plain,
    ALPNProtocols: [protocol],
    ...(nodeNet().isIP(name) === 0 ? { servername: name } : { host: name }),
    ...(caCerts.length > 0 && { ca: [...tls.rootCertificates, ...caCerts] }),
  });
  try {
    await opened(secured, "secureConnect", signal, () => new Fault("tls"));
  } catch (error) {
    plain.destroy();
    throw error;
  }
  if (protocol === "h2" && secured.alpnProtocol !== protocol) {
    secured.destroy();
    throw new Fault("protocol");
  }
  return secured;
}

/** Waits for the event that says that a socket is open; if it does not come the socket is destroyed. */
async function opened(
  socket: net.Socket,
  event: string,
  signal: AbortSignal,
  faultOf: (error: unknown) => Fault,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(new Fault("timeout"));
  // What comes later comes out at whoever reads.
  socket.on("error", (error) => reject(faultOf(error)));
  socket.once("close", () => reject(faultOf(new Error("closed"))));
  socket.once(event, () => resolve());
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What a line needs of a connection. */
export interface Wire {
  /** Bytes into a buffer; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Sends; gives how many bytes. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it. */
  close(): void;
}

/** A socket of Node as a wire. */
export class SocketWire implements Wire {
  readonly #socket: net.Socket;
  #rest: Uint8Array = new Uint8Array();

  /** Takes it over. */
  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk !== null) this.#rest = chunk;
      else if (this.#socket.readableEnded || this.#socket.destroyed) return null;
      else await this.#more();
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length))
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Until there is something to read, or the end. */
  #more(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const events = ["readable", "end", "close"];
      const done = (): void => {
        for (const event of events) socket.off(event, done);
        resolve();
      };
      for (const event of events) socket.on(event, done);
    });
  }
}
