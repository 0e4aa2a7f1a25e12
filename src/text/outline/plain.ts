/** Text without Markdown's marks, for people to read: quotes, headings and the path of those above a place. @module */

import { blocksOf, isTerm } from "./blocks.ts";
import { commentWords } from "./code.ts";
import { SEPARATOR } from "./record_lines.ts";
import type { Block, BlockKind, Span, TextFormat } from "./types.ts";

const LINK =
  /(?<!\\)!?\[([^\[\]]*)\](?:\((?:[^()\s]|\([^()\s]*\))*(?:\s+"[^"\n]*")?\)|\[[^\[\]]*\])/g;
const ADDRESS = /<((?:https?|mailto):[^<>\s]*)>/gi;
/** Code, which is left alone, or a backslash before a mark or a line end. */
const CODE_OR_ESCAPE = /(`+)(?!`)[^]*?[^`]\1(?!`)|\\(?=[!-/:-@[-`{-~\n])/g;
/** Code, which is left alone, the mark of a footnote, or a tag of those that Markdown is mixed with. */
const CODE_OR_MARK =
  /(`+)(?!`)[^]*?[^`]\1(?!`)|(?<!\\)\[\^[^\[\]\s]+\](?::[ \t]*)?|(?<!\\)<\/?(?:details|summary|p|div|span|br|b|i|em|strong|sub|sup|kbd|center|font|img|picture|source|a|hr|h[1-6])(?:\s[^<>]*)?\/?>/gi;
/** A word that was parted at the end of a line, with a hyphen that is used for nothing else. */
const SOFT_BREAK = /(?<=\p{L})[\u2010\u00ad]\r?\n[ \t]*(?=\p{Ll})/gu;
const LINE_MARK = /(^|\n)[ \t]*(?:[-*+•]|>+|#{1,6})[ \t]+/g;
const ROW = /^[ \t]*\|[ \t]*(.*?)[ \t]*\|[ \t]*$/gm;
const STRONG = /(?<!\\)(\*\*|__)(?=\S)((?:(?!\1)[^\n])+)(?<=\S)\1/g;
const EMPHASIS = /(?<![\\*\w])\*(?=[^\s*])([^*`\n]*[^*`\s])\*(?![*\w])/g;

function withoutLinks(text: string): string {
  return text.replace(LINK, "$1").replace(ADDRESS, "$1");
}

function unescaped(text: string): string {
  return text.replace(CODE_OR_ESCAPE, (found) => found === "\\" ? "" : found);
}

/** The words of a heading without its marks. */
export function headingText(text: string, heading: Span): string {
  const words = text.slice(heading.start, Math.min(heading.end, heading.start + 1_000))
    .replace(/\r?\n[ \t]*[=\-~]+\s*$/, "").replace(/^\s*#{1,6}\s*/, "").replace(/\s+#+\s*$/, "");
  const bare = withoutLinks(words).replace(/<[^<>]*>/g, "").replace(/(?<!\\)[`*]+/g, "");
  return onOneLine(unescaped(bare)).slice(0, 200);
}

/** The headings above a place of a text that is read from its beginning on. */
export class HeadingPath {
  readonly #steps: { level: number; title: string }[] = [];

  /** Takes the next heading. */
  enter(text: string, heading: Block): void {
    this.enterTitle(heading.level, headingText(text, heading));
  }

  /** Takes the next heading, whose words are known. */
  enterTitle(level: number, title: string): void {
    while ((this.#steps.at(-1)?.level ?? 0) >= level) this.#steps.pop();
    this.#steps.push({ level, title });
  }

  /** Their words, outermost first; none without a word. */
  titles(): string[] {
    return this.#steps.map((step) => step.title).filter((title) => title !== "");
  }
}

/**
 * A stretch of a document as running text: without comments, marks and line ends, fenced code kept as it is.
 *
 * @param text The stretch.
 * @param format How it is read.
 * @param layout "lines": items and rows of tables keep a line each, for somebody who reads them. Default: "running".
 */
export function plainText(
  text: string,
  format: TextFormat,
  layout?: "running" | "lines",
): string {
  if (format === "text") return onOneLine(text.replace(SOFT_BREAK, "").replace(LINE_MARK, "$1"));
  let plain = "";
  const isCode = format === "code";
  let before: BlockKind = "text";
  const blocks = blocksOf(text, isCode ? format : "html");
  for (const [at, block] of blocks.entries()) {
    const { kind, start, end } = block;
    const part = isCode ? text.slice(start, end).trimEnd() : text.slice(start, end).trim();
    const parts = layout === "lines" &&
      (isListed(kind) || isListed(before) || isTerm(text, block, blocks[at + 1]));
    const gap = plain.endsWith("\n") ? "" : parts && plain !== "" ? "\n" : " ";
    if (kind === "code") plain += `\n${part}\n`;
    else if (isCode) plain += gap + onOneLine(commentWords(part));
    else if (kind !== "meta") plain += gap + (parts ? lines(kind, part) : inline(part));
    before = kind;
  }
  return plain.trim();
}

function isListed(kind: BlockKind): boolean {
  return kind === "item" || kind === "table";
}

/** An item with its sign, or the rows of a table below each other. */
function lines(kind: BlockKind, part: string): string {
  if (kind === "item") return (/^[-*+\u2022]\s/.test(part) ? "- " : "") + inline(part);
  if (kind !== "table") return inline(part);
  return part.split("\n").filter((row) => !SEPARATOR.test(row.trim())).map(inline).join("\n");
}

function inline(text: string): string {
  const words = text.replace(
    CODE_OR_MARK,
    (found) => found.startsWith("`") ? found : breakOf(found),
  );
  const bare = words.replace(LINE_MARK, "$1").replace(ROW, "$1").replace(STRONG, "$2");
  return onOneLine(unescaped(withoutLinks(bare.replace(EMPHASIS, "$1"))));
}

/** Words on both sides of some tags are not one word. */
function breakOf(mark: string): string {
  return /^<\/?(?:br|p|div|summary|details|hr|h\d)/i.test(mark) ? " " : "";
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
