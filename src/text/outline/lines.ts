/**
 * What a line of Markdown is, as far as CommonMark's rules for lines tell without parsing. The one place that knows them;
 * `positions.ts` and `blocks.ts` make an outline of it. One pass, and of a line only its front is looked at.
 *
 * @module
 */

/** What makes a line special stands among so many units at its front: very long lines are not looked at whole. */
export const FRONT = 256;

/**
 * What a line is. `paragraph` is its first line, or any other that stands for itself behind a blank one or a heading;
 * `text` goes on with what was before; `underline` makes a heading of the one line of text before it.
 */
export type LineKind =
  | "blank"
  | "heading"
  | "underline"
  | "paragraph"
  | "text"
  | "fence"
  | "code"
  | "fence end";

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** As it may stand in an item of a list. */
const FENCE_IN_ITEM = /^[ \t]{0,15}(`{3,}|~{3,})(.*)$/;
/** What begins an item, where a fence may follow on the same line. */
const MARKER = /^[ \t]{0,12}(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}(?=[`~])/;
/** What a quote puts before a line. */
const QUOTE = /^(?: {0,3}> ?)+/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t\r]|$)/;
const ITEM = /^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s/;
const ROW = /^\s*\|/;
/** The target of a link; a footnote looks like one and is text. */
const DEFINITION = /^ {0,3}\[(?!\^)[^\[\]]+\]:\s*\S/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t\r]*$/;

/** What a comment begins with. */
export const COMMENT = "<!--";
/** What a comment ends with. */
export const COMMENT_END = "-->";
/** A line end inside a paragraph: not before a list item, a quote, a table row, a heading or another line end. */
export const WRAP = /\r?\n(?![ \t]*(?:\r?\n|[-*+>|#]|\d{1,9}[.)]))/g;

/** What block a line of text belongs to; targets of links are none without marks. */
export function textKind(line: string, marked: boolean): "meta" | "item" | "table" | "text" {
  if (marked && DEFINITION.test(line)) return "meta";
  return ITEM.test(line) ? "item" : ROW.test(line) ? "table" : "text";
}

/** Reads one line after the other and keeps what the next one depends on. */
export class LineReader {
  /** The depth of the heading that the last line was, or made of the one before. */
  level = 0;
  /** Whether the fence that was open ended before the line, with the quote that it stood in. */
  leftFence = false;
  /** The characters that close the fence which is open, if one is. */
  #fence: string | undefined;
  /** Signs of quotes before the fence that is open. */
  #quotes = 0;
  /** Whether an item of a list is open: what is set in belongs to it. */
  #inItem = false;
  #afterBlank = true;
  #afterSingle = false;

  /** Whether a fence is open. */
  get inFence(): boolean {
    return this.#fence !== undefined;
  }

  /**
   * Reads the next line.
   *
   * @param front The line, or its first `FRONT` units.
   * @param isWhole Whether that is all of it.
   */
  read(front: string, isWhole: boolean): LineKind {
    this.leftFence = false;
    if (this.#fence !== undefined) {
      const inside = quoted(front, this.#quotes);
      if (inside !== undefined) return this.#code(inside, isWhole);
      this.#fence = undefined;
      this.leftFence = true;
      this.#afterBlank = true;
    }
    let indent = 0;
    while (front.charCodeAt(indent) === 0x20) indent++;
    const opening = front.charCodeAt(indent);
    const afterSingle = this.#afterSingle;
    this.#afterSingle = false;
    const isItem = mayBeginItem(opening) && ITEM.test(front);
    if (isItem) this.#inItem = true;
    else if (opening > 0x20 && indent < 2 && this.#afterBlank) this.#inItem = false;
    if ((isItem || mayBeginFence(opening)) && this.#opensFence(front)) return "fence";
    // What is not ASCII may be white space as well.
    if (isWhole && !(opening > 0x20 && opening < 0x80) && front.trim() === "") {
      this.#afterBlank = true;
      return "blank";
    }
    const heading = opening === 0x23 ? HEADING.exec(front) : null;
    if (heading !== null) {
      this.level = heading[1]!.length;
      this.#afterBlank = true;
      return "heading";
    }
    const isDrawn = opening === 0x3d || opening === 0x2d;
    if (isDrawn && afterSingle && isWhole && UNDERLINE.test(front)) {
      this.level = opening === 0x3d ? 1 : 2;
      this.#afterBlank = true;
      return "underline";
    }
    const begins = this.#afterBlank;
    this.#afterBlank = false;
    // A line below an item underlines nothing.
    this.#afterSingle = begins && isWhole && !isItem;
    return begins ? "paragraph" : "text";
  }

  /** A line within a fence. */
  #code(line: string, isWhole: boolean): "code" | "fence end" {
    const mark = isWhole ? (this.#inItem ? FENCE_IN_ITEM : FENCE).exec(line) : null;
    if (mark === null || !mark[1]!.startsWith(this.#fence!) || mark[2]!.trim() !== "") {
      return "code";
    }
    this.#fence = undefined;
    this.#afterBlank = true;
    return "fence end";
  }

  #opensFence(front: string): boolean {
    if (!front.includes("```") && !front.includes("~~~")) return false;
    const quote = QUOTE.exec(front)?.[0] ?? "";
    const line = front.slice(quote.length).replace(MARKER, "");
    const mark = (this.#inItem ? FENCE_IN_ITEM : FENCE).exec(line);
    if (mark === null || mark[1]!.startsWith("`") && mark[2]!.includes("`")) return false;
    this.#fence = mark[1];
    this.#quotes = quote.replace(/[^>]/g, "").length;
    return true;
  }
}

/** Whether a sign can be the first of an item of a list: a cheap look before the rule. */
function mayBeginItem(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39 || unit === 0x2d || unit === 0x2a || unit === 0x2b ||
    unit === 0x2022;
}

/** As {@linkcode mayBeginItem} for fences: their own signs, a quote's, and the tab that sets one in. */
function mayBeginFence(unit: number): boolean {
  return unit === 0x60 || unit === 0x7e || unit === 0x3e || unit === 0x09;
}

/** What stands behind so many signs of quotes; undefined where there are fewer. */
function quoted(line: string, signs: number): string | undefined {
  let rest = line;
  for (let sign = 0; sign < signs; sign++) {
    const [mark] = /^ {0,3}> ?/.exec(rest) ?? [];
    if (mark === undefined) return undefined;
    rest = rest.slice(mark.length);
  }
  return rest;
}
