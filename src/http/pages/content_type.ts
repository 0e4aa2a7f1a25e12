/**
 * What a response says its body is: the media type and the charset, by the WHATWG's MIME Sniffing standard (section 4.4).
 * Beside both twins.
 *
 * @module
 */

import type { PageKind } from "./types.ts";

/** A media type as far as pages need it. */
export interface ContentType {
  /** Type and subtype in lower case, "" if there are none. */
  essence: string;
  /** The charset's label, "" if there is none. */
  label: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Takes a `content-type` apart; of several that were joined by commas the first one counts. */
export function contentTypeOf(header: string | null): ContentType {
  const text = header ?? "";
  const end = endOf(text, 0, ";,");
  const essence = text.slice(0, end).trim().toLowerCase();
  const [type = "", subtype = "", more] = essence.split("/");
  if (more !== undefined || !TOKEN.test(type) || !TOKEN.test(subtype)) {
    return { essence: "", label: "" };
  }
  return { essence, label: charsetIn(text, end) };
}

/** The first charset among the parameters. */
function charsetIn(text: string, at: number): string {
  while (text[at] === ";") {
    const from = at + 1;
    const equals = endOf(text, from, ";=,");
    const name = text.slice(from, equals).trimStart().toLowerCase();
    at = equals;
    if (text[equals] !== "=") continue;
    const quoted = text[equals + 1] === '"';
    const close = quoted ? quoteEnd(text, equals + 2) : equals + 1;
    at = endOf(text, close, ";,");
    if (name !== "charset") continue;
    return quoted
      ? text.slice(equals + 2, close).replace(/"$/, "").replace(/\\(.)/g, "$1")
      : text.slice(equals + 1, at).trim();
  }
  return "";
}

function endOf(text: string, from: number, marks: string): number {
  let at = from;
  while (at < text.length && !marks.includes(text[at]!)) at++;
  return at;
}

/** What is behind the quote that ends a string. */
function quoteEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

/** What a body of a media type is read as; undefined for what no page is. */
export function kindOf(essence: string): PageKind | undefined {
  switch (essence) {
    case "":
      return "unknown";
    case "text/html":
    case "application/xhtml+xml":
      return "html";
    case "text/plain":
    case "text/markdown":
    case "text/x-markdown":
      return "text";
    case "application/json":
    case "text/json":
      return "json";
  }
  return essence.endsWith("+json") ? "json" : undefined;
}
