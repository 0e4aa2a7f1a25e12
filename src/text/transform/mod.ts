/**
 * One thing done to each of many strings: case, trimming, normal forms, reversal by grapheme.
 *
 * @example
 * ```ts
 * import { transform } from "@agent/runtime/text/transform";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(transform([" a ", "b"], "trim"), ["a", "b"]);
 * ```
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkOptions, checkStrings, checkWord } from "../../shared/arguments.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import { sizeOf } from "../size.ts";
import * as native from "./native.ts";
import { OPERATIONS } from "./operations.ts";
import * as pure from "./pure.ts";
import type { TransformOperation } from "./types.ts";

export * from "../../shared/errors.ts";
export type * from "../../shared/implementation.ts";
export type * from "./types.ts";

/**
 * Does one thing to each of many strings.
 *
 * `lowercase`, `uppercase`, `trim`, `nfc` and `nfkc` give what ECMAScript's `toLowerCase`, `toUpperCase`, `trim` and
 * `normalize` give; `reverse` puts the extended grapheme clusters (UAX 29) in reverse order, so that emoji and accents
 * stay whole. Strings are made well-formed first.
 *
 * @param strings The strings.
 * @param operation What to do.
 * @param options Which twin; a signal that is looked at before the start.
 * @returns The results, in order.
 * @throws {TypeError} If an argument is of the wrong type or the operation is not known.
 *
 * @example
 * ```ts
 * import { transform } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(transform(["Straße", "ΟΔΟΣ"], "lowercase"), ["straße", "οδος"]);
 * assert.deepEqual(transform(["noël 👩‍👧!"], "reverse"), ["!👩‍👧 lëon"]);
 * ```
 */
export function transform(
  strings: readonly string[],
  operation: TransformOperation,
  options?: CallOptions,
): string[] {
  checkStrings(strings, "strings");
  checkWord(operation, "operation", OPERATIONS);
  checkOptions(options);
  const least = operation === "reverse" && isPlain(strings)
    ? CROSSOVER.reversePlain
    : CROSSOVER.transform[operation];
  const size = least === Infinity ? 0 : sizeOf(strings);
  const isNative = pick("text", size, least, options?.implementation);
  return (isNative ? native : pure).transform(strings, operation);
}

/** Whether none of four samples has clusters that must be looked for: only what is below the combining marks. */
function isPlain(strings: readonly string[]): boolean {
  const count = strings.length;
  for (let sample = 0; sample < Math.min(4, count); sample++) {
    const text = strings[Math.floor(sample * count / Math.min(4, count))]!;
    for (let i = Math.max(0, text.length - 64); i < text.length; i++) {
      if (text.charCodeAt(i) >= 0x300) return false;
    }
  }
  return true;
}
