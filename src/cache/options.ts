/**
 * The arguments of the cache, checked once for all kinds of caches so that they refuse alike.
 *
 * @module
 */

import {
  checkImplementation,
  checkNumber,
  checkString,
  checkWord,
  fieldsOf,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import { CODECS } from "./codec.ts";
import { checkTags, type Tags } from "./tags.ts";
import type { CacheCodec, CacheOptions, Loader, LoadOptions, SetOptions } from "./types.ts";

/** The most entries that `maxEntries` may allow. */
const MAX_ENTRIES = 2 ** 31 - 1;
const DEFAULT_ENTRIES = 10_000;
const DEFAULT_LOAD_TIMEOUT_MS = 30_000;

/** Options with every default filled in. `Infinity` stands for "no bound" and "for ever". */
export interface ResolvedOptions {
  readonly name: string | undefined;
  readonly shared: "required" | "preferred";
  readonly codec: CacheCodec;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly onError: CacheOptions["onError"];
  readonly enabled: boolean;
}

/** Milliseconds, over 0 or (with `zero`) 0 too; what is left out is `fallback`. */
function duration(value: unknown, name: string, fallback: number, zero = false): number {
  if (value === undefined) return fallback;
  checkNumber(value, name);
  if (!(zero ? value >= 0 : value > 0)) {
    throw wrongValue(name, zero ? "at least 0" : "more than 0", value);
  }
  return value;
}

function flag(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") throw wrongType(name, "true or false", value);
  return value;
}

/** Checks the options of `createCache`, or of another maker of caches. */
export function resolveOptions(
  options: (CacheOptions & { codec?: CacheCodec }) | undefined,
): ResolvedOptions {
  const given = fieldsOf(options, "options");
  const { name, shared, codec = "text", implementation } = given;
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw wrongType("options.name", "a string that is not empty", name);
  }
  if (shared !== undefined) {
    checkWord(shared, "options.shared", ["required", "preferred"]);
    if (name === undefined) {
      throw wrongType("options.name", "a string where options.shared is given", name);
    }
  }
  checkWord(codec, "options.codec", CODECS);
  checkImplementation(implementation, "options.implementation");
  const { maxEntries, maxBytes, ttlMs, graceMs, onError, enabled } = given;
  if (onError !== undefined && typeof onError !== "function") {
    throw wrongType("options.onError", "a function", onError);
  }
  return {
    name: (name as string | undefined)?.toWellFormed(),
    shared: (shared as "required" | "preferred" | undefined) ?? "required",
    codec,
    maxEntries: wholeNumber(maxEntries, "options.maxEntries", {
      fallback: DEFAULT_ENTRIES,
      least: 1,
      most: MAX_ENTRIES,
    }),
    maxBytes: wholeNumber(maxBytes, "options.maxBytes", {
      fallback: Infinity,
      least: 1,
      most: Infinity,
    }),
    ttlMs: duration(ttlMs, "options.ttlMs", Infinity),
    graceMs: duration(graceMs, "options.graceMs", 0, true),
    onError: onError as CacheOptions["onError"],
    enabled: flag(enabled, "options.enabled", true),
  };
}

/** Refuses options that differ from those under which a name exists. */
export function checkSameOptions(existing: ResolvedOptions, given: ResolvedOptions): void {
  for (const key of ["codec", "maxEntries", "maxBytes", "ttlMs", "graceMs"] as const) {
    if (existing[key] === given[key]) continue;
    const what = `${existing[key]} as wherever the name ${shown(given.name)} is used`;
    throw wrongValue(`options.${key}`, what, given[key]);
  }
}

/** How an entry is stored: how long it lives, how long it is kept after that, and its tags. */
export interface Lifetime {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly tags?: Tags | undefined;
  /** An entry that is there keeps its end. */
  readonly keepTtl?: boolean;
}

/** What holds for entries that are stored without options of their own. */
export function defaultLifetime({ ttlMs, graceMs }: ResolvedOptions): Lifetime {
  return { ttlMs, graceMs, tags: undefined, keepTtl: false };
}

/** Checks the options of `set` and `setMany`; the cache's own stand in for what is left out. */
export function resolveLifetime(options: SetOptions | undefined, defaults: Lifetime): Lifetime {
  if (options === undefined) return defaults;
  const { ttlMs, graceMs, tags, keepTtl } = fieldsOf(options, "options");
  return {
    ttlMs: duration(ttlMs, "options.ttlMs", defaults.ttlMs),
    graceMs: duration(graceMs, "options.graceMs", defaults.graceMs, true),
    tags: tags === undefined ? undefined : checkTags(tags),
    keepTtl: flag(keepTtl, "options.keepTtl", false),
  };
}

/** What one `getOrSet` asks for. */
export interface LoadRequest<V> {
  readonly key: string;
  readonly load: Loader<V>;
  readonly timeoutMs: number;
  readonly life: Lifetime;
  readonly signal: AbortSignal | undefined;
}

/** Checks the loader of `getOrSet`. */
export function checkLoader(load: unknown): void {
  if (typeof load !== "function") {
    throw wrongType("load", "a function that returns the value", load);
  }
}

/** Checks the arguments of `getOrSet`. */
export function resolveLoad<V>(
  key: string,
  load: Loader<V>,
  options: LoadOptions | undefined,
  defaults: Lifetime,
): LoadRequest<V> {
  checkLoader(load);
  if (options === undefined) {
    const timeoutMs = DEFAULT_LOAD_TIMEOUT_MS;
    return { key: checkKey(key), load, timeoutMs, life: defaults, signal: undefined };
  }
  const life = { ...resolveLifetime(options as SetOptions, defaults), keepTtl: false };
  const { loadTimeoutMs, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("options.signal", "an AbortSignal", signal);
  }
  return {
    key: checkKey(key),
    load,
    timeoutMs: duration(loadTimeoutMs, "options.loadTimeoutMs", DEFAULT_LOAD_TIMEOUT_MS),
    life,
    signal,
  };
}

/** Checks the new life of an entry. */
export function checkTtl(ttlMs: unknown, name = "ttlMs"): number {
  checkNumber(ttlMs, name);
  if (!(ttlMs > 0)) throw wrongValue(name, "more than 0", ttlMs);
  return ttlMs;
}

/** Checks a key and makes it well-formed. */
export function checkKey(key: unknown): string {
  checkString(key, "key");
  return key.toWellFormed();
}

/** Checks one element of the entries of `setMany` and returns it. */
export function checkPair(pair: unknown, index: number): readonly [unknown, unknown] {
  if (!Array.isArray(pair) || pair.length < 2) {
    throw wrongType(`entries[${index}]`, "a [key, value] pair", pair);
  }
  return pair as unknown as readonly [unknown, unknown];
}

/** Checks that the entries of `setMany` can be gone through. */
export function checkIterable(entries: unknown): void {
  const iterable = entries as { [Symbol.iterator]?: unknown } | null | undefined;
  if (typeof entries === "string" || typeof iterable?.[Symbol.iterator] !== "function") {
    throw wrongType("entries", "an iterable of [key, value] pairs", entries);
  }
}

/** The error of every call after `close()`. */
export function closedError(maker = "createCache"): AgentError<"CLOSED"> {
  return new AgentError("CLOSED", `The cache is closed: make a new one with ${maker}()`, {
    object: "cache",
  });
}
