/**
 * The cells of a row: of a line that a sign parts, or of `VALUES` in SQL. Part of `table.ts`. Twin:
 * `rust/areas/redact/src/cells.rs`.
 *
 * @module
 */

import { isLineEnd, isQuote, type Scene, weight } from "./around.ts";
import { MORE, NONE } from "./chars.ts";
import type { Codes } from "./codes.ts";

const TAB = 9;
const LINE_FEED = 10;
const SPACE = 32;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const HYPHEN = 45;
const PIPE = 124;

/** So much white space begins a row at most. */
const INDENT_MAX = 120;
/** The longest row. */
export const ROW_MAX = 4000;
/** So many cells are noted. */
export const COLUMNS_MAX = 32;

/** The cells of the row that was read last. */
export class Cells {
  /** Where they begin and end. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** How many there are. */
  count = 0;
  /** Where the next row begins; negative where this is the last one, which ends there. */
  behind = 0;
  readonly #scene: Scene;
  #codes!: Codes;

  /** Reads with a scene. */
  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Takes the codes of a text. */
  begin(codes: Codes): void {
    this.#codes = codes;
  }

  /** Whether a row is a line that parts rows. */
  isRule(s: number, e: number): boolean {
    let hyphens = 0;
    for (let q = s; q < Math.abs(e); q++) {
      const code = this.#codes[q]!;
      if (code === HYPHEN) hyphens++;
      else if (code !== PIPE && code !== 43 && code !== 58 && code > SPACE) return false;
    }
    return hyphens > 2;
  }

  /** The cells of the line at a place; `NONE` without any, `MORE` where it is not all there. Negative: it is the last one. */
  line(at: number, sign: number, close: number, most: number): number {
    const codes = this.#codes;
    const scene = this.#scene;
    const n = scene.text.length;
    let units = 0;
    let p = at;
    this.count = 0;
    const blank = (code: number): boolean => code === SPACE || (code === TAB && sign !== TAB);
    while (blank(codes[p]!)) {
      p++;
      if (p - at > INDENT_MAX) return NONE;
    }
    if (scene.isOpen(p)) return MORE;
    if (p === n || codes[p] === LINE_FEED || codes[p] === 13) return NONE;
    if (sign === PIPE && codes[p] === PIPE) p++;
    for (;;) {
      while (blank(codes[p]!)) {
        p++;
        if (++units > most) return NONE;
      }
      let s = p;
      let e = -1;
      if (codes[p] === 34 && close !== 34) {
        // A quotation mark in it is said twice.
        for (p++; p < n && (codes[p] !== 34 || codes[p + 1] === 34) && units <= most; p++) {
          if (codes[p] === 34) p++;
          units += weight(scene.text.charCodeAt(p));
        }
        if (scene.isOpen(p) || scene.isOpen(p + 1)) return MORE;
        if (p === n || units > most) return NONE;
        s++;
        e = p++;
      }
      while (
        p < n && codes[p] !== sign && codes[p] !== LINE_FEED && (codes[p] !== close || close === 0)
      ) {
        units += weight(scene.text.charCodeAt(p));
        if (units > most || (e >= 0 && codes[p]! > SPACE)) return NONE;
        p++;
      }
      if (scene.isOpen(p)) return units > most ? NONE : MORE;
      if (e < 0) {
        e = p;
        while (e > s && codes[e - 1]! <= SPACE) e--;
      }
      const ends = p === n || codes[p] !== sign;
      // Nothing is behind the last sign of a line of Markdown.
      if (ends && sign === PIPE && e === s && this.count > 0) break;
      if (this.count < COLUMNS_MAX) {
        this.starts[this.count] = s;
        this.ends[this.count] = e;
      }
      this.count++;
      if (ends) break;
      p++;
      units++;
    }
    this.behind = codes[p] === LINE_FEED ? p + 1 : -p;
    return 1;
  }

  /** The values of the row of SQL at a place. */
  values(at: number): number {
    const codes = this.#codes;
    const scene = this.#scene;
    this.count = 0;
    let p = at + 1;
    for (;;) {
      p = scene.skipLine(scene.skip(p));
      if (scene.isOpen(p)) return MORE;
      let s = p;
      let e = p;
      let depth = 0;
      let left = ROW_MAX;
      for (; left > 0; p++, left--) {
        if (scene.isOpen(p)) return MORE;
        const code = codes[p]!;
        if (depth === 0 && (code === COMMA || code === CLOSE)) break;
        if (code === OPEN) depth++;
        else if (code === CLOSE) depth--;
        else if (isQuote(code)) {
          const end = scene.quoteEnd(p);
          if (end === MORE) return MORE;
          if (end === NONE && codes[p + 1] !== code) return NONE;
          // N'...', or all of it; a quotation mark in it is said twice.
          if (depth === 0 && p - s < 2) {
            s = p + 1;
            e = end === NONE ? s : end;
          } else if (depth === 0 && p === e + 1) e = end === NONE ? e : end;
          p = end === NONE ? p + 1 : end;
        } else if (code > 126 || (code < SPACE && !isLineEnd(code) && code !== TAB)) return NONE;
      }
      if (left === 0) return NONE;
      if (this.count < COLUMNS_MAX) {
        this.starts[this.count] = s;
        this.ends[this.count] = e;
      }
      this.count++;
      if (codes[p++] === CLOSE) break;
    }
    let q = scene.skip(p);
    if (scene.isCut(q)) return MORE;
    q = scene.skipLine(q);
    if (scene.isOpen(q)) return MORE;
    this.behind = -p;
    if (codes[q] !== COMMA) return 1;
    q = scene.skip(q + 1);
    if (scene.isCut(q)) return MORE;
    q = scene.skipLine(q);
    if (scene.isOpen(q)) return MORE;
    if (codes[q] === OPEN) this.behind = q;
    return 1;
  }
}
