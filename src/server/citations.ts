/**
 * The sources of an answer as annotations of its text, each with an address that opens the place.
 *
 * @module
 */

import type { Answer, Source } from "../agent/types.ts";

/** A source that a text cites at a place. */
export interface Citation {
  /** Where its mark `[n]` begins in the text, in UTF-16 units. */
  start_index: number;
  /** Where it ends, exclusive. */
  end_index: number;
  /** An address that opens the source there. */
  url: string;
  /** The document's title, or its name. */
  title: string;
}

/**
 * The address of a place: that of a page of the web itself, else one of the server's page. There it stands behind `#`, which
 * browsers send to nobody.
 */
export function sourceUrl(source: Source, origin: string): string {
  const { document, start, end } = source;
  if (/^https?:\/\//i.test(document) && URL.canParse(document)) {
    const url = new URL(document);
    const anchor = "anchor" in source ? source.anchor : undefined;
    if (typeof anchor === "string") url.hash = anchor;
    return url.href;
  }
  const place = "mark" in source ? source.mark as { start: number; end: number } : { start, end };
  const fields = new URLSearchParams({
    source: document,
    start: `${place.start}`,
    end: `${place.end}`,
  });
  return `${origin}/#${fields}`;
}

/**
 * The marks `[n]` of an answer that name one of its sources, in the order of the text. What looks like one and stands in a source
 * itself, such as `list[1]`, is the document's and cites nothing; where nothing else is there, a model has put its mark there.
 */
export function citationsOf({ answer, sources }: Answer, origin: string): Citation[] {
  const found: Citation[] = [];
  const own: Citation[] = [];
  let quotes: string[] | undefined;
  for (const match of answer.matchAll(/\[([1-9][0-9]{0,3})\]/g)) {
    const source = sources[Number(match[1]) - 1];
    if (source === undefined) continue;
    quotes ??= sources.map(({ quote }) => lettersOf(quote));
    const before = lettersOf(answer.slice(Math.max(0, match.index - 40), match.index)).slice(-12);
    const isOwn = before !== "" && quotes.some((quote) => quote.includes(before + match[0]));
    (isOwn ? own : found).push({
      start_index: match.index,
      end_index: match.index + match[0].length,
      url: sourceUrl(source, origin),
      title: source.title ?? source.document,
    });
  }
  return found.length === 0 ? own : found;
}

/** What is left of a text whichever markup it had. */
function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}[\]]+/gu, "");
}
