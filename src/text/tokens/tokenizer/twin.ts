/**
 * What a tokenizer file does to a text before it is cut and merged, over either twin: tokens that are found as they
 * stand, and normalisation.
 *
 * @module
 */

import { joined } from "../pure.ts";
import type { CountManyOptions, Cuts, TokenTwin } from "../types.ts";
import { changesOf, normalised } from "./normalise.ts";
import type { AddedToken, Form } from "./plan.ts";

const PIECE_END = 0x80000000;
const END_MASK = 0x7fffffff;

/** A part of a text: ordinary, or one token. */
interface Part {
  text: string;
  /** The token; -1 for an ordinary part. */
  id: number;
}

/** An expression that finds added tokens, the longest where several begin; they stand at odd places of a `split` by it. */
export function findAdded(tokens: readonly AddedToken[]): RegExp | undefined {
  if (tokens.length === 0) return undefined;
  const sources = tokens.toSorted((a, b) => b.text.length - a.text.length)
    .map(({ text, left, right }) =>
      `${left ? "\\p{White_Space}*" : ""}${RegExp.escape(text)}${right ? "\\p{White_Space}*" : ""}`
    );
  return new RegExp(`(${sources.join("|")})`, "u");
}

/** See `TokenTwin`. */
export class TokenizerTwin implements TokenTwin {
  readonly implementation: "native" | "pure";
  readonly cuts: Cuts;
  readonly #twin: TokenTwin;
  readonly #forms: readonly Form[];
  readonly #found: RegExp | undefined;
  readonly #ids: ReadonlyMap<string, number>;

  /** Takes over a twin. Of the added tokens, those count here that are not special. */
  constructor(twin: TokenTwin, forms: readonly Form[], added: readonly AddedToken[]) {
    this.implementation = twin.implementation;
    this.cuts = twin.cuts;
    this.#twin = twin;
    this.#forms = forms;
    const plain = added.filter(({ special }) => !special);
    this.#found = findAdded(plain);
    this.#ids = new Map(plain.map(({ text, id }) => [text, id]));
  }

  check(): void {
    this.#twin.check();
  }

  count(text: string): number {
    let count = 0;
    for (const part of this.#parts(text)) {
      count += part.id < 0 ? this.#twin.count(normalised(part.text, this.#forms)) : 1;
    }
    return count;
  }

  encode(text: string): Uint32Array<ArrayBuffer> {
    const lists = this.#parts(text).map((part) =>
      part.id < 0 ? this.#twin.encode(normalised(part.text, this.#forms)) : Uint32Array.of(part.id)
    );
    return joined(lists);
  }

  decode(tokens: Uint32Array<ArrayBuffer>): Uint8Array {
    return this.#twin.decode(tokens);
  }

  spans(text: string): Uint32Array {
    const lists: Uint32Array<ArrayBuffer>[] = [];
    let start = 0;
    for (const part of this.#parts(text)) {
      const spans = part.id < 0
        ? this.#ordinarySpans(part.text)
        : Uint32Array.of(part.text.length + PIECE_END);
      // The highest bit stays as it is.
      for (let i = 0; i < spans.length; i++) spans[i]! += start;
      lists.push(spans);
      start += part.text.length;
    }
    return joined(lists);
  }

  prefix(text: string, most: number): { tokens: number; units: number } {
    const parts = this.#parts(text);
    if (parts.length === 1 && parts[0]!.id < 0 && normalised(text, this.#forms) === text) {
      return this.#twin.prefix(text, most);
    }
    const spans = this.spans(text);
    const last = spans[Math.min(most, spans.length) - 1] ?? 0;
    return { tokens: spans.length, units: last & END_MASK };
  }

  async countMany(texts: readonly string[], options: CountManyOptions): Promise<number[]> {
    const ordinary: string[] = [];
    const owners: number[] = [];
    const counts = new Array<number>(texts.length).fill(0);
    texts.forEach((text, index) => {
      for (const part of this.#parts(text)) {
        if (part.id >= 0) counts[index]!++;
        else {
          ordinary.push(normalised(part.text, this.#forms));
          owners.push(index);
        }
      }
    });
    const { onProgress } = options;
    const some = await this.#twin.countMany(ordinary, {
      ...options,
      onProgress: onProgress && (({ done, total }) =>
        onProgress({
          done: done === total ? texts.length : owners[done] ?? 0,
          total: texts.length,
        })),
    });
    some.forEach((count, index) => counts[owners[index]!]! += count);
    return counts;
  }

  close(): void {
    this.#twin.close();
  }

  #parts(text: string): Part[] {
    if (this.#found === undefined) return [{ text, id: -1 }];
    return text.split(this.#found)
      .map((part, index) => ({ text: part, id: index % 2 === 0 ? -1 : this.#idOf(part) }))
      .filter((part) => part.text !== "");
  }

  #idOf(part: string): number {
    return this.#ids.get(part) ?? this.#ids.get(part.trim())!;
  }

  /** The spans of an ordinary part, in the units of the text as it was given. */
  #ordinarySpans(text: string): Uint32Array<ArrayBuffer> {
    const result = normalised(text, this.#forms);
    const spans = this.#twin.spans(result).slice();
    if (result === text) return spans;
    const changes = changesOf(text, this.#forms, result);
    let next = 0;
    let shift = 0;
    for (let i = 0; i < spans.length; i++) {
      const end = spans[i]! & END_MASK;
      for (; next < changes.length && changes[next]!.newEnd <= end; next++) {
        shift = changes[next]!.end - changes[next]!.newEnd;
      }
      const change = changes[next];
      // Inside a change nothing is complete, and no piece can be told to end.
      spans[i] = change !== undefined && end > change.newFrom
        ? change.from
        : end + shift + (spans[i]! > END_MASK ? PIECE_END : 0);
    }
    return spans;
  }
}
