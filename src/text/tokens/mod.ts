/**
 * Tokens of language models: counted, encoded, decoded, and texts split by them. What importing this costs is this
 * file; tables and twins load at the first call.
 *
 * @module
 */

import { checkOptions, checkString, checkWord } from "../../shared/arguments.ts";
import type { CountTokensOptions, Encoding, EncodingName, LoadEncodingOptions } from "./types.ts";
import { VOCABULARIES } from "./vocabularies.ts";

export * from "../../shared/errors.ts";
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
} from "./types.ts";

export * from "./models.ts";

function nameOf(name: unknown, argument: string): EncodingName {
  checkWord(name, argument, Object.keys(VOCABULARIES) as EncodingName[]);
  return name;
}

/**
 * Loads a vocabulary and gives the encoding that works with it.
 *
 * By name, tokens are exactly those of OpenAI's tiktoken: byte-pair encoding after the vocabulary's own cutting into
 * pieces. Of a `tokenizer.json` (byte-level byte-pair encoding: Llama 3, Qwen, DeepSeek, GPT-2, newer ones of Mistral and
 * others) they are those of Hugging Face's `tokenizers` without the tokens that a template adds, with special tokens as
 * text unless `allowedSpecial` lets them be tokens; what a file asks for and cannot be done is an error that names it. Time is linear in the text, also without a single space in it. The native twin keeps one copy for all Workers of the
 * process, for the life of the process. A checkout reads `data/<name>.voc` (permission `read`); as a remote module the
 * file is fetched once (`net`) and kept in the user's cache folder (`read`, `write`, `env`), its checksum verified.
 *
 * @param name `o200k_base` (GPT-4o and later) or `cl100k_base` (GPT-4, GPT-3.5, the embedding models); or the path (with a
 * slash, or ending in `.json`) or `file:` URL of a `tokenizer.json`, which is read from disk only (permission `read`) and
 * parsed in each isolate. Nothing else is fetched.
 * @param options Which twin; a signal that gives up loading.
 * @returns The encoding. Dispose of it when it is no longer needed.
 * @throws {TypeError} If an argument is wrong.
 * @throws {RangeError} If a URL is none of a file.
 * @throws {AgentError} `PERMISSION`, `NOT_FOUND`, `IO`, `TIMEOUT`, `TOO_LARGE` or `CORRUPT` if the vocabulary cannot be
 * had; `UNSUPPORTED` if a file asks for what cannot be done;
 * `NATIVE_REQUIRED` if native was asked for and cannot be used.
 *
 * @example
 * ```ts
 * import { loadEncoding } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * using encoding = await loadEncoding("o200k_base");
 * assert.equal(encoding.count("Hello, world!"), 4);
 * const tokens = encoding.encode("naïve café");
 * assert.equal(encoding.decode(tokens), "naïve café");
 * assert.deepEqual(await encoding.countMany(["one", "one two"]), [1, 2]);
 *
 * const chunks = encoding.split("# A\n\nFirst one. Second one.\n\n# B\n\nThird one.", { maxTokens: 8 });
 * assert.deepEqual(chunks.map((chunk) => chunk.text), [
 *   "# A\n\nFirst one. ",
 *   "Second one.\n\n",
 *   "# B\n\nThird one.",
 * ]);
 *
 * // Texts that come in parts, and need not fit into memory.
 * const parts = ["# A\n\nFirst o", "ne. Second one.\n", "\n# B\n\nThird one."];
 * assert.equal(await encoding.countStream(parts), encoding.count(parts.join("")));
 * const stream = ReadableStream.from(parts).pipeThrough(encoding.splitter({ maxTokens: 8 }));
 * assert.deepEqual(await Array.fromAsync(stream), chunks);
 * ```
 */
export async function loadEncoding(
  name: EncodingName | URL | (string & Record<never, never>),
  options?: LoadEncodingOptions,
): Promise<Encoding> {
  if (options === undefined) options = {};
  checkOptions(options);
  if (name instanceof URL || (typeof name === "string" && /[/\\]|\.json$/.test(name))) {
    const { loadFile } = await import("./load.ts");
    return await loadFile(urlOf(name), options);
  }
  const known = nameOf(name, "name");
  const { load } = await import("./load.ts");
  return await load(known, options);
}

/** A URL that was written as a string, as a URL. */
function urlOf(file: string | URL): string | URL {
  return typeof file === "string" && /^[a-z][a-z+.-]+:\/\//i.test(file) ? new URL(file) : file;
}

/**
 * Counts the tokens of one text. For many texts, or again and again, `loadEncoding` once and use `count`.
 *
 * @param text The text; what looks like a special token is ordinary text.
 * @param options The vocabulary (default `o200k_base`); which twin; a signal.
 * @returns How many tokens it has.
 * @throws {TypeError} If an argument is wrong.
 * @throws {AgentError} As for `loadEncoding`.
 *
 * @example
 * ```ts
 * import { countTokens } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await countTokens("Hello, world!"), 4);
 * assert.equal(await countTokens("Hello, world!", { encoding: "cl100k_base" }), 4);
 * ```
 */
export async function countTokens(
  text: string,
  options?: CountTokensOptions,
): Promise<number> {
  if (options === undefined) options = {};
  checkString(text, "text");
  checkOptions(options);
  const name = nameOf(options.encoding ?? "o200k_base", "options.encoding");
  const { load } = await import("./load.ts");
  using encoding = await load(name, options);
  const count = encoding.count(text);
  options.onProgress?.({ done: 1, total: 1 });
  return count;
}
