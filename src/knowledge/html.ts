/**
 * The text of an HTML page: what a reader sees, block by block, with headings, list items and code
 * marked as in Markdown, so that the text alone tells its structure.
 *
 * Loaded only when there is HTML, since the parser costs as much as the rest of the area. Scripts,
 * styles, forms, navigation and what is marked hidden are left out.
 *
 * @module
 */
import { Parser } from "htmlparser2";
import { AgentError } from "../errors.ts";

/** What is taken from a page. */
export interface HtmlText {
  /** The visible text with Markdown's marks; all offsets count in it. */
  text: string;
  /** The content of `<title>`, or "". */
  title: string;
}

/** The parser's time grows with the square of the depth; no page of a person's is so deep. */
const MAX_DEPTH = 20_000;
const LEFT_OUT = new Set(
  "script style noscript template svg math canvas iframe object embed audio video nav select option textarea button datalist dialog"
    .split(" "),
);
const PARAGRAPHS = new Set(
  "p div section article main header footer aside blockquote figure figcaption table ul ol dl form fieldset details summary address hgroup body"
    .split(" "),
);
const LINES = new Set("tr dt dd caption legend".split(" "));

/**
 * Extracts the text of a page; malformed pages are read as browsers would.
 *
 * @throws {AgentError} `TOO_LARGE` if elements are nested deeper than 20,000 levels.
 */
export function extractHtml(html: string): HtmlText {
  const writer = new Writer();
  const hidden: boolean[] = [];
  let skipping = 0;
  let title = "";
  let inTitle = false;
  let inHeading = false;
  let code = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      const skip = LEFT_OUT.has(name) || "hidden" in attributes ||
        attributes["aria-hidden"] === "true";
      hidden.push(skip);
      if (hidden.length > MAX_DEPTH) {
        throw new AgentError(
          "TOO_LARGE",
          `The HTML is nested deeper than ${MAX_DEPTH} levels; simplify the page or add its text.`,
          { what: "HTML nesting", size: hidden.length, limit: MAX_DEPTH },
        );
      }
      if (skip) skipping++;
      if (skipping > 0) return;
      if (name === "title") inTitle = true;
      else if (/^h[1-6]$/.test(name)) {
        writer.line(2, `${"#".repeat(Number(name[1]))} `);
        inHeading = true;
      } else if (name === "pre") {
        if (code++ === 0) writer.line(2, "```\n");
      } else if (name === "li") writer.line(1, "- ");
      else if (name === "br") inHeading ? writer.space() : writer.line(1);
      else if (name === "hr" || PARAGRAPHS.has(name)) writer.line(2);
      else if (LINES.has(name)) writer.line(1);
      else if (name === "td" || name === "th") writer.cell();
    },
    ontext(data) {
      if (skipping > 0) return;
      // The sign of a link to the heading itself is no part of its words.
      if (inHeading && /^\s*[#¶§🔗]\s*$/u.test(data)) return;
      if (inTitle) title += data;
      else if (code > 0) writer.raw(data);
      else writer.flow(data);
    },
    onclosetag(name) {
      const skipped = hidden.pop() === true;
      if (skipping > 0) {
        if (skipped) skipping--;
        return;
      }
      if (name === "title") inTitle = false;
      else if (/^h[1-6]$/.test(name)) {
        inHeading = false;
        writer.line(2);
      } else if (name === "pre" && code > 0) {
        if (--code === 0) writer.fence();
      } else if (PARAGRAPHS.has(name)) writer.line(2);
      else if (name === "li" || LINES.has(name)) writer.line(1);
    },
  }, { decodeEntities: true, lowerCaseTags: true });
  parser.end(html);
  if (code > 0) writer.fence();
  return { text: writer.text(), title: title.replace(/\s+/g, " ").trim() };
}

/** Joins pieces of text with the white space and the marks that their blocks ask for. */
class Writer {
  #parts: string[] = [];
  #prefix = "";
  #newlines = 0;
  #space = false;
  #cell = false;
  #fenced = false;

  /** The next text begins a line, after so many line ends, with a mark. */
  line(count: number, mark?: string): void {
    if (this.#fenced) return;
    this.#newlines = Math.max(this.#newlines, count);
    if (mark !== undefined) this.#prefix = mark;
    this.#cell = false;
  }

  /** The next text is apart from what was before. */
  space(): void {
    this.#space = true;
  }

  /** The next text is in another cell of the row. */
  cell(): void {
    this.#cell = true;
  }

  /** Ends preformatted text. */
  fence(): void {
    if (this.#fenced) this.#parts.push(this.#parts.at(-1)?.endsWith("\n") ? "```" : "\n```");
    this.#fenced = false;
    this.#prefix = "";
    this.#newlines = 2;
  }

  /** Writes text with its white space collapsed. */
  flow(data: string): void {
    const text = data.replace(/[ \t\r\n\f]+/g, " ");
    const body = text.replace(/^ | $/g, ""); // a no-break space is text
    if (text.startsWith(" ")) this.#space = true;
    if (body === "") return;
    this.#gap();
    this.#parts.push(body);
    this.#space = text.endsWith(" ");
  }

  /** Writes preformatted text as it is. */
  raw(data: string): void {
    if (!this.#fenced) {
      const text = data.replace(/^\r?\n/, "");
      if (text.trim() === "") return;
      this.#gap();
      this.#fenced = true;
      this.#parts.push(text);
    } else this.#parts.push(data);
  }

  /** All that was written. */
  text(): string {
    return this.#parts.join("");
  }

  #gap(): void {
    if (this.#parts.length > 0) {
      if (this.#newlines > 0) this.#parts.push("\n".repeat(this.#newlines));
      else if (this.#cell) this.#parts.push(" | ");
      else if (this.#space) this.#parts.push(" ");
    }
    if (this.#prefix !== "") this.#parts.push(this.#prefix);
    this.#newlines = 0;
    this.#space = false;
    this.#cell = false;
    this.#prefix = "";
  }
}
