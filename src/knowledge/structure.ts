/**
 * The blocks of a text (headings, paragraphs, list items, code, tables) and its sentences, as
 * spans of UTF-16 offsets. Linear in the text; shared by chunking and by the answerer.
 *
 * @module
 */
import type { DocumentFormat } from "./types.ts";

/** What a block is. */
export type BlockKind = "heading" | "code" | "item" | "table" | "text" | "meta";

/** A stretch of text that belongs together; between blocks there is only white space. */
export interface Block {
  /** What it is; `meta` is front matter, a comment or the target of links. */
  kind: BlockKind;
  /** Where it starts. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
  /** The depth of a heading from 1, otherwise 0. */
  level: number;
}

/** A stretch of a text. */
export interface Span {
  /** Where it starts. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
}

const ATX = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ITEM = /^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s/;
const DEFINITION = /^ {0,3}\[[^\[\]]+\]:\s*\S/;
const UNDERLINE = /^ {0,3}(={3,}|-{3,}|~{3,})\s*$/;

// Within a function, because a program that only imports should not have to compile it.
function isShouted(line: string): boolean {
  return /^[\p{Lu}\p{N}][\p{Lu}\p{N} ,/&()'-]{2,58}$/u.test(line);
}

/** Splits a text into blocks. The text extracted from HTML has Markdown's marks. */
export function blocksOf(text: string, format: DocumentFormat): Block[] {
  const marked = format !== "text";
  const blocks: Block[] = [];
  let open: Block | undefined; // the paragraph, item or table being read
  let fence: { block: Block; mark: string } | undefined;
  let comment: Block | undefined;
  let previousBlank = true;
  const close = () => {
    if (open !== undefined) blocks.push(open);
    open = undefined;
  };
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const next = end + 1;
    const line = text.slice(start, Math.min(end, start + 400)).trimEnd();
    if (comment !== undefined) {
      comment.end = end;
      if (text.slice(start, end).includes("-->")) {
        blocks.push(comment);
        comment = undefined;
      }
    } else if (fence !== undefined) {
      fence.block.end = end;
      const closing = line.trim();
      if (closing.startsWith(fence.mark) && /^[`~]+$/.test(closing)) {
        blocks.push(fence.block);
        fence = undefined;
      }
    } else if (line.trim() === "" && end - start <= 400) {
      close();
      previousBlank = true;
      start = next;
      continue;
    } else if (start === 0 && format === "markdown" && line === "---" && frontMatterEnd(text) > 0) {
      const stop = frontMatterEnd(text);
      blocks.push({ kind: "meta", start: 0, end: stop, level: 0 });
      previousBlank = true;
      start = stop + 1;
      continue;
    } else {
      if (marked && line.startsWith("<!--")) {
        close();
        const block: Block = { kind: "meta", start, end, level: 0 };
        if (text.slice(start + 4, end).includes("-->")) blocks.push(block);
        else comment = block;
        previousBlank = false;
        start = next;
        continue;
      }
      const marker = marked ? FENCE.exec(line) : null;
      const atx = marked ? ATX.exec(line) : null;
      if (marker !== null) {
        close();
        fence = { block: { kind: "code", start, end, level: 0 }, mark: marker[1]!.slice(0, 3) };
      } else if (atx !== null) {
        close();
        blocks.push({ kind: "heading", start, end, level: atx[1]!.length });
      } else if (isUnderline(line, open, text)) {
        const title: Block = open!;
        blocks.push({
          kind: "heading",
          start: title.start,
          end,
          level: line.includes("=") ? 1 : 2,
        });
        open = undefined;
      } else if (
        format === "text" && previousBlank && isShouted(line) && isBlankAt(text, next)
      ) {
        blocks.push({ kind: "heading", start, end, level: 1 });
      } else {
        const kind: BlockKind = marked && DEFINITION.test(line)
          ? "meta"
          : ITEM.test(line)
          ? "item"
          : /^\s*\|/.test(line)
          ? "table"
          : "text";
        if (
          open === undefined || kind === "item" || grouped(kind) !== grouped(open.kind)
        ) {
          close();
          open = { kind, start, end, level: 0 };
        } else open.end = end;
      }
    }
    previousBlank = false;
    start = next;
  }
  if (fence !== undefined) blocks.push(fence.block);
  if (comment !== undefined) blocks.push(comment);
  close();
  return blocks;
}

/** Kinds whose lines belong to their like only. */
function grouped(kind: BlockKind): BlockKind | undefined {
  return kind === "table" || kind === "meta" ? kind : undefined;
}

function isUnderline(line: string, open: Block | undefined, text: string): boolean {
  if (open === undefined || open.kind !== "text" || !UNDERLINE.test(line)) return false;
  const length = open.end - open.start;
  return length <= 120 && !text.slice(open.start, open.end).includes("\n") &&
    line.trim().length * 2 >= length;
}

function isBlankAt(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === 10 || text.startsWith("\r\n", at);
}

/** Where the front matter that starts at 0 ends, or -1; looked for in the first 20,000 units. */
export function frontMatterEnd(text: string): number {
  if (!/^---\r?\n/.test(text)) return -1;
  const match = /\n(?:---|\.\.\.)[ \t]*\r?(?=\n|$)/.exec(text.slice(0, 20_000));
  return match === null ? -1 : match.index + match[0].length;
}

/** The words of a heading without its marks. */
export function headingText(text: string, heading: Span): string {
  return text.slice(heading.start, Math.min(heading.end, heading.start + 1_000))
    .replace(/\r?\n[ \t]*[=\-~]+\s*$/, "")
    .replace(/^\s*#{1,6}\s*/, "").replace(/\s+#+\s*$/, "")
    .replace(/<[^<>]*>/g, "").replace(/!?\[([^\[\]]*)\]\([^()]*\)/g, "$1")
    .replace(/[`*]+/g, "").replace(/\s+/g, " ").trim().slice(0, 200);
}

const ABBREVIATIONS = new Set(
  "e.g i.e etc vs cf al approx dr mr mrs ms prof st no fig eq sec ch vol pp p inc ltd co corp jr sr dept est resp"
    .split(" "),
);
// Starts only where a run of stops does: a run of a million of them is then tried once.
const STOP = /(?<![.!?…])[.!?…]+["'”’)\]*_`]*(?=\s)|[。！？｡]+[」』”’）]*/gu;
const MAX_SENTENCE = 400;

/** The sentences of a block, trimmed; code is one, an unpunctuated stretch is cut at lines. */
export function sentencesOf(text: string, block: Block): Span[] {
  const spans: Span[] = [];
  if (block.kind === "code" || block.kind === "heading") push(spans, text, block.start, block.end);
  else if (block.kind === "table") {
    eachLine(text, block, (start, end) => push(spans, text, start, end));
  } else if (block.kind !== "meta") {
    const body = text.slice(block.start, block.end);
    let start = 0;
    STOP.lastIndex = 0;
    for (let match = STOP.exec(body); match !== null; match = STOP.exec(body)) {
      const end = match.index + match[0].length;
      if (!endsSentence(body, start, match.index, end)) continue;
      pushSplit(spans, text, block.start + start, block.start + end);
      start = end;
    }
    pushSplit(spans, text, block.start + start, block.end);
  }
  return spans;
}

function endsSentence(body: string, start: number, dot: number, end: number): boolean {
  if (body[dot] !== ".") return true;
  let from = dot;
  while (from > start && dot - from < 12 && /[\p{L}\p{N}.]/u.test(body[from - 1]!)) from--;
  const word = body.slice(from, dot).toLowerCase();
  if (ABBREVIATIONS.has(word) || /^\p{L}$/u.test(word)) return false;
  if (/^\d{1,3}$/.test(word) && body.slice(start, from).trim() === "") return false; // "1. item"
  const next = /\S/u.exec(body.slice(end, end + 40))?.[0];
  return next === undefined || !/\p{Ll}/u.test(next);
}

function pushSplit(spans: Span[], text: string, start: number, end: number): void {
  if (end - start <= MAX_SENTENCE) return push(spans, text, start, end);
  let from = start;
  while (end - from > MAX_SENTENCE) {
    const cut = borderBefore(text, from, from + MAX_SENTENCE);
    push(spans, text, from, cut);
    from = cut;
  }
  push(spans, text, from, end);
}

/** The best place to cut in the second half of a stretch: a line's end, white space, anywhere. */
export function borderBefore(text: string, start: number, end: number): number {
  const half = start + ((end - start) >> 1);
  const line = text.slice(half, end).lastIndexOf("\n"); // a slice, so that the search ends there
  if (line >= 0) return half + line + 1;
  for (let at = end - 1; at >= half; at--) {
    const unit = text.charCodeAt(at);
    if (unit === 32 || unit === 9 || unit === 0x3000 || unit === 0x3002) return at + 1;
  }
  const unit = text.charCodeAt(end);
  return unit >= 0xdc00 && unit <= 0xdfff ? end - 1 : end;
}

function push(spans: Span[], text: string, start: number, end: number): void {
  const trimmed = trimSpan(text, start, end);
  if (trimmed.end > trimmed.start) spans.push(trimmed);
}

/** A span without the white space at its ends. */
export function trimSpan(text: string, start: number, end: number): Span {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return { start, end };
}

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0 || unit === 0x3000 ||
    unit === 0xfeff || unit === 0x2028 || unit === 0x2029;
}

function eachLine(text: string, span: Span, visit: (start: number, end: number) => void): void {
  for (let start = span.start; start < span.end;) {
    let end = text.indexOf("\n", start);
    if (end < 0 || end > span.end) end = span.end;
    visit(start, end);
    start = end + 1;
  }
}
