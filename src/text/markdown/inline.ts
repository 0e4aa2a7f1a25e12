/**
 * Writes the inside of one block: text with its white space collapsed and what Markdown would take for marks escaped,
 * emphasis, code, links and images. Delimiters are written only where CommonMark (0.31.2, section 6.2) takes them for
 * what they are; elsewhere the text goes without. Twin: `inline.rs`.
 *
 * @module
 */

import { Builder } from "./builder.ts";
import {
  CHARACTERS,
  classOf,
  COLLAPSED,
  isWhite,
  mustEscape,
  OTHER,
  PLAIN,
  PUNCTUATION,
  WHITE,
} from "./characters.ts";
import { destination, isAutolink, linkTitle } from "./link.ts";
import { CODE, EM, EM_OUTSIDE, LINK_SHIFT, STRIKE, STRONG } from "./tree.ts";

/** What is to come before the next text. */
const NOTHING = 0;
const SPACE = 1;
const BREAK = 2;

/** What a line break becomes. */
export const HARD_BREAK = "\\\n";
export const CELL_BREAK = "<br>";

/** An open link, beside the style bits. */
const LINK = 32;
/** Of a link's text so much is compared with its address. */
const MOST_COMPARED = 2048;

/** What `Inline` asks about a link. */
export interface LinkTarget {
  /** The address; never "". */
  url: string;
  /** The title, or "". */
  title: string;
}

/** The writer of one block after the other. */
export class Inline {
  /** What a line break is written as; " " where there are no lines. */
  lineBreak: string = HARD_BREAK;
  readonly #target: (link: number) => LinkTarget;
  readonly #text = new Builder();
  /** The open delimiters, and of each the part that it is. */
  readonly #kinds: number[] = [];
  readonly #parts: number[] = [];
  #style = 0;
  #pending = NOTHING;
  /** The last code point written. */
  #last = 10;
  #closedStar = false;
  #code: Builder | undefined;
  #openLink = 0;
  #compared: string | undefined;
  /** Whether a line break was written. */
  broken = false;

  /** Asks `target` where links lead. */
  constructor(target: (link: number) => LinkTarget) {
    this.#target = target;
  }

  /** Whether nothing is written yet. */
  get empty(): boolean {
    return this.#text.empty && this.#code === undefined;
  }

  /** Whether a line break waits for text. */
  get breaking(): boolean {
    return this.#pending === BREAK;
  }

  /** White space. */
  space(): void {
    if (this.#pending === NOTHING) this.#pending = SPACE;
  }

  /** A line break, if text follows. */
  break(): void {
    if (!this.empty) this.#pending = this.lineBreak === " " ? SPACE : BREAK;
  }

  /** Text in a style. */
  text(source: string, from: number, to: number, style: number): void {
    let at = from;
    while (at < to && isWhite(source.charCodeAt(at))) at++;
    if (at > from) {
      // White space between two pieces of code belongs to neither.
      if (this.#code !== undefined && (style & CODE) === 0) {
        this.#endCode();
        this.#style &= ~CODE;
      }
      this.space();
    }
    if (at === to) return;
    let end = to;
    while (isWhite(source.charCodeAt(end - 1))) end--;
    this.#turn(style, source.codePointAt(at)!);
    if (this.#code !== undefined) this.#write(source, at, end, this.#code, false);
    else this.#write(source, at, end, this.#text, true);
    let last = source.charCodeAt(end - 1);
    if (last >= 0xdc00 && last <= 0xdfff && end - 2 >= at) last = source.codePointAt(end - 2)!;
    this.#last = last;
    this.#closedStar = false;
    if (end < to) this.#pending = SPACE;
  }

  /** A piece that is Markdown already and begins with punctuation. */
  markdown(piece: string, style: number): void {
    this.#turn(style & ~CODE, 33);
    this.#guard();
    this.#text.add(piece);
    this.#compared = undefined;
    this.#last = 46;
    this.#closedStar = false;
  }

  /** A mark between two pieces of text, such as that of an exponent; it must not be one of Markdown's. */
  glue(mark: string, style: number): void {
    this.#turn(style, mark.charCodeAt(0));
    if (this.#code !== undefined) this.#code.add(mark);
    else this.#text.add(mark.startsWith("_") && mark !== "_" ? `\\${mark}` : mark);
    if (this.#compared !== undefined) this.#compared += mark;
    this.#last = mark.charCodeAt(mark.length - 1);
    this.#closedStar = false;
  }

  /** The code point that the next text would stand beside; 10 if there is none. */
  get beside(): number {
    return this.#pending === NOTHING && !this.empty ? this.#last : 10;
  }

  /** Ends the block. */
  end(): string {
    this.#pending = NOTHING;
    this.#turn(0, 10);
    this.#last = 10;
    this.#closedStar = false;
    return this.#text.take();
  }

  /** An exclamation mark before a bracket would make an image of it. */
  #guard(): void {
    if (this.#last === 33 && !this.#text.empty) this.#text.escapeLast();
  }

  #write(source: string, at: number, to: number, out: Builder, escaping: boolean): void {
    const link = this.#openLink !== 0;
    const first = at;
    let plain = at;
    let compared = this.#compared;
    while (at < to) {
      const code = source.charCodeAt(at);
      const kind = code < 128 ? CHARACTERS[code]! : code === 160 ? COLLAPSED : PLAIN;
      if (kind === PLAIN) {
        at++;
      } else if (kind === COLLAPSED) {
        let end = at + 1;
        while (isWhite(source.charCodeAt(end))) end++;
        if (code !== 32 || end !== at + 1) {
          const piece = `${source.slice(plain, at)} `;
          out.add(piece);
          if (compared !== undefined) compared += piece;
          plain = end;
        }
        at = end;
      } else {
        if (escaping && mustEscape(source, code, at, first, to, link)) {
          const piece = source.slice(plain, at);
          out.add(`${piece}\\`);
          if (compared !== undefined) compared += piece;
          plain = at;
        }
        at++;
      }
    }
    const piece = source.slice(plain, to);
    out.add(piece);
    if (compared !== undefined) {
      compared += piece;
      this.#compared = compared.length > MOST_COMPARED ? undefined : compared;
    }
  }

  /** Brings the delimiters to a style, then writes what is pending; `next` is the code point that follows. */
  #turn(style: number, next: number): void {
    if (style === this.#style) {
      if (this.#pending !== NOTHING) this.#writePending();
      return;
    }
    const wasEmpty = this.empty;
    const link = style >>> LINK_SHIFT;
    if (this.#code !== undefined) {
      // Code that follows code is the same piece, whatever its style.
      if ((style & CODE) !== 0 && link === this.#openLink) {
        if (this.#pending !== NOTHING) this.#writePending();
        return;
      }
      this.#endCode();
    }
    const kinds = this.#kinds;
    let kept = 0;
    while (
      kept < kinds.length &&
      (kinds[kept] === LINK ? this.#openLink === link : (style & kinds[kept]!) !== 0)
    ) kept++;
    const after = this.#pending !== NOTHING
      ? WHITE
      : (style & CODE) !== 0
      ? PUNCTUATION
      : classOf(next);
    this.#close(kept, link !== 0 && link !== this.#openLink ? PUNCTUATION : after);
    this.#style = style;
    if (!wasEmpty) {
      if (this.#pending !== NOTHING) this.#writePending();
    } else this.#pending = NOTHING;
    this.#open(style, link, (style & CODE) !== 0 ? PUNCTUATION : classOf(next));
    if ((style & CODE) !== 0) this.#code = new Builder();
  }

  #writePending(): void {
    const breaks = this.#pending === BREAK;
    this.#pending = NOTHING;
    if (this.empty) return;
    if (this.#code !== undefined) {
      if (!breaks) {
        this.#code.add(" ");
        return;
      }
      this.#endCode();
      this.#text.add(this.lineBreak);
      this.#code = new Builder();
    } else this.#text.add(breaks ? this.lineBreak : " ");
    if (this.#compared !== undefined) this.#compared += " ";
    if (breaks) this.broken = true;
    this.#last = 32;
    this.#closedStar = false;
  }

  /** Closes the delimiters above some; `after` is the class of what follows them. */
  #close(kept: number, after: number): void {
    const kinds = this.#kinds;
    let before = classOf(this.#last);
    let run = 0;
    while (kinds.length > kept) {
      const kind = kinds.pop()!;
      const part = this.#parts.pop()!;
      if (kind === LINK) {
        this.#endLink(part);
        before = PUNCTUATION;
        run = 0;
        continue;
      }
      const mark = markOf(kind);
      const character = mark.charCodeAt(0);
      if (run !== 0 && run !== character) before = PUNCTUATION;
      // Marks of outer styles may yet be left out, so they do not count as what follows.
      const follower = kinds.indexOf(LINK) >= kept ? PUNCTUATION : after;
      if (before === WHITE || (before === PUNCTUATION && follower === OTHER)) {
        this.#text.flush();
        this.#text.blank(part);
        continue;
      }
      this.#text.add(mark);
      run = character;
      this.#last = character;
      this.#closedStar = character === 42;
    }
  }

  #open(style: number, link: number, next: number): void {
    const kinds = this.#kinds;
    if (link !== 0 && !kinds.includes(LINK)) {
      this.#guard();
      this.#push(LINK, "[");
      this.#openLink = link;
      this.#compared = "";
      this.#last = 91;
      this.#closedStar = false;
    }
    const wanted = style & (STRONG | EM | STRIKE);
    if (wanted === 0) return;
    const before = classOf(this.#last);
    if (next === WHITE || (next === PUNCTUATION && before === OTHER)) return;
    const order = (style & EM_OUTSIDE) !== 0 ? [STRIKE, EM, STRONG] : [STRIKE, STRONG, EM];
    const stars = (STRONG | EM) & wanted;
    // Within emphasis, marks that could close as well as open would close what is around them.
    const ambiguous = before !== WHITE && (before !== PUNCTUATION || next !== OTHER) &&
      (kinds.includes(STRONG) || kinds.includes(EM));
    for (const kind of order) {
      if ((wanted & kind) === 0 || kinds.includes(kind)) continue;
      if (kind === STRIKE) {
        // Marks come between it and the text.
        if (stars !== 0 && before === OTHER) continue;
        this.#closedStar = false;
      } else if (this.#closedStar || ambiguous) continue;
      this.#push(kind, markOf(kind));
      this.#last = kind === STRIKE ? 126 : 42;
    }
  }

  #push(kind: number, mark: string): void {
    this.#parts.push(this.#text.flush());
    this.#text.add(mark);
    this.#text.flush();
    this.#kinds.push(kind);
    if (kind !== LINK) this.#compared = undefined;
  }

  #endLink(part: number): void {
    const { url, title } = this.#target(this.#openLink);
    const compared = this.#compared;
    this.#compared = undefined;
    this.#openLink = 0;
    if (
      compared !== undefined && title === "" &&
      (compared === url || `mailto:${compared}` === url) &&
      isAutolink(url)
    ) {
      this.#text.flush();
      this.#text.cut(part);
      this.#text.add(`<${compared}>`);
      this.#last = 62;
    } else {
      this.#text.add(`](${destination(url)}${linkTitle(title)})`);
      this.#last = 41;
    }
    this.#closedStar = false;
  }

  #endCode(): void {
    const code = this.#code!.take();
    this.#code = undefined;
    const fence = "`".repeat(longestRun(code) + 1);
    const pad = code.startsWith("`") || code.endsWith("`") ? " " : "";
    this.#text.add(`${fence}${pad}`);
    this.#text.add(code);
    this.#text.add(`${pad}${fence}`);
    this.#compared = undefined;
    this.#last = 96;
    this.#closedStar = false;
  }
}

function markOf(kind: number): string {
  return kind === STRONG ? "**" : kind === EM ? "*" : "~~";
}

/** How many grave accents stand together at most. */
export function longestRun(text: string): number {
  let longest = 0;
  for (let at = text.indexOf("`"); at >= 0; at = text.indexOf("`", at)) {
    const from = at;
    while (text.charCodeAt(at) === 96) at++;
    longest = Math.max(longest, at - from);
  }
  return longest;
}
