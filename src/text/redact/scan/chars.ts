/**
 * Classes of characters, and the answers that scanners give. Twin: `rust/agent-core-utils/src/redact/chars.rs`.
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
/** Of the local part of an address, besides words: . % + - */
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
