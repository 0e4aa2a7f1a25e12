/**
 * What is counted of a page before its main content is looked for: sums over the nodes before each, so that any element
 * is measured by two of them. Lengths are UTF-16 units of the source. Twin: `content/measures.rs`.
 *
 * @module
 */

import { isAnchor } from "./plain.ts";
import { BR, BUTTON, DEL, H1, HEADING, IMG, INLINE, INPUT, SKIP, SUP, tagTable } from "./tags.ts";
import { DROPPED, HIDDEN, HREF, ID, LINK_SHIFT, type Tree } from "./tree.ts";

/** A block of text is good from so many units on. */
const GOOD = 40;

/** From here on letters are words or parts of them, and count twice. */
const WIDE = 0x2e80;

/** What is no part of the page. */
export const OUT: number = HIDDEN | DROPPED;

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
  /** Headings that are links to other pages. */
  readonly teasers: Int32Array;
  /** The text outside of links of good blocks: long ones, of which at most a third is links. */
  readonly good: Int32Array;
  /** Headings that carry a link to themselves, as documentation has them. */
  readonly permalinks: Int32Array;

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
    this.teasers = sums();
    this.permalinks = sums();
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
    let [last, skipped, heading, teasers] = [0, 0, 0, 0];
    // The heading that is open, or the last one, began with these sums; a link in it leads elsewhere.
    let [headingText, headingLinked, leadsAway] = [0, 0, false];
    // The end of a heading that is known to have a link to itself, and the next link after the attributes.
    let [permalinks, permalink, next] = [0, 0, 0];
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
      if (leadsAway && node >= heading) {
        if ((linked - headingLinked) * 2 > text - headingText) teasers++;
        leadsAway = false;
      }
      const tag = tree.tag[node]!;
      let kind = INLINE;
      if (tag !== 0 && node >= skipped) {
        kind = this.kind(node);
        const opens = kind !== INLINE && kind !== BR && kind !== IMG && kind !== INPUT &&
          kind < DEL && kind !== SKIP;
        if (opens && (tree.flags[node]! & OUT) === 0) {
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
      this.teasers[node] = teasers;
      this.permalinks[node] = permalinks;
      this.good[node] = good;
      if (node < skipped) continue;
      if (tag === 0) {
        const length = this.#length(node);
        if (length === 0) continue;
        const link = tree.style[node]! >>> LINK_SHIFT;
        if (link !== 0) {
          if (node < heading && this.#isAnchor(node)) {
            tree.flags[node] = DROPPED;
            if (node >= permalink) permalinks++;
            continue;
          }
          if (link !== last) {
            links++;
            last = link;
          }
          if (node < heading && !leadsAway) leadsAway = this.#leadsAway(link);
          linked += length;
        }
        text += length;
        continue;
      }
      if (kind === SKIP || (tree.flags[node]! & OUT) !== 0) skipped = tree.end[node]!;
      else if (kind === HEADING) {
        if (node >= heading) [headingText, headingLinked] = [text, linked];
        heading = Math.max(heading, tree.end[node]!);
        headings++;
        while (2 * next < tree.links.length && tree.links[2 * next]! < tree.to[node]!) next++;
        if (this.#isLinkTo(node, next)) {
          permalinks++;
          permalink = tree.end[node]!;
        }
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
    if (leadsAway && (linked - headingLinked) * 2 > text - headingText) teasers++;
    this.controls[count] = controls;
    this.teasers[count] = teasers;
    this.permalinks[count] = permalinks;
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

  /** Whether the next link, counted from 0, leads to the heading that it is in, or that before it to what comes next. */
  #isLinkTo(node: number, next: number): boolean {
    const { tree } = this;
    const { links, source, valueFrom, valueTo } = tree;
    if (next > 0 && links[2 * next - 1] === tree.from[node]) {
      const at = tree.find(links[2 * next - 2]!, links[2 * next - 1]!, HREF);
      if (source.charCodeAt(valueFrom[at]!) === 35 && valueTo[at]! - valueFrom[at]! > 1) {
        return true;
      }
    }
    if (2 * next >= links.length) return false;
    const id = tree.find(tree.from[node]!, tree.to[node]!, ID);
    if (id < 0) return false;
    const at = tree.find(links[2 * next]!, links[2 * next + 1]!, HREF);
    const length = valueTo[id]! - valueFrom[id]!;
    return source.charCodeAt(valueFrom[at]!) === 35 && length > 0 &&
      valueTo[at]! - valueFrom[at]! === length + 1 &&
      source.startsWith(source.slice(valueFrom[id], valueTo[id]), valueFrom[at]! + 1);
  }

  /** Whether a link is one to another page. */
  #leadsAway(link: number): boolean {
    const { tree } = this;
    const at = tree.find(tree.links[2 * link - 2]!, tree.links[2 * link - 1]!, HREF);
    return at >= 0 && tree.source.charCodeAt(tree.valueFrom[at]!) !== 35;
  }

  #isAnchor(node: number): boolean {
    const { source, from, to } = this.tree;
    if (to[node]! - from[node]! > 20) return false;
    return isAnchor(source.slice(from[node], to[node]));
  }
}
