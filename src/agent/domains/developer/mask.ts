/**
 * A source with its comments and texts blanked, so that what is found in it is code. Positions and lines stay. Linear in the
 * source.
 *
 * @module
 */

import type { Language } from "./languages.ts";

/** A source, blanked. */
export interface Masked {
  /** The source; comments are spaces, texts are {@linkcode FILL}. */
  readonly code: string;
  /** Where comments are: begin and end, in turn. */
  readonly comments: readonly number[];
}

/** Stands for what is in a text: no space and no sign of any language. */
export const FILL = "\u0001";

/** Before these a slash begins an expression of patterns, elsewhere it divides. */
const BEFORE_PATTERN =
  /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|yield|await))\s*$/;

/** Blanks comments and texts. */
export function mask(text: string, language: Language): Masked {
  return new Masker(text, language).run();
}

class Masker {
  readonly #text: string;
  readonly #language: Language;
  readonly #starts: RegExp;
  readonly #out: string[] = [];
  readonly #comments: number[] = [];
  /** Up to where it is done. */
  #at = 0;
  /** Open braces within each `${`, innermost last. */
  readonly #holes: number[] = [];

  constructor(text: string, language: Language) {
    this.#text = text;
    this.#language = language;
    const { line, block, quotes, long, family } = language;
    const marks = [...line, ...block.map(([open]) => open), ...long, ...quotes].map(RegExp.escape);
    if (family === "rust") marks.unshift('\\bb?r#*"', "'");
    // Longer ones first, since one may begin as another does.
    marks.sort((a, b) => b.length - a.length);
    if (family === "script") marks.push("[`/{}]");
    this.#starts = new RegExp(marks.join("|"), "g");
  }

  run(): Masked {
    const starts = this.#starts;
    for (;;) {
      starts.lastIndex = this.#at;
      const found = starts.exec(this.#text);
      if (found === null) break;
      this.#out.push(this.#text.slice(this.#at, found.index));
      this.#at = found.index;
      this.#take(found[0]);
    }
    this.#out.push(this.#text.slice(this.#at));
    return { code: this.#out.join(""), comments: this.#comments };
  }

  #take(mark: string): void {
    const { line, block, long, family, nests } = this.#language;
    const at = this.#at;
    const pair = block.find(([open]) => open === mark);
    if (pair !== undefined) return this.#comment(this.#blockEnd(pair[0], pair[1], nests));
    if (line.includes(mark)) {
      // In shells and YAML a mark within a word begins nothing.
      if (mark === "#" && !/[\s;({[,]/.test(this.#text[at - 1] ?? " ") && family !== "python") {
        return this.#keep(1);
      }
      return this.#comment(this.#find("\n", at));
    }
    if (family === "script" && "`/{}".includes(mark)) return this.#script(mark);
    if (family === "rust") {
      const raw = /^b?r(#*)"$/.exec(mark);
      if (raw !== null) {
        return this.#string(mark.length, this.#after(`"${raw[1]}`, at + mark.length));
      }
      if (mark === "'") {
        const letter = /'(?:\\[^\n]{1,10}?|[^\\'\n]{1,2})'/y;
        letter.lastIndex = at;
        const found = letter.exec(this.#text);
        return found === null ? this.#keep(1) : this.#string(1, at + found[0].length);
      }
    }
    const isDoc = family === "python" && mark.length === 3 &&
      /(?:^|\n)[ \t]*$/.test(this.#before(200));
    const end = this.#stringEnd(mark, at + mark.length, long.includes(mark));
    if (isDoc && /^[ \t]*(?:\n|$)/.test(this.#text.slice(end, end + 200))) {
      // A comment by what it says, but a statement: it may be all that a body has.
      this.#comments.push(this.#at, end);
    }
    this.#string(mark.length, end);
  }

  #script(mark: string): void {
    const hole = this.#holes.length - 1;
    if (mark === "{") {
      if (hole >= 0) this.#holes[hole]!++;
      return this.#keep(1);
    }
    if (mark === "}") {
      if (hole >= 0 && this.#holes[hole]!-- === 0) {
        this.#holes.pop();
        return this.#template(this.#at + 1);
      }
      return this.#keep(1);
    }
    if (mark === "`") return this.#template(this.#at + 1);
    if (!BEFORE_PATTERN.test(this.#before(40))) return this.#keep(1);
    const pattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    return found === null ? this.#keep(1) : this.#string(1, this.#at + found[0].length);
  }

  /** A template up to its end or to its next hole. */
  #template(from: number): void {
    const stop = /\\[^]|`|\$\{/g;
    stop.lastIndex = from;
    let end = this.#text.length;
    for (let found = stop.exec(this.#text); found !== null; found = stop.exec(this.#text)) {
      if (found[0][0] === "\\") continue;
      end = stop.lastIndex;
      // The braces of holes are no braces of the code.
      if (found[0] === "${") this.#holes.push(0);
      break;
    }
    this.#string(0, end);
  }

  #stringEnd(mark: string, from: number, isLong: boolean): number {
    const stop = new RegExp(`\\\\[^]|${RegExp.escape(mark)}${isLong ? "" : "|\\n"}`, "g");
    stop.lastIndex = from;
    for (let found = stop.exec(this.#text); found !== null; found = stop.exec(this.#text)) {
      if (found[0] === mark) return stop.lastIndex;
      if (found[0] === "\n") return found.index;
    }
    return this.#text.length;
  }

  #blockEnd(open: string, close: string, nests: boolean): number {
    if (!nests) return this.#after(close, this.#at + open.length);
    const either = /\/\*|\*\//g;
    either.lastIndex = this.#at + 2;
    let depth = 1;
    while (depth > 0) {
      const found = either.exec(this.#text);
      if (found === null) return this.#text.length;
      depth += found[0] === open ? 1 : -1;
    }
    return either.lastIndex;
  }

  #keep(length: number): void {
    this.#out.push(this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  #comment(end: number): void {
    this.#comments.push(this.#at, end);
    this.#out.push(this.#text.slice(this.#at, end).replace(/[^\n]/g, " "));
    this.#at = end;
  }

  #string(keep: number, end: number): void {
    const filled = this.#text.slice(this.#at + keep, end).replace(/[^\n]/g, FILL);
    this.#out.push((keep === 0 ? "" : FILL.repeat(keep)) + filled);
    this.#at = end;
  }

  #before(length: number): string {
    return this.#text.slice(Math.max(0, this.#at - length), this.#at);
  }

  #find(what: string, from: number): number {
    const at = this.#text.indexOf(what, from);
    return at < 0 ? this.#text.length : at;
  }

  #after(what: string, from: number): number {
    const at = this.#text.indexOf(what, from);
    return at < 0 ? this.#text.length : at + what.length;
  }
}
