/**
 * Spelling: which term of the index a word that is nowhere was meant to be.
 *
 * @module
 */
import type { Database } from "./database.ts";

/** Shorter words have too many neighbours. */
const LEAST = 4;
/** Words from this length on may have two slips. */
const TWO_SLIPS = 8;

/**
 * The term nearest to a word that begins with the same letter and differs by one slip, of long words two: a letter
 * too many, missing, wrong or swapped with its neighbour. Of several the one in most chunks.
 */
export function nearest(
  database: Database,
  word: string,
  chunksOf: (term: string) => number,
): string | undefined {
  const letters = Array.from(word);
  if (letters.length < LEAST || !/^\p{L}+$/u.test(word)) return undefined;
  const most = letters.length < TWO_SLIPS ? 1 : 2;
  const rows = database.statement(
    "SELECT term FROM vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
  ).all(
    letters[0]!,
    String.fromCodePoint(letters[0]!.codePointAt(0)! + 1),
    letters.length - most,
    letters.length + most,
  );
  let best: string | undefined;
  let slips = most;
  let chunks = 0;
  for (const row of rows) {
    const term = String(row["term"]);
    const distance = slipsBetween(letters, Array.from(term), slips);
    if (distance > slips) continue;
    const there = chunksOf(term);
    if (there === 0 || distance === slips && there <= chunks) continue;
    best = term;
    slips = distance;
    chunks = there;
  }
  return best;
}

/** The optimal string alignment distance, or more than `most`. */
function slipsBetween(a: readonly string[], b: readonly string[], most: number): number {
  let before: number[] = [];
  let last = b.map((_, at) => at + 1);
  last.unshift(0);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    if (Math.min(...row) > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length]!;
}
