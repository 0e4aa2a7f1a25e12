/**
 * Writes blocks one below the other: blank lines between them, quotes and lists as prefixes of lines. Twin:
 * `blocks.rs`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { HARD_BREAK } from "./inline.ts";

/** Lines begin with at most so many units of prefix; what is nested deeper stays at that depth. */
const MOST_PREFIX = 60;
/** The longest result, in UTF-16 units: what a string of V8 can hold. */
export const MAX_UNITS: number = 2 ** 29 - 24;

/** A list that items are put into. */
export interface List {
  ordered: boolean;
  /** The number of the next item. */
  number: number;
  /** Items that were written. */
  items: number;
  /** Whether its marks differ from those of the list before it. */
  other: boolean;
}

/** A quote or an item. */
interface Frame {
  prefix: string;
  /** What `#first` was before. */
  first: string | undefined;
  list: List | undefined;
  /** Blocks written before it. */
  written: number;
}

/** The text in the making. */
export class Blocks {
  readonly #out: string[] = [];
  #units = 0;
  #frames: Frame[] = [];
  #prefix = "";
  /** How the next line begins, where a mark waits for its first line. */
  #first: string | undefined;
  /** The next block follows without a blank line. */
  #tight = false;
  /** The fewest frames that were open since the last block, and how many were then. */
  #lowest = 0;
  #depth = 0;
  #written = 0;
  #wasParagraph = false;
  #closed: { list: List; depth: number; written: number } | undefined;

  /** Whether a mark waits for its first line. */
  get marked(): boolean {
    return this.#first !== undefined;
  }

  /** Writes a paragraph. */
  paragraph(text: string, broken: boolean): void {
    if (text === "") return;
    this.#write(lineStarts(text, broken));
    this.#wasParagraph = true;
  }

  /** Writes a heading. */
  heading(level: number, text: string): void {
    if (text === "") return;
    const end = text.endsWith("#") ? `${text.slice(0, -1)}\\#` : text;
    this.#write(`${"#".repeat(level)} ${end}`);
  }

  /** Writes a line between blocks. */
  rule(): void {
    this.#write(this.#first === undefined ? "---" : "___");
  }

  /** Writes what is Markdown already. */
  markdown(text: string): void {
    this.#write(text);
  }

  /** Begins a list; bullets go on with those before them where both stand in a list without an item. */
  list(ordered: boolean, start: number, goesOn = false): List {
    const closed = this.#closed;
    const follows = closed !== undefined && closed.depth === this.#frames.length &&
      closed.written === this.#written && closed.list.ordered === ordered && closed.list.items > 0;
    if (follows && goesOn && !ordered) return closed.list;
    return { ordered, number: start, items: 0, other: follows && !closed.list.other };
  }

  /** Ends it. */
  endList(list: List): void {
    if (list.items === 0) return;
    this.#closed = { list, depth: this.#frames.length, written: this.#written };
    this.#tight = false;
  }

  /** Begins an item. */
  item(list: List): void {
    const { ordered, number, other } = list;
    const mark = ordered ? `${number}${other ? ")" : "."} ` : other ? "* " : "- ";
    list.number = Math.min(number + 1, 999_999_999);
    const follows = this.#frames.length > 0 && this.#wasParagraph && this.#first === undefined &&
      this.#depth === this.#frames.length && this.#lowest === this.#depth;
    if (this.#first === undefined) {
      this.#tight = list.items > 0 || (follows && (!ordered || number === 1));
    }
    this.#enter(mark, " ".repeat(mark.length), list);
  }

  /** Goes on with the last item of a list, where a list stands in it without an item; false if it has none. */
  reopen(list: List): boolean {
    if (list.items === 0 || this.#first !== undefined) return false;
    const width = list.ordered ? `${Math.max(1, list.number - 1)}. `.length : 2;
    this.#enter("", " ".repeat(width), undefined);
    this.#first = undefined;
    // It follows the item's text at once.
    if (this.#depth === this.#frames.length) this.#lowest = this.#depth;
    return true;
  }

  /** Begins the definition of a term. */
  definition(list: List): void {
    const follows = this.#written > 0 && this.#lowest === this.#frames.length &&
      (list.items > 0 || (this.#wasParagraph && this.#depth === this.#lowest));
    if (this.#first === undefined) this.#tight = follows;
    this.#enter("- ", "  ", list);
  }

  /** Begins a quote. */
  quote(): void {
    this.#enter("> ", "> ", undefined);
  }

  /** Ends the item or quote that began last. */
  leave(): void {
    const { first, list, written } = this.#frames.pop()!;
    if (this.#written > written) {
      if (list !== undefined) list.items++;
    } else this.#first = first;
    this.#prefix = this.#frames.at(-1)?.prefix ?? "";
    this.#lowest = Math.min(this.#lowest, this.#frames.length);
    this.#tight = false;
  }

  /** All of it. */
  take(): string {
    return this.#out.join("");
  }

  #enter(mark: string, prefix: string, list: List | undefined): void {
    const first = this.#first;
    this.#frames.push({ prefix: this.#prefix, first, list, written: this.#written });
    if (this.#prefix.length + prefix.length > MOST_PREFIX) return;
    this.#first = (first ?? this.#prefix) + mark;
    this.#prefix += prefix;
    this.#frames.at(-1)!.prefix = this.#prefix;
  }

  #write(text: string): void {
    if (this.#written > 0) {
      if (this.#tight) this.#add("\n");
      else {
        const common = this.#lowest === 0 ? "" : this.#frames[this.#lowest - 1]!.prefix;
        this.#add(`\n${common.trimEnd()}\n`);
      }
    }
    const prefix = this.#prefix;
    this.#add(this.#first ?? prefix);
    if (prefix === "" || !text.includes("\n")) this.#add(text);
    else {
      const blank = prefix.trimEnd();
      let from = 0;
      for (;;) {
        const end = text.indexOf("\n", from);
        if (end < 0) break;
        this.#add(text.slice(from, end + 1));
        from = end + 1;
        this.#add(text.charCodeAt(from) === 10 ? blank : prefix);
      }
      this.#add(text.slice(from));
    }
    this.#first = undefined;
    this.#tight = false;
    this.#written++;
    this.#lowest = this.#depth = this.#frames.length;
    this.#wasParagraph = false;
  }

  #add(piece: string): void {
    this.#units += piece.length;
    if (this.#units > MAX_UNITS) {
      throw new AgentError(
        "TOO_LARGE",
        `The Markdown is over ${MAX_UNITS} characters; split the page`,
        { what: "Markdown", size: MAX_UNITS + 1, limit: MAX_UNITS },
      );
    }
    if (piece !== "") this.#out.push(piece);
  }
}

/** Escapes what would make another block of a paragraph, at the start of each of its lines. */
function lineStarts(text: string, broken: boolean): string {
  if (!broken) return lineStart(text, false);
  const lines = text.split(HARD_BREAK);
  return lines.map((line, index) => lineStart(line, index > 0)).join(HARD_BREAK);
}

/** The same for one line, which may go on a paragraph. */
function lineStart(line: string, goesOn: boolean): string {
  const code = line.charCodeAt(0);
  switch (code) {
    case 35: { // #
      let end = 1;
      while (line.charCodeAt(end) === 35) end++;
      return end <= 6 && endsMark(line, end) ? `\\${line}` : line;
    }
    case 43: // +
      return endsMark(line, 1) ? `\\${line}` : line;
    case 45: // -
      return goesOn || endsMark(line, 1) || line.charCodeAt(1) === 45 ? `\\${line}` : line;
    case 62: // >
      return `\\${line}`;
    case 61: // =
    case 124: // |
    case 58: // :
      return goesOn ? `\\${line}` : line;
  }
  if (!(code >= 48 && code <= 57)) return line;
  let end = 1;
  while (end < 10 && line.charCodeAt(end) >= 48 && line.charCodeAt(end) <= 57) end++;
  const mark = line.charCodeAt(end);
  if (end > 9 || (mark !== 46 && mark !== 41) || !endsMark(line, end + 1)) return line;
  return `${line.slice(0, end)}\\${line.slice(end)}`;
}

function endsMark(line: string, at: number): boolean {
  return at >= line.length || line.charCodeAt(at) === 32;
}
