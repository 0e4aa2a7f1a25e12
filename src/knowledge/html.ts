/**
 * The text of an HTML page: what a reader sees, block by block, with its headings and code marked.
 *
 * Loaded only when there is HTML, since the parser costs as much as the rest of the area. Scripts,
 * styles, forms, navigation and what is marked hidden are left out.
 *
 * @module
 */
import { Parser } from "htmlparser2";
import type { Block } from "./structure.ts";

/** What is taken from a page. */
export interface HtmlText {
  /** The visible text; all offsets count in it. */
  text: string;
  /** The content of `<title>`, or "". */
  title: string;
  /** Headings and preformatted code, in order. */
  marks: Block[];
}

const LEFT_OUT = new Set(
  "script style noscript template svg math canvas iframe object embed audio video nav select option textarea button datalist dialog"
    .split(" "),
);
const PARAGRAPHS = new Set(
  "p div section article main header footer aside blockquote figure figcaption table ul ol dl form fieldset details summary address hgroup body"
    .split(" "),
);
const LINES = new Set("tr dt dd caption legend".split(" "));

/** Extracts the text of a page; malformed and deeply nested pages are read as far as they go. */
export function extractHtml(html: string): HtmlText {
  const writer = new Writer();
  const marks: Block[] = [];
  const hidden: boolean[] = [];
  let skipping = 0;
  let title = "";
  let inTitle = false;
  let heading: Block | undefined;
  let code: Block | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
      const skip = LEFT_OUT.has(name) || "hidden" in attributes ||
        attributes["aria-hidden"] === "true";
      hidden.push(skip);
      if (skip) skipping++;
      if (skipping > 0) return;
      if (name === "title") inTitle = true;
      else if (/^h[1-6]$/.test(name)) {
        writer.line(2);
        heading = { kind: "heading", start: -1, end: -1, level: Number(name[1]) };
      } else if (name === "pre" && code === undefined) {
        writer.line(2);
        code = { kind: "code", start: -1, end: -1, level: 0 };
      } else if (name === "li") {
        writer.line(1);
        writer.prefix = "- ";
      } else if (name === "br") heading === undefined ? writer.line(1) : writer.space();
      else if (name === "hr" || PARAGRAPHS.has(name)) writer.line(2);
      else if (LINES.has(name)) writer.line(1);
      else if (name === "td" || name === "th") writer.cell();
    },
    ontext(data) {
      if (skipping > 0) return;
      if (inTitle) {
        title += data;
        return;
      }
      const at = code === undefined ? writer.flow(data) : writer.raw(data);
      if (at < 0) return;
      if (heading !== undefined && heading.start < 0) heading.start = at;
      if (code !== undefined && code.start < 0) code.start = at;
    },
    onclosetag(name) {
      const skipped = hidden.pop() === true;
      if (skipping > 0) {
        if (skipped) skipping--;
        return;
      }
      if (name === "title") inTitle = false;
      else if (/^h[1-6]$/.test(name) && heading !== undefined) {
        finish(heading);
        heading = undefined;
      } else if (name === "pre" && code !== undefined) {
        finish(code);
        code = undefined;
      } else if (PARAGRAPHS.has(name)) writer.line(2);
      else if (name === "li" || LINES.has(name)) writer.line(1);
    },
  }, { decodeEntities: true, lowerCaseTags: true });
  const finish = (mark: Block) => {
    mark.end = writer.length;
    if (mark.start >= 0 && mark.end > mark.start) marks.push(mark);
    writer.line(2);
  };
  parser.end(html);
  if (heading !== undefined) finish(heading);
  if (code !== undefined) finish(code);
  // Code inside a heading, or the reverse, would make marks that overlap.
  marks.sort((a, b) => a.start - b.start);
  let end = 0;
  const apart = marks.filter((mark) => mark.start >= end && (end = mark.end) > 0);
  return { text: writer.text(), title: title.replace(/\s+/g, " ").trim(), marks: apart };
}

/** Joins pieces of text with the white space that their blocks ask for. */
class Writer {
  /** Written before the next text, on its line. */
  prefix = "";
  /** The length so far, in UTF-16 units. */
  length = 0;
  #parts: string[] = [];
  #newlines = 0;
  #space = false;
  #cell = false;

  line(count: number): void {
    this.#newlines = Math.max(this.#newlines, count);
    if (count === 2) this.prefix = "";
    this.#cell = false;
  }

  space(): void {
    this.#space = true;
  }

  cell(): void {
    this.#cell = true;
  }

  /** Writes text with its white space collapsed; returns where it starts, or -1 for none. */
  flow(data: string): number {
    const text = data.replace(/[ \t\r\n\f]+/g, " ");
    const body = text.trim();
    if (text.startsWith(" ")) this.#space = true;
    if (body === "") return -1;
    this.#gap();
    const at = this.length;
    this.#push(body);
    this.#space = text.length > 1 && text.endsWith(" ");
    return at;
  }

  /** Writes text as it is; returns where it starts, or -1 for none. */
  raw(data: string): number {
    if (data === "") return -1;
    this.#gap();
    const at = this.length;
    this.#push(data);
    return at;
  }

  text(): string {
    return this.#parts.join("");
  }

  #gap(): void {
    const first = this.length === 0;
    if (this.#newlines > 0 && !first) this.#push("\n".repeat(this.#newlines));
    else if (this.#cell && !first) this.#push(" | ");
    else if (this.#space && !first) this.#push(" ");
    if (this.prefix !== "") this.#push(this.prefix);
    this.#newlines = 0;
    this.#space = false;
    this.#cell = false;
    this.prefix = "";
  }

  #push(text: string): void {
    this.#parts.push(text);
    this.length += text.length;
  }
}
