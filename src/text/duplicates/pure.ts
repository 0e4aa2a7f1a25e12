/**
 * Near duplicates, the TypeScript twin, which defines the result: MinHash (Broder 1997) and banding (Leskovec, Rajaraman,
 * Ullman, chapter 3) propose pairs, the exact Jaccard similarity decides. Twin: `native.ts`.
 *
 * Time is linear in the texts: equal texts are read once, a text is compared with at most 64 others a band, and reading
 * and comparing are linear in what is read and compared.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import { Pace } from "../../shared/pace.ts";
import { groupsOf } from "./bands.ts";
import { orderBy } from "./radix.ts";
import { areNear, type ShingleSet, shinglesOf } from "./sets.ts";
import type { NearRequest } from "./types.ts";
import { hashOf, mixed, Shingler } from "./units.ts";

/** How many texts before it in a bucket a text is compared with. So many and one more are compared all with all. */
export const WINDOW = 64;

// Shingles of the sets that are remembered; about 20 bytes each.
const KEPT = 1 << 24;
const BUFFER = 4096;
const LARGEST = 0x7fffffff;

/** Texts that belong together; each group is named by its first. */
class Groups {
  readonly first: Uint32Array;

  constructor(count: number) {
    this.first = Uint32Array.from({ length: count }, (_, i) => i);
  }

  find(text: number): number {
    const { first } = this;
    let leader = first[text]!;
    while (leader !== text) {
      text = first[text] = first[leader]!;
      leader = first[text]!;
    }
    return leader;
  }

  join(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)];
    this.first[Math.max(one, other)] = Math.min(one, other);
  }
}

/** See `nearDuplicates` in `mod.ts`. */
export async function findNear(
  texts: readonly string[],
  request: NearRequest,
  options: CallOptions,
): Promise<number[][]> {
  const pace = new Pace(options, texts.length);
  const groups = new Groups(texts.length);
  await joinEqual(texts, groups, pace);
  const different: number[] = [];
  for (let i = 0; i < texts.length; i++) if (groups.first[i] === i) different.push(i);
  const search = new Search(texts, different, groups, request.threshold, pace);
  if (different.length <= WINDOW + 1) {
    await search.band(new Int32Array(different.length));
  } else {
    const keys = await keysOf(texts, different, request, pace);
    for (const band of keys) await search.band(band);
  }
  pace.finish();
  for (let i = 0; i < texts.length; i++) groups.first[i] = groups.find(i);
  return groupsOf(groups.first);
}

/** Joins equal texts. By a hash and an order of ours: those of a Map look at no more than a long string's length. */
async function joinEqual(texts: readonly string[], groups: Groups, pace: Pace): Promise<void> {
  const hashes = new Int32Array(texts.length);
  for (let i = 0; i < texts.length; i++) {
    hashes[i] = hashOf(texts[i]!.toWellFormed());
    if (pace.due()) await pace.giveWay(0);
  }
  const order = orderBy(hashes, texts.length);
  for (let from = 0; from < order.length;) {
    const text = texts[order[from]!]!.toWellFormed();
    let to = from + 1;
    let same = true;
    for (; to < order.length && hashes[order[to]!] === hashes[order[from]!]; to++) {
      same &&= texts[order[to]!]!.toWellFormed() === text;
    }
    const run = order.subarray(from, to);
    if (!same) {
      const words = new Map(Array.from(run, (i) => [i, texts[i]!.toWellFormed()]));
      run.sort((i, j) =>
        words.get(i)! < words.get(j)! ? -1 : words.get(i) === words.get(j) ? i - j : 1
      );
    }
    for (let i = 1; i < run.length; i++) {
      const [one, other] = [run[i - 1]!, run[i]!];
      if (same || texts[one]!.toWellFormed() === texts[other]!.toWellFormed()) {
        groups.join(one, other);
      }
    }
    if (pace.due()) await pace.giveWay(0);
    from = to;
  }
}

/** For each band the keys of the texts: the same for two texts with the probability similarity ^ rows. */
async function keysOf(
  texts: readonly string[],
  different: readonly number[],
  { rows, bands }: NearRequest,
  pace: Pace,
): Promise<Int32Array[]> {
  const size = rows * bands;
  const factors = Int32Array.from({ length: size }, (_, i) => mixed(2 * i + 1) | 1);
  const summands = Int32Array.from({ length: size }, (_, i) => mixed(2 * i + 2));
  const minima = new Int32Array(size);
  const buffer = new Int32Array(BUFFER);
  const keys = Array.from({ length: bands }, () => new Int32Array(different.length));
  for (let i = 0; i < different.length; i++) {
    const shingler = new Shingler(texts[different[i]!]!);
    minima.fill(LARGEST);
    for (let count; (count = shingler.fill(buffer)) > 0;) {
      take(buffer, count, factors, summands, minima);
      if (pace.due()) await pace.giveWay(different[i]!);
    }
    for (let band = 0; band < bands; band++) {
      let key = band;
      for (let row = band * rows; row < (band + 1) * rows; row++) key = mixed(key ^ minima[row]!);
      keys[band]![i] = key;
    }
  }
  return keys;
}

/** Lowers each minimum to the least value that its permutation gives to a shingle. */
function take(
  shingles: Int32Array,
  count: number,
  factors: Int32Array,
  summands: Int32Array,
  minima: Int32Array,
): void {
  for (let i = 0; i < minima.length; i++) {
    const factor = factors[i]!;
    const summand = summands[i]!;
    let least = minima[i]!;
    for (let j = 0; j < count; j++) {
      const value = Math.imul(shingles[j]!, factor) + summand | 0;
      if (value < least) least = value;
    }
    minima[i] = least;
  }
}

/** Compares what bands propose. */
class Search {
  readonly #texts: readonly string[];
  readonly #different: readonly number[];
  readonly #groups: Groups;
  readonly #threshold: number;
  readonly #pace: Pace;
  #sets: (ShingleSet | undefined)[] = [];
  #kept = 0;

  constructor(
    texts: readonly string[],
    different: readonly number[],
    groups: Groups,
    threshold: number,
    pace: Pace,
  ) {
    this.#texts = texts;
    this.#different = different;
    this.#groups = groups;
    this.#threshold = threshold;
    this.#pace = pace;
  }

  /** Compares each text with the last ones before it that have the same key. */
  async band(keys: Int32Array): Promise<void> {
    const different = this.#different;
    const groups = this.#groups;
    const order = orderBy(keys, keys.length);
    for (let at = 1; at < order.length; at++) {
      const one = different[order[at]!]!;
      for (let before = at - 1; before >= Math.max(0, at - WINDOW); before--) {
        if (keys[order[before]!] !== keys[order[at]!]) break;
        const other = different[order[before]!]!;
        if (groups.find(one) === groups.find(other)) continue;
        if (areNear(this.#set(other), this.#set(one), this.#threshold)) groups.join(one, other);
        if (this.#pace.due()) await this.#pace.giveWay(this.#texts.length - 1);
      }
      if (at % 1024 === 0 && this.#pace.due()) await this.#pace.giveWay(this.#texts.length - 1);
    }
  }

  #set(index: number): ShingleSet {
    const known = this.#sets[index];
    if (known !== undefined) return known;
    if (this.#kept > KEPT) {
      this.#sets = [];
      this.#kept = 0;
    }
    const set = shinglesOf(this.#texts[index]!);
    this.#kept += set.units;
    return this.#sets[index] = set;
  }
}
