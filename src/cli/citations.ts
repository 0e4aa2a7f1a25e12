/**
 * Where the sources of an answer stand, for people and programs: the line of a file, the section of a page, the page of a
 * PDF.
 *
 * @module
 */

import type { Source } from "../agent/mod.ts";
import type { DocumentFormat, Knowledge } from "../knowledge/mod.ts";
import { plainText } from "../text/outline/mod.ts";
import { lineOf } from "./paths.ts";
import { isAddress } from "./permissions.ts";

/** A source, and where it is. */
export interface Citation {
  /** The source as the agent gave it. */
  source: Source;
  /** The line of the sentence that answers; null where the stored text has lines of its own. */
  line: number | null;
  /** The headings above it, outermost first. */
  heading: string[];
  /** What leads to it, behind a `#`. */
  anchor: string | undefined;
  /** What it says, without marks. */
  words: { quote: string; mark: string };
}

/** Where sources are. */
export function citationsOf(sources: readonly Source[], knowledge: Knowledge): Citation[] {
  const formats = new Map(knowledge.documents().map((info) => [info.document, info.format]));
  return sources.map((source) => {
    const text = knowledge.text(source.document) ?? "";
    const format: DocumentFormat = formats.get(source.document) ?? "text";
    const place = knowledge.place(source.document, source.start);
    const isAsWritten = format === "text" || format === "code" || format === "markdown";
    const { mark } = source;
    const say = (span: { start: number; end: number } | undefined): string =>
      span === undefined ? "" : plainText(text.slice(span.start, span.end), format, "lines");
    return {
      source,
      line: isAsWritten && text !== "" && !isAddress(source.document)
        ? lineOf(text, mark?.start ?? source.start)
        : null,
      heading: place?.heading ?? [],
      anchor: place?.anchor,
      words: { quote: say(source), mark: say(mark) },
    };
  });
}

/** A source as `--json` has it. */
export function citationDocument({ source, line, heading, anchor }: Citation): object {
  return { ...source, line, heading, ...(anchor !== undefined && { anchor }) };
}
