/**
 * An encoding over either twin: checks arguments, looks after special tokens, splits. What a twin is asked is only what
 * must be fast.
 *
 * @module
 */

import {
  checkOptions,
  checkParts,
  checkString,
  checkStrings,
  checkWord,
  fieldsOf,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { joined } from "./pure.ts";
import { split } from "./split.ts";
import { countStream, splitStream } from "./stream.ts";
import type {
  Chunk,
  CountManyOptions,
  CountStreamOptions,
  EncodeOptions,
  Encoding,
  EncodingName,
  SplitOptions,
  TokenTwin,
  TruncateOptions,
} from "./types.ts";
import { isWithin, truncated } from "./truncate.ts";
import { VOCABULARIES, type VocabularyFacts } from "./vocabularies.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The checked bounds of chunks and of what they repeat. */
function bounds(options: SplitOptions): [max: number, overlap: number] {
  checkOptions(options ?? null);
  // Left out it is refused as a wrong value, not as a wrong type.
  const given = options.maxTokens === undefined ? 0 : options.maxTokens;
  const maxTokens = wholeNumber(given, "options.maxTokens", { least: 1 });
  const overlap = { fallback: 0, least: 0 };
  const overlapTokens = wholeNumber(options.overlapTokens, "options.overlapTokens", overlap);
  if (overlapTokens >= maxTokens) {
    throw wrongValue("options.overlapTokens", `under maxTokens (${maxTokens})`, overlapTokens);
  }
  return [maxTokens, overlapTokens];
}

/** See `Encoding` in `types.ts`. */
export class TwinEncoding implements Encoding {
  readonly name: EncodingName;
  readonly implementation: "native" | "pure";
  readonly specials: Readonly<Record<string, number>>;
  readonly size: number;
  readonly #twin: TokenTwin;
  readonly #tokens: number;
  readonly #specialIds: ReadonlySet<number>;

  /** Takes over a twin. */
  constructor(name: EncodingName, twin: TokenTwin) {
    const facts: VocabularyFacts = VOCABULARIES[name];
    this.name = name;
    this.implementation = twin.implementation;
    this.specials = facts.specials;
    this.#twin = twin;
    this.#tokens = facts.tokens;
    this.#specialIds = new Set(Object.values(facts.specials));
    this.size = 1 + Math.max(facts.tokens - 1, ...this.#specialIds);
  }

  count(text: string, options?: EncodeOptions): number {
    this.#twin.check();
    checkString(text, "text");
    if (options === undefined) return this.#twin.count(text);
    const special = this.#special(options);
    if (special === undefined) return this.#twin.count(text);
    // Special tokens stand at every other place of the list.
    return text.split(special).reduce(
      (sum, part, index) => sum + (index % 2 === 1 ? 1 : this.#twin.count(part)),
      0,
    );
  }

  encode(text: string, options?: EncodeOptions): Uint32Array<ArrayBuffer> {
    this.#twin.check();
    checkString(text, "text");
    const special = options === undefined ? undefined : this.#special(options);
    if (special === undefined) return this.#twin.encode(text);
    return joined(
      text.split(special).map((part, index) =>
        index % 2 === 1 ? Uint32Array.of(this.specials[part]!) : this.#twin.encode(part)
      ),
    );
  }

  decode(tokens: Uint32Array | readonly number[]): string {
    this.#twin.check();
    if (!(tokens instanceof Uint32Array) && !Array.isArray(tokens)) {
      throw wrongType("tokens", "a Uint32Array or an array of numbers", tokens);
    }
    const ids = new Uint32Array(tokens.length);
    for (let index = 0; index < tokens.length; index++) {
      const id: unknown = tokens[index];
      if (typeof id !== "number") throw wrongType(`tokens[${index}]`, "a number", id);
      if (!(Number.isInteger(id) && id >= 0 && id < this.#tokens) && !this.#specialIds.has(id)) {
        throw new RangeError(
          `tokens[${index}] is ${id}, which is no token of ${this.name}: its ids are 0 to ` +
            `${this.#tokens - 1} and ${[...this.#specialIds].join(", ")}`,
        );
      }
      ids[index] = id;
    }
    return decoder.decode(this.#twin.decode(ids));
  }

  truncate(text: string, options: TruncateOptions): string {
    this.#twin.check();
    checkString(text, "text");
    const { keep = "start" } = fieldsOf(options ?? null, "options");
    const maxTokens = wholeNumber(options.maxTokens, "options.maxTokens", { least: 0 });
    checkWord(keep, "options.keep", ["start", "end", "both"]);
    return truncated(this.#twin, text, maxTokens, keep);
  }

  isWithin(text: string, maxTokens: number): boolean {
    this.#twin.check();
    checkString(text, "text");
    const most = wholeNumber(maxTokens, "maxTokens", { least: 0 });
    return isWithin(this.#twin, text, most);
  }

  split(text: string, options: SplitOptions): Chunk[] {
    this.#twin.check();
    checkString(text, "text");
    return split(text, ...bounds(options), this.#twin);
  }

  splitter(options: SplitOptions): TransformStream<string, Chunk> {
    this.#twin.check();
    return splitStream(...bounds(options), this.#twin);
  }

  async countStream(
    parts: AsyncIterable<string> | Iterable<string>,
    options: CountStreamOptions = {},
  ): Promise<number> {
    this.#twin.check();
    checkOptions(options);
    checkParts(parts, "parts");
    return await countStream(parts, this.#twin, options.signal);
  }

  async countMany(texts: readonly string[], options: CountManyOptions = {}): Promise<number[]> {
    this.#twin.check();
    checkStrings(texts, "texts");
    checkOptions(options);
    return await this.#twin.countMany(texts, options);
  }

  close(): void {
    this.#twin.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** An expression that finds the allowed special tokens; undefined if none is allowed. */
  #special(options: EncodeOptions): RegExp | undefined {
    checkOptions(options);
    const allowed = options.allowedSpecial;
    if (allowed === undefined) return undefined;
    if (allowed !== "all") checkStrings(allowed, "options.allowedSpecial");
    const texts = allowed === "all" ? Object.keys(this.specials) : [...allowed];
    for (const text of texts) {
      if (!Object.hasOwn(this.specials, text)) {
        throw new RangeError(
          `options.allowedSpecial has ${JSON.stringify(text)}, which is none of ` +
            Object.keys(this.specials).join(", "),
        );
      }
    }
    return texts.length === 0
      ? undefined
      : new RegExp(`(${texts.map((text) => RegExp.escape(text)).join("|")})`);
  }
}
