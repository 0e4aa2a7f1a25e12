/**
 * The set of a text's shingles, and the exact Jaccard similarity of two. Shingles are ordered by their hashes, and where
 * hashes are equal by what they say, so that a collision of hashes changes no result.
 *
 * @module
 */

import { orderBy } from "./radix.ts";
import { SHINGLE, Shingler, type UnitSink } from "./units.ts";

/** A set of shingles. */
export interface ShingleSet {
  /** How many different shingles. */
  readonly size: number;
  /** Their hashes, ascending as unsigned numbers. */
  readonly hashes: Int32Array;
  /** The first unit of each. */
  readonly places: Uint32Array;
  /** What the units are of. */
  readonly text: string;
  /** Where the units begin in the text, and where they end. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** How many units. */
  readonly units: number;
}

function doubled<A extends Uint32Array | Int32Array>(array: A): A {
  const more = new (array.constructor as new (length: number) => A)(array.length * 2);
  more.set(array);
  return more;
}

/** Keeps the units of a text. */
class Kept implements UnitSink {
  text = "";
  starts: Uint32Array;
  ends: Uint32Array;
  count = 0;
  readonly #pieces: string[] = [];
  #before = 0;
  #length = 0;

  constructor(expected: number) {
    this.starts = new Uint32Array(expected);
    this.ends = new Uint32Array(expected);
  }

  piece(text: string): void {
    this.#before = this.#length;
    this.#length += text.length;
    this.#pieces.push(text);
  }

  unit(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    this.starts[this.count] = this.#before + start;
    this.ends[this.count++] = this.#before + end;
  }

  finish(whole: string): void {
    this.text = this.#pieces.join("");
    if (this.count > 0) return;
    // A text without words is its own only unit.
    this.text = whole.toWellFormed();
    this.piece(this.text);
    this.#before = 0;
    this.unit(0, this.text.length);
  }
}

/** Compares a shingle of one set with one of another: 0 if they are the same, else an order. */
function compareShingles(a: ShingleSet, i: number, b: ShingleSet, j: number): number {
  const units = Math.min(SHINGLE, a.units);
  if (units !== Math.min(SHINGLE, b.units)) return a.units - b.units;
  for (let unit = 0; unit < units; unit++) {
    const from = a.starts[i + unit]!;
    const length = a.ends[i + unit]! - from;
    const other = b.starts[j + unit]!;
    const difference = length - (b.ends[j + unit]! - other);
    if (difference !== 0) return difference;
    for (let at = 0; at < length; at++) {
      const one = a.text.charCodeAt(from + at) - b.text.charCodeAt(other + at);
      if (one !== 0) return one;
    }
  }
  return 0;
}

/** The set of a text's shingles. Linear but for hashes made to collide, which are sorted. */
export function shinglesOf(text: string): ShingleSet {
  const kept = new Kept(16 + (text.length >> 2));
  const shingler = new Shingler(text, kept);
  let hashes = new Int32Array(16 + (text.length >> 2));
  let count = shingler.fill(hashes);
  while (count === hashes.length) {
    hashes = doubled(hashes);
    count += shingler.fill(hashes.subarray(count));
  }
  kept.finish(text);
  const { starts, ends } = kept;
  const order = orderBy(hashes, count);
  const all = { size: 0, hashes, places: order, text: kept.text, starts, ends, units: kept.count };
  let size = 0;
  for (let from = 0; from < count;) {
    const hash = hashes[order[from]!]!;
    let to = from + 1;
    let same = true;
    for (; to < count && hashes[order[to]!] === hash; to++) {
      same &&= compareShingles(all, order[from]!, all, order[to]!) === 0;
    }
    if (!same) order.subarray(from, to).sort((i, j) => compareShingles(all, i, all, j));
    for (let i = from; i < to; i++) {
      if (i > from && (same || compareShingles(all, order[size - 1]!, all, order[i]!) === 0)) {
        continue;
      }
      order[size++] = order[i]!;
    }
    from = to;
  }
  const places = order.slice(0, size);
  return { ...all, size, places, hashes: Int32Array.from(places, (place) => hashes[place]!) };
}

/** The fewest shingles that sets of these sizes must share; more than either has, if they cannot reach the threshold. */
function leastShared(both: number, threshold: number): number {
  let least = Math.max(1, Math.floor(threshold * both / (1 + threshold)) - 1);
  while (least / (both - least) < threshold) least++;
  return least;
}

/**
 * Whether two sets share so much that the size of the intersection over the size of the union reaches the threshold.
 *
 * @param a A set.
 * @param b Another.
 * @param threshold Over 0, at most 1.
 */
export function areNear(a: ShingleSet, b: ShingleSet, threshold: number): boolean {
  const least = leastShared(a.size + b.size, threshold);
  // How many of each may be alone.
  const spareA = a.size - least;
  const spareB = b.size - least;
  if (spareA < 0 || spareB < 0) return false;
  let i = 0;
  let j = 0;
  let shared = 0;
  while (i < a.size && j < b.size && i - shared <= spareA && j - shared <= spareB) {
    const order = (a.hashes[i]! >>> 0) - (b.hashes[j]! >>> 0) ||
      compareShingles(a, a.places[i]!, b, b.places[j]!);
    if (order === 0) shared++;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return shared >= least;
}
