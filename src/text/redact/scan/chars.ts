/**
 * Classes of characters, and the answers that scanners give. Twin: `rust/areas/redact/src/chars.rs`.
 *
 * @module
 */

/** A scanner's answer: nothing begins here. */
export const NONE = 0;
/** A scanner's answer: the text ended before it could be said. Never given when the text is complete. */
export const MORE = -1;

/** a-z */
export const LOWER = 1;
/** A-Z */
export const UPPER = 2;
/** 0-9 */
export const DIGIT = 4;
/** _ */
export const UNDER = 8;
/** What words consist of. */
export const WORD = 15;
/** Letters and digits. */
export const ALNUM = 7;
/** Joins words to tokens: + / - */
export const JOIN = 16;
/** Of the local part of an e-mail address, besides words: . % + - */
export const LOCAL = 32;
/** Begins a match without being of a word: + - ( : */
export const TRIGGER = 64;
/** 0-9 a-f A-F */
export const HEX = 128;

/** The class bits of each UTF-16 unit; 0 for everything beyond ASCII. */
export const CLASS: Uint8Array = new Uint8Array(65_536);

function mark(characters: string, bit: number): void {
  for (let i = 0; i < characters.length; i++) CLASS[characters.charCodeAt(i)]! |= bit;
}

mark("abcdefghijklmnopqrstuvwxyz", LOWER);
mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", UPPER);
mark("0123456789", DIGIT);
mark("_", UNDER);
mark("+/-", JOIN);
mark(".%+-", LOCAL);
mark("+-(:", TRIGGER);
mark("0123456789abcdefABCDEF", HEX);

/** The class bits at a place; 0 outside of the text. */
export function classAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? CLASS[text.charCodeAt(at)]! : 0;
}

/** Whether a digit stands at a place. */
export function digitAt(text: string, at: number): boolean {
  return (classAt(text, at) & DIGIT) !== 0;
}

/** The unit at a place; 0 outside of the text. */
export function unitAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? text.charCodeAt(at) : 0;
}

/** Letters beyond ASCII, first and last: of scripts that part words with spaces. */
const SPACED: readonly number[] = [
  ...[0xaa, 0xaa, 0xb5, 0xb5, 0xba, 0xba, 0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x2c1, 0x300, 0x374],
  ...[0x376, 0x37d, 0x37f, 0x386, 0x388, 0x481, 0x48a, 0x559, 0x560, 0x588, 0x5d0, 0x5f2],
  ...[0x620, 0x669, 0x671, 0x6d3, 0x6f0, 0x6ff, 0x900, 0x963, 0x966, 0xdff, 0x10a0, 0x10fa],
  ...[0x10fc, 0x135a, 0x13a0, 0x13fd, 0x1c90, 0x1cbf, 0x1d00, 0x1fbc, 0x2c00, 0x2dff],
  ...[0xa640, 0xa69d, 0xa720, 0xa7ff, 0xac00, 0xd7a3],
];
/** The same of scripts that do not. */
const UNSPACED: readonly number[] = [
  ...[0xe01, 0xe3a, 0xe40, 0xe4e, 0xe81, 0xedf, 0xf40, 0xf6c, 0x1000, 0x1049, 0x1780, 0x17d3],
  ...[0x3005, 0x3007, 0x3041, 0x3096, 0x30a1, 0x30fa, 0x30fc, 0x30ff, 0x3105, 0x312f],
  ...[0x31f0, 0x31ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xf900, 0xfaff],
];

function within(ranges: readonly number[], unit: number): boolean {
  for (let k = 0; k < ranges.length && unit >= ranges[k]!; k += 2) {
    if (unit <= ranges[k + 1]!) return true;
  }
  return false;
}

/** What `scriptOf` says: no letter beyond ASCII. */
export const OTHER = 0;
/** What `scriptOf` says: a letter of a script that parts words with spaces. */
export const LETTER = 1;
/** What `scriptOf` says: a letter of a script that does not. */
export const GLYPH = 2;

/** Which kind of letter a character beyond ASCII is; of those with two units none is one. */
export function scriptOf(unit: number): number {
  if (unit < 0xaa) return OTHER;
  return within(SPACED, unit) ? LETTER : within(UNSPACED, unit) ? GLYPH : OTHER;
}
