/**
 * The outline of a text as splitting needs it: where headings, blocks and fenced code blocks begin, also while the text
 * is still coming.
 *
 * @module
 */

import { FRONT, LineReader } from "./lines.ts";
import { headingText } from "./plain.ts";
import { SEPARATOR } from "./record_lines.ts";
import type { Positions, Table, Title } from "./types.ts";

/** The longest head of a table that is kept, each of its two lines. UTF-16 units. */
const LONGEST_HEAD = 4000;

/**
 * The outline of a text that may come in parts: `read` goes on where it stopped, `drop` forgets what lies before a place,
 * from which positions then count.
 */
export class PositionReader implements Positions {
  readonly headings: number[] = [];
  readonly blocks: number[] = [];
  readonly fences: number[] = [];
  /** Every heading with its words. */
  readonly titles: Title[] = [];
  /** The rows of tables below their heads. */
  readonly tables: Table[] = [];
  /** The line before, if it may be the head of a table; with its line end. */
  #head: string | undefined;
  /** Where the next line begins, or the rest of the one whose front was read. */
  #at = 0;
  #insideLine = false;
  readonly #lines = new LineReader();
  #afterHeading = false;
  /** Where the block began that has had one line so far. */
  #single: number | undefined;
  #singleWords = "";

  /**
   * Reads lines as far as they are there.
   *
   * @param text The text from the place that was last dropped to.
   * @param last Whether it ends here.
   */
  read(text: string, last: boolean): void {
    while (this.#at < text.length) {
      const start = this.#at;
      const feed = text.indexOf("\n", start);
      const end = feed < 0 ? text.length : feed;
      const next = feed < 0 ? end : feed + 1;
      if (!this.#insideLine) {
        if (feed < 0 && !last && end - start <= FRONT) return;
        this.#line(text.slice(start, Math.min(end, start + FRONT)), end - start, start, next);
        this.#row(text.slice(start, Math.min(next, start + LONGEST_HEAD)), start, next);
      }
      this.#insideLine = feed < 0;
      this.#at = next;
    }
    if (last && this.#lines.inFence) this.fences.push(text.length);
  }

  /** Up to where positions over `done` are certain, whatever follows. */
  certainFrom(done: number): number {
    return this.#single !== undefined && this.#single > done ? this.#single : this.#at;
  }

  /** Forgets what lies before a place that has been read; positions count from there afterwards. */
  drop(place: number): void {
    this.#at -= place;
    if (this.#single !== undefined) this.#single -= place;
    for (const positions of [this.headings, this.blocks]) {
      positions.splice(0, countUpTo(positions, place));
    }
    // Whole fences: a position's number tells whether it is a beginning or an end.
    this.fences.splice(0, countUpTo(this.fences, place) & ~1);
    for (const title of this.titles) title.at -= place;
    for (const table of this.tables) {
      table.start -= place;
      table.end -= place;
    }
    this.tables.splice(0, this.tables.findLastIndex(({ end }) => end <= 0) + 1);
    for (const positions of [this.headings, this.blocks, this.fences]) {
      for (let index = 0; index < positions.length; index++) positions[index]! -= place;
    }
  }

  #title(at: number, front: string): void {
    const title = headingText(front, { start: 0, end: front.length });
    this.titles.push({ at, level: this.#lines.level, title });
  }

  /** A line as one of a table, or as its end. */
  #row(line: string, start: number, next: number): void {
    const isRow = line.includes("|") && line.endsWith("\n") && !this.#lines.inFence;
    const table = this.tables.at(-1);
    if (table !== undefined && table.end === Infinity) {
      if (!isRow) table.end = start;
    } else if (isRow && this.#head !== undefined && SEPARATOR.test(line.trim())) {
      this.tables.push({ header: this.#head + line, start: next, end: Infinity });
    }
    this.#head = isRow ? line : undefined;
  }

  /** One line, of which the front and the whole length are known. */
  #line(front: string, length: number, start: number, next: number): void {
    const { headings, blocks, fences } = this;
    const kind = this.#lines.read(front, front.length === length);
    if (this.#lines.leftFence) fences.push(start);
    if (kind === "code") return;
    const single = this.#single;
    const words = this.#singleWords;
    this.#single = undefined;
    if (kind === "heading") this.#title(start, front);
    if (kind === "underline" && single !== undefined) this.#title(single, words);
    const begins = !this.#afterHeading;
    switch (kind) {
      case "blank":
        return;
      case "heading":
        if (begins) headings.push(start);
        break;
      case "underline":
        // The line before was a heading: it begins a chunk rather than a block.
        if (blocks.at(-1) === single) {
          blocks.pop();
          headings.push(single!);
        }
        break;
      case "fence":
        if (begins) blocks.push(start);
        fences.push(start);
        break;
      case "fence end":
        fences.push(next);
        break;
      case "paragraph":
        if (begins) blocks.push(start);
        if (front.length === length) {
          this.#single = start;
          this.#singleWords = front;
        }
        break;
    }
    this.#afterHeading = kind === "heading" || kind === "underline";
  }
}

/** How many of the sorted positions are at or under a place. */
export function countUpTo(positions: readonly number[], place: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
