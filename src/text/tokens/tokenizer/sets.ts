/**
 * Sets of code points, as the patterns of tokenizer files need them: sorted pairs of first and last. What a property
 * holds comes from the engine, whose Unicode (16) is that of the `tokenizers` package.
 *
 * @module
 */

/** A set of code points: first and last of each run, ascending and apart. */
export type Ranges = readonly number[];

/** The last code point. */
export const LAST = 0x10ffff;

/** Every code point but the surrogates, in order: what properties are looked up in. */
let everything: string | undefined;

function allCodePoints(): string {
  if (everything !== undefined) return everything;
  const parts: string[] = [];
  for (let start = 0; start <= LAST; start += 0x1000) {
    if (start >= 0xd800 && start < 0xe000) continue;
    parts.push(String.fromCodePoint(...Array.from({ length: 0x1000 }, (_, i) => start + i)));
  }
  return everything = parts.join("");
}

/** Frees the long string that properties are looked up in; what was found is kept. */
export function release(): void {
  everything = undefined;
}

const known = new Map<string, Ranges>();

/** The code points that an expression of one character matches. */
export function matching(source: string, flags: "u" | "iu" = "u"): Ranges {
  const key = `${flags}/${source}`;
  let ranges = known.get(key);
  if (ranges === undefined) {
    const runs: number[] = [];
    const runsOf = new RegExp(`(?:${source})+`, `g${flags}`);
    for (const [run] of allCodePoints().matchAll(runsOf)) {
      const first = run.codePointAt(0)!;
      const last = first + Array.from(run).length - 1;
      // A run over the gap of the surrogates is two.
      if (first < 0xd800 && last >= 0xd800) runs.push(first, 0xd7ff, 0xe000, last + 0x800);
      else runs.push(first, last);
    }
    known.set(key, ranges = runs);
  }
  return ranges;
}

/** What is in one of two sets. */
export function union(a: Ranges, b: Ranges): Ranges {
  const pairs: [number, number][] = [];
  for (const ranges of [a, b]) {
    for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  }
  pairs.sort(([x], [y]) => x - y);
  const result: number[] = [];
  for (const [first, last] of pairs) {
    if (result.length > 0 && first <= result.at(-1)! + 1) {
      result[result.length - 1] = Math.max(result.at(-1)!, last);
    } else result.push(first, last);
  }
  return result;
}

/** What is not in a set. */
export function complement(ranges: Ranges): Ranges {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > next) result.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= LAST) result.push(next, LAST);
  return result;
}

/** What is in both of two sets. */
export function intersection(a: Ranges, b: Ranges): Ranges {
  return complement(union(complement(a), complement(b)));
}
