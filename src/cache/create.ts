/**
 * `createCache`: which twin a cache gets.
 *
 * @module
 */

import { resolveOptions } from "./options.ts";
import { PureCache } from "./pure.ts";
import type { CacheCodec, CacheOptions, JsonValue, TtlCache } from "./types.ts";

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
  return new PureCache(resolveOptions(options));
}
