/**
 * `createCache`: which twin a cache gets.
 *
 * @module
 */

import { cacheDoor } from "../ffi/doors/cache.ts";
import { nativeRequired } from "../ffi/load.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { NativeCache } from "./native.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { PureCache } from "./pure.ts";
import type { CacheCodec, CacheOptions, JsonValue, TtlCache } from "./types.ts";

/** From these bounds on a private cache is kept off V8's heap, which it would fill and slow down. */
const MANY_ENTRIES = 2_000_000;
const MANY_BYTES = 2 ** 30;

/** A cache of strings. */
export function createCache(options?: CacheOptions & { codec?: "text" }): TtlCache<string>;
/** A cache of bytes: values are copied in and out. */
export function createCache(options: CacheOptions & { codec: "bytes" }): TtlCache<Uint8Array>;
/** A cache of JSON values: what comes out is deep-frozen. */
export function createCache<T extends JsonValue>(
  options: CacheOptions & { codec: "json" },
): TtlCache<T>;
/** Makes a cache. */
export function createCache(
  options?: CacheOptions & { codec?: CacheCodec },
): TtlCache<never> {
  const resolved = resolveOptions(options);
  const wish = effectiveImplementation("cache", options?.implementation);
  if (wish === "native") return new NativeCache(cacheDoor.require(), resolved);
  if (resolved.name === undefined) {
    const area = wish === "auto" && isLarge(resolved) ? cacheDoor.get() : undefined;
    return area === undefined ? new PureCache(resolved) : new NativeCache(area, resolved);
  }
  const area = wish === "auto" ? cacheDoor.get() : undefined;
  if (area !== undefined) return new NativeCache(area, resolved);
  if (resolved.shared === "preferred") return new PureCache(resolved);
  if (wish === "auto") return new NativeCache(cacheDoor.require(), resolved);
  throw nativeRequired(
    "core-utils",
    "disabled",
    `Cache ${
      JSON.stringify(resolved.name)
    } is for all Workers, which implementation "pure" cannot ` +
      `do; use shared: "preferred" to have one of this isolate instead`,
  );
}

function isLarge({ maxEntries, maxBytes }: ResolvedOptions): boolean {
  return maxEntries >= MANY_ENTRIES || (maxBytes >= MANY_BYTES && maxBytes !== Infinity);
}
