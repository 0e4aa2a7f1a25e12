/**
 * Calls of the native twin that carry tags: a table of symbols of its own, opened when a program
 * first uses a tag.
 *
 * @module
 */

import { cachetagsDoor } from "../ffi/doors/cachetags.ts";
import { type PackedStrings, Scratch } from "../ffi/encode.ts";
import type { CoreCachetagsSymbols } from "../ffi/generated/core_cachetags.ts";
import type { PackedValues } from "./native_many.ts";
import type { Lifetime } from "./options.ts";
import type { Tags } from "./tags.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One isolate has one of each: no call is in the middle of another. */
const text = new Scratch();
const lengths = new Uint32Array(64);

/** Packs tags; returns the bytes of their UTF-8. */
function pack(tags: Tags): number {
  const { names } = tags;
  let units = names.length;
  for (let i = 0; i < names.length; i++) {
    const { length } = names[i] as string;
    lengths[i] = length;
    units += length;
  }
  return text.encodeAll(names, units);
}

/** What native code does with tags. */
export class TaggedCalls {
  readonly #symbols: CoreCachetagsSymbols = cachetagsDoor.require().symbols;

  /** As `agent_core_cache_set`. */
  set(
    handle: number,
    key: Bytes,
    keyLength: number,
    value: Bytes,
    valueLength: number,
    life: Lifetime,
    target: Bytes,
  ): number {
    const tags = life.tags as Tags;
    const length = pack(tags);
    return this.#symbols.agent_core_cachetags_set(
      handle,
      key,
      keyLength,
      value,
      valueLength,
      text.bytes,
      length,
      lengths,
      tags.names.length,
      life.ttlMs,
      life.graceMs,
      target,
      target.length,
    );
  }

  /** As `agent_core_cache_set_many`. */
  setMany(
    handle: number,
    keys: PackedStrings,
    values: PackedValues,
    life: Lifetime,
    target: Bytes,
  ): number {
    const tags = life.tags as Tags;
    const length = pack(tags);
    return this.#symbols.agent_core_cachetags_set_many(
      handle,
      keys.bytes,
      keys.byteLength,
      keys.lengths,
      keys.count,
      values.bytes,
      values.byteLength,
      values.lengths,
      keys.count,
      values.text,
      text.bytes,
      length,
      lengths,
      tags.names.length,
      life.ttlMs,
      life.graceMs,
      target,
      target.length,
    );
  }

  /** As `agent_core_cache_acquire`. */
  acquire(handle: number, key: Bytes, keyLength: number, timeoutMs: number, tags: Tags): number {
    const length = pack(tags);
    return this.#symbols.agent_core_cachetags_acquire(
      handle,
      key,
      keyLength,
      text.bytes,
      length,
      lengths,
      tags.names.length,
      timeoutMs,
    );
  }

  /** Removes the entries that carry a tag; how many had not expired. */
  delete(handle: number, tag: string): number {
    const length = text.encode(tag);
    return this.#symbols.agent_core_cachetags_delete(handle, text.bytes, length);
  }
}
