/**
 * A parsed page: elements and texts in the order of the source, each with where its content ends. No objects, no
 * pointers: what comes after `end` of an element is outside of it. Twin: `tree.rs`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { Names } from "./names.ts";
import { decode } from "./references.ts";

/** The most elements and texts, and the most attributes, of one page. */
export const MAX_NODES: number = 1 << 23;
/** Arrays up to so many items are used again for the next page. */
const KEPT = 1 << 16;

/** Style bits of a text; from bit 5 on, the number of its link. */
export const STRONG = 1;
export const EM = 2;
export const STRIKE = 4;
export const CODE = 8;
/** Of strong and emphasised text: the emphasis began first. */
export const EM_OUTSIDE = 16;
export const LINK_SHIFT = 5;

/** Flags of a node. */
export const HIDDEN = 1;
export const DROPPED = 2;
export const LAYOUT = 4;
/** Written as code, whatever element it is. */
export const AS_CODE = 8;

/** The attributes that are kept, numbered from 1 on in this order. */
const ATTRIBUTES =
  "href src alt title class id role hidden aria-hidden style start value type checked colspan rowspan align width height data-src data-original alttext open data-lang data-language encoding lang data-enlighter-language data-syntaxhighlighter-params data-code-wrap";
export const HREF = 1;
export const SRC = 2;
export const ALT = 3;
export const TITLE = 4;
export const CLASS = 5;
export const ID = 6;
export const ROLE = 7;
export const HIDDEN_ATTRIBUTE = 8;
export const ARIA_HIDDEN = 9;
export const STYLE = 10;
export const START = 11;
export const VALUE = 12;
export const TYPE = 13;
export const CHECKED = 14;
export const COLSPAN = 15;
export const ROWSPAN = 16;
export const ALIGN = 17;
export const WIDTH = 18;
export const HEIGHT = 19;
export const DATA_SRC = 20;
export const DATA_ORIGINAL = 21;
export const ALTTEXT = 22;
export const OPEN = 23;
export const DATA_LANG = 24;
export const DATA_LANGUAGE = 25;
export const ENCODING = 26;
export const LANG = 27;
export const DATA_ENLIGHTER_LANGUAGE = 28;
export const DATA_SYNTAXHIGHLIGHTER_PARAMS = 29;
export const DATA_CODE_WRAP = 30;

let attributeNames: Names | undefined;

/** The numbers of the attributes' names. */
export function attributes(): Names {
  return attributeNames ??= new Names(ATTRIBUTES);
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(array.length * 2);
  more.set(array);
  return more;
}

/** A page. */
export class Tree {
  source = "";
  count = 0;
  /** Of an element its number, of a text 0. */
  tag = new Int32Array(256);
  /** Of an element the node after its last one. */
  end = new Int32Array(256);
  /** Of a text where it begins, of an element its first attribute. */
  from = new Int32Array(256);
  /** Of a text where it ends, of an element what is after its last attribute. */
  to = new Int32Array(256);
  style = new Int32Array(256);
  flags = new Uint8Array(256);
  attributeCount = 0;
  attributeName = new Int32Array(256);
  valueFrom = new Int32Array(256);
  valueTo = new Int32Array(256);
  /** The attributes of link n: from `links[2n - 2]` to `links[2n - 1]`. */
  links: number[] = [];
  /** The first attribute of `<base>` and what is after its last one. */
  baseFrom = 0;
  baseTo = 0;
  tables = 0;
  /** Formulas whose TeX a script has. */
  formulas: number[] = [];

  /** Begins a page. */
  reset(source: string): void {
    this.source = source;
    this.count =
      this.attributeCount =
      this.baseFrom =
      this.baseTo =
      this.tables =
        0;
    this.links = [];
    this.formulas = [];
  }

  /** Lets the page go, and large arrays with it. */
  release(): void {
    this.source = "";
    this.links = [];
    this.formulas = [];
    if (this.tag.length > KEPT) {
      this.tag = new Int32Array(256);
      this.end = new Int32Array(256);
      this.from = new Int32Array(256);
      this.to = new Int32Array(256);
      this.style = new Int32Array(256);
      this.flags = new Uint8Array(256);
    }
    if (this.valueFrom.length > KEPT) {
      this.attributeName = new Int32Array(256);
      this.valueFrom = new Int32Array(256);
      this.valueTo = new Int32Array(256);
    }
  }

  /** Appends a node; its number is returned. */
  add(tag: number, from: number, to: number, style: number): number {
    const node = this.count;
    if (node === this.tag.length) this.#grow();
    this.tag[node] = tag;
    this.end[node] = node + 1;
    this.from[node] = from;
    this.to[node] = to;
    this.style[node] = style;
    this.flags[node] = 0;
    this.count = node + 1;
    return node;
  }

  #grow(): void {
    if (this.count >= MAX_NODES) tooMany();
    this.tag = grown(this.tag);
    this.end = grown(this.end);
    this.from = grown(this.from);
    this.to = grown(this.to);
    this.style = grown(this.style);
    const flags = new Uint8Array(this.tag.length);
    flags.set(this.flags);
    this.flags = flags;
  }

  /** Appends an attribute. */
  addAttribute(name: number, from: number, to: number): void {
    const at = this.attributeCount;
    if (at === this.valueFrom.length) {
      if (at >= MAX_NODES) tooMany();
      this.attributeName = grown(this.attributeName);
      this.valueFrom = grown(this.valueFrom);
      this.valueTo = grown(this.valueTo);
    }
    this.attributeName[at] = name;
    this.valueFrom[at] = from;
    this.valueTo[at] = to;
    this.attributeCount = at + 1;
  }

  /** The place of an attribute among some; -1 if it is not there. Of two with the same name the first counts. */
  find(from: number, to: number, name: number): number {
    for (let at = from; at < to; at++) if (this.attributeName[at] === name) return at;
    return -1;
  }

  /** The value at a place that `find` gave, decoded; undefined for -1. */
  valueAt(at: number): string | undefined {
    if (at < 0) return undefined;
    return clean(decode(this.source.slice(this.valueFrom[at], this.valueTo[at]), true));
  }

  /** The value of an element's attribute, decoded. */
  value(node: number, name: number): string | undefined {
    return this.valueAt(this.find(this.from[node]!, this.to[node]!, name));
  }
}

/** What the standard makes of U+0000 and line ends in values. */
function clean(value: string): string {
  if (value.includes("\0")) value = value.replaceAll("\0", "\ufffd");
  return value.includes("\r") ? value.replace(/\r\n?/g, "\n") : value;
}

function tooMany(): never {
  throw new AgentError(
    "TOO_LARGE",
    `The page has more than ${MAX_NODES} elements, texts or attributes; split it`,
    { what: "elements", size: MAX_NODES + 1, limit: MAX_NODES },
  );
}
