/** What the tests of the limiter share: limiters on a clock that the test moves, and Workers. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Engine, LocalLimiter } from "../../../src/http/limiter/local.ts";
import { NativeEngine } from "../../../src/http/limiter/native.ts";
import { resolveOptions } from "../../../src/http/limiter/options.ts";
import { type Clock, PureEngine } from "../../../src/http/limiter/pure.ts";
import type { Limiter, LimiterOptions } from "../../../src/http/limiter/types.ts";
import type { TwinName } from "../../support/twins.ts";
import { delay, until } from "../../support/values.ts";

/** A name that no other test uses. */
export function uniqueName(): string {
  return `tests ${crypto.randomUUID()}`;
}

setFlagsFromString("--expose-gc");

/** Has V8 look for garbage, and find all of it. */
export const collectGarbage = runInNewContext("gc") as () => void;

/** A clock that stands still until it is moved; begins at 0. */
export class ToldClock implements Clock {
  #time = 0;
  #calls: { at: number; call: () => void }[] = [];

  now(): number {
    return this.#time;
  }

  at(time: number, call: () => void): () => void {
    const entry = { at: time, call };
    this.#calls.push(entry);
    return () => this.#calls = this.#calls.filter((other) => other !== entry);
  }

  /** Lets time pass, and makes the calls that are due at their time. */
  advance(byUs: number): void {
    const end = this.#time + byUs;
    while (true) {
      const due = this.#calls.toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined || due.at > end) break;
      this.#calls = this.#calls.filter((other) => other !== due);
      this.#time = Math.max(this.#time, due.at);
      due.call();
    }
    this.#time = end;
  }

  /** Puts it to an earlier time, as no clock should. */
  stepBack(byUs: number): void {
    this.#time -= byUs;
  }
}

/** A limiter whose time the test moves. */
export interface Told extends Disposable {
  readonly limiter: Limiter;
  /** Lets milliseconds pass, and waits until all who can be served are. */
  pass(ms: number): Promise<void>;
  /** The same without waiting. */
  advance(us: number): void;
}

/** Makes a limiter of a twin whose time begins at 0 and passes when it is told. */
export function told(twin: TwinName, options: LimiterOptions): Told {
  const resolved = resolveOptions(options);
  let engine: Engine;
  let advance: (us: number) => void;
  if (twin === "native") {
    const native = new NativeEngine(resolved, true);
    engine = native;
    advance = (us) => native.advance(us);
  } else {
    const clock = new ToldClock();
    engine = new PureEngine(resolved, clock);
    advance = (us) => clock.advance(us);
  }
  const limiter = new LocalLimiter(engine, resolved.tokens.limit, resolved.concurrency);
  return {
    limiter,
    advance,
    async pass(ms) {
      advance(ms * 1_000);
      await delay(twin === "native" ? 2 : 0);
    },
    [Symbol.dispose]: () => limiter[Symbol.dispose](),
  };
}

/** Resolves when a promise is settled, with what became of it. */
export class Watched<T> {
  state: "waiting" | "given" | "refused" = "waiting";
  value: T | undefined;
  error: unknown;

  constructor(promise: Promise<T>) {
    promise.then((value) => {
      this.value = value;
      this.state = "given";
    }, (error) => {
      this.error = error;
      this.state = "refused";
    });
  }

  /** Waits until it is given. */
  async given(): Promise<T> {
    await until(() => this.state !== "waiting", "it is still waiting");
    if (this.state === "refused") throw this.error;
    return this.value as T;
  }
}

/** Lets all that is ready happen; what then still waits does wait. */
export async function settled(): Promise<void> {
  await delay(5);
}

/** What a Worker is told. */
export type Order =
  | { do: "open"; options: LimiterOptions }
  | { do: "reserve"; tokens: number; settle?: number }
  | { do: "wait" }
  | { do: "stats" }
  | { do: "saturate"; endAt: number };

/** A Worker of this process. */
export class Helper implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  /** Has an order carried out. */
  tell<T = unknown>(order: Order): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<{ ok: T; error?: string }>) =>
        data.error === undefined ? resolve(data.ok) : reject(new Error(data.error));
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(order);
    });
  }

  /** Ends the Worker's isolate wherever it is. */
  terminate(): void {
    this.#worker.terminate();
  }

  [Symbol.dispose](): void {
    this.terminate();
  }
}
