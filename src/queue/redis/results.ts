/**
 * Who waits for results and reports of jobs, and what BullMQ's stream of events says of them.
 *
 * The stream is read over a connection of its own from the first time that somebody waits. It is cut to some ten
 * thousand events: what a slow reader missed, or what was told while the server was away, is looked up.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { closedError } from "../../shared/closed.ts";
import type { JsonValue } from "../types.ts";
import type { BullEvents } from "./bullmq.ts";
import type { RawClient } from "./client.ts";
import type { Connection, Opened } from "./connection.ts";
import { CANCELLED_REASON, endedError } from "./last_word.ts";

/** How often what is waited for is looked up, whatever is told. */
const LOOK_MS = 5_000;
/** How many are looked up at a time. */
const LOOK_AT_ONCE = 16;

/** Called with JSON. */
export type ProgressListener = (value: string) => void;

/** Looks a job up: `undefined` while it has not ended. Rejects with why it has no result. */
export type Lookup = (id: string) => Promise<{ result: JsonValue } | undefined>;

/** The listeners of one queue. */
export class Results {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #lookup: Lookup;
  readonly #waiting = new Map<string, Set<PromiseWithResolvers<JsonValue>>>();
  readonly #listening = new Map<string, Set<ProgressListener>>();
  /** Those that are being looked up for the first time. */
  readonly #asking = new Set<Promise<void>>();
  #client: RawClient | undefined;
  #events: BullEvents | undefined;
  #starting: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;
  #closed = false;

  constructor(connection: Connection, name: string, lookup: Lookup) {
    this.#connection = connection;
    this.#name = name;
    this.#lookup = lookup;
  }

  /** The result of a job, once it has one. */
  async result(id: string): Promise<JsonValue> {
    const waiter = Promise.withResolvers<JsonValue>();
    // It may come before its lookup is over.
    waiter.promise.catch(() => {});
    const asking = this.#ask(id, waiter).finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    await Promise.race([asking, waiter.promise]);
    return await waiter.promise;
  }

  async #ask(id: string, waiter: PromiseWithResolvers<JsonValue>): Promise<void> {
    await this.#start();
    if (this.#closed) throw closedError("queue");
    // Registered first, then looked up: what is told in between is not missed.
    add(this.#waiting, id, waiter);
    this.#watch();
    await this.#look(id);
  }

  /** Calls back with each report of a job; returns its end. */
  onProgress(id: string, listener: ProgressListener): () => void {
    add(this.#listening, id, listener);
    // That the server is away is said by every other call; what is told later is heard.
    this.#start().catch(() => {});
    return () => remove(this.#listening, id, listener);
  }

  /** Ends all waiting. */
  async close(): Promise<void> {
    // What was asked for before has its answer, if there is one.
    await Promise.allSettled(this.#asking);
    this.#closed = true;
    clearInterval(this.#timer);
    for (const waiters of this.#waiting.values()) {
      for (const waiter of waiters) waiter.reject(closedError("queue"));
    }
    this.#waiting.clear();
    this.#listening.clear();
    await this.#starting?.catch(() => {});
    // The connection is ended first: BullMQ waits for a server that may be away.
    if (this.#client !== undefined) this.#connection.opened?.clients.end(this.#client);
    await this.#events?.close().catch(() => {});
  }

  #start(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError("queue"));
    return this.#starting ??= this.#connection.call((opened) => this.#read(opened)).catch(
      (error) => {
        this.#starting = undefined;
        throw error;
      },
    );
  }

  async #read({ bullmq, clients, calls }: Opened): Promise<void> {
    // From now on, and not from the next event on: one between two reads would be missed.
    const time = await calls.sendCommand(["TIME"]) as readonly string[];
    const now = Math.floor(Number(time[0]) * 1_000 + Number(time[1]) / 1_000);
    const client = clients.make("work", () => void this.#lookAtAll());
    const events = new bullmq.QueueEvents(this.#name, {
      connection: client,
      lastEventId: `${now - 1}-0`,
    });
    events.on("error", () => {});
    events.on("completed", ({ jobId, returnvalue }) => this.#settle(jobId, returnvalue));
    events.on("failed", ({ jobId, failedReason }) => {
      if (failedReason === CANCELLED_REASON) this.#fail(jobId, endedError(jobId, "cancelled"));
      else this.#look(jobId).catch(() => {});
    });
    events.on("removed", ({ jobId }) => this.#fail(jobId, endedError(jobId, "cancelled")));
    events.on("progress", ({ jobId, data }) => {
      const listeners = this.#listening.get(jobId);
      if (listeners === undefined) return;
      for (const listener of [...listeners]) {
        try {
          listener(JSON.stringify(data));
        } catch (error) {
          reportError(error);
        }
      }
    });
    try {
      await events.waitUntilReady();
    } catch (error) {
      clients.end(client);
      throw error;
    }
    // Where the server took longer than a call waits for it, another may have begun.
    if (this.#events !== undefined || this.#closed) return clients.end(client);
    this.#client = client;
    this.#events = events;
  }

  #settle(id: string, result: JsonValue): void {
    const waiters = this.#waiting.get(id);
    if (waiters === undefined) return;
    this.#waiting.delete(id);
    const json = waiters.size === 1 ? undefined : JSON.stringify(result);
    for (const waiter of waiters) {
      waiter.resolve(json === undefined ? result : JSON.parse(json) as JsonValue);
    }
  }

  #fail(id: string, error: unknown): void {
    const waiters = this.#waiting.get(id);
    if (waiters === undefined) return;
    this.#waiting.delete(id);
    for (const waiter of waiters) waiter.reject(error);
  }

  async #look(id: string): Promise<void> {
    if (!this.#waiting.has(id)) return;
    try {
      const found = await this.#lookup(id);
      if (found !== undefined) this.#settle(id, found.result);
    } catch (error) {
      // While the server is away nothing is known; it is looked up again.
      if (!AgentError.is(error, "UNAVAILABLE")) this.#fail(id, error);
    }
  }

  /** Keeps the program alive while somebody waits, and looks up what was missed. */
  #watch(): void {
    this.#timer ??= setInterval(() => {
      if (this.#waiting.size > 0) this.#lookAtAll();
      else {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }, LOOK_MS);
  }

  async #lookAtAll(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    const ids = [...this.#waiting.keys()].values();
    const work = async (): Promise<void> => {
      for (const id of ids) await this.#look(id);
    };
    await Promise.all(Array.from({ length: LOOK_AT_ONCE }, work));
    this.#looking = false;
  }
}

function add<V>(map: Map<string, Set<V>>, id: string, value: V): void {
  const known = map.get(id);
  if (known === undefined) map.set(id, new Set([value]));
  else known.add(value);
}

function remove<V>(map: Map<string, Set<V>>, id: string, value: V): void {
  const known = map.get(id);
  if (known?.delete(value) && known.size === 0) map.delete(id);
}
