/**
 * Letters in either case, each by one for both: of ASCII, or of the scripts that have cases (Latin, Greek, Cyrillic,
 * Armenian, letters in full width), as far as both are as long in UTF-8. Twin: `rust/areas/redact/src/fold.rs`.
 *
 * @module
 */

/** How the case of a literal counts. */
export const Fold = { EXACT: 0, ASCII: 1, LETTERS: 2 } as const;

const RANGES = [[0xb5, 0x58f], [0x1e00, 0x1fff], [0xff21, 0xff5a]] as const;

let letters: Uint16Array | undefined;

function makeLetters(): Uint16Array {
  const table = new Uint16Array(65_536);
  for (let unit = 0; unit < table.length; unit++) table[unit] = unit;
  for (let unit = 65; unit <= 90; unit++) table[unit] = unit + 32;
  for (const [low, high] of RANGES) {
    for (let unit = low; unit <= high; unit++) {
      const upper = single(String.fromCharCode(unit).toUpperCase(), unit);
      const lower = single(String.fromCharCode(upper).toLowerCase(), upper);
      if (bytesOf(lower) === bytesOf(unit)) table[unit] = lower;
    }
  }
  return table;
}

function single(text: string, other: number): number {
  return text.length === 1 ? text.charCodeAt(0) : other;
}

function bytesOf(unit: number): number {
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

/** What a unit is, whatever its case. */
export function foldUnit(unit: number, fold: number): number {
  if (fold === Fold.EXACT) return unit;
  if (fold === Fold.LETTERS) return (letters ??= makeLetters())[unit]!;
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}

/** A text, whatever its case. */
export function foldText(text: string, fold: number): string {
  if (fold === Fold.EXACT) return text;
  if (fold === Fold.ASCII) return text.replace(/[A-Z]+/g, (found) => found.toLowerCase());
  let out = "";
  for (let at = 0; at < text.length; at++) {
    out += String.fromCharCode(foldUnit(text.charCodeAt(at), fold));
  }
  return out;
}

/** The units that are a unit in another case, itself among them. */
export function variantsOf(unit: number, fold: number): number[] {
  const one = foldUnit(unit, fold);
  const found = [unit];
  if (fold === Fold.ASCII || unit < 128) {
    if (one >= 97 && one <= 122) found.push(one, one - 32);
  }
  if (fold === Fold.LETTERS) {
    for (const [low, high] of RANGES) {
      for (let other = low; other <= high; other++) {
        if (foldUnit(other, fold) === one) found.push(other);
      }
    }
  }
  return found;
}
