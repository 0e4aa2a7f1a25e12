/**
 * The native engine: a limiter in native memory, which all isolates of the process can share. Twin: pure.ts, which
 * defines the behaviour; Rust: rust/areas/limiter/.
 *
 * A reservation that need not wait is one numeric call. Whoever waits stands in one line for all isolates; what it is
 * given lies in a mailbox, which is looked into after each call that gave something back here, and when a bell says that
 * another isolate or the native clock did. What an isolate reserved ends with it.
 *
 * @module
 */

import {
  limiterAdvance,
  limiterBell,
  limiterFetch,
  limiterForget,
  limiterGiveUp,
  limiterHush,
  limiterObserve,
  limiterOpen,
  limiterReleaseFunction,
  limiterSettleFunction,
  limiterStats,
  limiterTakeFunction,
  limiterWait,
} from "../../native/generated/limiter.ts";
import { NativeHandle } from "../../native/handle.ts";
import { closedError } from "../../shared/closed.ts";
import type { Engine } from "./local.ts";
import type { Observed } from "./observed.ts";
import { differingLimits, MINUTE_US, type ResolvedOptions } from "./options.ts";
import type { LimiterStats } from "./types.ts";

/** Opens a view of the limiter that the options mean, and returns its handle. */
function openView(options: ResolvedOptions, told: boolean): number {
  const [handle, second, secondUs, requests, tokens, concurrency, leaseUs] = limiterOpen(
    options.name ?? "",
    options.second.limit,
    options.second.lengthUs,
    options.requests.limit,
    options.tokens.limit,
    options.concurrency,
    options.leaseUs,
    told,
  ) as unknown as [number, number, number, number, number, number, number];
  if (handle !== 0) return handle;
  const existing: ResolvedOptions = {
    ...options,
    second: { limit: second, lengthUs: secondUs },
    requests: { limit: requests, lengthUs: MINUTE_US },
    tokens: { limit: tokens, lengthUs: MINUTE_US },
    concurrency,
    leaseUs,
  };
  throw differingLimits(existing, options);
}

/** Somebody who waits. */
interface Waiter {
  grant(id: number): void;
  end(): void;
}

/** A limiter of the process. */
export class NativeEngine extends NativeHandle implements Engine {
  readonly implementation = "native";
  readonly shared: boolean;
  readonly #take: ReturnType<typeof limiterTakeFunction>;
  readonly #settle: ReturnType<typeof limiterSettleFunction>;
  readonly #release: ReturnType<typeof limiterReleaseFunction>;
  /** The handle as a plain field, for the hot path; 0 once closed, which no call takes for one. */
  #view: number;
  readonly #waiters = new Map<number, Waiter>();
  #numbers = 0;
  /** The operation that waits for the bell, while it is hung up. */
  #bell: Promise<void> | undefined;

  /** Opens a view. With `told`, time begins at 0 and passes with {@linkcode NativeEngine.advance}, for tests. */
  constructor(options: ResolvedOptions, told = false) {
    const handle = openView(options, told);
    super("core-utils", handle, "limiter");
    this.shared = options.name !== undefined;
    this.#view = handle;
    this.#take = limiterTakeFunction();
    this.#settle = limiterSettleFunction();
    this.#release = limiterReleaseFunction();
  }

  take(tokens: number): number {
    const id = this.#take(this.#view, tokens);
    if (id < 0) throw closedError("limiter");
    return id;
  }

  wait(tokens: number, group: string, signal: AbortSignal | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const number = ++this.#numbers;
      const end = (): void => {
        this.#waiters.delete(number);
        signal?.removeEventListener("abort", abort);
        if (this.#waiters.size === 0) this.#hush();
      };
      const abort = (): void => {
        // It may have been given, and only not been fetched.
        this.#fetch();
        if (!this.#waiters.has(number)) return;
        end();
        reject(signal?.reason);
        this.#fetchSome(limiterGiveUp(this.handle, number));
      };
      this.#waiters.set(number, {
        grant(id) {
          end();
          resolve(id);
        },
        end() {
          end();
          reject(undefined);
        },
      });
      signal?.addEventListener("abort", abort, { once: true });
      try {
        this.#fetchSome(limiterWait(this.handle, number, tokens, group));
      } catch (error) {
        end();
        reject(error);
      }
      this.#listen();
    });
  }

  settle(id: number, actual: number): void {
    // Closed meanwhile, it is no handle, and the reservation is over.
    if (this.#settle(this.#view, id, actual) > 0) this.#fetch();
  }

  release(id: number): void {
    if (this.#release(this.#view, id) > 0) this.#fetch();
  }

  forget(id: number): void {
    if (!this.closed) this.#fetchSome(limiterForget(this.#view, id));
  }

  observe({ requests, tokens, pauseUs }: Observed): void {
    const given = limiterObserve(
      this.handle,
      requests?.left ?? 0,
      requests?.cap ?? 0,
      requests?.perUs ?? 0,
      requests?.forUs ?? 0,
      tokens?.left ?? 0,
      tokens?.cap ?? 0,
      tokens?.perUs ?? 0,
      tokens?.forUs ?? 0,
      pauseUs,
    );
    this.#fetchSome(given);
  }

  stats(): LimiterStats {
    const [active, waiting, requestsLeft, tokensLeft, pausedMs] = limiterStats(
      this.handle,
    ) as unknown as [number, number, number, number, number];
    return { active, waiting, requestsLeft, tokensLeft, pausedMs };
  }

  /** Lets time pass where it is told. */
  advance(byUs: number): void {
    this.#fetchSome(limiterAdvance(this.handle, byUs));
  }

  /** Resolves when nothing of it is under way: the operation that waits for others comes back a moment later. */
  override close(): Promise<void> {
    this.#view = 0;
    super.close();
    for (const waiter of [...this.#waiters.values()]) waiter.end();
    return this.#bell ?? Promise.resolve();
  }

  /** Hears of what others give, while anybody waits. */
  #listen(): void {
    if (this.#bell !== undefined || this.#waiters.size === 0) return;
    this.#bell = limiterBell(this.handle).then(() => {
      this.#bell = undefined;
      if (this.closed) return;
      this.#fetch();
      this.#listen();
    }, () => {
      // Hushed, or closed; somebody may have come since.
      this.#bell = undefined;
      if (!this.closed) this.#listen();
    });
  }

  #hush(): void {
    if (this.#bell !== undefined && !this.closed) limiterHush(this.#view);
  }

  #fetchSome(given: number): void {
    if (given > 0) this.#fetch();
  }

  /** Hands out what is in the mailbox. */
  #fetch(): void {
    while (true) {
      // A copy: handing out may make calls that use the buffer.
      const given = limiterFetch(this.#view).slice();
      if (given.length === 0) return;
      for (let i = 0; i < given.length; i += 2) this.#waiters.get(given[i]!)?.grant(given[i + 1]!);
    }
  }
}
