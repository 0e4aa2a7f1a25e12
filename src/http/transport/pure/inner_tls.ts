/**
 * TLS within TLS, for an origin with TLS behind a proxy that itself wants it: Deno starts TLS on plain connections only,
 * so that the inner one is `node:tls`, loaded by those who need it.
 *
 * @module
 */

import type { Connection } from "./wire.ts";

/** What the inner TLS is made with. */
export interface InnerTlsOptions {
  readonly hostname: string;
  readonly caCerts: readonly string[];
}

/**
 * Starts TLS with an origin over a connection that has TLS with a proxy.
 *
 * @throws If the origin is not trusted, or either of them ends the connection.
 */
export async function innerTls(
  outer: Deno.Conn,
  { hostname, caCerts }: InnerTlsOptions,
): Promise<Connection> {
  const [tls, { Duplex }] = await Promise.all([import("node:tls"), import("node:stream")]);
  const socket = tls.connect({
    socket: Duplex.fromWeb({ readable: outer.readable, writable: outer.writable }),
    // An address has no place among the names that a client asks for.
    servername: /^[\d.]+$|:/.test(hostname) ? "" : hostname,
    host: hostname,
    // Deno takes them beside the usual ones, which in Node they would replace.
    ca: caCerts.length === 0 ? undefined : [...caCerts],
    ALPNProtocols: ["http/1.1"],
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection ended")));
  });
  return new SocketConnection(socket);
}

type Socket = import("node:tls").TLSSocket;

/** A socket of Node's with what is needed of a connection of Deno's. */
class SocketConnection implements Connection {
  readonly #socket: Socket;
  #rest: Uint8Array | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake?.();
    socket.on("readable", wake);
    socket.on("end", wake);
    socket.on("close", wake);
    socket.on("error", (error) => {
      this.#failure = error;
      wake();
    });
  }

  async read(target: Uint8Array): Promise<number | null> {
    for (;;) {
      const piece: Uint8Array | null = this.#rest ?? this.#socket.read();
      this.#rest = undefined;
      if (piece !== null) {
        const count = Math.min(piece.length, target.length);
        target.set(piece.subarray(0, count));
        if (count < piece.length) this.#rest = piece.subarray(count);
        return count;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#socket.readableEnded) return null;
      if (this.#socket.destroyed) throw new Error("the connection was closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      // A copy: what was given may be used again before it is out.
      this.#socket.write(
        bytes.slice(),
        (error) => error ? reject(error) : resolve(bytes.length),
      );
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}
