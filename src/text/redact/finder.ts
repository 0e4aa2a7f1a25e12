/**
 * What the three searches (built-in rules, literals, patterns) have in common. Twin:
 * `rust/agent-core-utils/src/redact/finder.rs`.
 *
 * @module
 */

/** Finds the first match of one kind at or after a place. */
export abstract class Finder {
  /**
   * Where the match begins; without one, up to where it is certain that none does (the text's length if nothing is open).
   */
  start = -1;
  /** Where the match ends; 0 without one. */
  end = 0;
  /** The id of the rule that matched. */
  rule = 0;

  /** Takes a text. */
  abstract begin(text: string, last: boolean): void;

  /** Finds the first match that begins at `from` or later, the longest there; sets the fields. */
  abstract seek(from: number): void;
}

/**
 * Merges finders: leftmost, then longest, then the smallest rule id. Matches never overlap.
 *
 * @param finders The finders.
 * @param text Well-formed text.
 * @param from Where to begin.
 * @param last Whether the text ends here.
 * @param found Takes three numbers a match.
 * @returns Up to where everything is decided.
 */
export function merge(
  finders: readonly Finder[],
  text: string,
  from: number,
  last: boolean,
  found: number[],
): number {
  const n = text.length;
  for (let f = 0; f < finders.length; f++) finders[f]!.begin(text, last);
  for (let at = from;;) {
    let start = n;
    let end = 0;
    let rule = 0;
    for (let f = 0; f < finders.length; f++) {
      const finder = finders[f]!;
      if (finder.start < at) finder.seek(at);
      if (finder.start > start) continue;
      if (finder.start < start) {
        start = finder.start;
        end = finder.end;
        rule = finder.rule;
      } else if (end === 0 || finder.end === 0) {
        // Where one of them is open, nothing is decided.
        end = 0;
      } else if (finder.end > end || (finder.end === end && finder.rule < rule)) {
        end = finder.end;
        rule = finder.rule;
      }
    }
    if (end === 0) return start;
    found.push(rule, start, end);
    at = end;
  }
}
