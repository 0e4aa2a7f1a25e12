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

export { AgentError } from "../shared/errors.ts";
export type { AgentErrorCode, AgentErrorDetails, AnyAgentError } from "../shared/errors.ts";
export type { CallOptions, Implementation, Progress } from "../shared/implementation.ts";

export { hash, hashMany, hashStream } from "./hash/mod.ts";

export { transform } from "./transform/mod.ts";
export type { TransformOperation } from "./transform/mod.ts";

export { matcher, rank, similarity } from "./match/mod.ts";
export type {
  Ignored,
  Matcher,
  MatcherOptions,
  MatchOptions,
  Metric,
  Ranked,
  RankOptions,
  SimilarityOptions,
} from "./match/mod.ts";

export { keywords } from "./keywords/mod.ts";
export type { Keyword, KeywordOptions } from "./keywords/mod.ts";

export { processBatch } from "./process/mod.ts";
export type { ProcessBatchOptions, TextResult } from "./process/mod.ts";

export { countTokens, encodingForModel, loadEncoding } from "./tokens/mod.ts";
export type {
  Chunk,
  CountedMessage,
  CountedTool,
  CountManyOptions,
  CountStreamOptions,
  CountTokensOptions,
  EncodeOptions,
  Encoding,
  EncodingName,
  LoadEncodingOptions,
  SplitOptions,
  TruncateOptions,
} from "./tokens/mod.ts";

export {
  BUILT_IN_RULES,
  DEFAULT_RULES,
  prepareRedaction,
  redact,
  RedactionVault,
  redactor,
} from "./redact/mod.ts";
export type {
  BuiltInRule,
  PreparedRedaction,
  Redaction,
  RedactionMatch,
  RedactionValue,
  RedactOptions,
  Replacement,
} from "./redact/mod.ts";

export { nearDuplicates } from "./duplicates/mod.ts";
export type { NearDuplicatesOptions } from "./duplicates/mod.ts";
export { toMarkdown, toMarkdownMany } from "./markdown/mod.ts";
export type { MarkdownOptions } from "./markdown/mod.ts";
