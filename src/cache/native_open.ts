/**
 * Opening a view of a native cache.
 *
 * @module
 */

import { Scratch } from "../ffi/encode.ts";
import type { CoreCacheSymbols } from "../ffi/generated/core_cache.ts";
import { callOut, out } from "./crossing.ts";
import { checkSameOptions, type ResolvedOptions } from "./options.ts";
import type { CacheCodec } from "./types.ts";

const CODECS: readonly CacheCodec[] = ["text", "bytes", "json"];
const name = new Scratch();

/** Opens a view and returns its handle. */
export function openView(symbols: CoreCacheSymbols, options: ResolvedOptions): number {
  const length = options.name === undefined ? 0 : name.encode(options.name);
  callOut("cache_open", (bytes, capacity) =>
    symbols.agent_core_cache_open(
      name.bytes,
      length,
      CODECS.indexOf(options.codec),
      options.maxEntries,
      options.maxBytes,
      options.ttlMs,
      options.graceMs,
      bytes,
      capacity,
    ));
  const [handle, codec, maxEntries, maxBytes, ttlMs, graceMs] = out.floats.subarray(0, 6);
  if (handle !== 0) return handle as number;
  const existing = { maxEntries, maxBytes, ttlMs, graceMs, codec: CODECS[codec as number] };
  checkSameOptions({ ...options, ...existing } as ResolvedOptions, options);
  throw new RangeError(`The cache ${JSON.stringify(options.name)} exists with other options`);
}
