/**
 * The transport in TypeScript, over Deno's sockets; defines what the twin in `native.ts` must do.
 *
 * Sockets and not `fetch`, which over a Unix socket wants a permission for a host that it never reaches, and not
 * `node:http`: one reader of heads serves exchanges and upgrades, and an idle connection's end is seen at once.
 *
 * @module
 */

import { authority } from "../../shared/access.ts";
import { EngineFault, RefusedUpgrade } from "./errors.ts";
import type { Connection } from "./pure/connection.ts";
import { dial } from "./pure/dial.ts";
import { Exchange } from "./pure/exchange.ts";
import { readWhole } from "./read.ts";
import type {
  EngineAddress,
  EngineRequest,
  EngineResponse,
  EngineStream,
  EngineTransport,
} from "./types.ts";

/** Connections that are kept for the next exchange. */
const MOST_IDLE = 8;
/** What is kept of the body of an upgrade that was refused. */
const MOST_REFUSAL_BYTES = 65_536;

/** Opens a transport; nothing is connected before the first exchange. */
export function openPureTransport(address: EngineAddress): EngineTransport {
  return new PureTransport(address);
}

class PureTransport implements EngineTransport {
  readonly implementation = "pure";
  readonly #address: EngineAddress;
  readonly #host: string;
  readonly #idle: Connection[] = [];
  readonly #used = new Set<Connection>();
  #isClosed = false;

  constructor(address: EngineAddress) {
    this.#address = address;
    const { host } = address;
    this.#host = host.kind === "unix" ? "localhost" : authority(host.host, host.port);
  }

  async request(request: EngineRequest): Promise<EngineResponse> {
    for (;;) {
      const [connection, isReused] = await this.#connection(request.signal);
      const exchange = new Exchange(request, connection, (isReusable) => {
        this.#release(connection, isReusable);
      });
      try {
        return await exchange.start(this.#host);
      } catch (error) {
        // What the engine closed while it was idle says nothing of the engine; only what changes nothing is repeated.
        const isRepeatable = request.method === "GET" || request.method === "HEAD";
        const isStale = error instanceof EngineFault && error.kind === "reset" &&
          exchange.isUnanswered;
        if (!isReused || !isRepeatable || !isStale) throw error;
      }
    }
  }

  async upgrade(request: EngineRequest): Promise<EngineStream> {
    this.#checkOpen();
    const connection = await this.#dial(request.signal);
    const headers = [
      ...request.headers ?? [],
      ["connection", "Upgrade"],
      ["upgrade", "tcp"],
    ] as const;
    const release = (): void => this.#release(connection, false);
    const exchange = new Exchange({ ...request, headers }, connection, release);
    const head = await exchange.head(this.#host, true);
    if (head.status !== 101) {
      const body = exchange.body(head);
      // A stream that was not asked for has no end that could be waited for.
      const words = head.status === 200
        ? new Uint8Array(0)
        : await readWhole(body, MOST_REFUSAL_BYTES, true);
      exchange.end(false);
      throw new RefusedUpgrade(head.status, words);
    }
    return streamOf(connection, exchange);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const closed = new EngineFault("closed", "the transport was closed");
    for (const connection of [...this.#idle, ...this.#used]) {
      connection.onIdleEvent = undefined;
      connection.close(closed);
    }
    this.#idle.length = 0;
    this.#used.clear();
    // What read of a connection sees its end in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new EngineFault("closed", "the transport was closed");
  }

  async #connection(signal: AbortSignal | undefined): Promise<[Connection, isReused: boolean]> {
    this.#checkOpen();
    const idle = this.#idle.pop();
    if (idle === undefined) return [await this.#dial(signal), false];
    idle.wake();
    this.#used.add(idle);
    return [idle, true];
  }

  async #dial(signal: AbortSignal | undefined): Promise<Connection> {
    const connection = await dial(this.#address, signal);
    if (this.#isClosed) {
      connection.close();
      this.#checkOpen();
    }
    this.#used.add(connection);
    return connection;
  }

  #release(connection: Connection, isReusable: boolean): void {
    this.#used.delete(connection);
    if (!isReusable || this.#isClosed || this.#idle.length >= MOST_IDLE) return connection.close();
    this.#idle.push(connection);
    connection.onIdleEvent = () => {
      const at = this.#idle.indexOf(connection);
      if (at >= 0) this.#idle.splice(at, 1);
      connection.close();
    };
    connection.rest();
  }
}

function streamOf(connection: Connection, exchange: Exchange): EngineStream {
  const raw = { status: 101, fields: new Map(), keepsAlive: false, contentLength: undefined };
  return {
    readable: exchange.body({ ...raw, isChunked: false }),
    write: (bytes) => connection.write(bytes),
    closeWrite: () => connection.closeWrite(),
    close: () => exchange.end(false),
  };
}
