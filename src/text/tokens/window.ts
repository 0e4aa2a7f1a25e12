/**
 * The tokens of a stretch of a text that moves on: what was encoded before is kept where cutting the text changes no
 * token, so that each part of it is encoded once, however often the stretch begins anew. Over both twins.
 *
 * @module
 */

import { isBlank } from "../outline/mod.ts";
import { isWithin } from "./truncate.ts";
import type { TokenTwin } from "./types.ts";

const END_MASK = 0x7fffffff;
const NONE = new Uint32Array(0);

/** A window on the tokens of a text. */
export class TokenWindow {
  readonly #twin: TokenTwin;
  #text = "";
  /** Where it begins and ends in the text. */
  #from = 0;
  #to = 0;
  /** Up to here its tokens are those of the whole text: a place where that can be cut. */
  #sure = 0;
  /** See `TokenTwin.spans`; from the window's beginning. */
  #spans: Uint32Array = NONE;

  constructor(twin: TokenTwin) {
    this.#twin = twin;
  }

  /** How many tokens it has. */
  get tokens(): number {
    return this.#spans.length;
  }

  /** Where a token ends, or the last whole character before that. */
  endOf(token: number): number {
    return this.#from + (this.#spans[token]! & END_MASK);
  }

  /** Encodes a stretch of a text: that of the last call, or what `drop` made of it with more at its end. */
  read(text: string, from: number, to: number): void {
    this.#text = text;
    const first = this.#firstSafe(from);
    const last = first < 0 ? -1 : to < this.#sure ? this.#lastSafe(first, to) : this.#sure;
    // Tokens from `low` up to `high` stay.
    const low = first < 0 ? -1 : this.#tokensUpTo(first);
    const high = last < 0 ? -1 : this.#tokensUpTo(last);
    if (low < 0 || high < low) {
      this.#spans = this.#twin.spans(text.slice(from, to)).slice();
      this.#sure = this.#lastSafe(from, to);
    } else {
      const head = first > from ? this.#twin.spans(text.slice(from, first)).slice() : NONE;
      const tail = last < to ? this.#twin.spans(text.slice(last, to)) : NONE;
      const kept = high - low;
      const spans = new Uint32Array(head.length + kept + tail.length);
      spans.set(head);
      let at = head.length;
      const shift = this.#from - from;
      // The highest bit stays as it is.
      for (let index = low; index < high; index++) spans[at++] = this.#spans[index]! + shift;
      const begin = last - from;
      for (let index = 0; index < tail.length; index++) spans[at++] = tail[index]! + begin;
      this.#spans = spans;
      this.#sure = this.#lastSafe(last, to);
    }
    this.#from = from;
    this.#to = to;
  }

  /** The text has lost its beginning up to a place, from which positions count now. */
  drop(place: number): void {
    this.#from -= place;
    this.#to -= place;
    this.#sure -= place;
  }

  /**
   * The exact number of tokens from the window's beginning to a place in it. Cutting there can change only the piece of
   * the last character that is not white space and what follows; the tokens before stay as they are.
   */
  countTo(end: number): number {
    const text = this.#text;
    const from = this.#from;
    if (end <= this.#sure && this.#isSafe(end)) {
      const tokens = this.#tokensUpTo(end);
      if (tokens >= 0) return tokens;
    }
    let last = end;
    while (last > from && isBlank(text.charCodeAt(last - 1))) last--;
    let token = this.#tokenAt(last - from);
    // Back to the beginning of the token's piece.
    while (token > 0 && this.#spans[token - 1]! <= END_MASK) token--;
    const piece = token > 0 ? from + (this.#spans[token - 1]! & END_MASK) : from;
    return token + this.#twin.count(text.slice(piece, end));
  }

  /** Whether a stretch that begins in the window has at most so many tokens. */
  isWithin(start: number, end: number, most: number): boolean {
    const text = this.#text;
    const first = this.#firstSafe(start);
    const passed = first < 0 || first > end ? -1 : this.#tokensUpTo(first);
    if (passed < 0) return isWithin(this.#twin, text.slice(start, end), most);
    const left = most + passed - (first > start ? this.#twin.count(text.slice(start, first)) : 0);
    if (end <= this.#to) return this.countTo(end) <= left;
    const rest = left - this.countTo(this.#sure);
    return rest > 0 && isWithin(this.#twin, text.slice(this.#sure, end), rest);
  }

  #isSafe(at: number): boolean {
    const text = this.#text;
    return at === this.#from || at < text.length &&
        this.#twin.cuts.isSafe(text.charCodeAt(at - 1), text.charCodeAt(at));
  }

  /** The first place at or behind another where the tokens that are known can be cut; -1 if there is none. */
  #firstSafe(from: number): number {
    if (from < this.#from) return -1;
    for (let at = from; at <= this.#sure; at++) if (this.#isSafe(at)) return at;
    return -1;
  }

  /** The last place up to `to` and over `from` where the text can be cut; `from` if there is none. */
  #lastSafe(from: number, to: number): number {
    for (let at = to; at > from; at--) if (this.#isSafe(at)) return at;
    return from;
  }

  /** How many tokens stand before a place where the text can be cut; -1 if none ends there. */
  #tokensUpTo(place: number): number {
    const units = place - this.#from;
    if (units === 0) return 0;
    const token = this.#tokenAt(units);
    return (this.#spans[token]! & END_MASK) === units ? token + 1 : -1;
  }

  /** The first token with which `units` are complete. */
  #tokenAt(units: number): number {
    let low = 0;
    let high = this.#spans.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]! & END_MASK) < units) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
