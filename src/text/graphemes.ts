/**
 * Grapheme clusters (UAX 29) by the engine's segmenter, and where one is around a place of a long text.
 *
 * @module
 */

/** How far around a place its grapheme is looked for, in UTF-16 units. */
const REACH = 4096;

let segmenter: Intl.Segmenter | undefined;

/** The graphemes of a text. */
export function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/**
 * Whether a UTF-16 unit always begins and ends a grapheme cluster beside another such unit: common letters, digits,
 * punctuation and ideographs. No carriage return, mark, joiner, jamo, surrogate or regional letter.
 */
export function isSimple(unit: number): boolean {
  return unit < 0x300
    ? unit !== 0x0d
    : (unit >= 0x370 && unit <= 0x482) || (unit >= 0x48a && unit <= 0x58f) ||
      (unit >= 0x2010 && unit <= 0x2027) || (unit >= 0x3041 && unit <= 0x3096) ||
      (unit >= 0x30a1 && unit <= 0x30fe) || (unit >= 0x4e00 && unit <= 0x9fff) ||
      (unit >= 0xac00 && unit <= 0xd7a3);
}

/**
 * Where the grapheme around a place begins and ends; the place itself twice if it is a border, or if the grapheme is so
 * long that its borders are out of reach.
 */
export function graphemeAt(text: string, at: number): [start: number, end: number] {
  if (at <= 0 || at >= text.length) return [at, at];
  const from = borderFrom(text, at, -1);
  const to = borderFrom(text, at, 1);
  // What begins in the middle of a cluster would be cut elsewhere than the whole is.
  if (from === undefined || to === undefined) return [at, at];
  const around = graphemes(text.slice(from, to)).containing(at - from);
  if (around === undefined) return [at, at];
  const start = from + around.index;
  return start === at ? [at, at] : [start, start + around.segment.length];
}

/** The nearest border that no context can move, going one way; undefined if it is out of reach. */
function borderFrom(text: string, at: number, step: -1 | 1): number | undefined {
  for (let place = at, left = REACH; left > 0; place += step, left--) {
    if (place <= 0 || place >= text.length) return place;
    if (isSimple(text.charCodeAt(place - 1)) && isSimple(text.charCodeAt(place))) return place;
  }
  return undefined;
}
