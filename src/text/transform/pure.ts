/**
 * Case, trimming, normal forms and reversal of the pure twin: the engine's own operations on well-formed strings.
 *
 * @module
 */

import { normalized } from "../../shared/normal_form.ts";
import { graphemes, isSimple } from "../graphemes.ts";
import type { TransformOperation } from "./types.ts";

/** The grapheme clusters of a well-formed string in reverse order. */
export function reverse(text: string): string {
  const units = new Uint16Array(text.length);
  let written = 0;
  let end = text.length;
  while (end > 0) {
    const unit = text.charCodeAt(end - 1);
    if (isSimple(unit) && (end === 1 || isSimple(text.charCodeAt(end - 2)))) {
      units[written++] = unit;
      end--;
      continue;
    }
    // Back to a place between two simple units: a border of clusters that no context can move.
    let start = end - 1;
    while (
      start > 0 && !(isSimple(text.charCodeAt(start)) && isSimple(text.charCodeAt(start - 1)))
    ) start--;
    const starts: number[] = [];
    for (const { index } of graphemes(text.slice(start, end))) starts.push(start + index);
    for (let i = starts.length - 1, to = end; i >= 0; to = starts[i--]!) {
      for (let j = starts[i]!; j < to; j++) units[written++] = text.charCodeAt(j);
    }
    end = start;
  }
  return fromUnits(units);
}

function fromUnits(units: Uint16Array): string {
  if (units.length <= 4096) return String.fromCharCode.apply(null, units as unknown as number[]);
  return new TextDecoder("utf-16le").decode(units);
}

/** One string. */
function transformOne(text: string, operation: TransformOperation): string {
  text = text.toWellFormed();
  switch (operation) {
    case "lowercase":
      return text.toLowerCase();
    case "uppercase":
      return text.toUpperCase();
    case "trim":
      return text.trim();
    case "reverse":
      return reverse(text);
    case "nfc":
      return normalized(text, "NFC");
    default:
      return normalized(text, "NFKC");
  }
}

/** See `transform` in `mod.ts`. */
export function transform(strings: readonly string[], operation: TransformOperation): string[] {
  return strings.map((text) => transformOne(text, operation));
}
