/**
 * Literals that are found as whole words only: a letter or digit at their edges has none beside it. They are looked up by
 * their first word wherever one begins. Twin: `rust/areas/redact/src/whole.rs`.
 *
 * @module
 */

import { Finder } from "./finder.ts";
import { foldText } from "./fold.ts";
import { CLASS, LETTER, scriptOf, WORD } from "./scan/chars.ts";

function isWordAt(text: string, p: number): boolean {
  if (p < 0 || p >= text.length) return false;
  const unit = text.charCodeAt(p);
  return unit < 128 ? (CLASS[unit]! & WORD) !== 0 : scriptOf(unit) === LETTER;
}

/** The end of what is looked up at a place: a word, or one character. */
function headEnd(text: string, p: number, most: number): number {
  let e = p + (text.codePointAt(p)! > 0xffff ? 2 : 1);
  if (isWordAt(text, p)) { while (e - p <= most && isWordAt(text, e)) e++; }
  return e;
}

/** Finds whole words. */
export class WholeFinder extends Finder {
  // By first word: the literals that begin with it, longest first, with their ids.
  readonly #byHead = new Map<string, [literal: string, id: number][]>();
  readonly #fold: number;
  #longest = 1;
  #text = "";
  #folded = "";
  #last = true;

  /**
   * Makes a finder.
   *
   * @param literals The literals.
   * @param base The id of the first of them.
   * @param fold How their case counts.
   */
  constructor(literals: readonly string[], base: number, fold: number) {
    super();
    this.#fold = fold;
    literals.forEach((literal, k) => {
      const folded = foldText(literal, fold);
      const head = folded.slice(0, headEnd(folded, 0, folded.length));
      this.#longest = Math.max(this.#longest, head.length);
      const list = this.#byHead.get(head) ?? [];
      list.push([folded, base + k]);
      this.#byHead.set(head, list);
    });
    for (const list of this.#byHead.values()) list.sort((a, b) => b[0].length - a[0].length);
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#folded = foldText(text, this.#fold);
    this.#last = last;
    this.start = -1;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    this.end = 0;
    for (let p = from; p < n;) {
      const word = isWordAt(text, p);
      if (word && isWordAt(text, p - 1)) {
        p++;
        continue;
      }
      const e = headEnd(text, p, this.#longest);
      if (word && e === n && !this.#last && e - p <= this.#longest) {
        this.start = p;
        return;
      }
      const list = e - p > this.#longest ? undefined : this.#byHead.get(this.#folded.slice(p, e));
      if (list !== undefined && this.#take(list, p)) return;
      p = e;
    }
    this.start = n;
  }

  /** Takes the longest literal at `p`; whether there is one, or may be. */
  #take(list: readonly (readonly [string, number])[], p: number): boolean {
    const n = this.#text.length;
    this.start = p;
    for (const [literal, id] of list) {
      const end = p + literal.length;
      if (!this.#last && end >= n && literal.startsWith(this.#folded.slice(p))) {
        this.end = 0;
        return true;
      }
      if (!this.#folded.startsWith(literal, p)) continue;
      if (isWordAt(this.#text, end - 1) && isWordAt(this.#text, end)) continue;
      this.end = end;
      this.rule = id;
      return true;
    }
    return false;
  }
}
