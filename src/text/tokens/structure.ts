/**
 * The outline of a text as splitting sees it: where headings, blocks and fenced code blocks begin. One pass over the
 * lines; Markdown as far as CommonMark's rules for lines tell without parsing.
 *
 * @module
 */

/** Positions in ascending order, UTF-16 units. */
export interface Structure {
  /** Headings that begin a chunk: all but those right behind another heading. */
  readonly headings: readonly number[];
  /** Paragraphs, lists, fences and other blocks; not those right behind a heading, which stay with it. */
  readonly blocks: readonly number[];
  /** Begin and end of each fenced code block, in turn. The end is behind the closing line. */
  readonly fences: readonly number[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t\r]|$)/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t\r]*$/;

/** What makes a line special stands among so many units at its front: very long lines are not looked at whole. */
const FRONT = 256;

/**
 * The outline of a text that may come in parts: `read` goes on where it stopped, `drop` forgets what lies before a place,
 * from which positions then count.
 */
export class Outline implements Structure {
  readonly headings: number[] = [];
  readonly blocks: number[] = [];
  readonly fences: number[] = [];
  /** Where the next line begins, or the rest of the one whose front was read. */
  #at = 0;
  #insideLine = false;
  /** The characters that close the fence which is open, if one is. */
  #fence: string | undefined;
  #blank = true;
  #afterHeading = false;
  /** Where the block began that has had one line so far. */
  #single: number | undefined;

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
      }
      this.#insideLine = feed < 0;
      this.#at = next;
    }
    if (last && this.#fence !== undefined) this.fences.push(text.length);
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
    for (const positions of [this.headings, this.blocks, this.fences]) {
      for (let index = 0; index < positions.length; index++) positions[index]! -= place;
    }
  }

  /** One line, of which the front and the whole length are known. */
  #line(front: string, length: number, start: number, next: number): void {
    const { headings, blocks, fences } = this;
    const isWhole = front.length === length;
    if (this.#fence !== undefined) {
      const mark = isWhole ? FENCE.exec(front) : null;
      if (mark !== null && mark[1]!.startsWith(this.#fence) && mark[2]!.trim() === "") {
        this.#fence = undefined;
        fences.push(next);
        this.#blank = true;
      }
      return;
    }
    const opening = front.charCodeAt(front.search(/[^ ]|$/)) | 0;
    const mark = opening === 0x60 || opening === 0x7e ? FENCE.exec(front) : null;
    const single = this.#single;
    this.#single = undefined;
    if (mark !== null && !(mark[1]![0] === "`" && mark[2]!.includes("`"))) {
      if (!this.#afterHeading) blocks.push(start);
      fences.push(start);
      this.#fence = mark[1];
      this.#afterHeading = false;
    } else if (isWhole && front.trim() === "") {
      this.#blank = true;
    } else if (opening === 0x23 && HEADING.test(front)) {
      if (!this.#afterHeading) headings.push(start);
      this.#afterHeading = true;
      this.#blank = true;
    } else if (single !== undefined && isWhole && UNDERLINE.test(front)) {
      // The line before was a heading, of the underlined kind: it begins a chunk rather than a block.
      if (blocks.at(-1) === single) {
        blocks.pop();
        headings.push(single);
      }
      this.#afterHeading = true;
      this.#blank = true;
    } else {
      if (this.#blank && isWhole) this.#single = start;
      if (this.#blank && !this.#afterHeading) blocks.push(start);
      this.#blank = false;
      this.#afterHeading = false;
    }
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
