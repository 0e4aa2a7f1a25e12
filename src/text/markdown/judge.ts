/**
 * What of the content's part of a page is none, judged by where it stands: around the element that holds most of the
 * good text, before and behind the text in it. Twin: `content/judge.rs`.
 *
 * @module
 */

import { BY_WORD, IN_ID, type Marks, OF_SMALL, OF_SURROUNDINGS, OF_TALK } from "./marks.ts";
import type { Measures, Range } from "./measures.ts";
import { ADVERTISEMENTS, beginsWith, PHRASES } from "./phrases.ts";
import {
  BLOCK,
  CAPTION,
  CELL,
  DL,
  HEADING,
  HR,
  INLINE,
  ITEM,
  LIST,
  P,
  PRE,
  QUOTE,
  ROW,
  TABLE,
  TR,
} from "./tags.ts";
import { CLASS, DROPPED } from "./tree.ts";

/** Of an element's good text its core has at least so many parts of twenty. */
const CORE = 14;
/** The first text of an element is looked for in so many nodes, as is what follows one. */
const NEAR = 32;
/** A link of fewer units is a name, not a title. */
const NAME = 25;
/** More than this part of the good text is much. */
const TEXT = 8;
/** So much good text is an article, whatever else is announced beside it. */
const ARTICLE = 1500;
/** So much text in one piece may be a short one. */
const SHORT = 250;
/** An announcement of another page is no longer than this. */
const TEASER = 500;
/** So many announcements in a row have each a second heading as often as not. */
const CARDS = 3;
/** So much text is little. */
const LITTLE = 120;
/** Cells of a table with so many links may be the navigation of a page that is laid out by it. */
const CELL_LINKS = 3;
/** Or so many, if no other has a third of its. */
const LEADING = 9;

/** Marks what is not content in a part. */
export class Judge {
  readonly #measures: Measures;
  readonly #marks: Marks;
  /** Sums of the good text that is not dropped. */
  readonly #good: Int32Array;
  /** The good text of the part that is judged. */
  #total = 0;
  /** How long an announcement of another page may be. */
  #teaser = TEASER;

  constructor(measures: Measures, marks: Marks) {
    this.#measures = measures;
    this.#marks = marks;
    this.#good = this.#kept();
  }

  /** Good text without what is dropped by now. */
  #kept(): Int32Array {
    const { good, count, tree } = this.#measures;
    const kept = new Int32Array(count + 1);
    let lost = 0;
    let until = 0;
    for (let node = 0; node <= count; node++) {
      if (node < count && node >= until && this.#marks.why[node] !== 0) {
        until = tree.end[node]!;
        // What is within counts as lost from here on.
        const before = good[node]!;
        for (let at = node; at < until; at++) kept[at] = before - lost;
        lost += good[until]! - before;
        node = until - 1;
        continue;
      }
      kept[node] = good[node]! - lost;
    }
    return kept;
  }

  #goodOf(node: number): number {
    return this.#good[this.#measures.tree.end[node]!]! - this.#good[node]!;
  }

  /** The good text of a part. */
  goodIn(range: Range): number {
    return this.#good[range.to]! - this.#good[range.from]!;
  }

  /** The innermost element with most of the good text of a part, that many twentieths of it. */
  innermost(range: Range, parts: number): { inside: Range; path: Range[]; shared: number } {
    const { tree } = this.#measures;
    const path = [range];
    let shared = Infinity;
    let best = { inside: range, path, shared };
    let root = range;
    for (;;) {
      const total = this.#good[root.to]! - this.#good[root.from]!;
      if (total === 0) return best;
      let found = -1;
      let most = 0;
      let second = 0;
      for (let node = root.from; node < root.to; node = tree.end[node]!) {
        if (tree.tag[node] === 0 || this.#marks.why[node] !== 0) continue;
        const good = this.#goodOf(node);
        if (good > most) {
          second = most;
          most = good;
          found = node;
        } else if (good > second) second = good;
      }
      const holds = most * 20 >= total * parts;
      if (found < 0 || (!holds && (most * 20 < total * LEADING || second * 3 > most))) return best;
      if (!holds) shared = Math.min(shared, path.length - 1);
      const tag = tree.tag[found]!;
      const kind = this.#measures.kind(found);
      const isBox = kind === INLINE || kind === TABLE || kind === ROW || kind === CELL ||
        (kind === BLOCK && tag !== P && tag !== DL);
      if (!isBox) return best;
      root = { from: found + 1, to: tree.end[found]! };
      // A row or a part of a table is nothing without the table.
      if (kind === TABLE) best = { inside: { from: found, to: tree.end[found]! }, path, shared };
      else if (kind !== ROW && !(tag >= TR && tag <= CAPTION)) {
        best = { inside: root, path, shared };
        path.push(root);
      }
    }
  }

  /** Judges the elements of a part around its core, and those at both ends of the core. */
  judge(range: Range, marked: boolean): void {
    const measures = this.#measures;
    const { tree, permalinks } = measures;
    this.#total = this.goodIn(range);
    const isManual = permalinks[measures.count]! > (marked ? 0 : 1);
    const { inside: core, path } = this.innermost(range, CORE);
    // A list of links, or what else has no text; not a short article among links.
    const size = measures.text[core.to]! - measures.text[core.from]!;
    const isLinks = (measures.linked[core.to]! - measures.linked[core.from]!) * 2 > size;
    // The text goes from the first good block to the last.
    const { first, last } = this.#text(core);
    if (isLinks && this.goodIn(core) < ARTICLE && !this.#isArticle(first, last)) return;
    // Where most of the core announces other pages, that is what the page is about.
    const announced = this.#announced(core);
    const rest = this.goodIn(core) - announced;
    this.#teaser = announced > rest && rest < ARTICLE ? 0 : TEASER;
    const total = measures.text[range.to]! - measures.text[range.from]!;
    let list = 0;
    // The end of what is kept as it is beside the core.
    let whole = 0;
    // The end of an element of the core with good text in it.
    let mixed = 0;
    let level = 0;
    const orphans: number[] = [];
    // The ends of the elements around, and of the one that is kept as part of a manual.
    const ends = [range.to];
    let kept = 0;
    for (let node = range.from; node < range.to;) {
      const tag = tree.tag[node]!;
      const end = tree.end[node]!;
      if (tag === 0) {
        node++;
        continue;
      }
      if (this.#marks.why[node] !== 0) {
        node = end;
        continue;
      }
      while (ends.length > 1 && ends.at(-1)! <= node) ends.pop();
      const holdsCore = node < core.from && end >= core.to;
      const outside = end <= core.from || node >= core.to;
      const kind = measures.kind(node);
      while (level + 1 < path.length && node >= path[level + 1]!.from && node < core.from) level++;
      while (level > 0 && node >= path[level]!.to) level--;
      // What follows a heading with a link to itself, or a section with one, belongs to the manual.
      if (isManual && !holdsCore && measures.sum(permalinks, node) > 0) {
        kept = Math.max(kept, ends.at(-1)!);
      }
      if (node < kept) {
        node = kept;
        continue;
      }
      ends.push(end);
      if (holdsCore || (kind === INLINE && tag < measures.tags.known && !outside)) {
        node++;
        continue;
      }
      // A post begins with its author's name, and the first is none other than the others.
      const atEdge = !outside && node >= mixed;
      const drop = this.#isAnnouncement(node, kind, total) ||
        (outside && node >= whole
          ? this.#isAround(node, tag, kind, node >= core.to, path[level + 1])
          : node >= list && kind !== INLINE &&
            this.#isWithin(
              node,
              kind,
              atEdge && end <= first,
              atEdge && node >= last,
              total,
              marked,
            ));
      if (!outside && this.#goodOf(node) > 0) mixed = Math.max(mixed, end);
      if (!drop && kind === LIST && this.#goodOf(node) > 0) list = Math.max(list, end);
      if (drop) {
        this.#marks.why[node] = BY_WORD;
        node = end;
      } else {
        if (outside && this.#isWhole(node, kind, tag, path[level + 1])) {
          whole = Math.max(whole, end);
        }
        if (kind === HEADING && (outside || (node >= last && this.#announces(node)))) {
          orphans.push(node);
        }
        node++;
      }
    }
    for (let at = orphans.length - 1; at >= 0; at--) this.#orphan(orphans[at]!, range.to);
  }

  /** Whether the text from one node to before another has few links. */
  #isArticle(from: number, to: number): boolean {
    const { text, linked } = this.#measures;
    const size = from < to ? text[to]! - text[from]! : 0;
    return size >= SHORT && (linked[to]! - linked[from]!) * 3 <= size;
  }

  /** Drops a heading at the edge of the content of which all that it was above is dropped. */
  #orphan(heading: number, to: number): void {
    const { tree, text, titles } = this.#measures;
    if (this.#measures.sum(titles, heading) > 0) return;
    let lost = false;
    for (let node = tree.end[heading]!; node < to; node = tree.end[node]!) {
      if (this.#measures.sum(text, node) === 0 || (tree.flags[node]! & DROPPED) !== 0) continue;
      if (tree.tag[node] === 0 || this.#marks.why[node] === 0) {
        if (this.#measures.kind(node) === HEADING) break;
        return;
      }
      lost = true;
    }
    if (lost) this.#marks.why[heading] = BY_WORD;
  }

  /** Whether an element begins with words such as "Read more" and is links for the most part. */
  #isAnnouncement(node: number, kind: number, total: number): boolean {
    if (kind !== BLOCK && kind !== LIST && kind !== ITEM && kind !== HEADING) return false;
    const measures = this.#measures;
    const { tree } = measures;
    const text = measures.sum(measures.text, node);
    const linked = measures.sum(measures.linked, node);
    if (text * 4 >= total || text === 0) return false;
    if (kind === HEADING) {
      // What follows decides.
      const next = this.#next(tree.end[node]!);
      if (next < 0 || text >= 60) return false;
      const following = measures.sum(measures.text, next);
      return measures.sum(measures.linked, next) * 2 > following && this.#announces(node);
    }
    if (linked > 0) return (linked * 2 >= text || text < 200) && this.#announces(node);
    return text < 16 && this.#announces(node, ADVERTISEMENTS);
  }

  /** The next element with text beside one, or -1. */
  #next(from: number): number {
    const { tree, count } = this.#measures;
    for (let node = from; node < count && node < from + NEAR; node = tree.end[node]!) {
      if (this.#measures.sum(this.#measures.text, node) > 0) {
        return tree.tag[node] === 0 ? -1 : node;
      }
    }
    return -1;
  }

  /** Whether the first text of an element is one of some phrases, or begins with one of several words. */
  #announces(node: number, phrases = PHRASES): boolean {
    const { tree } = this.#measures;
    const at = this.#firstText(node);
    return at >= 0 && beginsWith(tree.source, tree.from[at]!, tree.to[at]!, phrases);
  }

  /** From the first good block of a part to the last, without what words name. */
  #text(core: Range): Range & { first: number; last: number } {
    const { tree, text } = this.#measures;
    const size = text[core.to]! - text[core.from]!;
    let first = -1;
    let last = core.from;
    for (let node = core.from; node < core.to;) {
      const tag = tree.tag[node]!;
      if (tag !== 0) {
        const isNamed = this.#measures.sum(text, node) * 2 < size && this.#named(node) !== 0;
        if (isNamed || this.#marks.why[node] !== 0) {
          node = tree.end[node]!;
          continue;
        }
      }
      if (this.#good[node + 1]! > this.#good[node]!) {
        if (first < 0) first = node;
        last = node + 1;
      }
      node++;
    }
    if (first < 0) first = core.to;
    return { ...core, first, last };
  }

  /** Whether an element beside the core is none of the content. */
  #isAround(
    node: number,
    tag: number,
    kind: number,
    behind: boolean,
    beside: Range | undefined,
  ): boolean {
    const measures = this.#measures;
    const text = measures.sum(measures.text, node);
    if (text === 0 || this.#isDatum(node, kind)) return false;
    const linked = measures.sum(measures.linked, node);
    const named = this.#named(node);
    const headings = measures.sum(measures.headings, node);
    if (!behind && measures.sum(measures.titles, node) > 0) return false;
    if (kind === INLINE && tag < measures.tags.known) return false;
    if (kind === HEADING || kind === HR) return false;
    if ((named & (OF_SURROUNDINGS | OF_TALK)) !== 0) return true;
    if (behind && this.#isTeasers(node, 1)) return true;
    if (beside !== undefined && this.#isLike(node, beside.from - 1)) return false;
    if (linked * 2 > text) {
      // References to a few names under a heading are none to other articles.
      const links = measures.sum(measures.links, node);
      return headings === 0 || linked >= links * NAME || !this.#isSection(node);
    }
    if (measures.sum(measures.controls, node) > 0 && this.#goodOf(node) < 200) return true;
    const isSmall = (named & OF_SMALL) !== 0;
    if (this.#goodOf(node) > 0) return isSmall ? behind || linked > 0 : behind && linked * 3 > text;
    if (linked * 3 > text || isSmall) return true;
    if (kind === PRE || kind === QUOTE || kind === TABLE || tag === DL) return false;
    return headings === 0 && text < LITTLE && !(tag === P && linked === 0);
  }

  /** The good text of a part that is in announcements of other pages. */
  #announced({ from, to }: Range): number {
    const { tree } = this.#measures;
    let sum = 0;
    for (let node = from; node < to;) {
      if (tree.tag[node] === 0 || !this.#isTeasers(node, 1)) node++;
      else {
        sum += this.#goodOf(node);
        node = tree.end[node]!;
      }
    }
    return sum;
  }

  /** Whether an element is made of announcements of other pages: so many headings that are links, and little else. */
  #isTeasers(node: number, least: number): boolean {
    const measures = this.#measures;
    const teasers = measures.sum(measures.teasers, node);
    const headings = measures.sum(measures.headings, node);
    return teasers >= least &&
      (teasers * 3 >= headings * 2 || (teasers >= CARDS && teasers * 2 >= headings)) &&
      measures.sum(measures.text, node) < teasers * this.#teaser;
  }

  /** Whether what is kept beside the core is one thing: a list, a table, a section under its heading. */
  #isWhole(node: number, kind: number, tag: number, beside: Range | undefined): boolean {
    if (
      kind === LIST || kind === TABLE || kind === PRE || kind === QUOTE || tag === DL || tag === P
    ) {
      return true;
    }
    if (beside !== undefined && this.#isLike(node, beside.from - 1)) return true;
    if (kind !== BLOCK) return false;
    const measures = this.#measures;
    if (measures.sum(measures.linked, node) * 4 > measures.sum(measures.text, node)) return false;
    return measures.sum(measures.controls, node) === 0 && this.#isSection(node);
  }

  /** What the words of an element say; nothing where an id was made of the heading, or of much text without links. */
  #named(node: number): number {
    const named = this.#marks.named[node]!;
    if (named !== 0 && (named & OF_TALK) === 0 && this.#isText(node)) return 0;
    if ((named & IN_ID) === 0) return named;
    const { text, linked } = this.#measures;
    const isOfHeading = this.#isSection(node) &&
      this.#measures.sum(linked, node) * 2 < this.#measures.sum(text, node);
    return isOfHeading ? 0 : named;
  }

  /** Whether a good part of the text is in an element that has hardly a link. */
  #isText(node: number): boolean {
    const measures = this.#measures;
    return this.#goodOf(node) * TEXT > this.#total &&
      measures.sum(measures.linked, node) * 10 < measures.sum(measures.text, node) &&
      measures.sum(measures.controls, node) === 0;
  }

  /** Whether an element begins with a heading. */
  #isSection(node: number): boolean {
    const { headings } = this.#measures;
    const first = this.#firstText(node);
    return first >= 0 && headings[first]! > headings[node]!;
  }

  /** The first text of an element that is not far from its start, or -1. */
  #firstText(node: number): number {
    const { tree, text } = this.#measures;
    const end = Math.min(tree.end[node]!, node + NEAR);
    for (let at = node + 1; at < end; at++) {
      if (tree.tag[at] === 0 && this.#measures.sum(text, at) > 0) return at;
    }
    return -1;
  }

  /** Whether an element is one of several sections with text in a part: alike, and with headings of one level. */
  isOneOf(node: number, within: Range): boolean {
    const { tree, text, linked } = this.#measures;
    const level = this.#levelOf(node);
    if (level === 0) return false;
    for (let other = within.from; other < within.to; other = tree.end[other]!) {
      const isText = other !== node && tree.tag[other] === tree.tag[node] &&
        this.#marks.why[other] === 0 && this.#goodOf(other) > 0 &&
        this.#measures.sum(linked, other) * 4 <= this.#measures.sum(text, other);
      if (isText && this.#levelOf(other) === level && this.#isLike(node, other)) return true;
    }
    return false;
  }

  /** The tag of the heading that an element begins with; 0 if it begins with none. */
  #levelOf(node: number): number {
    const { tree } = this.#measures;
    if (!this.#isSection(node)) return 0;
    const end = tree.end[node]!;
    let at = node + 1;
    while (at < end && this.#measures.kind(at) !== HEADING) at++;
    return at < end ? tree.tag[at]! : 0;
  }

  /** Whether two elements have the same name and class. */
  #isLike(node: number, other: number): boolean {
    const { tree } = this.#measures;
    if (other < 0 || tree.tag[node] !== tree.tag[other]) return false;
    const a = tree.find(tree.from[node]!, tree.to[node]!, CLASS);
    const b = tree.find(tree.from[other]!, tree.to[other]!, CLASS);
    if (a < 0 || b < 0) return false;
    const length = tree.valueTo[a]! - tree.valueFrom[a]!;
    return length > 0 && length === tree.valueTo[b]! - tree.valueFrom[b]! &&
      tree.source.startsWith(
        tree.source.slice(tree.valueFrom[a], tree.valueTo[a]),
        tree.valueFrom[b],
      );
  }

  /**
   * Whether an element is a cell that holds a thing or two: a table without it would say something else. Cells that hold
   * the navigation of a page have more links.
   */
  #isDatum(node: number, kind: number): boolean {
    const { links } = this.#measures;
    return kind === CELL && this.#measures.sum(links, node) < CELL_LINKS;
  }

  /** Whether an element of the core is none of the content. */
  #isWithin(
    node: number,
    kind: number,
    before: boolean,
    behind: boolean,
    total: number,
    marked: boolean,
  ): boolean {
    const measures = this.#measures;
    const isBox = kind === LIST || kind === BLOCK || kind === TABLE || kind === CELL;
    if (!isBox || this.#isDatum(node, kind)) return false;
    const text = measures.sum(measures.text, node);
    const linked = measures.sum(measures.linked, node);
    const links = measures.sum(measures.links, node);
    if (measures.sum(measures.titles, node) > 0 || text * 2 >= total) return false;
    if (links >= 3 && linked * 5 >= text * 4 && text - linked < 60) {
      const headings = measures.sum(measures.headings, node);
      return headings === 0 || (!marked && !(linked < links * NAME && this.#isSection(node)));
    }
    const least = kind === LIST && linked * 5 >= text * 4 ? 1 : 2;
    if (this.#isTeasers(node, least)) return true;
    if (!before && !behind) return false;
    const named = this.#named(node);
    if (measures.sum(measures.headings, node) > 0 && before) return false;
    if (links > 0 && linked * 2 > text && measures.sum(measures.headings, node) === 0) return true;
    if (measures.sum(measures.controls, node) > 0) return true;
    return behind && (named & (OF_SMALL | OF_SURROUNDINGS | OF_TALK)) !== 0;
  }
}
