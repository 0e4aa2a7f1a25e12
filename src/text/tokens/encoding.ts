/**
 * An encoding over either twin: checks arguments, looks after special tokens, splits. What a twin is asked is only what
 * must be fast.
 *
 * @module
 */

import {
  checkBoolean,
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
import { countMessages } from "./messages.ts";
import { joined } from "./pure.ts";
import { type Bounds, split } from "./split.ts";
import { countStream, splitStream } from "./stream.ts";
import type {
  Chunk,
  CountedMessage,
  CountedTool,
  CountManyOptions,
  CountStreamOptions,
  EncodeOptions,
  Encoding,
  SplitOptions,
  TokenTwin,
  TruncateOptions,
} from "./types.ts";
import { isWithin, truncated } from "./truncate.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The checked bounds of chunks and of what they repeat. */
function bounds(options: SplitOptions): Bounds {
  checkOptions(options ?? null);
  // Left out it is refused as a wrong value, not as a wrong type.
  const given = options.maxTokens === undefined ? 0 : options.maxTokens;
  const maxTokens = wholeNumber(given, "options.maxTokens", { least: 1 });
  const overlap = { fallback: 0, least: 0 };
  const overlapTokens = wholeNumber(options.overlapTokens, "options.overlapTokens", overlap);
  if (overlapTokens >= maxTokens) {
    throw wrongValue("options.overlapTokens", `under maxTokens (${maxTokens})`, overlapTokens);
  }
  const { repeatTableHeader = false } = options;
  checkBoolean(repeatTableHeader, "options.repeatTableHeader");
  return { max: maxTokens, overlap: overlapTokens, repeatHeader: repeatTableHeader };
}

/** What is known of a vocabulary beside its twin. */
export interface EncodingFacts {
  /** Its name, or the path of its file. */
  readonly name: string;
  /** How many ids there are of ordinary tokens, from 0. */
  readonly tokens: number;
  /** Ids below that without a token. */
  readonly holes?: ReadonlySet<number>;
  /** The special tokens: text to id. */
  readonly specials: Readonly<Record<string, number>>;
  /** Ids of further tokens. */
  readonly added?: readonly number[];
  /** An expression that finds some special tokens; they stand at odd places of a `split` by it. */
  find?(texts: readonly string[]): RegExp | undefined;
}

/** See `Encoding` in `types.ts`. */
export class TwinEncoding implements Encoding {
  readonly name: string;
  readonly implementation: "native" | "pure";
  readonly specials: Readonly<Record<string, number>>;
  readonly size: number;
  readonly #twin: TokenTwin;
  readonly #facts: EncodingFacts;
  readonly #specialIds: ReadonlySet<number>;

  /** Takes over a twin. */
  constructor(facts: EncodingFacts, twin: TokenTwin) {
    this.name = facts.name;
    this.implementation = twin.implementation;
    this.specials = facts.specials;
    this.#twin = twin;
    this.#facts = facts;
    this.#specialIds = new Set([...Object.values(facts.specials), ...facts.added ?? []]);
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
        index % 2 === 1
          ? Uint32Array.of(this.specials[part] ?? this.specials[part.trim()]!)
          : this.#twin.encode(part)
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
      if (!this.#isToken(id)) {
        const others = [...this.#specialIds];
        throw new RangeError(
          `tokens[${index}] is ${id}, which is no token of ${this.name}: its ids are 0 to ` +
            `${this.#facts.tokens - 1} and ${others.slice(0, 20).join(", ")}` +
            (others.length > 20 ? `, and ${others.length - 20} more` : ""),
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

  countMessages(messages: readonly CountedMessage[], tools: readonly CountedTool[] = []): number {
    this.#twin.check();
    const isO200k = this.name === "o200k_base";
    return countMessages(messages, tools, (text) => this.#twin.count(text), isO200k);
  }

  split(text: string, options: SplitOptions): Chunk[] {
    this.#twin.check();
    checkString(text, "text");
    return split(text, bounds(options), this.#twin);
  }

  splitter(options: SplitOptions): TransformStream<string, Chunk> {
    this.#twin.check();
    return splitStream(bounds(options), this.#twin);
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

  #isToken(id: number): boolean {
    const { tokens, holes } = this.#facts;
    return Number.isInteger(id) && id >= 0 && id < tokens && !(holes?.has(id) ?? false) ||
      this.#specialIds.has(id);
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
    if (this.#facts.find !== undefined) return this.#facts.find(texts);
    return texts.length === 0
      ? undefined
      : new RegExp(`(${texts.map((text) => RegExp.escape(text)).join("|")})`);
  }
}
