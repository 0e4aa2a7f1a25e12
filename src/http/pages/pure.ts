/**
 * The TypeScript twin of a page's conversion, which defines what comes out. Twin: `native.ts`.
 *
 * @module
 */

import { readPage } from "../../text/markdown/page.ts";
import { findCharset } from "./charset.ts";
import { readHead } from "./head.ts";
import type { PageRequest, RawPage } from "./types.ts";

const decoders = new Map<string, TextDecoder>();
/** A body without a media type is text if there is no NUL in so many bytes. */
const SNIFFED = 1024;

function decoderOf(name: string): TextDecoder {
  let decoder = decoders.get(name);
  if (decoder === undefined) {
    decoder = new TextDecoder(name, { ignoreBOM: true });
    decoders.set(name, decoder);
  }
  return decoder;
}

/** Converts a body; `count` tells how many tokens a text has. */
export function convert(
  body: Uint8Array<ArrayBuffer>,
  { kind, label, url, main }: PageRequest,
  count: (text: string) => number,
): RawPage {
  const page: RawPage = {
    charset: "binary",
    title: "",
    ogTitle: "",
    description: "",
    language: "",
    markdown: "",
    links: [],
    tokens: 0,
  };
  const mayBeMarkup = kind === "html" || (kind === "unknown" && isMarkup(body));
  const { name, skip } = findCharset(body, label, mayBeMarkup);
  if (kind === "unknown" && !mayBeMarkup && !name.startsWith("utf-16") && isBinary(body)) {
    return page;
  }
  page.charset = name;
  if (name === "replacement") return page;
  const text = decoderOf(name).decode(skip === 0 ? body : body.subarray(skip));
  if (mayBeMarkup) {
    Object.assign(page, readHead(text));
    const { markdown, links } = readPage(text, { main, baseUrl: url });
    page.markdown = markdown;
    page.links = linksTo(links, url);
  } else page.markdown = kind === "json" ? fenced(text) : plain(text);
  page.tokens = count(page.markdown);
  return page;
}

/** Whether a body begins as markup does. */
function isMarkup(body: Uint8Array): boolean {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (isSpace(body[at])) at++;
  const next = body[at + 1]!;
  return body[at] === 60 &&
    (next === 33 || next === 63 || ((next | 32) >= 97 && (next | 32) <= 122));
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13;
}

function isBinary(body: Uint8Array): boolean {
  return body.subarray(0, SNIFFED).includes(0);
}

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The addresses of other pages, each once. */
function linksTo(targets: readonly string[], url: string): string[] {
  const found = new Set<string>();
  for (const target of targets) {
    const end = target.indexOf("#");
    const link = end < 0 ? target : target.slice(0, end);
    if (link !== url && /^https?:\/\/./is.test(link)) found.add(link);
  }
  // Parts of the page would keep all of it in memory, and parts of all links all of those.
  return Array.from(found, (link) => utf8.decode(encoder.encode(link)));
}

/** A text with line feeds only, and none at its end. */
function plain(text: string): string {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  let end = lines.length;
  while (end > 0 && isSpace(lines.charCodeAt(end - 1))) end--;
  return lines.slice(0, end);
}

/** JSON as a block of code. */
function fenced(text: string): string {
  const inner = plain(text);
  let from = 0;
  while (isSpace(inner.charCodeAt(from))) from++;
  let longest = 2;
  for (let at = inner.indexOf("`"); at >= 0; at = inner.indexOf("`", at)) {
    const start = at;
    while (inner.charCodeAt(at) === 96) at++;
    longest = Math.max(longest, at - start);
  }
  const fence = "`".repeat(longest + 1);
  return `${fence}json\n${inner.slice(from)}\n${fence}`;
}
