/**
 * The words of a line, and what of them is a secret. Part of `dialogue.ts`. Twin: `rust/areas/redact/src/lines.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { isLineEnd, isQuote, type Scene, weight } from "./around.ts";
import { MORE, NONE, unitAt } from "./chars.ts";

const DOLLAR = 36;

/** The longest word of a line, and how many are read. */
export const WORD_MAX = 256;
const WORDS_MAX = 7;
/** The shortest secret. */
const LEAST = 3;

/** The words that were read last: where they begin and end, and whether the line ends with them. */
export const line = { starts: [] as number[], ends: [] as number[], ended: false };

/** The words from a place on, at most seven: how many, and whether the line ends with them; `MORE` where it is not all there. */
export function wordsAt(scene: Scene, from: number): number {
  const { text } = scene;
  const n = text.length;
  let q = from;
  let count = 0;
  line.ended = false;
  for (;;) {
    const behind = q;
    q = scene.skip(q);
    if (scene.isOpen(q)) return MORE;
    const unit = unitAt(text, q);
    // What ends the string that a line is in.
    line.ended = q === n || isLineEnd(unit) || (isQuote(unit) && count > 0 && q === behind);
    if (line.ended || count === WORDS_MAX) return count;
    let s = q;
    let e = q;
    if (isQuote(unit)) {
      e = scene.quoteEnd(q);
      if (e === MORE) return MORE;
      if (e === NONE) return count;
      s++;
      q = e + 1;
    } else {
      for (; q < n && q - s < WORD_MAX; q++) {
        const here = text.charCodeAt(q);
        if (here <= 32 || here > 126 || isQuote(here)) break;
      }
      if (scene.isOpen(q)) return MORE;
      if (q === s || q - s === WORD_MAX || unitAt(text, q) > 126) return count;
      e = q;
    }
    line.starts[count] = s;
    line.ends[count] = e;
    count++;
  }
}

/** Gives a secret that is not all there. */
export function open(scene: Scene, at: number): boolean {
  return scene.give(Rule.ASSIGNED_SECRET, at, 0);
}

/** Gives the word of a number, where no program has still to put it in. */
export function word(scene: Scene, k: number): boolean {
  return whole(scene, line.starts[k]!, line.ends[k]!);
}

/** Gives what stands there, where no program has still to put it in. */
export function whole(scene: Scene, s: number, e: number): boolean {
  const first = unitAt(scene.text, s);
  let units = 0;
  for (let q = s; q < e && units < LEAST; q++) units += weight(scene.text.charCodeAt(q));
  return units === LEAST && first !== DOLLAR && first !== 60 && first !== 123 && first !== 37 &&
    first !== 91 && first !== 42 && scene.give(Rule.ASSIGNED_SECRET, s, e);
}
