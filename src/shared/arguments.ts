/**
 * Checks of arguments, made before either twin works, in one dialect: `NAME must be WHAT, got VALUE`. Wrong types are
 * `TypeError`s, wrong values `RangeError`s. A value is shown short, and none of its code runs.
 *
 * @module
 */

import type { CallOptions, Implementation } from "./implementation.ts";

/** A value, as errors show it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  }
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  if (typeof value === "function") return "a function";
  return `${String(value)} (${typeof value})`;
}

/** The error of a value that is of the wrong type or none of the known words. */
export function wrongType(name: string, what: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${what}, got ${shown(value)}`);
}

/** The error of a value of the right type that is not allowed. */
export function wrongValue(name: string, what: string, value: unknown): RangeError {
  const text = typeof value === "number" ? String(value) : shown(value);
  return new RangeError(`${name} must be ${what}, got ${text}`);
}

/** Refuses what is not a string. */
export function checkString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
}

/** Refuses what is not a number. */
export function checkNumber(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") throw wrongType(name, "a number", value);
}

/** Refuses what is not a boolean. */
export function checkBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
}

/** Refuses what is none of some words. */
export function checkWord<W extends string>(
  value: unknown,
  name: string,
  words: readonly W[],
): asserts value is W {
  if (words.includes(value as W)) return;
  const quoted = words.map((word) => JSON.stringify(word));
  const last = quoted.pop();
  throw wrongType(name, quoted.length === 0 ? last! : `${quoted.join(", ")} or ${last}`, value);
}

/** Refuses what is not an array of strings. */
export function checkStrings(value: unknown, name: string): asserts value is readonly string[] {
  if (!Array.isArray(value)) throw wrongType(name, "an array of strings", value);
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "string") throw wrongType(`${name}[${i}]`, "a string", value[i]);
  }
}

/** Refuses what is neither a string nor bytes. */
export function checkContent(value: unknown, name: string): asserts value is string | Uint8Array {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw wrongType(name, "a string or a Uint8Array", value);
  }
}

/** Refuses what is not an array of strings and bytes. */
export function checkContents(
  value: unknown,
  name: string,
): asserts value is readonly (string | Uint8Array)[] {
  if (!Array.isArray(value)) throw wrongType(name, "an array of strings and Uint8Arrays", value);
  for (let i = 0; i < value.length; i++) {
    // The name of an item costs more than looking at it.
    if (typeof value[i] !== "string") checkContent(value[i], `${name}[${i}]`);
  }
}

/** Refuses what cannot be gone through part by part; a string is a part, not parts. */
export function checkParts(value: unknown, name: string): asserts value is object {
  if (
    value === null || typeof value !== "object" ||
    !(Symbol.asyncIterator in value || Symbol.iterator in value)
  ) {
    throw wrongType(name, "a stream or another iterable of parts", value);
  }
}

/** The fields of an object that may be left out. */
export function fieldsOf(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (value === null || typeof value !== "object") throw wrongType(name, "an object", value);
  return value as Record<string, unknown>;
}

/** Refuses what is none of the three words; undefined is fine. */
export function checkImplementation(
  value: unknown,
  name: string,
): asserts value is Implementation | undefined {
  if (value === undefined || value === "auto" || value === "native" || value === "pure") return;
  throw wrongType(name, '"auto", "native" or "pure"', value);
}

/** Checks what all options have in common; throws the signal's reason if it is aborted. */
export function checkOptions(options: unknown): void {
  if (options === undefined) return;
  const { implementation, signal, onProgress } = fieldsOf(options, "options") as CallOptions;
  checkImplementation(implementation, "options.implementation");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw wrongType("options.onProgress", "a function", onProgress);
  }
  if (signal !== undefined) {
    if (!(signal instanceof AbortSignal)) {
      throw wrongType("options.signal", "an AbortSignal", signal);
    }
    signal.throwIfAborted();
  }
}

/** What {@linkcode wholeNumber} allows. */
export interface WholeNumberRange {
  /** What holds if the value was left out; without one it must be given. */
  fallback?: number;
  /** The smallest. */
  least: number;
  /** The largest; `Infinity` allows Infinity itself. Default: what a number holds exactly. */
  most?: number;
}

/** A whole number within a range, or the fallback. */
export function wholeNumber(value: unknown, name: string, range: WholeNumberRange): number {
  const { fallback, least, most = Number.MAX_SAFE_INTEGER } = range;
  if (value === undefined && fallback !== undefined) return fallback;
  checkNumber(value, name);
  if (value === Infinity && most === Infinity) return value;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const limit = most < Number.MAX_SAFE_INTEGER ? ` and at most ${most}` : "";
    throw wrongValue(name, `a whole number of at least ${least}${limit}`, value);
  }
  return value + 0; // -0 is no unsigned number at the boundary
}
