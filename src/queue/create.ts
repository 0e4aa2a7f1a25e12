/**
 * `createQueue`: which store and which twin a queue gets.
 *
 * @module
 */

import { pick } from "../native/choose.ts";
import { nativeRequired, requireLibrary } from "../native/load.ts";
import { effectiveImplementation } from "../native/settings.ts";
import { checkWord, shown, wrongType } from "../shared/arguments.ts";
import { announce } from "../shared/live.ts";
import { checkFields } from "../shared/known_fields.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DeferredQueue } from "./deferred.ts";
import { NativeStore } from "./memory/native/store.ts";
import { PureStore } from "./memory/pure/store.ts";
import { type ResolvedQueue, resolveQueue } from "./options.ts";
import { StoreQueue } from "./queue.ts";
import { openRedisQueue } from "./redis/mod.ts";
import type { QueueStore } from "./store.ts";
import type { Jsonable, JsonValue, Queue, QueueOptions, StoreOption } from "./types.ts";

/** What tests bring of their own. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: () => number;
}

const REAL: Surroundings = { clock: systemClock, random: () => Math.random() };

/**
 * Makes a queue.
 *
 * In memory, without a name, it belongs to this isolate. With a name it is one queue for all Workers of the process, in
 * native memory; see {@linkcode QueueOptions.shared} for where that cannot be had. In a file it lasts, and all
 * processes that open the file work on it; on Redis, all machines do.
 *
 * Every job is done at least once: a worker that is lost gives its jobs back, and what it still does with them counts no
 * more. A queue keeps no program alive; its workers do, until they are closed.
 *
 * @typeParam T What the data of a job is.
 * @typeParam R What its result is.
 * @param options Name, store, how many jobs at once.
 * @returns The queue; `await using` closes it.
 * @throws {TypeError | RangeError} If an option is wrong, or differs from those of the same name.
 * @throws {AgentError} `NATIVE_REQUIRED` if a name or `"native"` needs native code that cannot be used.
 *
 * @example
 * ```ts
 * import { createQueue } from "@agent/runtime/queue";
 * import assert from "node:assert/strict";
 *
 * await using queue = createQueue<{ page: number }, string>({ concurrency: 4 });
 * queue.process((job) => `page ${job.data.page}`);
 * const job = await queue.add({ page: 7 }, { retries: 2, timeoutMs: 10_000 });
 * assert.equal(await job.result(), "page 7");
 * ```
 */
export function createQueue<T extends JsonValue, R extends JsonValue>(
  options?: QueueOptions,
): Queue<T, R>;
/** The same for interfaces, which have no index signature. */
export function createQueue<T extends Jsonable<T>, R extends Jsonable<R>>(
  options?: QueueOptions,
): Queue<T, R>;
export function createQueue(options?: QueueOptions): Queue<JsonValue, JsonValue> {
  return createQueueIn<JsonValue, JsonValue>(REAL, options);
}

/** The same with a clock and chances of one's own. */
export function createQueueIn<T extends JsonValue, R extends JsonValue>(
  surroundings: Surroundings,
  options: QueueOptions | undefined,
): Queue<T, R> {
  const resolved = resolveQueue(options);
  const store = options?.store ?? "memory";
  const onStore = (store: QueueStore): Queue<T, R> =>
    new StoreQueue<T, R>({
      name: resolved.name,
      store,
      concurrency: resolved.concurrency,
      ...surroundings,
    });
  if (store === "memory") {
    const memory = memoryStore(resolved, options, surroundings.clock);
    announce("queue", memory, numbersOf, resolved.name);
    return onStore(memory);
  }
  checkStore(store);
  if ("file" in store) {
    checkFields(store, "options.store", ["file", "synchronous"]);
    const { file, synchronous = "full" } = store;
    checkWord(synchronous, "options.store.synchronous", ["full", "normal"]);
    const implementation = pick("queue", 1, 0, options?.implementation) ? "native" : "pure";
    return new DeferredQueue<T, R>({ name: resolved.name, implementation }, async () => {
      const { openFileStore } = await import("./file/mod.ts");
      const { clock } = surroundings;
      return onStore(
        openFileStore({
          file,
          synchronous,
          implementation: options?.implementation,
          queue: resolved,
          clock,
        }),
      );
    });
  }
  if ("redis" in store) {
    checkFields(store, "options.store", ["redis", "timeoutMs"]);
    return openRedisQueue<T, R>(resolved, store);
  }
  throw wrongType("options.store", '"memory", { file } or { redis }', store);
}

/** How many jobs stand where, for whoever looks at the runtime's parts. */
function numbersOf(store: PureStore | NativeStore): Record<string, number> {
  const { retrying: _, ...counts } = store.counts();
  return counts;
}

function checkStore(store: unknown): asserts store is Exclude<StoreOption, "memory"> {
  const { file, redis } = (typeof store === "object" ? store ?? {} : {}) as Record<string, unknown>;
  if ((typeof file === "string") !== (typeof redis === "string")) return;
  throw wrongType("options.store", '"memory", { file } or { redis }', store);
}

/** The store of a queue in memory: TypeScript is faster in one isolate, native code is what all Workers share. */
function memoryStore(
  resolved: ResolvedQueue,
  options: QueueOptions | undefined,
  clock: Clock,
): PureStore | NativeStore {
  const wish = options?.implementation;
  const { name, shared } = resolved;
  const isShared = name !== undefined;
  if (pick("queue", isShared ? 1 : 0, 1, wish)) return new NativeStore(resolved, clock);
  if (!isShared || shared === "preferred") return new PureStore(resolved, clock);
  if (effectiveImplementation("queue", wish) === "auto") {
    // Asks for the permission, or says why it cannot be had.
    requireLibrary("core-utils");
    return new NativeStore(resolved, clock);
  }
  throw nativeRequired(
    "core-utils",
    "disabled",
    `Queue ${shown(name)} is for all Workers, which implementation "pure" cannot do; use ` +
      `shared: "preferred" to have one of this isolate instead`,
  );
}
