/**
 * How many rows and bands find the pairs at a threshold; and how groups are listed. Both twins take these from here.
 *
 * @module
 */

// What a text's signature may cost: minima kept while it is read.
const MOST_MINIMA = 128;
// More rows would make no band rarer that matters.
const MOST_ROWS = 16;
// Pairs exactly at the threshold that the chosen bands miss, at most.
const MISSED = 0.005;

/**
 * Rows and bands for a threshold t. A pair of similarity s agrees in a band of r rows with probability s^r, and in one
 * of b bands with 1 - (1 - s^r)^b (Leskovec, Rajaraman, Ullman, section 3.4.2). Taken are the most rows, hence the fewest
 * false candidates, for which b bands miss at most one pair of 200 at the threshold itself and r * b stays within 128.
 *
 * Below a threshold of 0.041 no number of bands within 128 does that; one row and 128 bands come nearest.
 *
 * @param threshold Over 0, at most 1.
 * @returns Rows and bands.
 */
export function bandsFor(threshold: number): { rows: number; bands: number } {
  for (let rows = MOST_ROWS; rows > 1; rows--) {
    const bands = bandsOf(rows, threshold);
    if (rows * bands <= MOST_MINIMA) return { rows, bands };
  }
  return { rows: 1, bands: Math.min(MOST_MINIMA, bandsOf(1, threshold)) };
}

function bandsOf(rows: number, threshold: number): number {
  const agree = threshold ** rows;
  return Math.max(1, Math.ceil(Math.log(MISSED) / Math.log1p(-agree)));
}

/**
 * Lists groups.
 *
 * @param first For each text the first text of its group.
 * @returns The groups of two or more, each ascending, in the order of their first texts.
 */
export function groupsOf(first: Uint32Array): number[][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < first.length; i++) {
    const leader = first[i]!;
    if (leader === i) continue;
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [leader, i]);
    else group.push(i);
  }
  return [...groups.values()].sort(([a], [b]) => a! - b!);
}
