/**
 * The TypeScript twin of an encoding; it defines the results. It works on UTF-8, window by window for long texts. Twin:
 * `native.ts`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { Scratch } from "../../native/pack.ts";
import { closedError } from "../../shared/closed.ts";
import { Pace } from "../../shared/pace.ts";
import { PATTERN_CUTS, safeCut } from "./scan.ts";
import type { CountManyOptions, Cuts, TokenTwin } from "./types.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** UTF-16 units that are worked on at once, where there is a place to cut. */
const WINDOW = 1 << 18;
/** What the scanner's arithmetic can count to. */
const MOST_BYTES = 2 ** 30 - 1;

const scratch = new Scratch();

/** See `TokenTwin` in `types.ts`. */
export class PureTokens implements TokenTwin {
  readonly implementation = "pure";
  readonly cuts: Cuts;
  #vocabulary: Vocabulary | undefined;
  readonly #specials: ReadonlyMap<number, Uint8Array>;

  /** Shares a vocabulary of the isolate. */
  constructor(
    vocabulary: Vocabulary,
    specials: ReadonlyMap<number, Uint8Array>,
    cuts: Cuts = PATTERN_CUTS,
  ) {
    this.cuts = cuts;
    this.#vocabulary = vocabulary;
    this.#specials = specials;
  }

  check(): void {
    if (this.#vocabulary === undefined) throw closedError("encoding");
  }

  count(text: string): number {
    const vocabulary = this.#vocabulary!;
    let count = 0;
    for (let start = 0; start < text.length;) {
      const end = windowEnd(text, start, this.cuts);
      count += vocabulary.count(...utf8(text, start, end));
      start = end;
    }
    scratch.release();
    return count;
  }

  encode(text: string): Uint32Array<ArrayBuffer> {
    const vocabulary = this.#vocabulary!;
    const parts: Uint32Array<ArrayBuffer>[] = [];
    for (let start = 0; start < text.length;) {
      const end = windowEnd(text, start, this.cuts);
      parts.push(vocabulary.encode(...utf8(text, start, end)).slice());
      start = end;
    }
    scratch.release();
    return joined(parts);
  }

  decode(tokens: Uint32Array<ArrayBuffer>): Uint8Array {
    const vocabulary = this.#vocabulary!;
    const bytesOf = (token: number): Uint8Array =>
      this.#specials.get(token) ?? vocabulary.bytes(token);
    let length = 0;
    for (const token of tokens) length += bytesOf(token).length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const token of tokens) {
      const some = bytesOf(token);
      bytes.set(some, at);
      at += some.length;
    }
    return bytes;
  }

  spans(text: string): Uint32Array {
    const vocabulary = this.#vocabulary!;
    const [bytes, end] = utf8(text, 0, text.length);
    const pieceEnds: number[] = [];
    const spans = vocabulary.encode(bytes, end, (count) => pieceEnds.push(count));
    let piece = 0;
    let tokenEnd = 0;
    let at = 0;
    let units = 0;
    for (let index = 0; index < spans.length; index++) {
      tokenEnd += vocabulary.length(spans[index]!);
      while (at < tokenEnd) {
        const byte = bytes[at]!;
        const width = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        if (at + width > tokenEnd) break;
        at += width;
        units += width === 4 ? 2 : 1;
      }
      const last = pieceEnds[piece] === index + 1;
      if (last) piece++;
      spans[index] = last ? units + 0x80000000 : units;
    }
    return spans;
  }

  prefix(text: string, most: number): { tokens: number; units: number } {
    const spans = this.spans(text);
    const last = spans[Math.min(most, spans.length) - 1] ?? 0;
    return { tokens: spans.length, units: last & 0x7fffffff };
  }

  async countMany(texts: readonly string[], options: CountManyOptions): Promise<number[]> {
    const pace = new Pace(options, texts.length);
    // Closing meanwhile changes nothing in work that has begun.
    const vocabulary = this.#vocabulary!;
    const kept = texts.slice();
    const counts = new Array<number>(kept.length);
    for (let index = 0; index < kept.length; index++) {
      const text = kept[index]!;
      let count = 0;
      for (let start = 0; start < text.length;) {
        const end = windowEnd(text, start, this.cuts);
        count += vocabulary.count(...utf8(text, start, end));
        start = end;
        if (start < text.length && pace.due()) await pace.giveWay(index);
      }
      counts[index] = count;
      if ((index & 63) === 0 && pace.due()) await pace.giveWay(index);
    }
    scratch.release();
    pace.finish();
    return counts;
  }

  close(): void {
    this.#vocabulary = undefined;
  }
}

/** Where the window that begins at `start` ends. */
export function windowEnd(text: string, start: number, cuts: Cuts, size = WINDOW): number {
  return text.length - start <= size ? text.length : safeCut(text, start + size, cuts);
}

function utf8(text: string, start: number, end: number): [Uint8Array, number] {
  const whole = start === 0 && end === text.length;
  const length = scratch.encode(whole ? text : text.slice(start, end));
  if (length > MOST_BYTES) {
    throw new AgentError(
      "TOO_LARGE",
      `A run of ${length} bytes without a word's end cannot be counted in one go; cut the text`,
      { what: "run of text", size: length, limit: MOST_BYTES },
    );
  }
  return [scratch.bytes, length];
}

/** One list of several. */
export function joined(parts: readonly Uint32Array<ArrayBuffer>[]): Uint32Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
