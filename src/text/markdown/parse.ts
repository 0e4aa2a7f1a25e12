/**
 * Reads HTML after the tokenization rules of the WHATWG standard, tag by tag, in linear time whatever the input.
 * `build.ts` makes the tree of it. Twin: `parse.rs`.
 *
 * @module
 */

import { TreeBuilder } from "./build.ts";
import { LISTING, PLAINTEXT, PRE_TAG, RAW, SCRIPT, tagTable } from "./tags.ts";
import { attributes, type Tree, TYPE } from "./tree.ts";

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

/** White space within tags; a carriage return would be a line feed by now. */
function isSpace(code: number): boolean {
  return code === 32 || (code <= 13 && code >= 9 && code !== 11);
}

/** Whether a tag's name may end before this. */
function endsName(code: number): boolean {
  return code === 62 || code === 47 || isSpace(code);
}

/** A reader, used again and again. */
export class Parser {
  readonly #builder: TreeBuilder;
  readonly #tree: Tree;
  readonly #tags = tagTable();
  readonly #attributes = attributes();
  #source = "";
  #selfClosing = false;

  /** Writes into a tree. */
  constructor(tree: Tree) {
    this.#tree = tree;
    this.#builder = new TreeBuilder(tree);
  }

  /** Reads a page into the tree. */
  parse(source: string): void {
    const builder = this.#builder;
    this.#source = source;
    builder.reset(source);
    const length = source.length;
    let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
    let from = at;
    while (at < length) {
      const open = source.indexOf("<", at);
      if (open < 0 || open + 1 >= length) break;
      const code = source.charCodeAt(open + 1);
      if (isLetter(code)) {
        builder.text(from, open);
        at = this.#startTag(open + 1);
      } else if (code === 47) {
        if (open + 2 >= length) break;
        const third = source.charCodeAt(open + 2);
        builder.text(from, open);
        if (isLetter(third)) at = this.#endTag(open + 2);
        else at = third === 62 ? open + 3 : this.#past(">", open + 2);
      } else if (code === 33) {
        builder.text(from, open);
        at = this.#declaration(open + 2);
      } else if (code === 63) {
        builder.text(from, open);
        at = this.#past(">", open + 1);
      } else {
        at = open + 1;
        continue;
      }
      from = at;
    }
    builder.text(from, length);
    builder.finish();
    this.#source = "";
  }

  #past(what: string, at: number): number {
    const found = this.#source.indexOf(what, at);
    return found < 0 ? this.#source.length : found + what.length;
  }

  /** Comments, doctypes, CDATA: what begins with `<!`. */
  #declaration(at: number): number {
    const source = this.#source;
    if (source.startsWith("--", at)) return this.#comment(at + 2);
    if (this.#builder.isForeign && source.startsWith("[CDATA[", at)) {
      const found = source.indexOf("]]>", at + 7);
      const end = found < 0 ? source.length : found;
      this.#builder.text(at + 7, end);
      return Math.min(source.length, end + 3);
    }
    return this.#past(">", at);
  }

  #comment(at: number): number {
    const source = this.#source;
    if (source.startsWith(">", at)) return at + 1;
    if (source.startsWith("->", at)) return at + 2;
    for (;;) {
      at = source.indexOf("--", at);
      if (at < 0) return source.length;
      at += 2;
      while (source.charCodeAt(at) === 45) at++;
      if (source.charCodeAt(at) === 62) return at + 1;
      if (source.startsWith("!>", at)) return at + 2;
    }
  }

  #startTag(from: number): number {
    const source = this.#source;
    const length = source.length;
    const tree = this.#tree;
    let at = from + 1;
    while (at < length && !endsName(source.charCodeAt(at))) at++;
    const to = at;
    const first = tree.attributeCount;
    if (source.charCodeAt(at) === 62) {
      this.#selfClosing = false;
      at++;
    } else at = this.#readAttributes(at, true);
    if (at < 0) {
      tree.attributeCount = first;
      return length;
    }
    let tag = this.#tags.names.find(source, from, to);
    if (tag === 0) tag = this.#builder.unknown(from, to);
    else if (!this.#builder.isForeign) {
      if ((this.#tags.rules[tag]! & RAW) !== 0) {
        const isTex = tag === SCRIPT && this.#isTex(first);
        tree.attributeCount = first;
        if (tag !== SCRIPT) return this.#afterRaw(at, from, to);
        const after = this.#script(at);
        if (isTex) this.#formula(at, after);
        return after;
      }
      if (tag === PRE_TAG || tag === LISTING) {
        this.#builder.start(tag, first, this.#selfClosing);
        if (source.charCodeAt(at) === 13) at++;
        return source.charCodeAt(at) === 10 ? at + 1 : at;
      }
      if (tag === PLAINTEXT) {
        this.#builder.start(tag, first, this.#selfClosing);
        this.#builder.text(at, length);
        return length;
      }
    }
    this.#builder.start(tag, first, this.#selfClosing);
    return at;
  }

  #endTag(from: number): number {
    const source = this.#source;
    const length = source.length;
    let at = from + 1;
    while (at < length && !endsName(source.charCodeAt(at))) at++;
    const to = at;
    if (source.charCodeAt(at) === 62) at++;
    else {
      at = this.#readAttributes(at, false);
      if (at < 0) return length;
    }
    const tag = this.#tags.names.find(source, from, to) || this.#builder.unknown(from, to);
    this.#builder.end(tag);
    return at;
  }

  /** Reads attributes up to the end of the tag; what is after it, or -1 if the tag does not end. */
  #readAttributes(at: number, keep: boolean): number {
    const source = this.#source;
    const length = source.length;
    this.#selfClosing = false;
    while (at < length) {
      const code = source.charCodeAt(at);
      if (code === 62) return at + 1;
      if (code === 47) {
        if (source.charCodeAt(++at) === 62) {
          this.#selfClosing = true;
          return at + 1;
        }
        continue;
      }
      if (isSpace(code)) {
        at++;
        continue;
      }
      const from = at++;
      while (at < length) {
        const next = source.charCodeAt(at);
        if (next === 61 || endsName(next)) break;
        at++;
      }
      const to = at;
      while (at < length && isSpace(source.charCodeAt(at))) at++;
      let valueFrom = at;
      let valueTo = at;
      if (source.charCodeAt(at) === 61) {
        at++;
        while (at < length && isSpace(source.charCodeAt(at))) at++;
        const quote = source.charCodeAt(at);
        if (quote === 34 || quote === 39) {
          valueFrom = at + 1;
          valueTo = source.indexOf(quote === 34 ? '"' : "'", valueFrom);
          if (valueTo < 0) return -1;
          at = valueTo + 1;
        } else {
          valueFrom = at;
          while (at < length) {
            const next = source.charCodeAt(at);
            if (next === 62 || isSpace(next)) break;
            at++;
          }
          valueTo = at;
        }
      }
      if (!keep) continue;
      const name = this.#attributes.find(source, from, to);
      if (name !== 0) this.#tree.addAttribute(name, valueFrom, valueTo);
    }
    return -1;
  }

  /** Whether the end or start tag of a name is at a place that is behind its `<` or `</`. */
  #names(at: number, from: number, to: number): boolean {
    const source = this.#source;
    const end = at + to - from;
    if (end >= source.length || !endsName(source.charCodeAt(end))) return false;
    for (; from < to; from++, at++) {
      let [a, b] = [source.charCodeAt(at), source.charCodeAt(from)];
      if (a >= 65 && a <= 90) a |= 32;
      if (b >= 65 && b <= 90) b |= 32;
      if (a !== b) return false;
    }
    return true;
  }

  /** What is after the end tag of a name; the end if there is none. */
  #afterRaw(at: number, from: number, to: number): number {
    for (;;) {
      at = this.#past("</", at);
      if (at >= this.#source.length) return at;
      if (this.#names(at, from, to)) return this.#afterEndTag(at + to - from);
    }
  }

  #afterEndTag(at: number): number {
    at = this.#readAttributes(at, false);
    return at < 0 ? this.#source.length : at;
  }

  /** What is after a script, with its escaped and double escaped states. */
  #script(at: number): number {
    const source = this.#source;
    const length = source.length;
    let escaped = false;
    let twice = false;
    while (at < length) {
      const code = source.charCodeAt(at++);
      if (code === 45) {
        if (escaped && source.startsWith("->", at)) {
          escaped = twice = false;
          at += 2;
        }
      } else if (code === 60) {
        if (!escaped && source.startsWith("!--", at)) {
          escaped = true;
          at++;
        } else if (source.charCodeAt(at) === 47) {
          if (!this.#isScript(at + 1)) continue;
          if (!twice) return this.#afterEndTag(at + 7);
          twice = false;
        } else if (escaped && !twice && this.#isScript(at)) twice = true;
      } else if (!escaped) {
        at = source.indexOf("<", at);
        if (at < 0) return length;
      }
    }
    return length;
  }

  /** Whether the attributes of a script, from one on, say that it is a formula. */
  #isTex(first: number): boolean {
    const tree = this.#tree;
    const at = tree.find(first, tree.attributeCount, TYPE);
    return at >= 0 &&
      /^[ \t\n\f\r]*math\/tex/i.test(this.#source.slice(tree.valueFrom[at], tree.valueTo[at]));
  }

  /** The TeX of a script that ends before a place, without what hides it from parsers of XML. */
  #formula(from: number, after: number): void {
    const source = this.#source;
    const end = source.lastIndexOf("</", after - 1);
    if (end < from || !this.#isScript(end + 2)) return;
    const text = source.slice(from, end);
    const start = /^[ \t\n\f\r]*(?:%?[ \t]*<!\[CDATA\[[ \t\n\f\r]*)?/.exec(text)![0].length;
    let to = text.length;
    const trim = (): void => {
      while (to > start && isSpace(text.charCodeAt(to - 1))) to--;
    };
    trim();
    if (to - start >= 3 && text.startsWith("]]>", to - 3)) {
      to -= 3;
      trim();
      if (to > start && text.charCodeAt(to - 1) === 37) to--;
      trim();
    }
    if (to > start) this.#builder.formula(from + start, from + to);
  }

  #isScript(at: number): boolean {
    const source = this.#source;
    const end = at + 6;
    return end < source.length && endsName(source.charCodeAt(end)) &&
      source.slice(at, end).toLowerCase() === "script";
  }
}
