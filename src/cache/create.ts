/**
 * `createCache`: which twin a cache gets.
 *
 * @module
 */

import { pick } from "../native/choose.ts";
import { nativeRequired, requireLibrary } from "../native/load.ts";
import { effectiveImplementation } from "../native/settings.ts";
import { shown } from "../shared/arguments.ts";
import { NativeCache } from "./native/cache.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { PureCache } from "./pure/cache.ts";
import type { CacheCodec, CacheOptions, Jsonable, JsonValue, TtlCache } from "./types.ts";

/** From these bounds on a private cache is kept off V8's heap, which it would fill and slow down. */
const MANY_ENTRIES = 2_000_000;
const MANY_BYTES = 2 ** 30;

/**
 * Makes a cache of strings.
 *
 * Without a name it belongs to this isolate. `"auto"` then takes the pure twin, which is faster in
 * one isolate, and the native one for caches so large (from 2,000,000 entries or 1 GiB on) that they
 * would burden V8's heap. With a name it is one cache for all Workers of the process, in native
 * memory; see {@linkcode CacheOptions.shared} for where that cannot be had. `implementation` and
 * `shared` of the result say what it became.
 *
 * An entry never ends early. Reads of the pure twin see the end to the millisecond or two; in a run of
 * many calls close together the clock is read for one of sixteen, and once more when the event loop turns.
 * Those of the native one see it with the next tick of the kernel's coarse clock (usually 4 ms, at most
 * 10).
 *
 * @param options Name, bounds, times, codec and twin.
 * @returns The cache; `using` closes it.
 * @throws {TypeError | RangeError} If an option is wrong, or differs from those of the same name.
 * @throws {AgentError} `NATIVE_REQUIRED` if a name or `"native"` needs native code that cannot be
 * used.
 *
 * @example
 * ```ts
 * import { createCache } from "@agent/runtime/cache";
 * import assert from "node:assert/strict";
 *
 * using cache = createCache({ maxEntries: 100, ttlMs: 60_000 });
 * cache.set("greeting", "hello");
 * cache.set("brief", "soon gone", { ttlMs: 1_000 });
 * assert.equal(cache.get("greeting"), "hello");
 * assert.equal(cache.get("unknown"), undefined);
 * ```
 */
export function createCache(options?: CacheOptions & { codec?: "text" }): TtlCache<string>;
/**
 * Makes a cache of bytes. They are copied in and out: nobody can change what is stored.
 *
 * Everything else is as for strings.
 *
 * @example
 * ```ts
 * import { createCache } from "@agent/runtime/cache";
 * import assert from "node:assert/strict";
 *
 * using cache = createCache({ codec: "bytes", maxBytes: 1_000_000 });
 * cache.set("picture", new Uint8Array([1, 2, 3]));
 * assert.deepEqual(cache.get("picture"), new Uint8Array([1, 2, 3]));
 * ```
 */
export function createCache(options: CacheOptions & { codec: "bytes" }): TtlCache<Uint8Array>;
/**
 * Makes a cache of JSON values. What comes out is what `JSON.parse` makes of the text that
 * `JSON.stringify` made of the value, and deep-frozen: all readers can share it.
 *
 * Everything else is as for strings.
 *
 * @typeParam T What the values are; what is read is not checked against it.
 *
 * @example
 * ```ts
 * import { createCache } from "@agent/runtime/cache";
 * import assert from "node:assert/strict";
 *
 * using users = createCache<{ name: string }>({ codec: "json" });
 * const user = await users.getOrSet("7", () => Promise.resolve({ name: "Ada" }));
 * assert.equal(user.name, "Ada");
 * assert.ok(Object.isFrozen(users.get("7")));
 * ```
 */
export function createCache<T extends JsonValue>(
  options: CacheOptions & { codec: "json" },
): TtlCache<T>;
/** The same for interfaces, which have no index signature. */
export function createCache<T extends Jsonable<T>>(
  options: CacheOptions & { codec: "json" },
): TtlCache<T>;
export function createCache(
  options?: CacheOptions & { codec?: CacheCodec },
): TtlCache<never> {
  const resolved = resolveOptions(options);
  const wish = options?.implementation;
  const { name, shared } = resolved;
  // A private cache is faster in TypeScript, unless it is so large that it weighs on the heap.
  const isShared = name !== undefined && resolved.enabled;
  if (pick("cache", isShared || isLarge(resolved) ? 1 : 0, 1, wish)) {
    return new NativeCache<never>(resolved);
  }
  const isAuto = effectiveImplementation("cache", wish) === "auto";
  if (!isShared) return new PureCache<never>(resolved);
  if (shared === "preferred") return new PureCache<never>(resolved);
  if (isAuto) {
    // Asks for the permission, or says why it cannot be had.
    requireLibrary("core-utils");
    return new NativeCache<never>(resolved);
  }
  throw nativeRequired(
    "core-utils",
    "disabled",
    `Cache ${shown(name)} is for all Workers, which implementation "pure" cannot do; use ` +
      `shared: "preferred" to have one of this isolate instead`,
  );
}

function isLarge({ maxEntries, maxBytes }: ResolvedOptions): boolean {
  return maxEntries >= MANY_ENTRIES || (maxBytes >= MANY_BYTES && maxBytes !== Infinity);
}
