/**
 * Secrets in HTML and XML: the text of elements and the attributes whose names say so, values of fields and entries that
 * are named by another attribute, and what stands beside a name in a list or a table.
 *
 * @module
 */

import { isSecretName, isSecretParameter } from "../names.ts";
import type { Span } from "../rules.ts";
import { type Tag, tagsOf } from "./tags.ts";

/** Attributes that say how an element is called. */
const NAMING =
  /^(?:name|id|key|property|itemprop|http-equiv|field|param|parameter|variable|setting|k|(?:data|ng|v)-(?:name|key|field|model)|formcontrolname|\w*name)$/;
/** Attributes that hold its value. */
const VALUED =
  /^(?:value|val|v|content|default|defaultvalue|text|data|(?:data|ng|v)-(?:value|content|default|text|init|clipboard-text)|\w+value)$/;
/** Fields of forms, whose short names are those of parameters. */
const FIELDS: readonly string[] = ["input", "textarea", "param", "option"];
const SECRET_FIELD = /^(?:current-password|new-password|one-time-code|cc-number|cc-csc)$/;
/** Elements that hold whole parts of a page, of which the text next to the tag is all that a name says something about. */
const WIDE: readonly string[] = [
  ...["html", "head", "body", "form", "fieldset", "section", "article", "main", "div", "ul", "ol"],
  ...["table", "tbody", "tr", "nav", "header", "footer", "aside", "dialog", "script", "style"],
  ...["label", "a", "button", "h1", "h2", "h3", "h4", "h5", "h6", "template", "svg", "details"],
];
/** Elements whose text may be the name of what comes next. */
const TITLES: readonly string[] = [
  "dt",
  "th",
  "td",
  "key",
  "name",
  "param-name",
  "label",
  "string",
];
const TITLE_END: readonly string[] = ["th", "dt", "key", "name", "label", "script", "style"];
/** What a label says something about. */
const LABELLED: readonly string[] = [
  ...["input", "textarea", "output", "code", "kbd", "samp", "pre", "span", "data", "var"],
];
/** How far an element is looked into. */
const LONGEST = 16_384;

/** Elements that stand in a text and may hold the value that it speaks of. */
const INLINE: readonly string[] = ["b", "strong", "em", "i", "tt", "mark", "u", "font"];

/** The secrets of a text's markup. */
export function markupSpans(text: string): Span[] {
  const spans: Span[] = [];
  const table = new Table();
  let title: Tag | undefined;
  let value: Tag | undefined;
  let last = 0;
  let next: string | undefined;
  let isOwned = false;
  let opened: Tag | undefined;
  // What is within an element that is hidden needs no second look.
  let hiddenTo = 0;
  for (const tag of tagsOf(text)) {
    const before = text.slice(Math.max(last, tag.start - 128), tag.start);
    last = tag.end;
    // What only sets a word off says nothing of what is named.
    const isInline = INLINE.includes(tag.name);
    if (tag.closes) {
      if (isInline) {
        spans.push(...behindTitle(text, opened, tag));
        continue;
      }
      const isClosed = title?.name === tag.name;
      next = isClosed && isTitle(text.slice(title!.end, tag.start)) ? tag.name : undefined;
      if (next === "th") table.title();
      // Where the value comes first, it is the element before this one, unless that has a name of its own.
      if (next !== undefined && value !== undefined) spans.push(...contentSpans(text, value));
      if (isClosed) [title, value, isOwned] = [undefined, undefined, true];
      continue;
    }
    const named = isNamed(tag, next, before);
    if (isInline) opened = tag;
    else {
      next = undefined;
      table.open(tag.name);
      const isValue = /^(?:\w*value|data|text)$/.test(tag.name);
      title = TITLES.includes(tag.name) ? tag : undefined;
      if (isValue) value = isOwned ? undefined : tag;
      else if (title === undefined) value = undefined;
      if (tag.name !== "string") isOwned = false;
    }
    const hides = named || isNamedSecret(tag) || tag.name === "td" && table.isSecret;
    for (const { name, value, span } of tag.attributes) {
      if (value === "") continue;
      if (hides && VALUED.test(name) || isSecretName(name)) spans.push(span);
    }
    if (tag.isEmpty || tag.end < hiddenTo) continue;
    if (isSecretName(tag.name) && tag.name !== "session" || hides && !WIDE.includes(tag.name)) {
      const content = contentSpans(text, tag);
      spans.push(...content);
      hiddenTo = content.at(-1)?.[1] ?? 0;
    } else if (hides || tag.name === "session") {
      spans.push(...textSpans(text, tag.end, tag.end + LONGEST, true));
    }
  }
  return spans;
}

/** The text behind a name that is set off: `<b>Password:</b> ...`. */
function behindTitle(text: string, opened: Tag | undefined, close: Tag): Span[] {
  if (opened?.name !== close.name) return [];
  const title = text.slice(opened.end, close.start);
  const sign = /^\s{0,16}[:=]/.exec(text.slice(close.end, close.end + 20))?.[0] ?? "";
  if (sign === "" && !/[:=]\s*$/.test(title) || !isTitle(title)) return [];
  return textSpans(text, close.end + sign.length, close.end + LONGEST, true);
}

/** Whether what stands before a tag names what is in it: an element, or the text. */
function isNamed({ name }: Tag, title: string | undefined, before: string): boolean {
  if (title === "label" && LABELLED.includes(name)) return true;
  if (title !== undefined && title !== "label") {
    return !TITLE_END.includes(name) && !WIDE.includes(name);
  }
  if (!/[:=]\s*$|\bis\s+$/.test(before)) return false;
  return (LABELLED.includes(name) || INLINE.includes(name)) && isTitle(before);
}

/** The columns of a table whose heads say that they are secret. */
class Table {
  #columns: readonly number[] = [];
  #heads: number[] = [];
  #at = -1;
  #isHead = true;

  /** Whether the cell is one of such a column. */
  get isSecret(): boolean {
    return this.#columns.includes(this.#at);
  }

  /** The cell is the head of such a column, if its row is one of heads. */
  title(): void {
    this.#heads.push(this.#at);
  }

  /** Goes on to a tag. */
  open(name: string): void {
    if (name === "td" || name === "th") {
      this.#at++;
      if (name === "td") this.#isHead = false;
    } else if (name === "tr" || name === "table") {
      if (this.#isHead && this.#at > 0) this.#columns = this.#heads;
      if (name === "table") this.#columns = [];
      this.#heads = [];
      this.#at = -1;
      this.#isHead = true;
    }
  }
}

function isTitle(text: string): boolean {
  const title = text.replace(/<[^>]{0,256}>/g, "").replace(/(?:\s+is)?\s*[:=]?\s*$/, "").trim();
  return title.length <= 64 && !/[.!?]$/.test(title) && isSecretName(title);
}

/** Whether an attribute says that the element holds a secret. */
function isNamedSecret({ name: element, attributes }: Tag): boolean {
  return attributes.some(({ name, value }) => {
    if (name === "type") return element === "input" && value.toLowerCase() === "password";
    if (name === "autocomplete") return SECRET_FIELD.test(value.toLowerCase());
    if (!NAMING.test(name)) return false;
    return FIELDS.includes(element) ? isSecretParameter(value) : isSecretName(value);
  });
}

/** All text of an element, and the values of what is in it; of one that has no end, the text next to it. */
function contentSpans(text: string, tag: Tag): Span[] {
  const most = Math.min(text.length, tag.end + LONGEST);
  const close = new RegExp(`<\\\\?/${tag.written.replace(/[.]/g, "\\.")}\\s*>`, "gi");
  close.lastIndex = tag.end;
  const found = close.exec(text.slice(0, most));
  if (found === null) return textSpans(text, tag.end, most, true);
  const spans = textSpans(text, tag.end, found.index, false);
  for (const inner of tagsOf(text.slice(tag.end, found.index))) {
    for (const { name, span: [start, end] } of inner.attributes) {
      if (VALUED.test(name)) spans.push([tag.end + start, tag.end + end]);
    }
  }
  return spans;
}

/** The texts between tags, those of CDATA too; the first alone where `once` says so. */
function textSpans(text: string, from: number, to: number, once: boolean): Span[] {
  const spans: Span[] = [];
  const end = Math.min(text.length, to);
  for (let at = from; at < end;) {
    if (text.startsWith("<![CDATA[", at)) {
      const close = text.indexOf("]]>", at);
      const last = close < 0 ? end : close;
      spans.push(trimmed(text, at + 9, last));
      at = last + 3;
      if (once) break;
      continue;
    }
    if (text.startsWith("<!--", at)) {
      const close = text.indexOf("-->", at);
      at = close < 0 ? end : close + 3;
      continue;
    }
    if (text[at] === "<" && /[A-Za-z/\\?]/.test(text[at + 1] ?? "")) {
      if (once) break;
      const close = text.indexOf(">", at);
      at = close < 0 ? end : close + 1;
      continue;
    }
    const next = nextMarkup(text, at + 1, end);
    spans.push(trimmed(text, at, next));
    at = next;
    if (once && text.slice(0, at).trim() !== "" && spans.at(-1)![1] > spans.at(-1)![0]) break;
  }
  return spans.filter(([start, last]) => last > start);
}

function nextMarkup(text: string, from: number, end: number): number {
  const pattern = /<[A-Za-z/!?\\]/g;
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null ? end : Math.min(found.index, end);
}

/** Without the blanks around it, so that the form of a document stays. */
function trimmed(text: string, start: number, end: number): Span {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from]!)) from++;
  while (to > from && /\s/.test(text[to - 1]!)) to--;
  return [from, to];
}

const ENTITY = /&(?:quot|apos|lt|gt|amp|#\d{1,7}|#x[0-9a-f]{1,6});/i;
const NAMES: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  lt: "<",
  gt: ">",
  amp: "&",
};

/** A text whose pieces with character references are seen as what they stand for: JSON in an attribute. */
export function withoutReferences(text: string, scrub: (text: string) => string): string {
  if (!ENTITY.test(text)) return text;
  return text.split(/([<>"\n])/).map((piece) => {
    if (!ENTITY.test(piece)) return piece;
    const plain = piece.replace(
      /&(?:(quot|apos|lt|gt|amp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi,
      (all, name?: string, decimal?: string, hex?: string) => {
        if (name !== undefined) return NAMES[name.toLowerCase()]!;
        const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
      },
    );
    const scrubbed = scrub(plain);
    if (scrubbed === plain) return piece;
    return scrubbed.replace(
      /[&<>"]/g,
      (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!,
    );
  }).join("");
}
