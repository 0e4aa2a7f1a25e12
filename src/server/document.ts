/**
 * A part of a document around a place, for whoever follows a citation.
 *
 * @module
 */

import type { Knowledge } from "../knowledge/types.ts";
import { HttpFault } from "./faults.ts";

/** So much of the text is shown before and behind the place, in UTF-16 units. */
const AROUND = 20_000;

/** What is shown of a document. */
export interface DocumentPart {
  /** Its name. */
  document: string;
  /** Its title; null if it has none. */
  title: string | null;
  /** How it was read. */
  format: string;
  /** The headings above the place, outermost first. */
  heading: string[];
  /** What is shown. */
  text: string;
  /** Where in the whole text it begins, in UTF-16 units. */
  offset: number;
  /** How long the whole text is. */
  length: number;
}

/**
 * The part of a document around a place.
 *
 * @throws {HttpFault} 404 if there is no such document.
 */
export function documentPart(
  knowledge: Knowledge,
  name: string,
  start: number,
  end: number,
): DocumentPart {
  const text = knowledge.text(name);
  if (text === undefined) throw new HttpFault(404, "not_found", "There is no such document");
  const info = knowledge.documents().find(({ document }) => document === name);
  const offset = whole(text, Math.max(0, Math.min(start, text.length) - AROUND));
  const last = whole(
    text,
    Math.min(text.length, Math.max(start, end) + AROUND, offset + 8 * AROUND),
  );
  return {
    document: name,
    title: info?.title ?? null,
    format: info?.format ?? "text",
    heading: knowledge.place(name, Math.min(start, text.length))?.heading ?? [],
    text: text.slice(offset, last),
    offset,
    length: text.length,
  };
}

/** An offset that cuts no surrogate pair. */
function whole(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
