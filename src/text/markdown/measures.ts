/**
 * What is counted of a page before its main content is looked for: sums over the nodes before each, so that any element
 * is measured by two of them. Lengths are UTF-16 units of the source. Twin: `content/measures.rs`.
 *
 * @module
 */

import { isAnchor } from "./plain.ts";
import { BR, BUTTON, DEL, H1, HEADING, IMG, INLINE, INPUT, SKIP, SUP, tagTable } from "./tags.ts";
import { DROPPED, LINK_SHIFT, type Tree } from "./tree.ts";

/** A block of text is good from so many units on. */
const GOOD = 40;

/** From here on letters are words or parts of them, and count twice. */
const WIDE = 0x2e80;

/** A part of the page: the nodes from one to before another. */
export interface Range {
  from: number;
  to: number;
}

/** The sums. */
export class Measures {
  readonly tree: Tree;
  readonly count: number;
  readonly tags = tagTable();
  /** Text; text of links; links; level-one headings; headings; fields and buttons of forms. */
  readonly text: Int32Array;
  readonly linked: Int32Array;
  readonly links: Int32Array;
  readonly titles: Int32Array;
  readonly headings: Int32Array;
  readonly controls: Int32Array;
  /** The text outside of links of good blocks: long ones, of which at most a third is links. */
  readonly good: Int32Array;
  /** Headings that carry a link to themselves, as documentation has them. */
  permalinks = 0;

  constructor(tree: Tree) {
    this.tree = tree;
    this.count = tree.count;
    const sums = (): Int32Array => new Int32Array(this.count + 1);
    this.text = sums();
    this.linked = sums();
    this.links = sums();
    this.titles = sums();
    this.headings = sums();
    this.controls = sums();
    this.good = sums();
    this.#measure();
  }

  /** The kind of an element; `INLINE` for texts. */
  kind(node: number): number {
    const tag = this.tree.tag[node]!;
    const kind = tag < this.tags.known ? this.tags.kinds[tag]! : INLINE;
    return kind >= SUP ? INLINE : kind;
  }

  /** A sum over an element. */
  sum(sums: Int32Array, node: number): number {
    return sums[this.tree.end[node]!]! - sums[node]!;
  }

  #measure(): void {
    const { tree, count } = this;
    let [text, linked, links, titles, headings, controls, good] = [0, 0, 0, 0, 0, 0, 0];
    let [last, skipped, heading] = [0, 0, 0];
    // The block that is being measured began with these sums.
    let [blockText, blockLinked] = [0, 0];
    const ends: number[] = [];
    const finish = (): void => {
      const length = text - blockText;
      const ofLinks = linked - blockLinked;
      if (length >= GOOD && ofLinks * 3 <= length) good += length - ofLinks;
      blockText = text;
      blockLinked = linked;
    };
    for (let node = 0; node < count; node++) {
      while (ends.length > 0 && ends.at(-1)! <= node) {
        ends.pop();
        finish();
      }
      const tag = tree.tag[node]!;
      let kind = INLINE;
      if (tag !== 0 && node >= skipped) {
        kind = this.kind(node);
        const opens = kind !== INLINE && kind !== BR && kind !== IMG && kind !== INPUT &&
          kind < DEL && kind !== SKIP;
        if (opens && tree.flags[node] === 0) {
          finish();
          ends.push(tree.end[node]!);
        }
      }
      this.text[node] = text;
      this.linked[node] = linked;
      this.links[node] = links;
      this.titles[node] = titles;
      this.headings[node] = headings;
      this.controls[node] = controls;
      this.good[node] = good;
      if (node < skipped) continue;
      if (tag === 0) {
        const length = this.#length(node);
        if (length === 0) continue;
        const link = tree.style[node]! >>> LINK_SHIFT;
        if (link !== 0) {
          if (node < heading && this.#isAnchor(node)) {
            tree.flags[node] = DROPPED;
            this.permalinks++;
            continue;
          }
          if (link !== last) {
            links++;
            last = link;
          }
          linked += length;
        }
        text += length;
        continue;
      }
      if (kind === SKIP || tree.flags[node]! !== 0) skipped = tree.end[node]!;
      else if (kind === HEADING) {
        heading = Math.max(heading, tree.end[node]!);
        headings++;
        if (tag === H1) titles++;
      } else if (kind === IMG) text++;
      else if (kind === INPUT || tag === BUTTON) controls++;
    }
    while (ends.length > 0) {
      ends.pop();
      finish();
    }
    finish();
    this.text[count] = text;
    this.linked[count] = linked;
    this.links[count] = links;
    this.titles[count] = titles;
    this.headings[count] = headings;
    this.controls[count] = controls;
    this.good[count] = good;
  }

  /** The length of a text without the white space around it. */
  #length(node: number): number {
    const { source } = this.tree;
    let from = this.tree.from[node]!;
    let to = this.tree.to[node]!;
    while (from < to && source.charCodeAt(from) <= 32) from++;
    while (from < to && source.charCodeAt(to - 1) <= 32) to--;
    let wide = 0;
    for (let at = from; at < to; at++) if (source.charCodeAt(at) >= WIDE) wide++;
    return to - from + 2 * wide;
  }

  #isAnchor(node: number): boolean {
    const { source, from, to } = this.tree;
    if (to[node]! - from[node]! > 20) return false;
    return isAnchor(source.slice(from[node], to[node]));
  }
}
