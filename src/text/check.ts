/**
 * Checks of arguments, the same for both twins because they are made before either of them works. Wrong types are
 * TypeErrors, wrong values RangeErrors; both name the argument and what was given.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import type { CallOptions } from "../implementation.ts";
import type { MatchOptions, Metric, RankRequest, TransformOperation } from "./types.ts";

/** The metrics by their codes at the boundary. */
export const METRICS: readonly Metric[] = [
  "levenshtein",
  "osa",
  "jaro",
  "jaro-winkler",
  "lcs",
  "token-sort",
  "token-set",
  "partial",
];

/** The operations of `transform` by their codes at the boundary. */
export const OPERATIONS: readonly TransformOperation[] = [
  "lowercase",
  "uppercase",
  "trim",
  "reverse",
  "nfc",
  "nfkc",
];

/** Product of the two lengths (code points) up to which a metric answers. */
export const PAIR_LIMIT: number = 2 ** 36;

/** The same for `partial`, whose work grows with the product itself. */
export const PARTIAL_LIMIT: number = 2 ** 32;

/** A value, as errors name it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  }
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  if (typeof value === "function") return "a function";
  return `${String(value)} (${typeof value})`;
}

/** Refuses what is not a string. */
export function textOf(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be a string, got ${shown(value)}`);
  }
}

/** Refuses what is not a number. */
export function numberOf(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, got ${shown(value)}`);
  }
}

/** Refuses what is not an array of strings. */
export function stringsOf(value: unknown, name: string): asserts value is readonly string[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${name} must be an array of strings, got ${shown(value)}`);
  }
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "string") {
      throw new TypeError(`${name}[${i}] must be a string, got ${shown(value[i])}`);
    }
  }
}

/** Refuses what is neither a string nor bytes. */
export function contentOf(value: unknown, name: string): asserts value is string | Uint8Array {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new TypeError(`${name} must be a string or a Uint8Array, got ${shown(value)}`);
  }
}

/** Refuses what is not an array of strings and bytes. */
export function contentsOf(
  value: unknown,
  name: string,
): asserts value is readonly (string | Uint8Array)[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${name} must be an array of strings and Uint8Arrays, got ${shown(value)}`);
  }
  for (let i = 0; i < value.length; i++) contentOf(value[i], `${name}[${i}]`);
}

/** Refuses what cannot be gone through part by part; a string is a part, not parts. */
export function partsOf(value: unknown, name: string): asserts value is object {
  if (
    value === null || typeof value !== "object" ||
    !(Symbol.asyncIterator in value || Symbol.iterator in value)
  ) {
    throw new TypeError(
      `${name} must be a stream or another iterable of parts, got ${shown(value)}`,
    );
  }
}

/** Checks what all options have in common; throws the signal's reason if it is aborted. */
export function optionsOf(options: unknown): void {
  if (options === undefined) return;
  if (options === null || typeof options !== "object") {
    throw new TypeError(`options must be an object, got ${shown(options)}`);
  }
  const { implementation, signal, onProgress } = options as CallOptions;
  if (
    implementation !== undefined && implementation !== "auto" && implementation !== "native" &&
    implementation !== "pure"
  ) {
    throw new TypeError(
      `options.implementation must be "auto", "native" or "pure", got ${shown(implementation)}`,
    );
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`options.onProgress must be a function, got ${shown(onProgress)}`);
  }
  if (signal !== undefined) {
    if (!(signal instanceof AbortSignal)) {
      throw new TypeError(`options.signal must be an AbortSignal, got ${shown(signal)}`);
    }
    signal.throwIfAborted();
  }
}

/** The metric, or the default. */
export function metricOf(metric: unknown): Metric {
  if (metric === undefined) return "levenshtein";
  if (!METRICS.includes(metric as Metric)) {
    throw new TypeError(
      `options.metric must be one of ${METRICS.join(", ")}; got ${shown(metric)}`,
    );
  }
  return metric as Metric;
}

/** Refuses an operation that `transform` does not know. */
export function operationOf(operation: unknown): asserts operation is TransformOperation {
  if (!OPERATIONS.includes(operation as TransformOperation)) {
    throw new TypeError(
      `operation must be one of ${OPERATIONS.join(", ")}; got ${shown(operation)}`,
    );
  }
}

/** A whole number from `least` up (or Infinity, where that makes sense). */
export function countOf(value: unknown, name: string, fallback: number, infinite: boolean): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, got ${shown(value)}`);
  }
  if (infinite && value === Infinity) return value;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number of at least 0, got ${value}`);
  }
  return value + 0; // -0 is no unsigned number at the boundary
}

/** Metric, limit and cutoff of a ranking, with the defaults in place. */
export function matchRequest(options: MatchOptions | undefined): RankRequest {
  optionsOf(options);
  const cutoff = options?.cutoff ?? 0;
  if (typeof cutoff !== "number") {
    throw new TypeError(`options.cutoff must be a number, got ${shown(cutoff)}`);
  }
  if (!(cutoff >= 0 && cutoff <= 1)) {
    throw new RangeError(`options.cutoff must lie between 0 and 1, got ${cutoff}`);
  }
  return {
    metric: metricOf(options?.metric),
    limit: countOf(options?.limit, "options.limit", Infinity, true),
    cutoff,
  };
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) {
      count--;
      i++;
    }
  }
  return count;
}

/**
 * Refuses pairs whose comparison would take minutes: the product of the lengths is over the metric's limit. Equal
 * strings and the linear metrics (jaro, jaro-winkler) are never refused.
 */
export function withinBounds(
  query: string,
  choices: readonly (string | undefined)[],
  metric: Metric,
  longest: number = longestOf(choices),
): void {
  if (metric === "jaro" || metric === "jaro-winkler") return;
  const limit = metric === "partial" ? PARTIAL_LIMIT : PAIR_LIMIT;
  if (query.length * longest <= limit) return;
  for (let i = 0; i < choices.length; i++) {
    const choice = choices[i];
    if (choice !== undefined && choice.length * query.length > limit) {
      tooLarge(query, choice, metric, limit, i);
    }
  }
}

/** The most UTF-16 units of any choice; what a matcher keeps, so that it need not look at all of them again. */
export function longestOf(choices: readonly (string | undefined)[], atLeast = 0): number {
  let longest = atLeast;
  for (let i = 0; i < choices.length; i++) {
    const choice = choices[i];
    if (choice !== undefined && choice.length > longest) longest = choice.length;
  }
  return longest;
}

function tooLarge(
  query: string,
  choice: string,
  metric: Metric,
  limit: number,
  index: number,
): void {
  const size = codePoints(query) * codePoints(choice);
  if (size <= limit || query.toWellFormed() === choice.toWellFormed()) return;
  throw new AgentError(
    "TOO_LARGE",
    `Comparing strings by ${metric} is limited to ${limit} (product of the lengths), got ${size} for the pair ` +
      `with choice ${index}; compare parts, or use jaro, which is linear`,
    { what: "product of the lengths", size, limit },
  );
}
