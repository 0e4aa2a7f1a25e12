/**
 * The way of one queue to its server: opened at the first call that needs it, with a limit on how long anybody waits.
 *
 * @module
 */

import type { Address } from "../../cache/distributed/address.ts";
import { allowHost, allowSocket } from "../../shared/access.ts";
import { closedError } from "../../shared/closed.ts";
import { AgentError } from "../../shared/errors.ts";
import type { BullFlowProducer, BullModule, BullQueue } from "./bullmq.ts";
import { Clients, isConnectionLost, type RawClient } from "./client.ts";
import { away, translated, unfit, unreachable } from "./errors.ts";
import { loadPackages, type Packages } from "./load.ts";
import { strategyOf } from "./repeats.ts";

/** The oldest Redis that BullMQ works well with. */
const LEAST_VERSION = [6, 2] as const;
/** How long a call waits before it looks again whether the server is back. */
const LOOK_MS = 25;

/** How often calls are looked for that have had no answer in time. */
const LOOK_FOR_LATE_MS = 100;

/** What is there while the queue is open. */
export interface Opened {
  readonly bullmq: BullModule;
  readonly clients: Clients;
  readonly queue: BullQueue;
  /** The connection of calls. */
  readonly calls: RawClient;
  /** Made when it is first asked for. */
  flows(): BullFlowProducer;
}

/** What a connection is made with. */
export interface ConnectionSettings {
  readonly name: string;
  readonly address: Address;
  /** How long a call may wait for the server. */
  readonly timeoutMs: number;
}

/** A call that waits for its answer. */
interface Waiting {
  readonly end: number;
  readonly reject: (error: unknown) => void;
}

/** The connection of a queue. */
export class Connection {
  readonly #settings: ConnectionSettings;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #closed = false;
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Where the server is. */
  get address(): Address {
    return this.#settings.address;
  }

  /** The same for messages. */
  get server(): string {
    return this.#settings.address.shown;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** What is there, if it was opened and not closed. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Connects, unless that was done; a failure is tried again at the next call. */
  open(): Promise<Opened> {
    if (this.#closed) return Promise.reject(closedError("queue"));
    return this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined;
      throw this.#closed ? closedError("queue") : error;
    });
  }

  /**
   * Runs a call. While the server is away it waits, up to the limit, and then rejects with `UNAVAILABLE`.
   *
   * @param use What is asked; it may run again where a connection was lost in the middle.
   * @param once What is not known where a connection was lost in the middle, for a call that must not run twice.
   */
  async call<T>(use: (opened: Opened) => Promise<T>, once?: string): Promise<T> {
    const end = performance.now() + this.#settings.timeoutMs;
    const opened = this.#opened ?? await this.open();
    for (;;) {
      if (this.#closed) throw closedError("queue");
      const { calls } = opened;
      if (calls.isReady) {
        try {
          return await this.#within(end, use(opened));
        } catch (error) {
          if (this.#closed) throw closedError("queue");
          if (!isConnectionLost(error)) throw translated(this.server, error);
          if (once !== undefined) throw away(this.server, error, `, and look first: ${once}`);
        }
      }
      if (performance.now() >= end) throw away(this.server, undefined);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.clients.close();
    // An attempt that is under way ends its own.
    await this.#opening?.catch(() => {});
  }

  /** A server that gives no answer is as good as away. */
  #within<T>(end: number, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: Waiting = { end, reject };
      this.#waiting.add(call);
      // One timer for all of them: most calls are over long before it looks.
      this.#timer ??= setInterval(this.#look, Math.min(this.#settings.timeoutMs, LOOK_FOR_LATE_MS));
      const ended = (): void => {
        this.#waiting.delete(call);
      };
      work.then((value) => {
        ended();
        resolve(value);
      }, (error) => {
        ended();
        reject(error);
      });
    });
  }

  readonly #look = (): void => {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const now = performance.now();
    for (const call of this.#waiting) {
      if (now < call.end) continue;
      this.#waiting.delete(call);
      const { timeoutMs } = this.#settings;
      call.reject(away(this.server, new Error(`no answer within ${timeoutMs} ms`)));
    }
  };

  /** Asks the server something and leaves no trace: where BullMQ's queue is made, it is there from then on. */
  async peek(...command: readonly string[]): Promise<unknown> {
    await this.#allow();
    const { client } = await loadPackages();
    const clients = new Clients(client, this.#settings.address);
    try {
      const calls = clients.make("calls");
      await this.#connect(calls);
      return await this.#inTime(calls.sendCommand(command));
    } catch (error) {
      throw AgentError.is(error) ? error : unreachable(this.server, error as Error);
    } finally {
      await clients.close();
    }
  }

  async #allow(): Promise<void> {
    const { tcp, path } = this.#settings.address;
    if (tcp !== undefined) await allowHost(tcp.host, tcp.port);
    else if (path !== undefined) allowSocket(path);
  }

  async #open(): Promise<Opened> {
    const { timeoutMs } = this.#settings;
    await this.#allow();
    const packages = await loadPackages();
    const end = performance.now() + timeoutMs;
    for (;;) {
      try {
        return this.#opened = await this.#attempt(packages);
      } catch (error) {
        // One that goes away while it is being looked at may be back at once, as one that restarts is.
        const isOver = this.#closed || performance.now() >= end;
        if (!isOver && isConnectionLost(error)) continue;
        throw AgentError.is(error) ? error : unreachable(this.server, error as Error);
      }
    }
  }

  async #attempt({ bullmq, client }: Packages): Promise<Opened> {
    const { address, name } = this.#settings;
    const clients = new Clients(client, address);
    try {
      const calls = clients.make("calls");
      await this.#connect(calls);
      await this.#checkServer(calls);
      const queue = new bullmq.Queue(name, {
        connection: calls,
        settings: { repeatStrategy: strategyOf(bullmq) },
      });
      queue.on("error", () => {});
      await this.#inTime(queue.waitUntilReady());
      if (this.#closed) throw closedError("queue");
      let producer: BullFlowProducer | undefined;
      const flows = (): BullFlowProducer => {
        if (producer === undefined) {
          producer = new bullmq.FlowProducer({ connection: calls });
          producer.on("error", () => {});
        }
        return producer;
      };
      return { bullmq, clients, queue, calls, flows };
    } catch (error) {
      await clients.close();
      throw error;
    }
  }

  /** Connects within the limit. What the server answers ends the attempts, a server that is not there does not. */
  async #connect(calls: RawClient): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    let last = new Error("no answer");
    const failed = (error: unknown): void => {
      last = error as Error;
      if (!isConnectionLost(error)) reject(unreachable(this.server, last));
    };
    calls.on("error", failed);
    const connecting = calls.connect();
    connecting.catch(() => {});
    try {
      await this.#inTime(Promise.race([connecting, promise]), () => last);
    } finally {
      calls.off("error", failed);
    }
  }

  async #inTime<T>(
    work: Promise<T>,
    cause: () => Error = () => new Error("no answer"),
  ): Promise<T> {
    const { timeoutMs } = this.#settings;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(unreachable(this.server, cause())), timeoutMs);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A server that drops jobs, or is too old for BullMQ, is refused. */
  async #checkServer(calls: RawClient): Promise<void> {
    const reply = String(await this.#inTime(calls.sendCommand(["INFO"])));
    const field = (name: string): string =>
      new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(reply)?.[1] ?? "";
    const version = field("redis_version");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [leastMajor, leastMinor] = LEAST_VERSION;
    if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
      throw unfit(
        this.server,
        "Redis version",
        `is a Redis ${version}; BullMQ needs ${LEAST_VERSION.join(".")} or later, or a Valkey`,
      );
    }
    const policy = field("maxmemory_policy");
    if (policy.startsWith("allkeys") && field("maxmemory") !== "0") {
      throw unfit(
        this.server,
        "eviction",
        `drops jobs when its memory is full (maxmemory-policy ${policy}); set it to noeviction`,
      );
    }
  }
}
