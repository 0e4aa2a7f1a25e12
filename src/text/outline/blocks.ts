/**
 * The blocks of a whole text (headings, paragraphs, list items, code, tables) as spans. Linear in the text.
 *
 * @module
 */

import { codeBlocks } from "./code.ts";
import { COMMENT, COMMENT_END, FRONT, LineReader, textKind } from "./lines.ts";
import type { Block, BlockKind, TextFormat } from "./types.ts";

/** In plain text a line may stand for an underline by its looks only: as long as what it underlines, about. */
const DRAWN_LINE = /^ {0,3}(={3,}|-{3,}|~{3,})$/;
const LONGEST_TITLE = 120;
/** Front matter is looked for in so many units. */
const LONGEST_FRONT_MATTER = 20_000;

/**
 * Splits a text into blocks.
 *
 * @param text A document, or a part of one.
 * @param format How it is read.
 * @param offset Where the part begins in the document; only at 0 there can be front matter.
 */
export function blocksOf(text: string, format: TextFormat, offset?: number): Block[];
export function blocksOf(text: string, format: TextFormat, offset = 0): Block[] {
  if (format === "code") return codeBlocks(text);
  const reader = new BlockReader(text, format);
  const begin = format === "markdown" && offset === 0 ? frontMatterEnd(text) + 1 : 0;
  if (begin > 0) reader.blocks.push({ kind: "meta", start: 0, end: begin - 1, level: 0 });
  for (let start = begin, next = start; start < text.length; start = next) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    next = end + 1;
    reader.line(start, end);
  }
  reader.close();
  return reader.blocks;
}

/** Takes the lines of a text one after the other. */
class BlockReader {
  readonly blocks: Block[] = [];
  readonly #text: string;
  /** Tells what lines are; there is none where a text has no marks. */
  readonly #lines: LineReader | undefined;
  /** The block that is being read. */
  #open: Block | undefined;
  #inComment = false;
  #afterBlank = true;

  constructor(text: string, format: TextFormat) {
    this.#text = text;
    this.#lines = format === "text" ? undefined : new LineReader();
  }

  /** Ends the block that is being read. */
  close(): void {
    if (this.#open !== undefined) this.blocks.push(this.#open);
    this.#open = undefined;
  }

  /** Takes the line from `start` to `end`. */
  line(start: number, end: number): void {
    const isWhole = end - start <= FRONT;
    const line = this.#text.slice(start, isWhole ? end : start + FRONT).trimEnd();
    const afterBlank = this.#afterBlank;
    this.#afterBlank = false;
    if (this.#inComment || (this.#lines?.inFence === false && line.startsWith(COMMENT))) {
      return this.#comment(start, end);
    }
    const kind = this.#lines?.read(line, isWhole) ??
      (line === "" && isWhole ? "blank" : "plain");
    if (this.#lines?.leftFence === true) this.close();
    switch (kind) {
      case "blank":
        this.#afterBlank = true;
        return this.close();
      case "heading":
        return this.#heading(start, end, this.#lines!.level);
      case "fence":
        return this.#begin("code", start, end);
      case "code":
      case "fence end":
        this.#open!.end = end;
        return kind === "code" ? undefined : this.close();
      case "underline":
        if (this.#open?.kind === "text") return this.#underlined(end, this.#lines!.level);
        break;
      case "plain":
        if (this.#isDrawn(line)) return this.#underlined(end, line.includes("=") ? 1 : 2);
        if (
          afterBlank && isShouted(line) &&
          (isBlankAt(this.#text, end + 1) || isIndentedAt(this.#text, end + 1))
        ) {
          return this.#heading(start, end, 1);
        }
    }
    this.#textLine(line, start, end);
  }

  #begin(kind: BlockKind, start: number, end: number, level = 0): void {
    this.close();
    this.#open = { kind, start, end, level };
  }

  #heading(start: number, end: number, level: number): void {
    this.#begin("heading", start, end, level);
    this.close();
  }

  /** The open block was a heading, which ends with its underline. */
  #underlined(end: number, level: number): void {
    Object.assign(this.#open!, { kind: "heading", end, level });
    this.close();
  }

  #comment(start: number, end: number): void {
    const from = this.#inComment ? start : start + COMMENT.length;
    if (this.#inComment) this.#open!.end = end;
    else this.#begin("meta", start, end);
    this.#inComment = !this.#text.slice(from, end).includes(COMMENT_END);
    if (!this.#inComment) this.close();
  }

  #textLine(line: string, start: number, end: number): void {
    const kind = textKind(line, this.#lines !== undefined);
    if (this.#open === undefined || kind === "item" || grouped(kind) !== grouped(this.#open.kind)) {
      this.#begin(kind, start, end);
    } else this.#open.end = end;
  }

  /** Whether a line of plain text underlines what is above it, by its looks. */
  #isDrawn(line: string): boolean {
    if (this.#open?.kind !== "text" || !DRAWN_LINE.test(line)) return false;
    const length = this.#open.end - this.#open.start;
    return length <= LONGEST_TITLE && line.trim().length * 2 >= length &&
      !this.#text.slice(this.#open.start, this.#open.end).includes("\n");
  }
}

/** Kinds whose lines belong to their like only. */
function grouped(kind: BlockKind): BlockKind | undefined {
  return kind === "table" || kind === "meta" ? kind : undefined;
}

// Within a function, because a program that only imports should not have to compile it.
function isShouted(line: string): boolean {
  // What stands far apart on one line is the head or foot of a page.
  return /^[\p{Lu}\p{N}][\p{Lu}\p{N} ,/&()'-]{2,58}$/u.test(line) && !line.includes("   ");
}

function isBlankAt(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === 10 || text.startsWith("\r\n", at);
}

/** Whether a line is set in, as manual pages set in all that stands below a heading. */
function isIndentedAt(text: string, at: number): boolean {
  return /^ {2,}\S/.test(text.slice(at, at + 40));
}

/** Where the front matter that starts at 0 ends, or -1. */
export function frontMatterEnd(text: string): number {
  if (!/^---\r?\n/.test(text)) return -1;
  const match = /\n(?:---|\.\.\.)[ \t]*\r?(?=\n|$)/.exec(text.slice(0, LONGEST_FRONT_MATTER));
  return match === null ? -1 : match.index + match[0].length;
}

/** A longer line above an item is no term. */
const LONGEST_TERM = 240;

/** Whether a block is what the next one describes: pages have lists of such, in Markdown a line and an item right below. */
export function isTerm(
  text: string,
  { kind, start, end }: Block,
  next: Block | undefined,
): boolean {
  return kind === "text" && next?.kind === "item" && end - start <= LONGEST_TERM &&
    /^\r?\n[ \t]*$/.test(text.slice(end, next.start)) &&
    !/[.:;!?]\s*$/.test(text.slice(start, end));
}
