/**
 * A vocabulary in memory: two hash tables in flat arrays, bytes to token and two tokens to the one they merge to. Twin:
 * `rust/agent-core-utils/src/tokens/{tables,vocabulary}.rs`. One for each isolate and name.
 *
 * @module
 */

import { readVocabulary, type VocabularyFile } from "./file.ts";
import { hashPair, Merger } from "./merge.ts";
import type { PieceScanner } from "./scan.ts";

/** A table index of at least twice as many places as there are items. */
function maskFor(count: number): number {
  return (1 << (33 - Math.clz32(Math.max(8, count) - 1))) - 1;
}

/** The pure twin's tables. */
export class Vocabulary {
  readonly #scanner: PieceScanner;
  readonly #merger: Merger;
  readonly #arena: Uint8Array;
  readonly #starts: Uint32Array;
  /** Id plus one by hash of the bytes; 0 is a free place. */
  readonly #pieces: Int32Array;
  readonly #piecesMask: number;
  readonly #longest: number;
  /** By token, whether merging its bytes gives it: 1 yes, 2 no, 0 not asked yet. Undefined where nobody asks. */
  readonly #checked: Uint8Array | undefined;

  /** Builds the tables from a file. */
  constructor(file: Uint8Array) {
    const read = readVocabulary(file);
    const { arena, starts, lefts, rights, merged, byteTokens, plain, wholeFirst } = read;
    const count = starts.length - 1;
    this.#scanner = read.scanner;
    this.#arena = arena;
    this.#starts = starts;
    this.#checked = wholeFirst ? undefined : new Uint8Array(count);
    const mask = maskFor(count);
    const pieces = new Int32Array(mask + 1);
    let longest = 0;
    for (let id = 0; id < count; id++) {
      if (plain !== undefined && plain[id] === 0) continue;
      const start = starts[id]!;
      const end = starts[id + 1]!;
      if (end - start > longest) longest = end - start;
      let slot = hashBytes(arena, start, end) & mask;
      while (pieces[slot] !== 0) slot = slot + 1 & mask;
      pieces[slot] = id + 1;
    }
    this.#pieces = pieces;
    this.#piecesMask = mask;
    this.#longest = longest;
    const tables = { lefts, rights, merged, byteTokens, starts, ...pairTables(read) };
    this.#merger = new Merger(tables);
  }

  /** How many tokens the first `end` bytes have. */
  count(bytes: Uint8Array, end: number): number {
    const scanner = this.#scanner;
    scanner.begin(bytes, end);
    let count = 0;
    for (let at = 0; at < end;) {
      const next = scanner.next(at);
      count += this.#whole(bytes, at, next) >= 0 ? 1 : this.#merger.merge(bytes, at, next, 0);
      at = next;
    }
    return count;
  }

  /**
   * The tokens of the first `end` bytes.
   *
   * @param onPiece Is told after each piece how many tokens there are.
   * @returns A view that is valid until the next call.
   */
  encode(bytes: Uint8Array, end: number, onPiece?: (count: number) => void): Uint32Array {
    const scanner = this.#scanner;
    const merger = this.#merger;
    scanner.begin(bytes, end);
    let count = 0;
    for (let at = 0; at < end;) {
      const next = scanner.next(at);
      const whole = this.#whole(bytes, at, next);
      count = whole >= 0 ? merger.put(count, whole) : merger.merge(bytes, at, next, count);
      onPiece?.(count);
      at = next;
    }
    return merger.tokens.subarray(0, count);
  }

  /** How many bytes a token has. */
  length(token: number): number {
    return this.#starts[token + 1]! - this.#starts[token]!;
  }

  /** The bytes of a token that is not special. */
  bytes(token: number): Uint8Array {
    return this.#arena.subarray(this.#starts[token]!, this.#starts[token + 1]!);
  }

  /** The token that a piece is; -1 if it is none. */
  #whole(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > this.#longest) return -1;
    const pieces = this.#pieces;
    const mask = this.#piecesMask;
    const starts = this.#starts;
    const arena = this.#arena;
    for (let slot = hashBytes(bytes, start, end) & mask;; slot = slot + 1 & mask) {
      const id = pieces[slot]! - 1;
      if (id < 0) return -1;
      const from = starts[id]!;
      if (starts[id + 1]! - from !== length) continue;
      let same = 0;
      while (same < length && arena[from + same] === bytes[start + same]) same++;
      if (same === length) return this.#checked === undefined || this.#isMerged(id) ? id : -1;
    }
  }

  /** Whether merging a token's bytes gives the token. */
  #isMerged(id: number): boolean {
    const checked = this.#checked!;
    if (checked[id] === 0) {
      checked[id] = this.#merger.isToken(this.#arena, this.#starts[id]!, this.#starts[id + 1]!, id)
        ? 1
        : 2;
    }
    return checked[id] === 1;
  }
}

/** The hash table of merges, and the one of those of two bytes. */
function pairTables(
  { starts, lefts, rights, merged, arena, byteTokens }: VocabularyFile,
): { pairs: Int32Array; mask: number; bytePairs: Int32Array } {
  const mask = maskFor(merged.length);
  const pairs = new Int32Array(mask + 1);
  const bytePairs = new Int32Array(1 << 16).fill(-1);
  const byteOf = (token: number): number => {
    const byte = arena[starts[token]!]!;
    return byteTokens[byte] === token ? byte : -1;
  };
  for (let rank = 0; rank < merged.length; rank++) {
    const left = lefts[rank]!;
    if (left < 0) continue;
    const right = rights[rank]!;
    let slot = hashPair(left, right) & mask;
    while (pairs[slot] !== 0) slot = slot + 1 & mask;
    pairs[slot] = rank + 1;
    const first = byteOf(left);
    const second = byteOf(right);
    if (first >= 0 && second >= 0) bytePairs[first << 8 | second] = rank;
  }
  return { pairs, mask, bytePairs };
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x2c1b3c6d;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ hash >>> 15;
}
