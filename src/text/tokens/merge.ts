/**
 * Byte-pair merging of one piece: of all neighbours that make a token, those with the lowest rank are merged first, the
 * leftmost of equals. Twin: `rust/agent-core-utils/src/tokens/merge.rs`.
 *
 * Short pieces: a scan for the lowest rank after each merge. Long ones: a heap, over windows of some hundred bytes, so
 * that time and memory beside the text stay linear. Windows are joined where the two tokens at the border are, alone,
 * encoded as themselves: a row of tokens of which every two neighbours have that property is the encoding of the whole.
 * (Were it not, look at the first merge over a border: until then both sides went as they go alone, so it would come
 * about in the encoding of the two, too.)
 *
 * @module
 */

/** The longest piece that is merged by scanning. */
const SHORT = 64;
/** Bytes that are merged at once. */
const WINDOW = 512;
/** Tokens at a window's end that are encoded again with what follows. */
const REDONE = 8;
/** No token: over every rank. */
const NONE = 0x7fffffff;

/** What merging needs of a vocabulary. */
export interface MergeTables {
  /** A merge's number (its rank) plus one by hash of the two tokens; 0 is a free place. */
  pairs: Int32Array;
  /** The pair table's index mask. */
  mask: number;
  /** The first token of each merge. */
  lefts: Int32Array;
  /** The second one. */
  rights: Int32Array;
  /** What each merge gives. */
  merged: Int32Array;
  /** The token of each byte. */
  byteTokens: Int32Array;
  /** The merge of two bytes, by the first times 256 and the second; -1 if there is none. */
  bytePairs: Int32Array;
  /** Where each token's bytes begin; differences are lengths. */
  starts: Uint32Array;
}

/** Merges pieces into its list of tokens. */
export class Merger {
  /** The tokens; how many are meant, the caller knows. */
  tokens: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  readonly #tables: MergeTables;
  /** The window's parts: token and, for it and the next one, their merge. */
  #ids = new Int32Array(WINDOW + 1);
  #ranks = new Int32Array(WINDOW + 1);
  #next = new Int32Array(WINDOW + 1);
  #previous = new Int32Array(WINDOW + 1);
  /** Rank times 2^32 and place, the lowest first. */
  #heap = new Float64Array(3 * WINDOW);

  /** Merges by these tables. */
  constructor(tables: MergeTables) {
    this.#tables = tables;
  }

  /** Puts a token at a place of the list; gives the next place. */
  put(at: number, token: number): number {
    if (at === this.tokens.length) this.#room(at + 1);
    this.tokens[at] = token;
    return at + 1;
  }

  /**
   * Merges the bytes from `start` to `end` and puts the tokens into the list.
   *
   * @param at Where in the list.
   * @returns The place behind the last one.
   */
  merge(bytes: Uint8Array, start: number, end: number, at: number): number {
    if (end - start <= SHORT) {
      this.#room(at + SHORT);
      return this.#emit(this.#short(bytes, start, end), at);
    }
    for (let width = WINDOW;; width *= 8) {
      const done = this.#windows(bytes, start, end, at, width);
      // No border of a window would do: it takes a chain of merges over thousands of bytes.
      if (done >= 0) return done;
    }
  }

  /** Whether merging bytes gives one token, this one. The list stays as it is. */
  isToken(bytes: Uint8Array, start: number, end: number, token: number): boolean {
    const count = end - start <= SHORT
      ? this.#short(bytes, start, end)
      : this.#long(bytes, start, end);
    return count === 1 && this.#ids[0] === token;
  }

  #room(size: number): void {
    if (size <= this.tokens.length) return;
    const grown = new Uint32Array(Math.max(size, 2 * this.tokens.length));
    grown.set(this.tokens);
    this.tokens = grown;
  }

  #emit(count: number, at: number): number {
    for (let i = 0; i < count; i++) this.tokens[at + i] = this.#ids[i]!;
    return at + count;
  }

  #pair(left: number, right: number): number {
    const { pairs, mask, lefts, rights } = this.#tables;
    for (let slot = hashPair(left, right) & mask;; slot = slot + 1 & mask) {
      const id = pairs[slot]! - 1;
      if (id < 0) return NONE;
      if (lefts[id] === left && rights[id] === right) return id;
    }
  }

  /** Fills in the parts of a piece; the ranks of neighbours too. */
  #fill(bytes: Uint8Array, start: number, end: number): number {
    const { byteTokens, bytePairs } = this.#tables;
    const count = end - start;
    const ids = this.#ids;
    const ranks = this.#ranks;
    for (let i = 0; i < count; i++) {
      const byte = bytes[start + i]!;
      ids[i] = byteTokens[byte]!;
      if (i + 1 < count) {
        const rank = bytePairs[byte << 8 | bytes[start + i + 1]!]!;
        ranks[i] = rank < 0 ? NONE : rank;
      }
    }
    ranks[count - 1] = NONE;
    return count;
  }

  #short(bytes: Uint8Array, start: number, end: number): number {
    let count = this.#fill(bytes, start, end);
    const ids = this.#ids;
    const ranks = this.#ranks;
    while (count > 1) {
      let best = NONE;
      let at = 0;
      for (let i = 0; i < count - 1; i++) {
        if (ranks[i]! < best) {
          best = ranks[i]!;
          at = i;
        }
      }
      if (best === NONE) break;
      count--;
      const token = this.#tables.merged[best]!;
      ids[at] = token;
      for (let i = at + 1; i < count; i++) {
        ids[i] = ids[i + 1]!;
        ranks[i - 1] = ranks[i]!;
      }
      if (at + 1 < count) ranks[at] = this.#pair(token, ids[at + 1]!);
      if (at > 0) ranks[at - 1] = this.#pair(ids[at - 1]!, token);
    }
    return count;
  }

  /** A long piece by windows; -1 if no two of them could be joined. */
  #windows(bytes: Uint8Array, start: number, end: number, at: number, width: number): number {
    let from = start;
    let to = Math.min(end, start + width);
    let count = this.#long(bytes, from, to);
    while (to < end) {
      this.#room(at + count);
      this.#emit(count, at);
      const { tokens } = this;
      let keep = Math.max(0, count - REDONE);
      // The last tokens may come out otherwise once more follows: they are done again.
      for (let redone = REDONE;; keep = Math.max(0, keep - redone)) {
        if (keep === 0) return -1;
        let border = from;
        for (let i = 0; i < keep; i++) border += this.#length(tokens[at + i]!);
        to = Math.min(end, border + width);
        count = this.#long(bytes, border, to);
        if (this.#joins(bytes, border, tokens[at + keep - 1]!, count)) {
          from = border;
          break;
        }
        redone *= 2;
      }
      at += keep;
    }
    this.#room(at + count);
    return this.#emit(count, at);
  }

  /** Whether the window just merged follows on the token that ends at its border. Leaves the window's tokens. */
  #joins(bytes: Uint8Array, border: number, last: number, count: number): boolean {
    const window = this.#ids.slice(0, count);
    const first = window[0]!;
    const start = border - this.#length(last);
    const pair = this.#long(bytes, start, border + this.#length(first));
    const joins = pair === 2 && this.#ids[0] === last && this.#ids[1] === first;
    this.#ids.set(window);
    return joins;
  }

  #length(token: number): number {
    return this.#tables.starts[token + 1]! - this.#tables.starts[token]!;
  }

  /** Merges with a heap; the tokens are the first of `#ids` afterwards. */
  #long(bytes: Uint8Array, start: number, end: number): number {
    const needed = end - start + 1;
    if (needed > this.#ids.length) {
      this.#ids = new Int32Array(needed);
      this.#ranks = new Int32Array(needed);
      this.#next = new Int32Array(needed);
      this.#previous = new Int32Array(needed);
      // A part enters once at first, and two at most with each merge.
      this.#heap = new Float64Array(3 * needed);
    }
    const count = this.#fill(bytes, start, end);
    const ids = this.#ids;
    const ranks = this.#ranks;
    const next = this.#next;
    const previous = this.#previous;
    const heap = this.#heap;
    let size = 0;
    for (let i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      if (ranks[i] !== NONE) heap[size++] = ranks[i]! * 0x100000000 + i;
    }
    for (let i = (size >> 1) - 1; i >= 0; i--) sink(heap, size, i, heap[i]!);
    while (size > 0) {
      const item = heap[0]!;
      size--;
      if (size > 0) sink(heap, size, 0, heap[size]!);
      const rank = Math.floor(item / 0x100000000);
      const at = item - rank * 0x100000000;
      // Places that were merged away have no rank; others may have another by now.
      if (ranks[at] !== rank) continue;
      const gone = next[at]!;
      const after = next[gone]!;
      const before = previous[at]!;
      const token = this.#tables.merged[rank]!;
      ids[at] = token;
      ids[gone] = -1;
      ranks[gone] = NONE;
      next[at] = after;
      let merged = NONE;
      if (after < count) {
        previous[after] = at;
        merged = this.#pair(token, ids[after]!);
        if (merged !== NONE) rise(heap, size++, merged * 0x100000000 + at);
      }
      ranks[at] = merged;
      if (before >= 0) {
        merged = this.#pair(ids[before]!, token);
        ranks[before] = merged;
        if (merged !== NONE) rise(heap, size++, merged * 0x100000000 + before);
      }
    }
    let kept = 0;
    for (let i = 0; i < count; i++) if (ids[i]! >= 0) ids[kept++] = ids[i]!;
    return kept;
  }
}

function sink(heap: Float64Array, size: number, at: number, item: number): void {
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= item) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
}

function rise(heap: Float64Array, at: number, item: number): void {
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= item) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

/** The hash of two tokens in the pair table. */
export function hashPair(left: number, right: number): number {
  const hash = Math.imul(left, 0x2c1b3c6d) ^ Math.imul(right, 0x297a2d39);
  return hash ^ hash >>> 15;
}
