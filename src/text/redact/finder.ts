/**
 * What the searches (built-in rules, literals, patterns) have in common. Twin: `rust/areas/redact/src/finder.rs`.
 *
 * @module
 */

import type { Codes } from "./scan/codes.ts";
import type { View } from "./view.ts";

/** Behind any place of a text, and a small integer, which loops compare faster than a floating-point number. */
const EVER = 2 ** 30 - 1;

/** Finds the first match of one kind at or after a place. */
export abstract class Finder {
  /**
   * Where the match begins; without one, up to where it is certain that none does (the text's length if nothing is open).
   */
  start = -1;
  /** Where the match ends; 0 without one. */
  end = 0;
  /** The id of the rule that matched. */
  rule = 0;
  /** Matches that begin here or later are not asked for; who sees that early need not look for them. */
  until = EVER;

  /** Takes a text, the view that read it, and its codes, which the built-in rules look at. */
  abstract begin(text: string, last: boolean, view?: View, codes?: Codes): void;

  /** Finds the first match that begins at `from` or later, the longest there; sets the fields. */
  abstract seek(from: number): void;
}

/** A finder that looks at a view and gives places of the written text. */
export class ReadingFinder extends Finder {
  readonly #inner: Finder;
  readonly #view: View;
  readonly #codes: Codes | undefined;

  /** Wraps a finder; one of built-in rules needs the codes of the view. */
  constructor(inner: Finder, view: View, codes?: Codes) {
    super();
    this.#inner = inner;
    this.#view = view;
    this.#codes = codes;
  }

  override begin(_text: string, last: boolean): void {
    this.#inner.begin(this.#view.text, last, this.#view, this.#codes);
    this.start = -1;
  }

  override seek(from: number): void {
    const inner = this.#inner;
    const view = this.#view;
    inner.seek(view.read(from));
    this.rule = inner.rule;
    this.end = inner.end === 0 ? 0 : view.writtenEnd(inner.end);
    this.start = inner.end === 0 && inner.start >= view.text.length
      ? view.limit
      : view.written(inner.start);
  }
}

/** A finder that looks at a view only near the places at which that reads otherwise than the one before it. */
export class NearFinder extends Finder {
  readonly #inner: Finder;
  readonly #near: readonly number[];
  #length = 0;
  #k = 0;

  /** Wraps a finder; `near` has the beginnings and ends of the stretches, in order. */
  constructor(inner: Finder, near: readonly number[]) {
    super();
    this.#inner = inner;
    this.#near = near;
  }

  override begin(text: string, last: boolean, view?: View, codes?: Codes): void {
    this.#inner.begin(text, last, view, codes);
    this.#length = text.length;
    this.#k = 0;
    this.start = -1;
  }

  override seek(from: number): void {
    const inner = this.#inner;
    const near = this.#near;
    for (; this.#k < near.length; this.#k += 2) {
      const end = near[this.#k + 1]!;
      if (end <= from) continue;
      inner.until = end;
      inner.seek(Math.max(from, near[this.#k]!));
      if (inner.start >= end) continue;
      this.start = inner.start;
      this.end = inner.end;
      this.rule = inner.rule;
      return;
    }
    this.start = this.#length;
    this.end = 0;
  }
}

/** A finder that looks at the written text, whose matches take whole escapes. */
export class WrittenFinder extends Finder {
  readonly #inner: Finder;
  readonly #view: View;

  /** Wraps a finder. */
  constructor(inner: Finder, view: View) {
    super();
    this.#inner = inner;
    this.#view = view;
  }

  override begin(text: string, last: boolean): void {
    this.#inner.begin(text, last);
    this.start = -1;
  }

  override seek(from: number): void {
    const inner = this.#inner;
    const view = this.#view;
    inner.seek(from);
    this.rule = inner.rule;
    const open = inner.end === 0 || inner.end > view.limit;
    this.start = view.floor(Math.min(inner.start, view.limit));
    this.end = open ? 0 : view.ceil(inner.end);
  }
}

/**
 * Merges finders: leftmost, then longest, then the smallest rule id. Matches never overlap.
 *
 * @param finders The finders, which have begun.
 * @param n The text's length.
 * @param from Where to begin.
 * @param found Takes three numbers a match.
 * @returns Up to where everything is decided.
 */
export function merge(
  finders: readonly Finder[],
  n: number,
  from: number,
  found: number[],
): number {
  for (let at = from;;) {
    let start = n;
    let end = 0;
    let rule = 0;
    for (let f = 0; f < finders.length; f++) {
      const finder = finders[f]!;
      if (finder.start < at) finder.seek(at);
      if (finder.start > start) continue;
      if (finder.start < start) {
        start = finder.start;
        end = finder.end;
        rule = finder.rule;
      } else if (end === 0 || finder.end === 0) {
        // Where one of them is open, nothing is decided.
        end = 0;
      } else if (finder.end > end || (finder.end === end && finder.rule < rule)) {
        end = finder.end;
        rule = finder.rule;
      }
    }
    if (end === 0) return start;
    found.push(rule, start, end);
    at = end;
  }
}
