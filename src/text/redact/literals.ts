/**
 * Thousands of literals in one pass: an Aho-Corasick automaton in typed arrays, behind a filter of the first characters
 * that skips most of the text. Twin: `rust/areas/redact/src/literals.rs`.
 *
 * @module
 */

import { Finder } from "./finder.ts";
import { Fold, variantsOf } from "./fold.ts";

/** The filter has so many bits' worth of places. */
const FILTER_BITS = 17;
const FILTER_SHIFT = 32 - FILTER_BITS;
/** It looks at so many characters, or at as many as the shortest literal has. */
const GRAM = 8;
const SPREAD = 0x9e3779b1;

/** The automaton, which texts share. */
export class LiteralAutomaton {
  /** The class of each unit: 0 for those of no literal. */
  readonly classOf: Uint16Array = new Uint16Array(65_536);
  /** By state: the state of the longest proper suffix. */
  readonly fail: Int32Array;
  /** By state: its length. */
  readonly depth: Uint16Array;
  /** By state: the length of the longest literal that ends here; 0 for none. */
  readonly length: Uint16Array;
  /** By state: which literal that is. */
  readonly literal: Int32Array;
  /** By state: 1 if nothing goes on from here. */
  readonly leaf: Uint8Array;
  /** Which hashes of first characters there are. */
  readonly filter: Uint8Array = new Uint8Array(1 << FILTER_BITS);
  /** How many characters the filter looks at. */
  readonly gram: number;
  readonly #step: number;
  // A shift by 32 would be none.
  readonly #keep: number;
  readonly #mask: number;
  readonly #shift: number;
  readonly #from: Int32Array;
  readonly #by: Uint16Array;
  readonly #to: Int32Array;

  /** Builds it; time and memory are in proportion to the literals' length. */
  constructor(literals: readonly string[], fold: number) {
    const { classOf } = this;
    let units = 1;
    let shortest = GRAM;
    let classes = 0;
    for (const literal of literals) {
      units += literal.length;
      if (literal.length < shortest) shortest = literal.length;
      for (let i = 0; i < literal.length; i++) {
        const unit = literal.charCodeAt(i);
        if (classOf[unit] !== 0) continue;
        classOf[unit] = ++classes;
        if (fold !== Fold.EXACT) {
          for (const other of variantsOf(unit, fold)) classOf[other] = classes;
        }
      }
    }
    this.gram = shortest;
    this.#step = Math.ceil(32 / shortest);
    this.#keep = shortest === 1 ? 0 : -1;
    const size = 32 - Math.clz32(units * 2);
    this.#mask = 2 ** size - 1;
    this.#shift = 32 - size;
    this.#from = new Int32Array(2 ** size).fill(-1);
    this.#by = new Uint16Array(2 ** size);
    this.#to = new Int32Array(2 ** size);
    this.fail = new Int32Array(units);
    this.depth = new Uint16Array(units);
    this.length = new Uint16Array(units);
    this.literal = new Int32Array(units);
    this.leaf = new Uint8Array(units).fill(1);
    const parent = new Int32Array(units);
    const by = new Uint16Array(units);
    let states = 1;
    for (let id = 0; id < literals.length; id++) {
      const literal = literals[id]!;
      let state = 0;
      for (let i = 0; i < literal.length; i++) {
        const unit = classOf[literal.charCodeAt(i)]!;
        let next = this.next(state, unit);
        if (next === 0) {
          next = states++;
          this.#insert(state, unit, next);
          parent[next] = state;
          by[next] = unit;
          this.depth[next] = i + 1;
          this.leaf[state] = 0;
        }
        state = next;
      }
      this.length[state] = literal.length;
      this.literal[state] = id;
      this.filter[this.#gramAt(literal)] = 1;
    }
    // Shallow states first: counted by depth, then placed.
    const order = byDepth(this.depth, states);
    for (let k = 1; k < states; k++) {
      const state = order[k]!;
      let at = this.fail[parent[state]!]!;
      if (parent[state] !== 0) {
        let next = this.next(at, by[state]!);
        while (next === 0 && at !== 0) {
          at = this.fail[at]!;
          next = this.next(at, by[state]!);
        }
        this.fail[state] = next;
      }
      if (this.length[state] === 0) {
        const suffix = this.fail[state]!;
        this.length[state] = this.length[suffix]!;
        this.literal[state] = this.literal[suffix]!;
      }
    }
  }

  /** The state after one more class; 0 if there is none. */
  next(state: number, unit: number): number {
    const from = this.#from;
    let slot = Math.imul(state, 0x9e3779b1) + Math.imul(unit, 0x85ebca77) >>> this.#shift;
    for (;;) {
      const found = from[slot]!;
      if (found < 0) return 0;
      if (found === state && this.#by[slot] === unit) return this.#to[slot]!;
      slot = slot + 1 & this.#mask;
    }
  }

  #insert(state: number, unit: number, next: number): void {
    let slot = Math.imul(state, 0x9e3779b1) + Math.imul(unit, 0x85ebca77) >>> this.#shift;
    while (this.#from[slot]! >= 0) slot = slot + 1 & this.#mask;
    this.#from[slot] = state;
    this.#by[slot] = unit;
    this.#to[slot] = next;
  }

  #gramAt(literal: string): number {
    let hash = 0;
    for (let i = 0; i < this.gram; i++) {
      hash = (hash << this.#step & this.#keep) ^ this.classOf[literal.charCodeAt(i)]!;
    }
    return Math.imul(hash, SPREAD) >>> FILTER_SHIFT;
  }

  /**
   * The first place from `p` on where a literal may begin; where fewer characters are left than the filter looks at,
   * the first of those.
   */
  skip(text: string, p: number): number {
    const { classOf, filter, gram } = this;
    const step = this.#step;
    const keep = this.#keep;
    const n = text.length;
    if (p > n - gram) return p;
    // Each step moves what came before by so much that after `gram` of them nothing is left of it.
    let hash = 0;
    let at = p;
    for (const primed = p + gram - 1; at < primed; at++) {
      hash = (hash << step & keep) ^ classOf[text.charCodeAt(at)]!;
    }
    for (; at < n; at++) {
      hash = (hash << step & keep) ^ classOf[text.charCodeAt(at)]!;
      if (filter[Math.imul(hash, SPREAD) >>> FILTER_SHIFT] === 1) return at - gram + 1;
    }
    return n - gram + 1;
  }
}

function byDepth(depth: Uint16Array, states: number): Int32Array {
  let deepest = 0;
  for (let state = 0; state < states; state++) deepest = Math.max(deepest, depth[state]!);
  const starts = new Int32Array(deepest + 2);
  for (let state = 0; state < states; state++) starts[depth[state]! + 1]!++;
  for (let d = 1; d < starts.length; d++) starts[d]! += starts[d - 1]!;
  const order = new Int32Array(states);
  for (let state = 0; state < states; state++) order[starts[depth[state]!]!++] = state;
  return order;
}

/** Finds literals; rule ids are their places in the list, from the first one's on. */
export class LiteralFinder extends Finder {
  readonly #automaton: LiteralAutomaton;
  #text = "";
  #last = true;

  readonly #base: number;

  /** Makes a finder on an automaton; `base` is the id of its first literal. */
  constructor(automaton: LiteralAutomaton, base: number) {
    super();
    this.#automaton = automaton;
    this.#base = base;
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#last = last;
    this.start = -1;
  }

  override seek(from: number): void {
    const automaton = this.#automaton;
    const { classOf, depth, fail, leaf, length, literal, gram } = automaton;
    const text = this.#text;
    const n = text.length;
    let state = 0;
    let start = n;
    let end = 0;
    let p = from;
    while (p < n) {
      if (state === 0) {
        p = automaton.skip(text, p);
        if (p >= n) break;
      }
      const unit = classOf[text.charCodeAt(p)]!;
      let next = automaton.next(state, unit);
      if (next === 0 && state !== 0) {
        do {
          state = fail[state]!;
          next = automaton.next(state, unit);
        } while (next === 0 && state !== 0);
        // Fallen back to a short beginning: the filter knows whether it can be one at all.
        if (end === 0 && depth[next]! < gram) {
          state = 0;
          p = p + 1 - depth[next]!;
          continue;
        }
      }
      state = next;
      p++;
      // Every literal that still goes on begins at p - depth or later.
      if (end !== 0 && p - depth[state]! > start) break;
      const found = length[state]!;
      if (found !== 0 && p - found <= start) {
        start = p - found;
        end = p;
        this.rule = this.#base + literal[state]!;
        if (leaf[state] === 1 && depth[state] === found) break;
      }
    }
    this.start = start;
    this.end = end;
    if (p < n || this.#last || state === 0) return;
    const open = n - depth[state]!;
    if (end === 0 || (open <= start && !(leaf[state] === 1 && depth[state] === end - start))) {
      this.start = open;
      this.end = 0;
    }
  }
}
