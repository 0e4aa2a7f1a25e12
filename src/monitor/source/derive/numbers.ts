/**
 * Numbers out of the kernel's texts, and what became of a counter between two readings.
 *
 * @module
 */

import type { RawText } from "../raw.ts";

/** A whole number in plain decimal digits that a number holds exactly; null for anything else. */
export function whole(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/** A number with a point, as load and pressure are written; null for anything else. */
export function fraction(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text) ? Number(text) : null;
}

/** The fields of a line between spaces. */
export function fields(line: string): string[] {
  const found = line.trim().split(/[ \t]+/);
  return found[0] === "" ? [] : found;
}

/** The numbers behind the first words of lines, as in `meminfo`, `vmstat` and `cpu.stat`. */
export function keyed(text: string, separator: ":" | " "): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const end = line.indexOf(separator);
    if (end <= 0) continue;
    const number = whole(line.slice(end + 1).trim().split(" ", 1)[0]);
    if (number !== null) found.set(line.slice(0, end), number);
  }
  return found;
}

/** The values of columns; null if one of them is none. */
export function wholes(texts: readonly (string | undefined)[]): number[] | null {
  const numbers: number[] = [];
  for (const text of texts) {
    const number = whole(text);
    if (number === null) return null;
    numbers.push(number);
  }
  return numbers;
}

/** In the words of people. */
const WHY = {
  denied: "the system does not let this program read it",
  absent: "this system does not tell it",
  failed: "the system failed to give it",
} as const;

/** Why a text cannot be used: it could not be read, or does not hold what it should. */
export function whyNot(text: RawText | undefined, path: string): string {
  if (typeof text === "string") return `${path} does not hold what it should`;
  return `${WHY[text?.error ?? "absent"]}: ${path}`;
}

/** Above it a 32-bit counter is near its end, below a quarter near its beginning. */
const WORD = 2 ** 32;

/** Says why rates are null, and computes the others. */
export class Rates {
  /** Seconds of the window; null without an earlier reading. */
  readonly seconds: number | null;
  readonly #unavailable: Record<string, string>;

  /**
   * Rates of a window.
   *
   * @param seconds Its length; null for none.
   * @param unavailable Where reasons go.
   */
  constructor(seconds: number | null, unavailable: Record<string, string>) {
    this.seconds = seconds;
    this.#unavailable = unavailable;
  }

  /**
   * What a counter came to in a second.
   *
   * @param before Its earlier value; undefined if what it counts for was not there.
   * @param now Its value.
   * @param path Of the figure, for the reason.
   * @param unit What one stands for: a counter of 32 bits begins again at 2 ** 32 of them.
   */
  of(
    before: number | null | undefined,
    now: number | null | undefined,
    path: string,
    unit = 1,
  ): number | null {
    if (this.seconds === null || now === null || now === undefined) return null;
    if (before === undefined || before === null) {
      return this.none(path, "it was not there at the earlier reading");
    }
    const grown = growth(before, now, unit);
    if (grown === null) return this.none(path, "its counter went back: it was set anew");
    return grown / this.seconds;
  }

  /** Null, with a reason. */
  none(path: string, reason: string): null {
    this.#unavailable[path] = reason;
    return null;
  }
}

/**
 * How far a counter went. One of 32 bits that passed its end begins at 0 again; one that went back otherwise was set anew.
 *
 * @param before Its earlier value.
 * @param now Its value.
 * @param unit What one stands for in these values.
 * @returns The difference; null if it was set anew.
 */
export function growth(before: number, now: number, unit = 1): number | null {
  if (now >= before) return now - before;
  const [top, rest] = [before / unit, now / unit];
  if (top < WORD && top >= WORD * 0.75 && rest < WORD * 0.25) return now - before + WORD * unit;
  return null;
}
