/** The text that stands for a piece of the source. @module */

import { decode } from "./references.ts";

/** A text of the source, decoded, without U+0000. */
export function plain(raw: string): string {
  return decode(raw.includes("\0") ? raw.replaceAll("\0", "") : raw, false);
}

/** Marks that headings carry as links to themselves. */
const ANCHORS = ["#", "¶", "§", "🔗", "\u{1f517}\ufe0f", "⚓", "\u2693\ufe0f"];
/** Nothing to see. */
const isInvisible = (code: number): boolean =>
  (code >= 0x200b && code <= 0x200d) || code === 0x2060 || code === 0xfeff;

/** Whether a piece of the source is such a mark. */
export function isAnchor(raw: string): boolean {
  const text = plain(raw);
  let from = 0;
  let to = text.length;
  let invisible = false;
  const isSpace = (code: number): boolean => {
    if (isInvisible(code)) return invisible = true;
    return code <= 32 || code === 160;
  };
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return from === to ? invisible : ANCHORS.includes(text.slice(from, to));
}
