/**
 * The Redis client as BullMQ gets it: node-redis with some things put right, most of which matter when a server comes
 * back after it was away.
 *
 * - A connection that is lost in the middle of a command is said in the words that BullMQ takes for that. Else it takes
 *   it for the handler's failure, and a job that was done becomes a dead one.
 * - Scripts are sent when they are first needed and not all at each connection, and always before a transaction that
 *   runs them: a server forgets them when it restarts, and a transaction would be done in parts.
 * - A reader of events whose connection is lost waits for the next one, and no longer; BullMQ would pause for five
 *   seconds, whatever happens meanwhile.
 * - The eviction policy is left out of what the server tells about itself: BullMQ would write a warning to standard
 *   error. `connection.ts` looks at it itself.
 * - What waits for a server that is away waits for as long as it takes; node-redis would give it up after five seconds,
 *   in words that BullMQ takes for the handler's failure. A timer for each command cost a tenth of a job as well.
 * - Answers that come at once are handed out a few at a time; `turns.ts` says why.
 *
 * @module
 */

import type { Address } from "../../cache/distributed/address.ts";
import { Turns } from "./turns.ts";

/** The words that BullMQ knows for a connection that is gone. */
export const CONNECTION_LOST = "Connection is closed.";

/** The part of node-redis that is used here; BullMQ uses more of it. */
export interface RawClient {
  readonly isReady: boolean;
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: unknown): RawClient;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  info(): Promise<string>;
  scriptLoad(source: string): Promise<string>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  hGetAll(key: string): Promise<Record<string, string>>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  xRead(...args: unknown[]): Promise<unknown>;
  multi(): RawTransaction;
}

/** The part of a transaction that is used here. */
interface RawTransaction {
  evalSha(sha: string, options: unknown): unknown;
  exec(): Promise<unknown>;
}

/** What is used of the client's module. */
export interface ClientModule {
  createClient(options: unknown): RawClient;
}

/** What a client is for: `"calls"` fail at once while the server is away, `"work"` waits for it. */
export type ClientUse = "calls" | "work";

/** The pause before another attempt doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 500;
/** How long a connection may take to be made, before it is given up and tried anew. */
const CONNECT_MS = 5_000;

const LOST = new Set([
  "Socket closed unexpectedly",
  "The client is offline",
  "The client is closed",
  "Disconnects client",
  "Connection timeout",
]);

/** Whether an error says that the connection is or was away, and nothing about the command. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.message === CONNECTION_LOST || LOST.has(error.message)) return true;
  // A server that was just started reads its file first: it is away still, and refused nothing.
  if (error.message.startsWith("LOADING ")) return true;
  const { code, syscall } = error as { code?: string; syscall?: string };
  return error.name === "ConnectionClosedError" || syscall === "read" || syscall === "write" ||
    (typeof code === "string" && /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|ENOTFOUND)/.test(code));
}

/** All clients of one queue, so that all of them can be ended. */
export class Clients {
  readonly #module: ClientModule;
  readonly #options: Record<string, unknown>;
  readonly #groups = new Map<RawClient, Group>();
  /** Never connected: making another one after it costs a hundredth of making the first. */
  #first: RawClient | undefined;
  /** When the last pause before an attempt to connect is over. */
  #pausing = 0;

  constructor(module: ClientModule, address: Address) {
    this.#module = module;
    this.#options = clientOptions(address, (pause) => {
      this.#pausing = Math.max(this.#pausing, performance.now() + pause);
    });
  }

  /**
   * Makes a client that is not connected yet.
   *
   * @param use What it is for.
   * @param ready Called at each connection that it makes, or one that BullMQ has made after it.
   */
  make(use: ClientUse, ready?: () => void): RawClient {
    const group = new Group(ready);
    this.#first ??= this.#module.createClient(this.#options);
    const client = group.add(this.#first.duplicate({ disableOfflineQueue: use === "calls" }));
    this.#groups.set(client, group);
    return client;
  }

  /** Ends one of them at once, with those that BullMQ has made after it. */
  end(client: RawClient): void {
    this.#groups.get(client)?.end();
    this.#groups.delete(client);
  }

  /** Ends all of them at once; what is under way rejects. Resolves when no attempt to connect is left. */
  async close(): Promise<void> {
    for (const client of this.#groups.keys()) this.end(client);
    const left = this.#pausing - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left + 1));
  }
}

/** A client with those that BullMQ has made after it. */
class Group {
  readonly #raw = new Set<RawClient>();
  readonly #ending = new AbortController();
  readonly #ready: (() => void) | undefined;

  constructor(ready: (() => void) | undefined) {
    this.#ready = ready;
  }

  end(): void {
    this.#ending.abort();
    for (const raw of this.#raw) {
      // A socket that is being made at this moment comes up all the same, and would stay open.
      raw.on("connect", () => raw.destroy());
      if (raw.isOpen) raw.destroy();
    }
  }

  /** A client in front of one of node-redis. */
  add(raw: RawClient): RawClient {
    this.#raw.add(raw);
    const { signal } = this.#ending;
    raw.on("error", () => {});
    if (this.#ready !== undefined) raw.on("ready", this.#ready);
    const scripts = new ScriptTexts(raw);
    const own: Record<string, unknown> = {
      connect: () => signal.aborted ? Promise.reject(new Error(CONNECTION_LOST)) : raw.connect(),
      duplicate: (overrides?: unknown) => this.add(raw.duplicate(overrides)),
      // When all is over, nobody listens to BullMQ's objects any more: an error would be uncaught.
      on: (event: string, listener: (...args: unknown[]) => void) => {
        const guarded = (...args: unknown[]): void =>
          signal.aborted ? undefined : listener(...args);
        return raw.on(event, event === "error" ? guarded : listener);
      },
      xRead: (...args: unknown[]) => this.#read(raw, args),
      info: async () => (await lost(raw.info())).replace(/^maxmemory_policy:.*$/m, ""),
      scriptLoad: (source: string) => Promise.resolve(scripts.note(source)),
      multi: () => scripts.transaction(),
    };
    const wrapped = new Map<PropertyKey, unknown>();
    return new Proxy(raw, {
      get(target, property): unknown {
        if (typeof property === "string" && Object.hasOwn(own, property)) return own[property];
        const known = wrapped.get(property);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        const call = (...args: unknown[]): unknown => {
          const result: unknown = value.apply(target, args);
          return result instanceof Promise ? inTurn(result) : result;
        };
        wrapped.set(property, call);
        return call;
      },
    });
  }

  /** Reads events; nothing, once a connection that was lost is there again. */
  async #read(raw: RawClient, args: readonly unknown[]): Promise<unknown> {
    try {
      return await lost(raw.xRead(...args));
    } catch (error) {
      const { signal } = this.#ending;
      if (!isConnectionLost(error) || signal.aborted || !raw.isOpen) throw error;
      await readyAgain(raw, signal);
      return null;
    }
  }
}

/** Resolves when a client is connected again, or all is over. */
async function readyAgain(raw: RawClient, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ready = (): void => resolve();
  raw.on("ready", ready);
  signal.addEventListener("abort", ready);
  if (!raw.isReady && !signal.aborted) await promise;
  raw.off("ready", ready);
  signal.removeEventListener("abort", ready);
}

/** The scripts that BullMQ has named to a client, and whether its server knows them. */
class ScriptTexts {
  readonly #raw: RawClient;
  readonly #unsent = new Set<string>();
  readonly #sent = new Set<string>();

  constructor(raw: RawClient) {
    this.#raw = raw;
    raw.on("ready", () => {
      for (const source of this.#sent) this.#unsent.add(source);
      this.#sent.clear();
    });
  }

  note(source: string): string {
    this.#unsent.add(source);
    return "";
  }

  /** A transaction before which the server is sent what it may not know. */
  transaction(): RawTransaction {
    const transaction = this.#raw.multi();
    const exec = transaction.exec.bind(transaction);
    let runs = false;
    const evalSha = transaction.evalSha.bind(transaction);
    transaction.evalSha = (sha, options) => {
      runs = true;
      return evalSha(sha, options);
    };
    transaction.exec = async () => {
      if (runs) await lost(this.#send());
      return await lost(exec());
    };
    return transaction;
  }

  async #send(): Promise<void> {
    const sources = [...this.#unsent];
    await Promise.all(sources.map((source) => this.#raw.scriptLoad(source)));
    for (const source of sources) {
      this.#unsent.delete(source);
      this.#sent.add(source);
    }
  }
}

/** Of all clients: it is one event loop that works on their answers. */
const turns = new Turns();

/** What a command gives, when it is its turn; a lost connection in BullMQ's words. */
async function inTurn<T>(command: Promise<T>): Promise<T> {
  const answer = await lost(command);
  if (turns.mustWait()) await turns.wait();
  return answer;
}

/** What a command gives; a lost connection in BullMQ's words. */
async function lost<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    throw new Error(CONNECTION_LOST, { cause: error });
  }
}

function clientOptions(
  { tcp, path, database, credentials }: Address,
  pausing: (ms: number) => void,
): Record<string, unknown> {
  const known = credentials();
  return {
    // BullMQ reads replies as the older protocol gives them.
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    // None: what is sent is waited for by `connection.ts`, and what cannot be sent is kept until it can.
    commandOptions: { timeout: 0 },
    database,
    credentialsProvider: known && {
      type: "async-credentials-provider",
      credentials: () => Promise.resolve(known),
    },
    socket: {
      ...(tcp === undefined ? { path } : { host: tcp.host, port: tcp.port, tls: tcp.tls }),
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (retries: number) => {
        const most = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(retries, 10), LAST_PAUSE_MS);
        const pause = most * (0.5 + Math.random() / 2);
        pausing(pause);
        return pause;
      },
    },
  };
}
