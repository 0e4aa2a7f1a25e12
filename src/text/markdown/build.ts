/**
 * Makes the tree from tags: which elements a tag ends beside its own, and which tags mean nothing. It follows the
 * standard's tree construction where that decides what text belongs to what; text is never moved. Twin: `build.rs`.
 *
 * @module
 */

import { Formatting } from "./formatting.ts";
import { OpenElements } from "./open_elements.ts";
import {
  A,
  B,
  BASE,
  BR_TAG,
  BREAKOUT,
  BUTTON,
  CAPTION,
  CLOSES_P,
  CODE_TAG,
  DD_TAG,
  DIALOG,
  DT,
  FOREIGN_OBJECT,
  FORM,
  FORMAT,
  H1,
  H6,
  IGNORED,
  IN_TABLE,
  LI,
  MARKER,
  MATH_TAG,
  OL,
  P,
  PRE_TAG,
  SCOPE,
  SPECIAL,
  STRIKE_TAG,
  SVG,
  TABLE_TAG,
  tagTable,
  TBODY,
  TD,
  TFOOT,
  TH,
  THEAD,
  TR,
  UL,
  VOID,
} from "./tags.ts";
import {
  ALTTEXT,
  ARIA_HIDDEN,
  HIDDEN,
  HIDDEN_ATTRIBUTE,
  HREF,
  OPEN,
  STYLE,
  type Tree,
} from "./tree.ts";

const NOT_DISPLAYED = /(?:display[ \t\n\f]*:[ \t\n\f]*none|visibility[ \t\n\f]*:[ \t\n\f]*hidden)/i;

/** The names above `known` are forgotten with the page. */
export class TreeBuilder {
  readonly #tree: Tree;
  readonly #tags = tagTable();
  readonly #open = new OpenElements();
  readonly #formatting = new Formatting();
  #unknown: Map<string, number> | undefined;
  #source = "";
  #foreign = 0;

  /** Writes into a tree. */
  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Begins a page. */
  reset(source: string): void {
    this.#source = source;
    this.#tree.reset(source);
    this.#formatting.reset();
    this.#unknown = undefined;
    this.#foreign = 0;
    // An error may have left elements open.
    while (this.#open.top > 0) this.#open.pop();
  }

  /** Ends it. */
  finish(): void {
    this.#closeTo(1);
    this.#source = "";
  }

  /** Whether SVG's or MathML's rules hold here. */
  get isForeign(): boolean {
    if (this.#foreign === 0) return false;
    const { last } = this.#open;
    return Math.max(last[SVG]!, last[MATH_TAG]!) > last[FOREIGN_OBJECT]!;
  }

  /** The number of a name that is not in the table. */
  unknown(from: number, to: number): number {
    let name = this.#source.slice(from, to);
    if (/[A-Z]/.test(name)) name = name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    this.#unknown ??= new Map();
    let tag = this.#unknown.get(name);
    if (tag === undefined) {
      tag = this.#tags.known + this.#unknown.size;
      this.#unknown.set(name, tag);
    }
    return tag;
  }

  /** Text between tags. */
  text(from: number, to: number): void {
    if (from < to) this.#tree.add(0, from, to, this.#formatting.style);
  }

  /** A formula of which a script has the TeX. */
  formula(from: number, to: number): void {
    const tree = this.#tree;
    const first = tree.attributeCount;
    tree.addAttribute(ALTTEXT, from, to);
    tree.formulas.push(tree.add(MATH_TAG, first, first + 1, this.#formatting.style));
  }

  #closeTo(place: number): void {
    const open = this.#open;
    const tree = this.#tree;
    while (open.top >= place) {
      tree.end[open.node[open.top]!] = tree.count;
      const tag = open.pop();
      if (tag < this.#tags.known) {
        if ((this.#tags.rules[tag]! & MARKER) !== 0) this.#formatting.unmark();
        else if (tag === SVG || tag === MATH_TAG) this.#foreign--;
      }
    }
  }

  #closeParagraph(): void {
    if (this.#open.paragraph) this.#closeTo(this.#open.last[P]!);
  }

  /** A start tag; its attributes are the last ones of the tree, from `first` on. */
  start(tag: number, first: number, selfClosing: boolean): void {
    const tree = this.#tree;
    const known = tag < this.#tags.known;
    const rules = known ? this.#tags.rules[tag]! : 0;
    const hidden = tree.attributeCount > first && this.#isHidden(first);
    let foreign = this.isForeign;
    if (foreign && (rules & BREAKOUT) !== 0) {
      while (this.isForeign) this.#closeTo(this.#open.top);
      foreign = false;
    }
    if (foreign) {
      const node = tree.add(tag, first, tree.attributeCount, this.#formatting.style);
      if (hidden) tree.flags[node] = HIDDEN;
      if (selfClosing) return;
      if (tag === SVG || tag === MATH_TAG) this.#foreign++;
      this.#push(tag, node, rules & ~SPECIAL);
      return;
    }
    if ((rules & (IGNORED | FORMAT)) !== 0) {
      if ((rules & IGNORED) !== 0) {
        tree.attributeCount = first;
        return;
      }
      // In preformatted text the element tells the language; its style means nothing.
      const inPre = tag === CODE_TAG && this.#open.last[PRE_TAG]! > 0;
      if (!hidden && !inPre) return this.#startFormatting(tag, first);
    }
    if (rules !== 0 && !this.#makeRoom(tag, rules)) {
      tree.attributeCount = first;
      return;
    }
    if (tag === BASE && tree.baseTo === 0 && tree.find(first, tree.attributeCount, HREF) >= 0) {
      tree.baseFrom = first;
      tree.baseTo = tree.attributeCount;
    }
    const node = tree.add(tag, first, tree.attributeCount, this.#formatting.style);
    if (hidden) tree.flags[node] = HIDDEN;
    if ((rules & VOID) !== 0) return;
    if (tag === TABLE_TAG) tree.tables++;
    else if (tag === DIALOG && tree.find(first, tree.attributeCount, OPEN) < 0) {
      tree.flags[node] = HIDDEN;
    } else if (tag === SVG || tag === MATH_TAG) {
      if (selfClosing) return;
      this.#foreign++;
    }
    this.#push(tag, node, rules);
  }

  #push(tag: number, node: number, rules: number): void {
    this.#open.push(tag, node, rules);
    if ((rules & MARKER) !== 0) this.#formatting.mark();
  }

  #startFormatting(tag: number, first: number): void {
    const tree = this.#tree;
    let link = 0;
    if (tag === A && tree.find(first, tree.attributeCount, HREF) >= 0) {
      link = tree.links.length / 2 + 1;
      tree.links.push(first, tree.attributeCount);
    } else tree.attributeCount = first;
    if (tag === A || (tag >= B && tag <= STRIKE_TAG)) this.#formatting.start(tag, link);
  }

  /** Ends what the element cannot be in; false if it cannot be here at all. */
  #makeRoom(tag: number, rules: number): boolean {
    const open = this.#open;
    const { last } = open;
    if ((rules & IN_TABLE) !== 0 || tag === CAPTION) return this.#makeRoomInTable(tag);
    if (tag === FORM && last[FORM]! > 0) return false;
    if (tag === LI) {
      if (last[LI]! > 0 && last[LI]! >= open.item[open.top]!) this.#closeTo(last[LI]!);
    } else if (tag === DD_TAG || tag === DT) {
      const place = Math.max(last[DD_TAG]!, last[DT]!);
      if (place > 0 && place >= open.item[open.top]!) this.#closeTo(place);
    } else if (tag === TABLE_TAG) {
      const place = last[TABLE_TAG]!;
      if (
        place > Math.max(last[TD]!, last[TH]!, last[CAPTION]!) && place >= open.scope[open.top]!
      ) {
        this.#closeTo(place);
      }
    } else if (tag === BUTTON && last[BUTTON]! > open.scope[open.top]!) {
      this.#closeTo(last[BUTTON]!);
    }
    if ((rules & CLOSES_P) !== 0) this.#closeParagraph();
    if (tag >= H1 && tag <= H6) {
      const top = open.tag[open.top]!;
      if (open.top > 0 && top >= H1 && top <= H6) this.#closeTo(open.top);
    }
    return true;
  }

  #makeRoomInTable(tag: number): boolean {
    const open = this.#open;
    const { last } = open;
    const table = last[TABLE_TAG]!;
    if (table === 0 || table < open.table[open.top]!) return false;
    let context = table;
    if (tag === TR || tag === TD || tag === TH) {
      context = Math.max(context, last[TBODY]!, last[THEAD]!, last[TFOOT]!);
      if (tag !== TR) context = Math.max(context, last[TR]!);
    }
    this.#closeTo(context + 1);
    return true;
  }

  /** An end tag. */
  end(tag: number): void {
    const open = this.#open;
    const { last } = open;
    const known = tag < this.#tags.known;
    const rules = known ? this.#tags.rules[tag]! : 0;
    if ((rules & IGNORED) !== 0) return;
    const place = tag < last.length ? last[tag]! : 0;
    const scope = open.scope[open.top]!;
    if ((rules & FORMAT) !== 0) {
      if (place > 0 && place > open.special[open.top]!) this.#closeTo(place);
      else this.#formatting.finish(tag);
    } else if (tag === P) {
      if (!open.paragraph) this.#tree.add(P, 0, 0, 0);
      this.#closeParagraph();
    } else if (tag === BR_TAG) this.#tree.add(BR_TAG, 0, 0, this.#formatting.style);
    else if (tag >= H1 && tag <= H6) {
      let heading = 0;
      for (let other = H1; other <= H6; other++) heading = Math.max(heading, last[other]!);
      if (heading > scope) this.#closeTo(heading);
    } else if (place === 0) return;
    else if (tag === LI) {
      if (place > scope && place > last[UL]! && place > last[OL]!) this.#closeTo(place);
    } else if ((rules & IN_TABLE) !== 0 || tag === TABLE_TAG || tag === CAPTION) {
      if (place >= open.table[open.top]!) this.#closeTo(place);
    } else if (tag === SVG || tag === MATH_TAG) this.#closeTo(place);
    else if ((rules & (SPECIAL | SCOPE)) !== 0) {
      if (place >= scope) this.#closeTo(place);
    } else if (place > open.special[open.top]!) this.#closeTo(place);
  }

  #isHidden(first: number): boolean {
    const tree = this.#tree;
    for (let at = first; at < tree.attributeCount; at++) {
      const name = tree.attributeName[at]!;
      if (name === HIDDEN_ATTRIBUTE) {
        if (!/^until-found$/i.test(tree.valueAt(at)!)) return true;
      } else if (name === ARIA_HIDDEN) {
        if (/^true$/i.test(tree.valueAt(at)!)) return true;
      } else if (name === STYLE) {
        if (NOT_DISPLAYED.test(tree.valueAt(at)!)) return true;
      }
    }
    return false;
  }
}
