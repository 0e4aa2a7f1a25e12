/**
 * What the token functions take and give. Types only; behaviour is described here and at the functions
 * in `mod.ts`, and defined by the pure twin and `tests/tokens/conformance.ts`.
 *
 * @module
 */

import type { CallOptions, Implementation } from "../../shared/implementation.ts";
import type { EncodingName } from "./vocabularies.ts";

export type { EncodingName } from "./vocabularies.ts";

/** Options of `loadEncoding`. */
export interface LoadEncodingOptions {
  /** Which twin keeps the vocabulary; chosen once, here. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /** Gives up loading; the promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of `countTokens`. */
export interface CountTokensOptions extends CallOptions {
  /** Which vocabulary counts. Default `"o200k_base"`. */
  encoding?: EncodingName | undefined;
}

/** Options of `Encoding.count` and `Encoding.encode`. */
export interface EncodeOptions {
  /**
   * Texts of special tokens (or `"all"`) that become those tokens where they stand in the text.
   * Default: none; then `<|endoftext|>` is text like any other.
   */
  allowedSpecial?: "all" | readonly string[] | undefined;
}

/** Options of `truncate`. */
export interface TruncateOptions {
  /** The most tokens that the result may have. */
  maxTokens: number;
  /** What is kept. `"both"` keeps half from each end, with `…` between. Default `"start"`. */
  keep?: "start" | "end" | "both" | undefined;
}

/** Options of `Encoding.split`. */
export interface SplitOptions {
  /** The most tokens of a chunk, by exact count. */
  maxTokens: number;
  /** The most tokens that a chunk repeats of the end of the one before. Default 0. */
  overlapTokens?: number | undefined;
  /**
   * Whether chunks that begin with rows of a Markdown table repeat its head before them, where there is room for it and
   * a row; they repeat nothing else then. Default false.
   */
  repeatTableHeader?: boolean | undefined;
}

/** A part of a text. */
export interface Chunk {
  /** The part itself: `text.slice(start, end)`; the head of its table before it, if `repeated` says so. */
  text: string;
  /** Where it begins in the whole text. UTF-16 units. */
  start: number;
  /** Where it ends. UTF-16 units. */
  end: number;
  /** How many tokens it has by itself. */
  tokens: number;
  /** The words of the headings above what it says, outermost first; those that it begins with are among them. */
  headings: string[];
  /** How many UTF-16 units at the front of `text` are the repeated head of a table; absent if none are. */
  repeated?: number;
}

/** A message as `countMessages` takes it: of OpenAI's chat API. Every text in it counts. */
export interface CountedMessage {
  /** Who says it. */
  readonly role: string;
  /** What is said: text, or parts with text. */
  readonly content?: string | null | readonly { readonly type: string; readonly text?: string }[];
  /** The name of who says it. */
  readonly name?: string;
  /** The calls that the model makes. */
  readonly tool_calls?: readonly {
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  /** The call that is answered. */
  readonly tool_call_id?: string;
}

/** A tool as `countMessages` takes it: of OpenAI's chat API. */
export interface CountedTool {
  /** Only functions have a cost that is published. */
  readonly type?: string;
  /** The function. */
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** The JSON Schema of its arguments. */
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
}

/** Options of `Encoding.countMany`. */
export type CountManyOptions = Omit<CallOptions, "implementation">;

/** Options of `Encoding.countStream`. */
export type CountStreamOptions = Pick<CallOptions, "signal">;

/** A vocabulary, ready for use. Dispose of it (`using`, or `close()`) when it is no longer needed. */
export interface Encoding extends Disposable {
  /** Its name; of a `tokenizer.json` its path. */
  readonly name: string;
  /** Which twin keeps it. */
  readonly implementation: "native" | "pure";
  /** One more than the highest id of a token, special ones included. */
  readonly size: number;
  /** The special tokens: text to id. */
  readonly specials: Readonly<Record<string, number>>;
  /**
   * How many tokens a text has. Time is linear in the text, whatever it holds.
   *
   * @param text The text; a lone surrogate counts as U+FFFD.
   * @param options Special tokens.
   * @returns What `encode(text, options).length` would be.
   * @throws {TypeError} If an argument is of the wrong type.
   */
  count(text: string, options?: EncodeOptions): number;
  /**
   * The tokens of a text.
   *
   * @param text The text; a lone surrogate is taken as U+FFFD.
   * @param options Special tokens.
   * @returns Their ids.
   * @throws {TypeError} If an argument is of the wrong type.
   */
  encode(text: string, options?: EncodeOptions): Uint32Array<ArrayBuffer>;
  /**
   * The text that tokens stand for. Bytes that are no UTF-8, as when a list of tokens is cut inside a character,
   * become U+FFFD.
   *
   * @param tokens Ids, special ones included.
   * @returns The text.
   * @throws {RangeError} If an id is not of this vocabulary; the error names index and id.
   */
  decode(tokens: Uint32Array | readonly number[]): string;
  /**
   * Cuts a text into chunks of at most so many tokens, at the best borders that there are: paragraphs, else sentences
   * (in code: lines), else words, else grapheme clusters, else code points. It knows Markdown: a heading begins a chunk
   * and stays with what follows, a fenced code block that fits is not cut. The full stops of abbreviations, initials and
   * list markers end no sentence. Items of lists with what is under them, rows of tables, CSV and JSON lines, definitions
   * and blocks by indentation, such as functions, are not cut while they fit into a chunk by themselves.
   *
   * With `overlapTokens` 0 the chunks, put together, are the text. Else a chunk may begin before the end of the one
   * before, at the border of a sentence or a word; never before a heading.
   *
   * @param text The text.
   * @param options How large the chunks may be.
   * @returns The chunks in order; none for an empty text.
   * @throws {RangeError} If maxTokens is not a whole number from 1 up, if overlapTokens is not one from 0 up and
   * under maxTokens, or if one character alone has more than maxTokens tokens.
   */
  split(text: string, options: SplitOptions): Chunk[];
  /**
   * The part of a text that fits: its start, its end, or both with `…` between. It is cut between graphemes (but for
   * those of over 64 UTF-16 units, which are cut between characters); what fits as it is comes back as it is.
   *
   * @param text The text. Where it has places to cut, such as words, little more of it is read than is kept.
   * @param options How many tokens the result may have, and what is kept.
   * @returns The longest such part, give or take a grapheme; "" if nothing fits.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If maxTokens is not a whole number from 0 up.
   */
  truncate(text: string, options: TruncateOptions): string;
  /**
   * Whether a text has at most so many tokens. Where it has places to cut, little more of it is read than decides.
   *
   * @param text The text.
   * @param maxTokens How many it may have.
   * @returns The same as `count(text) <= maxTokens`.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If maxTokens is not a whole number from 0 up.
   */
  isWithin(text: string, maxTokens: number): boolean;
  /**
   * How many tokens a request to OpenAI's chat API has, by the overheads of its cookbook ("How to count tokens with
   * tiktoken"): 3 for each message and for the reply, 1 for a name; for tools 7 or 10 each (`o200k_base`, others), 3 for
   * each property and what else is said there. Beyond what is published, properties of properties count alike, and a
   * call of a tool has 3 and its texts. The API may count a few tokens otherwise.
   *
   * @param messages The messages; text only.
   * @param tools The tools that the model is offered.
   * @returns The tokens of the request.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If a message has a part without text, such as a picture.
   */
  countMessages(messages: readonly CountedMessage[], tools?: readonly CountedTool[]): number;
  /**
   * `split` for a text that comes in parts: the chunks are those of the whole, however it was cut. Each goes out as soon
   * as nothing that follows can change it; some times the text of one chunk is kept, and the longest of the runs of
   * white space and other characters that are few tokens.
   *
   * @param options How large the chunks may be.
   * @returns The stream; a part that is no string errors it, and so does a character over maxTokens.
   * @throws {RangeError} As `split`.
   */
  splitter(options: SplitOptions): TransformStream<string, Chunk>;
  /**
   * `count` for a text that comes in parts and need not fit into memory: the count is that of the whole, however it was
   * cut. About a quarter of a million characters are held at once; a run without a border of words, numbers or lines as
   * long as it is.
   *
   * @param parts The text: a `ReadableStream`, or another iterable of strings.
   * @param options A signal that ends the work.
   * @returns What `count` would give for the whole.
   * @throws {TypeError} If an argument or a part is of the wrong type.
   * @throws {AgentError} `TOO_LARGE` for a run without a border of more than 2^25 UTF-16 units.
   */
  countStream(
    parts: AsyncIterable<string> | Iterable<string>,
    options?: CountStreamOptions,
  ): Promise<number>;
  /**
   * `count` for many texts, without holding up the event loop; the native twin works on all cores.
   *
   * @param texts The texts.
   * @param options A signal that ends the work; a progress callback (texts done).
   * @returns The counts, in order.
   * @throws {TypeError} If an argument is of the wrong type.
   */
  countMany(texts: readonly string[], options?: CountManyOptions): Promise<number[]>;
  /** Frees what this object holds; every later call except `close` throws `CLOSED`. */
  close(): void;
}

/** Where texts can be cut without changing a token. */
export interface Cuts {
  /** Whether they can between two UTF-16 units. */
  isSafe(before: number, behind: number): boolean;
}

/** What a twin does on checked arguments; `encoding.ts` makes an `Encoding` of it. */
export interface TokenTwin {
  /** Which one it is. */
  readonly implementation: "native" | "pure";
  /** Where texts can be cut. */
  readonly cuts: Cuts;
  /** Throws `CLOSED` after `close`. */
  check(): void;
  /** Tokens of a text in which nothing is special. */
  count(text: string): number;
  /** Their ids. */
  encode(text: string): Uint32Array<ArrayBuffer>;
  /** The bytes of checked ids. */
  decode(tokens: Uint32Array<ArrayBuffer>): Uint8Array;
  /**
   * For each token, how many UTF-16 units of whole characters end with it or before; the highest bit says that it is
   * the last token of its piece. A view that is valid until the next call.
   */
  spans(text: string): Uint32Array;
  /** How many tokens a text has, and how many UTF-16 units of whole characters the first `most` of them cover. */
  prefix(text: string, most: number): { tokens: number; units: number };
  /** See `Encoding.countMany`. */
  countMany(texts: readonly string[], options: CountManyOptions): Promise<number[]>;
  /** Frees what it holds. */
  close(): void;
}
