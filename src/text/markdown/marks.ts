/**
 * Why elements would be dropped wherever they stand: by element and role, and by words of class and id where something
 * else says the same: links, fields, shortness, a word that comes back within. A word alone drops nothing. Twin:
 * `content/marks.rs`.
 *
 * @module
 */

import { type Measures, OUT, type Range } from "./measures.ts";
import { Names } from "./names.ts";
import {
  ARTICLE,
  ASIDE,
  BUTTON,
  CELL,
  DD,
  DIALOG,
  DT,
  FOOTER,
  FORM,
  HEADER,
  HEADING,
  INLINE,
  MAIN,
  NAV,
  PRE,
  QUOTE,
  ROW,
  SKIP,
} from "./tags.ts";
import { CLASS, DROPPED, HREF, ID, LINK_SHIFT, ROLE } from "./tree.ts";

/** Words of class and id that name what surrounds content. */
const SURROUNDINGS =
  "nav navbar navigation subnav menu menubar breadcrumb breadcrumbs sidebar sidenav footer cookie cookies consent gdpr share sharing sharebar sharedaddy addtoany social socials related recommended recommendation recommendations newsletter newsletters subscribe subscription signup promo promos promotion promoted ad ads advert adverts advertisement advertising adsense sponsor sponsored popup modal pagination pager toolbar masthead outbrain taboola toc trending relatedposts relatedarticles mostread mostpopular popular paywall upsell yarpp shariff sharethis sharebuttons socialshare readmore readnext nextpost nextstory prevnext postnav postnavigation morestories relatednews relatedcontent donate donation spenden abo subscriptions cta authorbox abowerbung";
/** Those of comments, which are long and without links as often as not. */
const TALK =
  "comment comments commentlist disqus respond kommentar kommentare comentarios commentaires komentarze commenti reacties";
/** Words of small print: what they name is dropped only outside of the text. */
const SMALL =
  "byline meta metadata postmeta tag tags category categories credit credits copyright print tools actions utility utilities widget widgets banner next previous prev more latest recent login disclaimer rating ratings feedback taglist entrymeta";
/** Those of short announcements of other pages, which may be all that a page has. */
const TEASERS = "teaser teasers";
/** Those of links beside a heading to where its section is edited. */
const EDITING = "editsection";
/** Those of boxes about who wrote it. */
const AUTHORS = "author authors bio vcard";
/** Classes of text that is meant for the ear. */
const SPOKEN = "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only";
/** So much good text may be all that a page is about. */
const ENOUGH = 300;
/** So short are the links to where a section is edited. */
const EDIT = 60;
/** Roles of what surrounds content; the last one may hold the title. */
const ROLES =
  "navigation contentinfo complementary search menu menubar toolbar dialog alertdialog banner";
const COMPLEMENTARY = 3;
const BANNER = 10;

/** Why an element is dropped. */
export const BY_ELEMENT = 1;
export const BY_WORD = 2;

/** What the words of an element say. */
export const OF_SURROUNDINGS = 1;
export const OF_TALK = 2;
export const OF_SMALL = 4;
/** The word is in the id only. */
export const IN_ID = 8;
export const OF_TEASERS = 16;
const OF_AUTHORS = 32;
const OF_EDITING = 64;

let words: Names;
let spoken: Names;
let roles: Names;
let lastOfSurroundings: number;
let lastOfTalk: number;
let lastOfSmall: number;
let lastOfTeasers: number;
let lastOfAuthors: number;

/** The marks of a page. */
export class Marks {
  readonly #measures: Measures;
  /** Why each element is dropped. */
  readonly why: Uint8Array;
  /** What the words of each say. */
  readonly named: Uint8Array;
  readonly mains: number[] = [];
  readonly articles: number[] = [];
  /** Elements with words of comments, and of authors, among the nodes before each. */
  readonly #talk: Int32Array;
  readonly #authors: Int32Array;

  constructor(measures: Measures) {
    this.#measures = measures;
    this.why = new Uint8Array(measures.count);
    this.named = new Uint8Array(measures.count);
    this.#talk = new Int32Array(measures.count + 1);
    this.#authors = new Int32Array(measures.count + 1);
    if (words === undefined) {
      words = new Names(`${SURROUNDINGS} ${TALK} ${SMALL} ${TEASERS} ${AUTHORS} ${EDITING}`);
      spoken = new Names(SPOKEN);
      roles = new Names(ROLES);
      lastOfSurroundings = SURROUNDINGS.split(" ").length;
      lastOfTalk = lastOfSurroundings + TALK.split(" ").length;
      lastOfSmall = lastOfTalk + SMALL.split(" ").length;
      lastOfTeasers = lastOfSmall + TEASERS.split(" ").length;
      lastOfAuthors = lastOfTeasers + AUTHORS.split(" ").length;
    }
    this.#mark();
    this.#weigh();
  }

  /** The text that is kept of a part. */
  kept(range: Range, reasons: number): number {
    const { text, tree } = this.#measures;
    let kept = text[range.to]! - text[range.from]!;
    for (let node = range.from; node < range.to;) {
      if ((this.why[node]! & reasons) !== 0) {
        kept -= this.#measures.sum(text, node);
        node = tree.end[node]!;
      } else node++;
    }
    return kept;
  }

  /** Notes what elements and roles say, and the words. */
  #mark(): void {
    const measures = this.#measures;
    const { tree } = measures;
    let [inContent, inQuote, code, articles, talk, authors] = [0, 0, 0, 0, 0, 0];
    for (let node = 0; node < measures.count;) {
      this.#talk[node] = talk;
      this.#authors[node] = authors;
      const tag = tree.tag[node]!;
      if (tag === 0) {
        this.#skipLink(node);
        node++;
        continue;
      }
      const kind = measures.kind(node);
      const end = tree.end[node]!;
      if (kind === SKIP || (tree.flags[node]! & OUT) !== 0) {
        this.#talk.fill(talk, node, end);
        this.#authors.fill(authors, node, end);
        node = end;
        continue;
      }
      const attributes = tree.to[node]! > tree.from[node]!;
      const role = attributes ? this.#role(node) : 0;
      let why = 0;
      const isMain = tag === MAIN || (attributes && this.#isRole(node, "main"));
      if (
        attributes && !isMain && node >= code && kind !== CELL && kind !== ROW &&
        kind !== HEADING && kind !== DD && tag !== DT
      ) {
        const named = this.#words(node);
        this.named[node] = named;
        // Ids of sections and of what they define say what a page is about.
        if ((named & IN_ID) === 0) {
          if ((named & OF_TALK) !== 0) talk++;
          if ((named & OF_AUTHORS) !== 0) authors++;
        }
      }
      if (tag === NAV || tag === DIALOG || tag === BUTTON) why = BY_ELEMENT;
      else if (tag === ASIDE || role === COMPLEMENTARY) {
        if (node >= inContent || !this.#isNote(node)) why = BY_ELEMENT;
      } else if (tag === FOOTER) why = node < inQuote ? 0 : BY_ELEMENT;
      else if (role !== 0 && role !== BANNER) why = BY_ELEMENT;
      else if (tag === HEADER || role === BANNER) {
        if (node >= inContent && measures.sum(measures.titles, node) === 0) why = BY_ELEMENT;
      } else if (
        attributes && this.#isSpoken(tree.find(tree.from[node]!, tree.to[node]!, CLASS))
      ) why = BY_WORD;
      if (isMain) {
        if (why !== BY_ELEMENT) this.mains.push(node);
        inContent = Math.max(inContent, end);
      } else if (tag === ARTICLE) {
        if (why === 0 && node >= articles) {
          this.articles.push(node);
          articles = end;
        }
        inContent = Math.max(inContent, end);
      }
      if (why !== 0) {
        this.why[node] = why;
        if (why === BY_ELEMENT) {
          this.#talk.fill(talk, node, end);
          this.#authors.fill(authors, node, end);
          node = end;
          continue;
        }
      }
      if (kind === QUOTE) inQuote = Math.max(inQuote, end);
      else if (kind === PRE) code = Math.max(code, end);
      node++;
    }
    this.#talk[measures.count] = talk;
    this.#authors[measures.count] = authors;
  }

  /** A text that is a link for those who cannot see, such as one to the content. */
  #skipLink(node: number): void {
    const { tree } = this.#measures;
    const link = tree.style[node]! >>> LINK_SHIFT;
    if (link === 0 || link === this.#lastLink) return;
    this.#lastLink = link;
    const [from, to] = [tree.links[2 * link - 2]!, tree.links[2 * link - 1]!];
    const at = tree.find(from, to, CLASS);
    if (at < 0) return;
    const href = tree.find(from, to, HREF);
    const isJump = /(?:^|[^a-z])(?:skip|jump)(?:[^a-z]|$)/i.test(
      tree.source.slice(tree.valueFrom[at], tree.valueTo[at]),
    ) && tree.source.slice(tree.valueFrom[href], tree.valueTo[href]).startsWith("#");
    if (isJump || this.#isSpoken(at)) tree.flags[node] = DROPPED;
  }
  #lastLink = 0;

  /** Whether an aside within content is a note to it, not a box of links or an advertisement. */
  #isNote(node: number): boolean {
    const measures = this.#measures;
    const text = measures.sum(measures.text, node);
    const linked = measures.sum(measures.linked, node);
    return linked * 3 <= text && measures.sum(measures.controls, node) === 0 &&
      (this.#words(node) & (OF_SURROUNDINGS | OF_TALK)) === 0;
  }

  /** Decides about the elements with words. */
  #weigh(): void {
    const measures = this.#measures;
    const { tree, text, linked, links, good, titles, headings, controls } = measures;
    const total = text[measures.count]!;
    // Where comments or teasers are all there is, they are the content.
    const talks = good[measures.count]! - this.#goodOf(OF_TALK) >= ENOUGH;
    const announces = this.#goodOf(OF_TEASERS) * 2 < good[measures.count]!;
    for (let node = 0; node < measures.count; node++) {
      const tag = tree.tag[node]!;
      if (tag === 0 || this.why[node] !== 0) continue;
      const size = measures.sum(text, node);
      if (tag === FORM) {
        if (size * 4 < total) this.why[node] = BY_WORD;
        continue;
      }
      const named = this.named[node]!;
      if ((named & OF_EDITING) !== 0 && size < EDIT && measures.sum(links, node) > 0) {
        this.why[node] = BY_WORD;
        continue;
      }
      if ((named & (OF_SURROUNDINGS | OF_TALK | OF_TEASERS | OF_AUTHORS)) === 0) continue;
      const kind = measures.kind(node);
      if (kind === INLINE && tag < measures.tags.known) continue;
      const end = tree.end[node]!;
      if ((named & OF_TALK) !== 0) {
        if (talks && this.#talk[end]! - this.#talk[node]! >= 3) {
          this.why[node] = BY_WORD;
          continue;
        }
      }
      // What has most of the page's text, or of its good text, is no boilerplate.
      if (size * 2 >= total || measures.sum(good, node) * 2 > good[measures.count]!) continue;
      if ((named & OF_TEASERS) !== 0 && announces) {
        if (measures.sum(links, node) > 0 && size * 5 < total) this.why[node] = BY_WORD;
        continue;
      }
      if ((named & OF_AUTHORS) !== 0) {
        const isBox = measures.sum(good, node) > 0 && size * 4 < total &&
          this.#authors[end]! - this.#authors[node]! >= 2;
        if (isBox) {
          this.why[node] = BY_WORD;
          continue;
        }
      }
      if ((named & (OF_SURROUNDINGS | OF_TALK | OF_TEASERS)) === 0) continue;
      // Classes of an article and of what holds the title are about them: categories, or how they are shown.
      const isOfContent = tag === ARTICLE || measures.sum(titles, node) > 0;
      if (isOfContent && (named & OF_TALK) === 0 && measures.sum(good, node) >= ENOUGH) continue;
      const ofLinks = measures.sum(linked, node);
      const hasHeading = measures.sum(headings, node) > 0;
      const many = measures.sum(links, node);
      const isLinks = ofLinks > 0 &&
        (ofLinks * 3 >= size || ((named & IN_ID) === 0 && many >= 2 && many * 300 >= size));
      // An id that was made of the heading says nothing.
      if ((named & IN_ID) !== 0 && hasHeading && ofLinks * 2 < size) continue;
      if (
        isLinks || (measures.sum(controls, node) > 0 && measures.sum(good, node) < ENOUGH) ||
        (kind !== INLINE && measures.sum(good, node) === 0 &&
          ((named & OF_TALK) === 0 || !hasHeading))
      ) this.why[node] = BY_WORD;
    }
  }

  /** The good text in elements with words of a kind. */
  #goodOf(named: number): number {
    const { count, good, tree } = this.#measures;
    let sum = 0;
    for (let node = 0; node < count;) {
      if ((this.named[node]! & named) !== 0 && this.#measures.kind(node) !== INLINE) {
        sum += this.#measures.sum(good, node);
        node = tree.end[node]!;
      } else node++;
    }
    return sum;
  }

  #role(node: number): number {
    const { tree } = this.#measures;
    const at = tree.find(tree.from[node]!, tree.to[node]!, ROLE);
    return at < 0 ? 0 : roles.find(tree.source, tree.valueFrom[at]!, tree.valueTo[at]!);
  }

  #isRole(node: number, role: string): boolean {
    const { tree } = this.#measures;
    const at = tree.find(tree.from[node]!, tree.to[node]!, ROLE);
    return at >= 0 && tree.valueTo[at]! - tree.valueFrom[at]! === role.length &&
      tree.source.startsWith(role, tree.valueFrom[at]);
  }

  #words(node: number): number {
    const { tree } = this.#measures;
    let ofClass = 0;
    let ofId = 0;
    for (let at = tree.from[node]!; at < tree.to[node]!; at++) {
      const name = tree.attributeName[at]!;
      if (name === CLASS) ofClass |= this.#wordsAt(at);
      else if (name === ID) ofId |= this.#wordsAt(at);
    }
    const strong = OF_SURROUNDINGS | OF_TALK | OF_AUTHORS;
    const isInId = ofClass === 0 ? ofId !== 0 : (ofId & strong) !== 0 && (ofClass & strong) === 0;
    return ofClass | ofId | (isInId ? IN_ID : 0);
  }

  /** What the words of an attribute's value say; they end where a capital letter follows a small one. */
  #wordsAt(at: number): number {
    const { tree } = this.#measures;
    const { source } = tree;
    const to = tree.valueTo[at]!;
    let found = 0;
    let from = -1;
    let before = 0;
    for (let place = tree.valueFrom[at]!; place <= to; place++) {
      const code = place < to ? source.charCodeAt(place) : 32;
      const small = code >= 97 && code <= 122;
      const capital = code >= 65 && code <= 90;
      const starts = capital && before >= 97 && before <= 122;
      if ((!small && !capital) || starts) {
        if (from >= 0) {
          const word = words.find(source, from, place);
          if (word !== 0) {
            found |= word <= lastOfSurroundings
              ? OF_SURROUNDINGS
              : word <= lastOfTalk
              ? OF_TALK
              : word <= lastOfSmall
              ? OF_SMALL
              : word <= lastOfTeasers
              ? OF_TEASERS
              : word <= lastOfAuthors
              ? OF_SMALL | OF_AUTHORS
              : OF_EDITING;
          }
        }
        from = starts ? place : -1;
      } else if (from < 0) from = place;
      before = code;
    }
    return found;
  }

  /** Whether a class among those of an attribute is one for the ear. */
  #isSpoken(at: number): boolean {
    if (at < 0) return false;
    const { tree } = this.#measures;
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
}
