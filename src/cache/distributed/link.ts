/**
 * The way to Redis over all connections: it is opened, lost, and opened again by itself.
 *
 * @module
 */

import { allowHost, allowSocket } from "../../access.ts";
import { AgentError } from "../../errors.ts";
import { closedError } from "../options.ts";
import type { Address } from "./address.ts";
import { type Argument, Connection, type Library, loadLibrary, Refusal } from "./connection.ts";
import type { Script } from "./scripts.ts";

/** The pause before another attempt doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE = 50;
const LAST_PAUSE = 2_000;

/** What the owner of a link is told. */
export interface LinkListener {
  /** A key that was read has changed; `null` for every key. */
  changed(key: string | null): void;
  /** Changes are no longer reported; what was read until this time is what was true. */
  down(since: number): void;
  /** Changes are reported again, of what is read from now on. */
  up(): void;
}

/** The error of what is called or under way when the cache is closed. */
export function disconnected(): AgentError<"CLOSED"> {
  return closedError("connectCache");
}

/** A way to a Redis server. */
export class Link {
  readonly #library: Library;
  readonly #address: Address;
  readonly #timeoutMs: number;
  readonly #listener: LinkListener;
  #connection: Connection | undefined;
  #cause: Error | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pinging = false;
  #closing = false;
  readonly #ending = new AbortController();

  private constructor(
    library: Library,
    address: Address,
    timeoutMs: number,
    listener: LinkListener,
  ) {
    this.#library = library;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  get #closed(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Opens it, or says why that cannot be. */
  static async open(address: Address, timeoutMs: number, listener: LinkListener): Promise<Link> {
    const { tcp, path } = address;
    if (tcp !== undefined) await allowHost(tcp.host, tcp.port);
    else if (path !== undefined) allowSocket(path);
    const link = new Link(await loadLibrary(), address, timeoutMs, listener);
    try {
      await link.#connect();
    } catch (error) {
      throw link.#unreachable(error as Error);
    }
    return link;
  }

  /** Whether there is a connection. */
  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** The connection there is: what was read over another is not to be kept. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * Whether changes are being reported: the server has answered what was sent within the time limit.
   * Asks it again, without waiting, when that was half the limit ago.
   */
  alive(now: number): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    const age = now - connection.proof;
    if (age * 2 < this.#timeoutMs) return true;
    if (age >= this.#timeoutMs) return false;
    if (!this.#pinging) {
      this.#pinging = true;
      // That it fails, those learn who lose the connection by it.
      connection.send(["PING"]).catch(() => {}).finally(() => this.#pinging = false);
    }
    return true;
  }

  /** Sends a command. */
  send(args: readonly Argument[]): Promise<unknown> {
    return this.#with((connection) => connection.send(args));
  }

  /** Runs a script. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#with((connection) => connection.run(script, keys, args));
  }

  /** It will be closed: what fails from now on fails for that. */
  prepareClose(): void {
    this.#closing = true;
  }

  /** Ends it for good. */
  close(): void {
    this.#closing = true;
    this.#ending.abort();
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #with<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closed) throw disconnected();
    const connection = this.#connection;
    if (connection === undefined) throw this.#unavailable(this.#cause);
    try {
      return await use(connection);
    } catch (error) {
      if (this.#closing) throw disconnected();
      if (error instanceof Refusal) throw this.refused(error);
      throw this.#unavailable(connection === this.#connection ? error as Error : this.#cause);
    }
  }

  async #connect(): Promise<void> {
    let cause: Error | undefined;
    const opened = await Connection.open(this.#library, this.#address, this.#timeoutMs, {
      changed: (key) => this.#listener.changed(key),
      lost: (error) => {
        cause = error;
        this.#lost(error);
      },
    }, this.#ending.signal);
    if (cause !== undefined) throw cause;
    if (this.#closed) return opened.close();
    this.#connection = opened;
    this.#cause = undefined;
    this.#listener.up();
  }

  #lost(cause: Error): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#cause = cause;
    this.#listener.down(connection.proof);
    this.#retry(FIRST_PAUSE);
  }

  #retry(pause: number): void {
    this.#timer = setTimeout(async () => {
      try {
        await this.#connect();
      } catch (error) {
        this.#cause = error as Error;
        if (!this.#closed) this.#retry(Math.min(pause * 2, LAST_PAUSE));
      }
    }, pause * (0.5 + Math.random() / 2));
    // A server that is away keeps no program running.
    Deno.unrefTimer(this.#timer);
  }

  #unreachable(cause: Error): AgentError {
    const { shown } = this.#address;
    if (cause instanceof Refusal) {
      const said = cause.message;
      if (/^(NOPROTO|ERR unknown command)/i.test(said)) {
        return new AgentError(
          "UNSUPPORTED",
          `The server at ${shown} knows no RESP3 (${said}): a Redis from 6.0 on, or a Valkey, is needed`,
          { what: "RESP3" },
          { cause },
        );
      }
      return new AgentError(
        "UNAVAILABLE",
        `Redis at ${shown} let nobody in: ${said}; check user, password and database in the URL, ` +
          `and that the user may run CLIENT, EVAL and what the cache needs`,
        { server: shown },
        { cause },
      );
    }
    return new AgentError(
      "UNAVAILABLE",
      `Redis at ${shown} cannot be reached: ${cause.message}; is it running, and is the URL right?`,
      { server: shown },
      { cause },
    );
  }

  #unavailable(cause: Error | undefined): AgentError<"UNAVAILABLE"> {
    const { shown } = this.#address;
    return new AgentError(
      "UNAVAILABLE",
      `Redis at ${shown} is away: ${
        cause?.message ?? "the connection was lost"
      }; the connection is ` +
        `opened again by itself, try later`,
      { server: shown },
      { cause },
    );
  }

  /** The error of what the server refused. */
  refused(cause: Error): AgentError<"UNAVAILABLE"> {
    const { shown } = this.#address;
    return new AgentError(
      "UNAVAILABLE",
      `Redis at ${shown} refused a command: ${cause.message}`,
      { server: shown },
      { cause },
    );
  }
}
