/**
 * Finds the main content of a page and marks the rest as dropped.
 *
 * What an author marked as main content is believed: `<main>`, else a single or dominant `<article>`. Otherwise blocks
 * of text are told from boilerplate by their length and the share of links in them (Kohlschütter, Fankhauser and Nejdl
 * 2010, "Boilerplate Detection using Shallow Text Features"), and the innermost element with four fifths of the good
 * text is the content. Within it, navigation and the like go by element, role and words of class and id. What would
 * leave too little is not done. Lengths are UTF-16 units of the source. Twin: `content.rs`.
 *
 * @module
 */

import { Names } from "./names.ts";
import { plain } from "./walk.ts";
import {
  ARTICLE,
  ASIDE,
  BLOCK,
  BUTTON,
  CAPTION,
  CELL,
  DEL,
  DIALOG,
  FOOTER,
  FORM,
  H1,
  HEADER,
  HEADING,
  IMG,
  INLINE,
  INPUT,
  LIST,
  MAIN,
  NAV,
  P,
  PRE,
  QUOTE,
  ROW,
  SKIP,
  TABLE,
  tagTable,
  TR,
} from "./tags.ts";
import { CLASS, DROPPED, ID, LINK_SHIFT, ROLE, type Tree } from "./tree.ts";

/** Words of class and id that name what surrounds content. */
const WORDS =
  "nav navbar navigation subnav menu menubar breadcrumb breadcrumbs sidebar sidenav footer cookie cookies consent gdpr share sharing sharebar social related recommended recommendations newsletter subscribe signup promo promotion promoted ad ads advert adverts advertisement advertising sponsor sponsored popup modal pagination pager toolbar masthead comments disqus outbrain taboola toc skip gutter linenos lineno linenumbers";
/** Classes of text that is meant for the ear. */
const SPOKEN = "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only";
/** Roles of what surrounds content; the last one may hold the title. */
const ROLES =
  "navigation contentinfo complementary search menu menubar toolbar dialog alertdialog banner";
const BANNER = 10;
/** Marks that headings carry as links to themselves. */
const ANCHORS = ["#", "¶", "§", "🔗", "\u{1f517}\ufe0f"];
/** A block of text is good from so many units on. */
const GOOD = 40;

/** Why an element is dropped. */
const BY_ELEMENT = 1;
const BY_WORD = 2;

let words: Names;
let spoken: Names;
let roles: Names;

/** A part of the page: the nodes from one to before another. */
export interface Range {
  from: number;
  to: number;
}

/** The main content: a title from outside of it, if it has none itself, and its nodes. */
export interface Content {
  title: Range | undefined;
  body: Range;
}

/** Finds the main content. */
export function mainContent(tree: Tree): Content {
  words ??= new Names(WORDS);
  spoken ??= new Names(SPOKEN);
  roles ??= new Names(ROLES);
  return new Finder(tree).find();
}

class Finder {
  readonly #tree: Tree;
  readonly #count: number;
  readonly #tags = tagTable();
  /** Sums over the nodes before each: text, text of links, links, level-one headings. */
  readonly #text: Int32Array;
  readonly #linked: Int32Array;
  readonly #links: Int32Array;
  readonly #titles: Int32Array;
  /** Why each element is dropped. */
  readonly #why: Uint8Array;
  #mains: number[] = [];
  #articles: number[] = [];

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#count = tree.count;
    this.#text = new Int32Array(this.#count + 1);
    this.#linked = new Int32Array(this.#count + 1);
    this.#links = new Int32Array(this.#count + 1);
    this.#titles = new Int32Array(this.#count + 1);
    this.#why = new Uint8Array(this.#count);
  }

  find(): Content {
    this.#measure();
    this.#mark();
    const all: Range = { from: 0, to: this.#count };
    const total = this.#text[this.#count]!;
    const kept = this.#kept(all, BY_ELEMENT);
    if (kept === 0) return { title: undefined, body: all };
    const marked = this.#markedRoot(total, kept);
    const body = marked ?? this.#scoredRoot(all);
    if (marked === undefined) this.#markLinkBlocks(body);
    const least = marked === undefined ? Math.ceil(kept / 4) : Math.ceil(kept / 10);
    if (this.#kept(body, BY_ELEMENT | BY_WORD) >= Math.max(1, least)) {
      const title = this.#title(body);
      this.#drop(body, BY_ELEMENT | BY_WORD);
      return { title, body };
    }
    this.#drop(all, BY_ELEMENT);
    return { title: undefined, body: all };
  }

  #kind(node: number): number {
    const tag = this.#tree.tag[node]!;
    return tag < this.#tags.known ? this.#tags.kinds[tag]! : INLINE;
  }

  #sum(sums: Int32Array, node: number): number {
    return sums[this.#tree.end[node]!]! - sums[node]!;
  }

  #measure(): void {
    const tree = this.#tree;
    let [text, linked, links, titles, last] = [0, 0, 0, 0, 0];
    let skipped = 0;
    let heading = 0;
    for (let node = 0; node < this.#count; node++) {
      this.#text[node] = text;
      this.#linked[node] = linked;
      this.#links[node] = links;
      this.#titles[node] = titles;
      if (node < skipped) continue;
      const tag = tree.tag[node]!;
      if (tag === 0) {
        const length = this.#length(node);
        if (length === 0) continue;
        const link = tree.style[node]! >>> LINK_SHIFT;
        if (link !== 0) {
          if (node < heading && this.#isAnchor(node)) {
            tree.flags[node] = DROPPED;
            continue;
          }
          if (link !== last) {
            links++;
            last = link;
            if (this.#isSkipLink(link)) {
              tree.flags[node] = DROPPED;
              continue;
            }
          }
          linked += length;
        }
        text += length;
        continue;
      }
      const kind = this.#kind(node);
      if (kind === SKIP || tree.flags[node]! !== 0) skipped = tree.end[node]!;
      else if (kind === HEADING) {
        heading = Math.max(heading, tree.end[node]!);
        if (tag === H1) titles++;
      } else if (kind === IMG) text++;
    }
    this.#text[this.#count] = text;
    this.#linked[this.#count] = linked;
    this.#links[this.#count] = links;
    this.#titles[this.#count] = titles;
  }

  /** The length of a text without the white space around it. */
  #length(node: number): number {
    const { source } = this.#tree;
    let from = this.#tree.from[node]!;
    let to = this.#tree.to[node]!;
    while (from < to && source.charCodeAt(from) <= 32) from++;
    while (from < to && source.charCodeAt(to - 1) <= 32) to--;
    return to - from;
  }

  #isAnchor(node: number): boolean {
    const { source, from, to } = this.#tree;
    if (to[node]! - from[node]! > 20) return false;
    return ANCHORS.includes(trimmed(plain(source.slice(from[node], to[node]))));
  }

  #isSkipLink(link: number): boolean {
    const tree = this.#tree;
    const from = tree.links[2 * link - 2]!;
    const to = tree.links[2 * link - 1]!;
    const at = tree.find(from, to, CLASS);
    return at >= 0 && (this.#hasWord(at) || this.#isSpoken(at));
  }

  /** Notes why elements would be dropped. */
  #mark(): void {
    const tree = this.#tree;
    const total = this.#text[this.#count]!;
    let inContent = 0;
    let inQuote = 0;
    let code = 0;
    let articles = 0;
    for (let node = 0; node < this.#count;) {
      const tag = tree.tag[node]!;
      if (tag === 0) {
        node++;
        continue;
      }
      const kind = this.#kind(node);
      const end = tree.end[node]!;
      if (kind === SKIP || tree.flags[node]! !== 0) {
        node = end;
        continue;
      }
      const attributes = tree.to[node]! > tree.from[node]!;
      const role = attributes ? this.#role(node) : 0;
      const size = this.#sum(this.#text, node);
      let why = 0;
      if (tag === NAV || tag === ASIDE || tag === DIALOG || tag === BUTTON) why = BY_ELEMENT;
      else if (tag === FOOTER) why = node < inQuote ? 0 : BY_ELEMENT;
      else if (role !== 0 && role !== BANNER) why = BY_ELEMENT;
      else if (tag === HEADER || role === BANNER) {
        if (node >= inContent && this.#sum(this.#titles, node) === 0) why = BY_ELEMENT;
      } else if (tag === FORM) {
        if (size * 4 < total) why = BY_WORD;
      } else if (
        attributes && node >= code && size * 2 < total && kind !== CELL && kind !== ROW &&
        kind !== HEADING && (kind !== INLINE || tag >= this.#tags.known) && this.#isNamed(node)
      ) why = BY_WORD;
      if (
        why === 0 && attributes &&
        this.#isSpoken(tree.find(tree.from[node]!, tree.to[node]!, CLASS))
      ) {
        why = BY_WORD;
      }
      if (tag === MAIN || (attributes && this.#isRole(node, "main"))) {
        if (why !== BY_ELEMENT) this.#mains.push(node);
        inContent = Math.max(inContent, end);
      } else if (tag === ARTICLE) {
        if (why === 0 && node >= articles) {
          this.#articles.push(node);
          articles = end;
        }
        inContent = Math.max(inContent, end);
      }
      if (why !== 0) {
        this.#why[node] = why;
        if (why === BY_ELEMENT) {
          node = end;
          continue;
        }
      }
      if (kind === QUOTE) inQuote = Math.max(inQuote, end);
      else if (kind === PRE) code = Math.max(code, end);
      node++;
    }
  }

  #role(node: number): number {
    const tree = this.#tree;
    const at = tree.find(tree.from[node]!, tree.to[node]!, ROLE);
    return at < 0 ? 0 : roles.find(tree.source, tree.valueFrom[at]!, tree.valueTo[at]!);
  }

  #isRole(node: number, role: string): boolean {
    const tree = this.#tree;
    const at = tree.find(tree.from[node]!, tree.to[node]!, ROLE);
    return at >= 0 && tree.valueTo[at]! - tree.valueFrom[at]! === role.length &&
      tree.source.startsWith(role, tree.valueFrom[at]);
  }

  #isNamed(node: number): boolean {
    const tree = this.#tree;
    for (let at = tree.from[node]!; at < tree.to[node]!; at++) {
      const name = tree.attributeName[at]!;
      if ((name === CLASS || name === ID) && this.#hasWord(at)) return true;
    }
    return false;
  }

  /** Whether the value of an attribute has one of the words; they end where a capital letter follows a small one. */
  #hasWord(at: number): boolean {
    const tree = this.#tree;
    const { source } = tree;
    const to = tree.valueTo[at]!;
    let from = -1;
    let before = 0;
    for (let place = tree.valueFrom[at]!; place <= to; place++) {
      const code = place < to ? source.charCodeAt(place) : 32;
      const small = code >= 97 && code <= 122;
      const capital = code >= 65 && code <= 90;
      const starts = capital && before >= 97 && before <= 122;
      if ((!small && !capital) || starts) {
        if (from >= 0 && words.find(source, from, place) !== 0) return true;
        from = starts ? place : -1;
      } else if (from < 0) from = place;
      before = code;
    }
    return false;
  }

  /** Whether a class among those of an attribute is one for the ear. */
  #isSpoken(at: number): boolean {
    if (at < 0) return false;
    const tree = this.#tree;
    const { source } = tree;
    const to = tree.valueTo[at]!;
    let from = tree.valueFrom[at]!;
    for (let place = from; place <= to; place++) {
      if (place < to && source.charCodeAt(place) > 32) continue;
      if (place > from && spoken.find(source, from, place) !== 0) return true;
      from = place + 1;
    }
    return false;
  }

  /** The text that is kept of a part. */
  #kept(range: Range, reasons: number): number {
    let kept = this.#text[range.to]! - this.#text[range.from]!;
    for (let node = range.from; node < range.to;) {
      if ((this.#why[node]! & reasons) !== 0) {
        kept -= this.#sum(this.#text, node);
        node = this.#tree.end[node]!;
      } else node++;
    }
    return kept;
  }

  #drop(range: Range, reasons: number): void {
    for (let node = range.from; node < range.to; node++) {
      if ((this.#why[node]! & reasons) !== 0) this.#tree.flags[node]! |= DROPPED;
    }
  }

  /** The element that the author marked as content. */
  #markedRoot(total: number, kept: number): Range | undefined {
    const largest = (nodes: readonly number[]): number => {
      let best = nodes[0]!;
      for (const node of nodes) {
        if (this.#sum(this.#text, node) > this.#sum(this.#text, best)) best = node;
      }
      return best;
    };
    if (this.#mains.length > 0) {
      const node = largest(this.#mains);
      const size = this.#sum(this.#text, node);
      if (size > 0 && size * 10 >= total) return this.#inside(node);
    }
    if (this.#articles.length > 0) {
      const node = largest(this.#articles);
      const size = this.#sum(this.#text, node);
      let sum = 0;
      for (const article of this.#articles) sum += this.#sum(this.#text, article);
      if (size > 0 && size * 4 >= kept && size * 3 >= sum * 2) return this.#inside(node);
    }
    return undefined;
  }

  #inside(node: number): Range {
    return { from: node + 1, to: this.#tree.end[node]! };
  }

  /** The innermost element with most of the good text. */
  #scoredRoot(all: Range): Range {
    const tree = this.#tree;
    const good = this.#goodText();
    const total = good[this.#count]!;
    if (total === 0) return all;
    let root = all;
    let best = all;
    for (;;) {
      let found = -1;
      for (let node = root.from; node < root.to; node = tree.end[node]!) {
        if (tree.tag[node] === 0 || this.#why[node] !== 0) continue;
        if ((good[tree.end[node]!]! - good[node]!) * 5 >= total * 4) {
          found = node;
          break;
        }
      }
      if (found < 0) return best;
      const tag = tree.tag[found]!;
      const kind = this.#kind(found);
      const isBox = kind === INLINE || kind === TABLE || kind === ROW || kind === CELL ||
        (kind === BLOCK && tag !== P);
      if (!isBox) return best;
      root = this.#inside(found);
      // A row or a part of a table is nothing without the table.
      if (kind === TABLE) best = { from: found, to: tree.end[found]! };
      else if (kind !== ROW && !this.#isTablePart(tag)) best = root;
    }
  }

  #isTablePart(tag: number): boolean {
    return tag >= TR && tag <= CAPTION;
  }

  /** Sums over the nodes before each of the text in good blocks, which counts at the block's first text. */
  #goodText(): Int32Array {
    const tree = this.#tree;
    const good = new Int32Array(this.#count + 1);
    let first = -1;
    const finish = (node: number): void => {
      if (first < 0) return;
      const text = this.#text[node]! - this.#text[first]!;
      const linked = this.#linked[node]! - this.#linked[first]!;
      if (text >= GOOD && linked * 3 <= text) good[first + 1] = text;
      first = -1;
    };
    // The ends of the blocks that are open.
    const ends: number[] = [];
    for (let node = 0; node < this.#count;) {
      while (ends.length > 0 && ends.at(-1)! <= node) {
        ends.pop();
        finish(node);
      }
      if (tree.tag[node] === 0) {
        if (first < 0) first = node;
        node++;
        continue;
      }
      const kind = this.#kind(node);
      if (kind === SKIP || tree.flags[node]! !== 0 || this.#why[node] !== 0) {
        finish(node);
        node = tree.end[node]!;
        continue;
      }
      if (kind !== INLINE && kind !== IMG && kind !== INPUT && kind < DEL) {
        finish(node);
        ends.push(tree.end[node]!);
      }
      node++;
    }
    finish(this.#count);
    for (let node = 0; node < this.#count; node++) good[node + 1]! += good[node]!;
    return good;
  }

  /** Blocks that are little but links, where nobody marked what is content. */
  #markLinkBlocks(body: Range): void {
    const total = this.#text[body.to]! - this.#text[body.from]!;
    for (let node = body.from; node < body.to;) {
      const kind = this.#tree.tag[node] === 0 ? INLINE : this.#kind(node);
      const isList = kind === LIST || kind === BLOCK || kind === TABLE || kind === CELL;
      if (isList && this.#why[node] === 0) {
        const text = this.#sum(this.#text, node);
        const linked = this.#sum(this.#linked, node);
        if (
          this.#sum(this.#links, node) >= 3 && linked * 5 >= text * 4 && text - linked < 60 &&
          text * 2 < total && this.#sum(this.#titles, node) === 0
        ) {
          this.#why[node] = BY_WORD;
          node = this.#tree.end[node]!;
          continue;
        }
      }
      node++;
    }
  }

  /** The page's only level-one heading, if it is before the content and not a link. */
  #title(body: Range): Range | undefined {
    const tree = this.#tree;
    if (this.#titles[this.#count] !== 1 || this.#titles[body.from] !== 1) return undefined;
    let node = 0;
    while (this.#titles[node + 1] === 0) node++;
    const text = this.#sum(this.#text, node);
    if (this.#sum(this.#linked, node) * 2 > text) return undefined;
    return { from: node, to: tree.end[node]! };
  }
}

function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  const isSpace = (code: number): boolean => code <= 32 || code === 160;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}
