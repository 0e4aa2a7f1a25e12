/**
 * A vocabulary in memory: two hash tables in flat arrays, bytes to token and two tokens to the one they merge to. Twin:
 * `rust/agent-core-utils/src/tokens/{tables,vocabulary}.rs`. One for each isolate and name.
 *
 * @module
 */

import { readVocabulary } from "./file.ts";
import { hashPair, Merger } from "./merge.ts";
import { Scanner } from "./scan.ts";

/** A table index of at least twice as many places as there are items. */
function maskFor(count: number): number {
  return (1 << (33 - Math.clz32(Math.max(8, count) - 1))) - 1;
}

/** The pure twin's tables. */
export class Vocabulary {
  readonly #scanner: Scanner;
  readonly #merger: Merger;
  readonly #arena: Uint8Array;
  readonly #starts: Uint32Array;
  /** Id plus one by hash of the bytes; 0 is a free place. */
  readonly #pieces: Int32Array;
  readonly #piecesMask: number;
  readonly #longest: number;

  /** Builds the tables from a file. */
  constructor(file: Uint8Array) {
    const { family, digits, classes, arena, starts, lefts, rights } = readVocabulary(file);
    const count = lefts.length;
    this.#scanner = new Scanner(family, digits, classes);
    this.#arena = arena;
    this.#starts = starts;
    const mask = maskFor(count);
    const pieces = new Int32Array(mask + 1);
    const pairs = new Int32Array(mask + 1);
    const byteTokens = new Int32Array(256);
    const bytePairs = new Int32Array(1 << 16).fill(-1);
    let longest = 0;
    for (let id = 0; id < count; id++) {
      const start = starts[id]!;
      const end = starts[id + 1]!;
      if (end - start > longest) longest = end - start;
      let slot = hashBytes(arena, start, end) & mask;
      while (pieces[slot] !== 0) slot = slot + 1 & mask;
      pieces[slot] = id + 1;
      if (end - start === 1) byteTokens[arena[start]!] = id;
      const left = lefts[id]!;
      if (left < 0) continue;
      const right = rights[id]!;
      slot = hashPair(left, right) & mask;
      while (pairs[slot] !== 0) slot = slot + 1 & mask;
      pairs[slot] = id + 1;
      if (end - start === 2) bytePairs[arena[start]! << 8 | arena[start + 1]!] = id;
    }
    this.#pieces = pieces;
    this.#piecesMask = mask;
    this.#longest = longest;
    this.#merger = new Merger({ pairs, mask, lefts, rights, byteTokens, bytePairs, starts });
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
      if (same === length) return id;
    }
  }
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x2c1b3c6d;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ hash >>> 15;
}
