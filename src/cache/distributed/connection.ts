/**
 * One connection to Redis, from its handshake to its end: it is never repaired, link.ts makes a new one.
 *
 * Replies come in the order of the commands, so one that does not come in time means that none behind
 * it will: the connection is then given up with all that is under way. The socket keeps no program
 * running; a command that is under way does, by its deadline.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { nodeBuffer } from "../../shared/builtin.ts";
import { loadPackage } from "../../shared/packages.ts";
import type { Address } from "./address.ts";
import { ErrorReply } from "./errors.ts";
import type { Script } from "./script.ts";
import type { Argument } from "./wire.ts";

/** How long what has already come in may take to be read, in milliseconds. */
const READING_MS = 20;

/** What the owner of a connection is told. */
export interface ConnectionListener {
  /** A key that was read over it has changed; `null` for every key. */
  changed(key: string | null): void;
  /** It is over; at most once, and not after `close`. */
  lost(cause: Error): void;
}

/** The part of the client that is used. */
interface Client {
  connect(): Promise<unknown>;
  sendCommand(args: readonly (string | Buffer)[], options: unknown): Promise<unknown>;
  destroy(): void;
  unref(): void;
  on(event: "connect" | "error" | "end" | "terminated", listener: (cause?: Error) => void): unknown;
  on(event: "invalidate", listener: (key: Buffer | null) => void): unknown;
}

/** What is used of the client's module. */
export interface ClientModule {
  createClient(options: unknown): Client;
  readonly RESP_TYPES: { readonly BLOB_STRING: number };
  readonly ErrorReply: new (...args: never[]) => Error;
}

/** Loads the client. */
export async function loadClient(): Promise<ClientModule> {
  return await loadPackage<ClientModule>("@redis/client", "What is kept in Redis");
}

/** What connections are made with. */
export interface ConnectionSettings {
  readonly client: ClientModule;
  readonly address: Address;
  /** How long connecting may take, and each command later. */
  readonly timeoutMs: number;
  /** Whether the server reports changes of what is read. */
  readonly tracked: boolean;
}

/** A connection that is open. */
export class Connection {
  readonly #client: Client;
  readonly #timeoutMs: number;
  readonly #listener: ConnectionListener;
  readonly #options: unknown;
  readonly #isErrorReply: (error: unknown) => boolean;
  /** When each command that is under way was sent, oldest first. */
  readonly #sent: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The command that had no answer when its time was over. */
  #late: number | undefined;
  #over = false;
  #aliveAt = 0;

  private constructor(settings: ConnectionSettings, listener: ConnectionListener) {
    const { client } = settings;
    this.#timeoutMs = settings.timeoutMs;
    this.#listener = listener;
    this.#options = { typeMapping: { [client.RESP_TYPES.BLOB_STRING]: nodeBuffer().Buffer } };
    this.#isErrorReply = (error) => error instanceof client.ErrorReply;
    this.#client = client.createClient(clientOptions(settings));
    this.#client.unref();
    this.#client.on("invalidate", (key) => this.#listener.changed(key && key.toString()));
    const ended = (cause?: Error): void =>
      this.#lose(cause ?? new Error("the connection was closed"));
    this.#client.on("terminated", ended);
    this.#client.on("error", ended);
    this.#client.on("end", () => ended());
  }

  /**
   * Connects, authenticates and has the server report changes of what is read, if that is wanted.
   *
   * @param settings Where the server is, and its client.
   * @param listener Who is told of changes and of the end.
   * @param signal Gives the attempt up.
   * @returns The connection.
   * @throws {ErrorReply} What the server said if it let us in only so far.
   * @throws {Error} If it could not be reached in time.
   */
  static async open(
    settings: ConnectionSettings,
    listener: ConnectionListener,
    signal: AbortSignal,
  ): Promise<Connection> {
    signal.throwIfAborted();
    const connection = new Connection(settings, listener);
    try {
      await connection.#greet(signal);
    } catch (error) {
      connection.close();
      throw connection.#isErrorReply(error) ? new ErrorReply((error as Error).message) : error;
    }
    return connection;
  }

  /** When the latest command was sent that was answered since, by `performance.now()`. */
  get aliveAt(): number {
    return this.#aliveAt;
  }

  /** Sends a command. Byte strings of its reply are `Uint8Array`s. */
  async send(args: readonly Argument[]): Promise<unknown> {
    if (this.#over) throw new Error("the connection is over");
    const sentAt = performance.now();
    this.#sent.push(sentAt);
    this.#timer ??= setTimeout(this.#check, this.#timeoutMs);
    try {
      const reply = await this.#client.sendCommand(args.map(bufferOf), this.#options);
      this.#aliveAt = sentAt;
      return reply;
    } catch (error) {
      if (!this.#isErrorReply(error)) throw error;
      this.#aliveAt = sentAt;
      throw new ErrorReply((error as Error).message);
    } finally {
      this.#sent.shift();
      if (this.#sent.length === 0) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  /** Runs a script; the server is sent its text only if it does not have it. */
  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [`${keys.length}`, ...keys, ...args];
    try {
      return await this.send(["EVALSHA", script.sha, ...rest]);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await this.send(["EVAL", script.source, ...rest]);
    }
  }

  /** Ends it; what is under way rejects. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    // A socket that is being made at this moment comes up all the same, and would stay open.
    this.#client.on("connect", () => this.#client.destroy());
    this.#client.destroy();
  }

  /** Ends it because the server does not answer, and says so. */
  #lose(cause: Error): void {
    if (this.#over) return;
    this.close();
    this.#listener.lost(cause);
  }

  readonly #check = (): void => {
    const oldest = this.#sent[0];
    if (oldest === undefined) return;
    const left = oldest + this.#timeoutMs - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(this.#check, left);
    } else if (this.#late !== oldest) {
      // The answer may be there, and nobody had the time to read it: timers come first.
      this.#late = oldest;
      this.#timer = setTimeout(this.#check, READING_MS);
    } else {
      this.#lose(new Error(`no answer within ${this.#timeoutMs} ms`));
    }
  };

  async #greet(signal: AbortSignal): Promise<void> {
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>();
    const end = (): void => giveUp(new Error(`no answer within ${this.#timeoutMs} ms`));
    let late = setTimeout(() => late = setTimeout(end, READING_MS), this.#timeoutMs);
    const aborted = (): void => giveUp(signal.reason);
    signal.addEventListener("abort", aborted);
    try {
      await Promise.race([this.#client.connect(), given]);
      // The client has switched the reports on, without NOLOOP: that would keep back whatever happens during a command of
      // this connection, what the server evicts or can no longer remember for it included, and copies would stay wrong.
      await Promise.race([this.send(["PING"]), given]);
    } finally {
      clearTimeout(late);
      signal.removeEventListener("abort", aborted);
    }
  }
}

function clientOptions({ address, timeoutMs, tracked }: ConnectionSettings): unknown {
  const { tcp, path, database } = address;
  const credentials = address.credentials();
  return {
    RESP: 3,
    emitInvalidate: tracked,
    maintNotifications: "disabled",
    disableClientInfo: true,
    // The limit is kept here, with one timer for all commands: a timer for each costs as much as a command.
    commandOptions: { timeout: 0 },
    database,
    credentialsProvider: credentials && {
      type: "async-credentials-provider",
      credentials: () => Promise.resolve(credentials),
    },
    socket: {
      ...(tcp === undefined ? { path } : { host: tcp.host, port: tcp.port, tls: tcp.tls }),
      connectTimeout: timeoutMs + 2 * READING_MS,
      reconnectStrategy: false,
    },
  };
}

function bufferOf(argument: Argument): string | Buffer {
  if (typeof argument === "string") return argument;
  return nodeBuffer().Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}
