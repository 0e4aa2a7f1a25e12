/**
 * Which vocabulary a model of OpenAI has, after the table of `tiktoken` (MIT): https://github.com/openai/tiktoken,
 * `tiktoken/model.py`, version 0.12.
 *
 * @module
 */

import { checkString, wrongValue } from "../../shared/arguments.ts";
import type { EncodingName } from "./types.ts";

/** The first that fits counts. */
const MODELS: readonly [model: RegExp, encoding: EncodingName | "p50k_base" | "r50k_base"][] = [
  [/^(?:chatgpt|gpt)-4o\b|^gpt-4\.[15]\b|^gpt-[5-9]|^gpt-oss\b|^o[1-9]\b/, "o200k_base"],
  [/^codex-mini\b|^computer-use\b|^gpt-(?:realtime|audio|image)\b/, "o200k_base"],
  [/^gpt-4(?:-|$)|^gpt-3\.?5(?:-|$)|^(?:davinci|babbage)-002$/, "cl100k_base"],
  [/^text-embedding-(?:3-|ada-002)/, "cl100k_base"],
  [/^text-davinci-00[23]$|^code-|^(?:davinci|cushman)-codex$|^text-davinci-edit/, "p50k_base"],
  [/^gpt-?2$|^(?:text-)?(?:davinci|curie|babbage|ada)(?:-001)?$/, "r50k_base"],
];

/**
 * The vocabulary of a model, for `loadEncoding`.
 *
 * @param model Its name as OpenAI (or Azure: `gpt-35-turbo`) writes it, also with a date, as a fine-tuned model (`ft:...`)
 * or behind a provider (`openai/gpt-4o`). `gpt-oss` has the ordinary tokens of `o200k_base` and more special ones.
 * @returns The vocabulary's name.
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If no vocabulary of the package is known to be its: of a model with open weights load the
 * `tokenizer.json`.
 *
 * @example
 * ```ts
 * import { encodingForModel } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(encodingForModel("gpt-4o-mini"), "o200k_base");
 * assert.equal(encodingForModel("text-embedding-3-small"), "cl100k_base");
 * ```
 */
export function encodingForModel(model: string): EncodingName {
  checkString(model, "model");
  const plain = model.slice(model.lastIndexOf("/") + 1).replace(/^ft:/, "").split(":")[0]!;
  const known = MODELS.find(([expression]) => expression.test(plain.toLowerCase()))?.[1];
  if (known === "o200k_base" || known === "cl100k_base") return known;
  const why = known === undefined
    ? "whose vocabulary is known (of other models load their tokenizer.json)"
    : `with another vocabulary than ${known}, which the package does not have`;
  throw wrongValue("model", `a model ${why}`, model);
}
