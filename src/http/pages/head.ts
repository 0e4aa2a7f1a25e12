/**
 * What a page says of itself in its head: title, description, language. It is read tag by tag up to `<body>`, in linear
 * time. Twin: `rust/areas/pages/src/head.rs`.
 *
 * @module
 */

import { decodeReferences } from "../../text/markdown/page.ts";

/** What was found; as it stands there, with references decoded; "" where there is none. */
export interface Head {
  title: string;
  ogTitle: string;
  description: string;
  language: string;
}

/** Elements whose content is none of the head's. */
const SKIPPED: ReadonlySet<string> = new Set([
  "script",
  "style",
  "svg",
  "template",
  "noscript",
  "textarea",
]);
/** A longer name is none that counts. */
const LONGEST = 8;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13 && code !== 11);
}

function isLetter(code: number): boolean {
  return (code | 32) >= 97 && (code | 32) <= 122;
}

/** Reads the head of a page. */
export function readHead(html: string): Head {
  return new Reader(html).read();
}

class Reader {
  readonly #html: string;
  readonly #head: Head = { title: "", ogTitle: "", description: "", language: "" };
  #ogDescription = "";

  constructor(html: string) {
    this.#html = html;
  }

  read(): Head {
    const html = this.#html;
    let at = html.indexOf("<");
    while (at >= 0) {
      if (html.startsWith("!--", at + 1)) {
        const end = html.indexOf("-->", at + 2);
        if (end < 0) break;
        at = end + 3;
      } else if (isLetter(html.charCodeAt(at + 1))) {
        at = this.#tag(at + 1);
        if (at < 0) break;
      } else at++;
      at = html.indexOf("<", at);
    }
    this.#head.description ||= this.#ogDescription;
    return this.#head;
  }

  /** Reads a start tag whose name begins at a place. What is behind it and its content; -1 to end. */
  #tag(from: number): number {
    const html = this.#html;
    let at = from;
    while (at < html.length && !this.#endsName(at)) at++;
    const name = at - from > LONGEST ? "" : lower(html.slice(from, at));
    if (name === "body") return -1;
    const values = new Map<string, string>();
    const isWanted = name === "meta" || name === "html";
    at = this.#attributes(at, isWanted ? values : undefined);
    if (at < 0) return -1;
    if (name === "meta") this.#meta(values);
    else if (name === "html") this.#head.language ||= values.get("lang") ?? "";
    else if (name === "title" || SKIPPED.has(name)) {
      const end = this.#endTag(at, name);
      if (end < 0) return -1;
      if (name === "title") this.#head.title ||= decodeReferences(html.slice(at, end), false);
      return end;
    }
    return at;
  }

  #endsName(at: number): boolean {
    const code = this.#html.charCodeAt(at);
    return code === 62 || code === 47 || isSpace(code);
  }

  /** What is behind a tag whose name is read; -1 if it does not end. */
  #attributes(at: number, values: Map<string, string> | undefined): number {
    const html = this.#html;
    while (at < html.length) {
      const code = html.charCodeAt(at);
      if (code === 62) return at + 1;
      if (code === 47 || isSpace(code)) {
        at++;
        continue;
      }
      const from = at++;
      while (at < html.length && html.charCodeAt(at) !== 61 && !this.#endsName(at)) at++;
      const to = at;
      at = this.#pastSpaces(at);
      let value = "";
      if (html.charCodeAt(at) === 61) {
        at = this.#pastSpaces(at + 1);
        const quote = html[at];
        let start = at;
        if (quote === '"' || quote === "'") {
          start = at + 1;
          const end = html.indexOf(quote, start);
          if (end < 0) return -1;
          if (values !== undefined) value = html.slice(start, end);
          at = end + 1;
        } else {
          while (
            at < html.length && html.charCodeAt(at) !== 62 && !isSpace(html.charCodeAt(at))
          ) at++;
          if (values !== undefined) value = html.slice(start, at);
        }
      }
      if (values === undefined || to - from > LONGEST) continue;
      const name = lower(html.slice(from, to));
      if (!values.has(name)) values.set(name, decodeReferences(value, true));
    }
    return -1;
  }

  #pastSpaces(at: number): number {
    while (at < this.#html.length && isSpace(this.#html.charCodeAt(at))) at++;
    return at;
  }

  /** Where the end tag of a name begins; -1 if there is none. */
  #endTag(from: number, name: string): number {
    const html = this.#html;
    for (let at = html.indexOf("</", from); at >= 0; at = html.indexOf("</", at + 2)) {
      const end = at + 2 + name.length;
      if (end < html.length && lower(html.slice(at + 2, end)) === name && this.#endsName(end)) {
        return at;
      }
    }
    return -1;
  }

  #meta(values: ReadonlyMap<string, string>): void {
    const content = values.get("content") ?? "";
    const head = this.#head;
    const name = lower(values.get("name") ?? "");
    const property = lower(values.get("property") ?? "");
    if (name === "description") head.description ||= content;
    if (property === "og:title" || name === "og:title") head.ogTitle ||= content;
    if (property === "og:description" || name === "og:description") {
      this.#ogDescription ||= content;
    }
  }
}

/** ASCII letters in lower case. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
