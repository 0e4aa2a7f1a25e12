/**
 * The Rust twin of a page's conversion: one operation from bytes to Markdown, on the pool. Twin: `pure.ts`, which says
 * what comes out. The layout of the result is described at the exports `agent_core_pages_*`.
 *
 * @module
 */

import { decodeText } from "../../native/call.ts";
import { pagesConvert, pagesConvertHeld } from "../../native/generated/pages.ts";
import type { HeldBody } from "../transport/types.ts";
import type { PageKind, PageRequest, RawPage } from "./types.ts";

const KINDS: readonly PageKind[] = ["html", "text", "json", "unknown"];
const TEXTS = 7;

/** Converts a body; `vocabulary` is the handle of one. A body in native memory is empty afterwards. */
export function convert(
  body: Uint8Array<ArrayBuffer> | HeldBody,
  { kind, label, url, main }: PageRequest,
  vocabulary: number,
  signal: AbortSignal | undefined,
): Promise<RawPage> {
  const number = KINDS.indexOf(kind);
  const known = label.toWellFormed();
  const options = signal && { signal };
  return body instanceof Uint8Array
    ? pagesConvert(body, number, known, url, main, vocabulary, decodePage, options)
    : pagesConvertHeld(body.number, number, known, url, main, vocabulary, decodePage, options);
}

/** Each text by itself: what is cut out of a string keeps all of it in memory. */
function decodePage(payload: Uint8Array): RawPage {
  const view = new DataView(payload.buffer, payload.byteOffset);
  let at = 4 * (TEXTS + 1);
  let index = 0;
  const nextBytes = (): Uint8Array => {
    const from = at;
    at += view.getUint32(4 * ++index, true);
    return payload.subarray(from, at);
  };
  const next = (): string => {
    const bytes = nextBytes();
    return bytes.length === 0 ? "" : decodeText(bytes);
  };
  const [charset, title, ogTitle, description, language, markdown] = [
    next(),
    next(),
    next(),
    next(),
    next(),
    next(),
  ];
  const links = decodeLines(nextBytes());
  return {
    charset,
    title,
    ogTitle,
    description,
    language,
    markdown,
    links,
    tokens: view.getUint32(0, true),
  };
}

/** Lines, with a line feed between each two; none of nothing. */
function decodeLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed;
    lines.push(decodeText(bytes.subarray(at, end)));
    at = end + 1;
  }
  return lines;
}
