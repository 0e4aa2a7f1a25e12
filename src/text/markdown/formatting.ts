/**
 * The styles that formatting elements give to the text after them. They are no elements of the tree: as the standard's
 * list of active formatting elements says, a style holds until its end tag, whatever blocks begin and end meanwhile,
 * and what began in a table cell ends with it. Twin: `formatting.rs`.
 *
 * @module
 */

import { A, B, CODE_TAG, EM_TAG, I, S, STRIKE_TAG, STRONG_TAG, TT } from "./tags.ts";
import { CODE, EM, EM_OUTSIDE, LINK_SHIFT, STRIKE, STRONG } from "./tree.ts";

const COUNTED = STRIKE_TAG - B + 1;

/** The formatting that is in force. */
export class Formatting {
  /** The style of a text that comes now. */
  style = 0;
  /** Open elements of each name, from `b` to `strike`. */
  #open = new Int32Array(COUNTED);
  /** How many of them were open at the last marker. */
  #atMarker = new Int32Array(COUNTED);
  #link = 0;
  #hasAnchor = false;
  #saved: number[] = [];

  /** Begins a page. */
  reset(): void {
    this.style = this.#link = 0;
    this.#open.fill(0);
    this.#atMarker.fill(0);
    this.#hasAnchor = false;
    this.#saved = [];
  }

  /** A formatting element begins; `link` is the number of the link if it is `<a>`, 0 for one that leads nowhere. */
  start(tag: number, link: number): void {
    if (tag === A) {
      this.#hasAnchor = true;
      this.#link = link;
    } else if (tag >= B && tag <= STRIKE_TAG) this.#open[tag - B]!++;
    else return;
    this.#restyle();
  }

  /** It ends. */
  finish(tag: number): void {
    if (tag === A) {
      if (!this.#hasAnchor) return;
      this.#hasAnchor = false;
      this.#link = 0;
    } else if (tag >= B && tag <= STRIKE_TAG) {
      if (this.#open[tag - B]! <= this.#atMarker[tag - B]!) return;
      this.#open[tag - B]!--;
    } else return;
    this.#restyle();
  }

  /** An element begins that formatting does not leave. */
  mark(): void {
    for (let at = 0; at < COUNTED; at++) this.#saved.push(this.#atMarker[at]!);
    this.#saved.push(this.#link, Number(this.#hasAnchor));
    this.#atMarker.set(this.#open);
    this.#hasAnchor = false;
  }

  /** That element ends. */
  unmark(): void {
    this.#open.set(this.#atMarker);
    this.#hasAnchor = this.#saved.pop() === 1;
    this.#link = this.#saved.pop()!;
    for (let at = COUNTED - 1; at >= 0; at--) this.#atMarker[at] = this.#saved.pop()!;
    this.#restyle();
  }

  #restyle(): void {
    const open = this.#open;
    const had = this.style;
    const strong = open[B - B]! + open[STRONG_TAG - B]! > 0;
    const em = open[I - B]! + open[EM_TAG - B]! > 0;
    let style = this.#link << LINK_SHIFT;
    if (strong) style |= STRONG;
    if (em) style |= EM;
    if (strong && em && ((had & EM_OUTSIDE) !== 0 || (had & STRONG) === 0)) style |= EM_OUTSIDE;
    if (open[S - B]! + open[STRIKE_TAG - B]! > 0) style |= STRIKE;
    if (open[CODE_TAG - B]! + open[TT - B]! > 0) style |= CODE;
    this.style = style;
  }
}
