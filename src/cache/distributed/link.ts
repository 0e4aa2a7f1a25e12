/**
 * The way to Redis over all connections: it is opened, lost, and opened again by itself.
 *
 * @module
 */

import { allowHost, allowSocket } from "../../shared/access.ts";
import type { Address } from "./address.ts";
import { Connection, type ConnectionSettings, loadClient } from "./connection.ts";
import { away, disconnected, ErrorReply, refused, unreachable } from "./errors.ts";
import type { Script } from "./script.ts";
import type { Argument } from "./wire.ts";

/** The pause before another attempt doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2_000;

/** What the owner of a link is told. */
export interface LinkListener {
  /** A key that was read has changed; `null` for every key. */
  changed(key: string | null): void;
  /** Changes are no longer reported; what was read until this time is what was true. */
  down(since: number): void;
  /** Changes are reported again, of what is read from now on. */
  up(): void;
}

/** A way to a Redis server. */
export class Link {
  readonly #settings: ConnectionSettings;
  readonly #listener: LinkListener;
  #connection: Connection | undefined;
  #cause: Error | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pinging = false;
  #closing = false;
  readonly #ending = new AbortController();

  private constructor(settings: ConnectionSettings, listener: LinkListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  get #closed(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Opens it, or says why that cannot be. With `tracked`, changes of what is read are reported. */
  static async open(
    address: Address,
    timeoutMs: number,
    listener: LinkListener,
    tracked = true,
  ): Promise<Link> {
    const { tcp, path } = address;
    if (tcp !== undefined) await allowHost(tcp.host, tcp.port);
    else if (path !== undefined) allowSocket(path);
    const link = new Link({ client: await loadClient(), address, timeoutMs, tracked }, listener);
    try {
      await link.#connect();
    } catch (error) {
      throw unreachable(address.shown, error as Error);
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
    const { timeoutMs } = this.#settings;
    const age = now - connection.aliveAt;
    if (age * 2 < timeoutMs) return true;
    if (age >= timeoutMs) return false;
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

  /** The error of what the server refused within a reply. */
  refused(reply: Error): Error {
    return refused(this.#settings.address.shown, reply);
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
    const { shown } = this.#settings.address;
    if (connection === undefined) throw away(shown, this.#cause);
    try {
      return await use(connection);
    } catch (error) {
      if (this.#closing) throw disconnected();
      if (error instanceof ErrorReply) throw refused(shown, error);
      throw away(shown, connection === this.#connection ? error as Error : this.#cause);
    }
  }

  async #connect(): Promise<void> {
    let cause: Error | undefined;
    const opened = await Connection.open(this.#settings, {
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
    this.#listener.down(connection.aliveAt);
    this.#retry(FIRST_PAUSE_MS);
  }

  #retry(pause: number): void {
    this.#timer = setTimeout(async () => {
      try {
        await this.#connect();
      } catch (error) {
        this.#cause = error as Error;
        if (!this.#closed) this.#retry(Math.min(pause * 2, LAST_PAUSE_MS));
      }
    }, pause * (0.5 + Math.random() / 2));
    // A server that is away keeps no program running.
    Deno.unrefTimer(this.#timer);
  }
}
