/** Near duplicates as their definition says it, each text compared with each; and numbers to make texts from. */

/** Words in lower case; characters of the commonest scripts without spaces by themselves. */
function shingles(text: string): Set<string> {
  const units = text.toWellFormed().normalize("NFC").toLowerCase()
    .match(
      /[\u0e01-\u0e4e\u3041-\u30fa\u4e00-\u9fff]|[[\p{L}\p{M}\p{N}]--[\u0e01-\u0e4e\u3041-\u30fa\u4e00-\u9fff]]+/gv,
    );
  if (units === null) return new Set([`text ${text.toWellFormed()}`]);
  if (units.length < 3) return new Set([units.join(" ")]);
  return new Set(units.slice(2).map((_, i) => units.slice(i, i + 3).join(" ")));
}

/** The groups by comparing all pairs. */
export function bruteGroups(texts: readonly string[], threshold: number): number[][] {
  const sets = texts.map(shingles);
  const first = texts.map((_, i) => i);
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      const shared = sets[i]!.intersection(sets[j]!).size;
      if (shared / (sets[i]!.size + sets[j]!.size - shared) < threshold) continue;
      const [low, high] = [Math.min(first[i]!, first[j]!), Math.max(first[i]!, first[j]!)];
      first.forEach((leader, k) => first[k] = leader === high ? low : leader);
    }
  }
  return texts.map((_, i) => texts.flatMap((_, j) => first[j] === i ? [j] : []))
    .filter((group) => group.length > 1);
}

/** Numbers from a seed: a linear congruential generator. */
export class Numbers {
  #state: number;

  /** Starts at a seed. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below a limit. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.#state / 2 ** 32 * limit);
  }
}
