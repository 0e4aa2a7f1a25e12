/**
 * Text tools for agents, each in Rust and in TypeScript with the same results: string transformation, BLAKE3 hashes,
 * fuzzy comparison and ranking, keywords, and batches of all of these.
 *
 * Strings are compared and counted in code points; a lone surrogate counts as U+FFFD. Small inputs are answered by the
 * TypeScript twin, large ones by the native one where it may be used; `implementation` in the options says otherwise.
 * Wrong arguments are `TypeError` or `RangeError`.
 *
 * @example
 * ```ts
 * import { keywords, rank, similarity } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(similarity("kitten", "sitting", { metric: "lcs" }), 4 / 7);
 * const [best] = rank("grape fruit", ["apple", "grapefruit", "grape"], { limit: 1 });
 * assert.equal(best?.choice, "grapefruit");
 * assert.equal(keywords("The rivers of the valley feed the rivers of the plain.")[0]?.keyword, "rivers");
 * ```
 *
 * @module
 */

export * from "../shared/errors.ts";
export type * from "../shared/implementation.ts";
export * from "./duplicates/mod.ts";
export * from "./hash/mod.ts";
export * from "./keywords/mod.ts";
export * from "./markdown/mod.ts";
export * from "./match/mod.ts";
export * from "./process/mod.ts";
export * from "./redact/mod.ts";
export * from "./tokens/mod.ts";
export * from "./transform/mod.ts";
