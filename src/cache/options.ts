/**
 * The arguments of the cache, checked once for both twins so that they refuse alike.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import { show } from "./show.ts";
import { checkTags, type Tags } from "./tags.ts";
import {
  type CacheCodec,
  type CacheOptions,
  ENTRY_OVERHEAD_BYTES,
  type LoadOptions,
  type SetOptions,
} from "./types.ts";

/** The heaviest entry that any cache takes, in bytes. */
export const MAX_ENTRY_BYTES: number = 2 ** 30;
/** The most entries that `maxEntries` may allow. */
export const MAX_ENTRIES: number = 2 ** 31 - 1;
const DEFAULT_ENTRIES = 10_000;
const DEFAULT_LOAD_TIMEOUT_MS = 30_000;
const CODECS: readonly string[] = ["text", "bytes", "json"];

/** Options with every default filled in. `Infinity` stands for "no bound" and "for ever". */
export interface ResolvedOptions {
  readonly name: string | undefined;
  readonly shared: "required" | "preferred";
  readonly codec: CacheCodec;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttlMs: number;
  readonly graceMs: number;
}

/** Checks a number of milliseconds; what is left out is `fallback`. */
function duration(name: string, value: unknown, fallback: number, zero: boolean): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number of milliseconds, not ${show(value)}`);
  }
  if (!(zero ? value >= 0 : value > 0)) {
    throw new RangeError(
      `${name} must be ${
        zero ? "0 or more" : "over 0"
      }, not ${value}; leave it out for the default`,
    );
  }
  return value;
}

/** Checks a count or a size; what is left out is `fallback`. */
function bound(name: string, value: unknown, fallback: number, most: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, not ${show(value)}`);
  }
  if (value === Infinity && most === Infinity) return value;
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    const limit = most === Infinity ? "" : ` up to ${most}`;
    throw new RangeError(`${name} must be a whole number from 1${limit}, not ${value}`);
  }
  return value;
}

function record(what: string, value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${what} must be an object, not ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

/** Checks the options of `createCache`, or of another maker of caches. */
export function resolveOptions(
  options: (CacheOptions & { codec?: CacheCodec }) | undefined,
  maker = "createCache",
): ResolvedOptions {
  const given = record(`The options of ${maker}`, options);
  const { name, shared, codec = "text", implementation } = given;
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new TypeError(`name must be a string that is not empty, not ${show(name)}`);
  }
  if (shared !== undefined && shared !== "required" && shared !== "preferred") {
    throw new TypeError(`shared must be "required" or "preferred", not ${show(shared)}`);
  }
  if (shared !== undefined && name === undefined) {
    throw new TypeError(`shared: ${show(shared)} needs a name, under which the Workers meet`);
  }
  if (typeof codec !== "string" || !CODECS.includes(codec)) {
    throw new TypeError(`codec must be "text", "bytes" or "json", not ${show(codec)}`);
  }
  if (
    implementation !== undefined && implementation !== "auto" && implementation !== "native" &&
    implementation !== "pure"
  ) {
    throw new TypeError(
      `implementation must be "auto", "native" or "pure", not ${show(implementation)}`,
    );
  }
  return {
    name: name?.toWellFormed(),
    shared: shared ?? "required",
    codec: codec as CacheCodec,
    maxEntries: bound("maxEntries", given.maxEntries, DEFAULT_ENTRIES, MAX_ENTRIES),
    maxBytes: bound("maxBytes", given.maxBytes, Infinity, Infinity),
    ttlMs: duration("ttlMs", given.ttlMs, Infinity, false),
    graceMs: duration("graceMs", given.graceMs, 0, true),
  };
}

/** Refuses options that differ from those under which a name exists. */
export function checkSameOptions(existing: ResolvedOptions, given: ResolvedOptions): void {
  for (const key of ["codec", "maxEntries", "maxBytes", "ttlMs", "graceMs"] as const) {
    if (existing[key] === given[key]) continue;
    throw new RangeError(
      `The cache ${JSON.stringify(given.name)} exists with ${key} ${existing[key]}, not ` +
        `${given[key]}: give the same options wherever its name is used`,
    );
  }
}

/** How an entry is stored: how long it lives, how long it is kept after that, and its tags. */
export interface Lifetime {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly tags?: Tags | undefined;
}

/** Checks the options of `set` and `setMany`; the cache's own stand in for what is left out. */
export function resolveLifetime(options: SetOptions | undefined, defaults: Lifetime): Lifetime {
  if (options === undefined) return defaults;
  const given = record("The options", options);
  return {
    ttlMs: duration("ttlMs", given.ttlMs, defaults.ttlMs, false),
    graceMs: duration("graceMs", given.graceMs, defaults.graceMs, true),
    tags: given.tags === undefined ? undefined : checkTags(given.tags),
  };
}

/** What one `getOrSet` asks for. */
export interface LoadRequest<V> {
  readonly key: string;
  readonly load: (signal: AbortSignal) => V | Promise<V>;
  readonly timeoutMs: number;
  readonly life: Lifetime;
}

/** Checks the arguments of `getOrSet`. */
export function resolveLoad<V>(
  key: string,
  load: LoadRequest<V>["load"],
  options: LoadOptions | undefined,
  defaults: Lifetime,
): LoadRequest<V> {
  if (typeof load !== "function") {
    throw new TypeError(`load must be a function that returns the value, not ${show(load)}`);
  }
  const life = resolveLifetime(options, defaults);
  return {
    key: checkKey(key),
    load,
    timeoutMs: duration("loadTimeoutMs", options?.loadTimeoutMs, DEFAULT_LOAD_TIMEOUT_MS, false),
    life,
  };
}

/** Checks a key and makes it well-formed. */
export function checkKey(key: unknown): string {
  return checkRawKey(key).toWellFormed();
}

/** Checks a key that becomes UTF-8 at once, and well-formed by that. */
export function checkRawKey(key: unknown): string {
  if (typeof key !== "string") throw new TypeError(`A key must be a string, not ${show(key)}`);
  return key;
}

/** Checks a list of keys; they are not made well-formed. */
export function checkKeys(keys: unknown): asserts keys is readonly string[] {
  if (!Array.isArray(keys)) {
    throw new TypeError(`keys must be an array of strings, not ${show(keys)}`);
  }
  for (let i = 0; i < keys.length; i++) {
    if (typeof keys[i] !== "string") {
      throw new TypeError(`A key must be a string; element ${i} is ${show(keys[i])}`);
    }
  }
}

/** Checks one element of the entries of `setMany` and returns it. */
export function checkPair(pair: unknown, index: number): readonly [unknown, unknown] {
  if (!Array.isArray(pair) || pair.length < 2) {
    throw new TypeError(`Entry ${index} must be a [key, value] pair, not ${show(pair)}`);
  }
  return pair as unknown as readonly [unknown, unknown];
}

/** Checks that the entries of `setMany` can be gone through. */
export function checkIterable(entries: unknown): void {
  const iterable = entries as { [Symbol.iterator]?: unknown } | null | undefined;
  if (typeof entries === "string" || typeof iterable?.[Symbol.iterator] !== "function") {
    throw new TypeError(`entries must be an iterable of [key, value] pairs, not ${show(entries)}`);
  }
}

/** The weight of an entry, or an error if it is heavier than the cache may ever hold. */
export function checkWeight(
  keyBytes: number,
  valueBytes: number,
  tags: Tags | undefined,
  maxBytes: number,
): number {
  const tagsWeight = tags === undefined ? 0 : tags.weight;
  const weight = keyBytes + valueBytes + tagsWeight + ENTRY_OVERHEAD_BYTES;
  const limit = maxBytes < MAX_ENTRY_BYTES ? maxBytes : MAX_ENTRY_BYTES;
  if (weight > limit) {
    throw new AgentError(
      "TOO_LARGE",
      `The entry weighs ${weight} bytes (key ${keyBytes}, value ${valueBytes}, tags ${tagsWeight}, ` +
        `overhead ${ENTRY_OVERHEAD_BYTES}) and the cache takes ${limit}: raise maxBytes or store less`,
      { what: "cache entry", size: weight, limit },
    );
  }
  return weight;
}

/** The error of every call after `close()`. */
export function closedError(maker = "createCache"): AgentError<"CLOSED"> {
  return new AgentError("CLOSED", `The cache is closed: make a new one with ${maker}()`, {
    object: "cache",
  });
}
