/**
 * Ids of jobs: unique over processes, increasing in one isolate, and a number inside that its own stores find them by.
 *
 * @module
 */

/** Ten digits from here on, so that ids compare as their numbers do. */
const FIRST = 1_000_000_000;

let prefix: string | undefined;
let next = FIRST;

/** The next number. */
export function nextSeq(): number {
  return next++;
}

/** The id with a number. */
export function idOf(seq: number): string {
  return (prefix ??= makePrefix()) + seq;
}

/** The number in an id that was made in this isolate, or -1. */
export function seqOf(id: string): number {
  if (prefix === undefined || !id.startsWith(prefix)) return -1;
  const digits = id.slice(prefix.length);
  return /^\d{10}$/.test(digits) ? Number(digits) : -1;
}

/** The time first, so that ids of later runs come later; then what no other isolate has. */
function makePrefix(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  const unique = [...random].map((word) => word.toString(36).padStart(7, "0")).join("");
  return `${Date.now().toString(36).padStart(9, "0")}${unique}`;
}
