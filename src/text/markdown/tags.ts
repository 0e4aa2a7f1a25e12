/**
 * What is known of HTML's elements: how the parser treats them and what the writer makes of them. Twin: `tags.rs`.
 *
 * @module
 */

import { Names } from "./names.ts";

/** Has no content. */
export const VOID = 1;
/** Its start ends an open paragraph. */
export const CLOSES_P = 2;
/** The standard's category "special": end tags of ordinary elements do not reach beyond it. */
export const SPECIAL = 4;
/** End tags of blocks do not reach beyond it. */
export const SCOPE = 8;
/** Formatting: no element of the tree but a style of the text up to its end tag. */
export const FORMAT = 16;
/** Formatting that begins in it ends with it. */
export const MARKER = 32;
/** Its content is text up to its end tag, never shown. */
export const RAW = 64;
/** Ends foreign content (SVG, MathML). */
export const BREAKOUT = 128;
/** Rows, cells and the like: only within a table. */
export const IN_TABLE = 256;
/** Start and end tags mean nothing here. */
export const IGNORED = 512;

/** What the writer makes of an element. */
export const INLINE = 0;
export const BLOCK = 1;
export const SKIP = 2;
export const HEADING = 3;
export const LIST = 4;
export const ITEM = 5;
export const QUOTE = 6;
export const PRE = 7;
export const TABLE = 8;
export const ROW = 9;
export const CELL = 10;
export const BR = 11;
export const HR = 12;
export const IMG = 13;
export const DD = 14;
export const DEL = 15;
export const INPUT = 16;
export const MATH = 17;
/** Inline elements that are more than their text. */
export const SUP = 18;
export const SUB = 19;
export const Q = 20;
export const RT = 21;
/** Of formulas; elsewhere they are inline. */
export const MFRAC = 22;
export const MSUP = 23;
export const MSUB = 24;
export const MSUBSUP = 25;
export const MSQRT = 26;
export const MROOT = 27;
export const MTABLE = 28;
export const MTR = 29;
export const MFENCED = 30;

/** Elements that have rules of their own; their names come first in the table, in this order. */
export const A = 1;
export const P = 2;
export const LI = 3;
export const DD_TAG = 4;
export const DT = 5;
export const H1 = 6;
export const H6 = 11;
export const TABLE_TAG = 12;
export const TD = 13;
export const TH = 14;
export const TR = 15;
export const TBODY = 16;
export const THEAD = 17;
export const TFOOT = 18;
export const CAPTION = 19;
export const UL = 20;
export const OL = 21;
export const B = 22;
export const STRONG_TAG = 23;
export const I = 24;
export const EM_TAG = 25;
export const CODE_TAG = 26;
export const TT = 27;
export const S = 28;
export const STRIKE_TAG = 29;
export const SVG = 30;
export const MATH_TAG = 31;
export const FOREIGN_OBJECT = 32;
export const BUTTON = 33;
export const FORM = 34;
export const MAIN = 35;
export const ARTICLE = 36;
export const NAV = 37;
export const ASIDE = 38;
export const HEADER = 39;
export const FOOTER = 40;
export const DIALOG = 41;
export const PRE_TAG = 42;
export const LISTING = 43;
export const PLAINTEXT = 44;
export const SCRIPT = 45;
export const BASE = 46;
export const BR_TAG = 47;
export const DIV = 48;
export const DL = 49;
export const TEMPLATE = 50;
export const ANNOTATION = 51;

// Each line: flags (V void, P closes a paragraph, S special, C scope, F formatting, M marker, R raw text, B breakout,
// T in a table, I ignored; - none), the number of the kind, the names.
const TABLE_OF_TAGS = `F 0 a
PSB 1 p
PSB 5 li
PSB 14 dd
PSB 1 dt
PSB 3 h1 h2 h3 h4 h5 h6
PSCB 8 table
SCMT 10 td th
ST 9 tr
ST 1 tbody thead tfoot
SCMT 1 caption
PSB 4 ul ol
FB 0 b strong i em code tt s strike
B 2 svg
- 17 math
- 0 foreignobject
S 0 button
PS 1 form main article nav aside header footer dialog
PSB 7 pre listing
PS 7 plaintext
SR 2 script
VS 2 base
VSB 11 br
PSB 1 div dl
SCM 2 template
- 2 annotation
PSB 1 center
PS 1 section address details fieldset figcaption figure hgroup search summary
PSB 4 menu
PS 4 dir
PSB 6 blockquote
PS 7 xmp
ST 2 colgroup
VST 2 col
VPSB 12 hr
VSB 13 img image
VS 16 input
VS 2 area basefont bgsound embed link meta param source track keygen
VS 0 wbr
FB 0 big small u nobr
F 0 font
SR 2 style noscript iframe noembed noframes title textarea
SCM 2 applet object
SCM 1 marquee
S 2 select
- 2 canvas audio video datalist option optgroup annotation-xml rp
- 1 legend
- 15 del
B 0 span ruby var
B 18 sup
B 19 sub
- 20 q
- 21 rt
- 22 mfrac
- 23 msup mover
- 24 msub munder
- 25 msubsup munderover
- 26 msqrt
- 27 mroot
- 28 mtable
- 29 mtr mlabeledtr
- 30 mfenced
- 0 label abbr cite kbd samp mark ins time picture
I 0 html head body frameset frame`;

const LETTERS = "VPSCFMRBTI";

/** What is known of each element, by its number. */
export interface Tags {
  /** The numbers of the names. */
  names: Names;
  /** How many numbers there are, with 0 for text. */
  known: number;
  /** The flags. */
  rules: Uint16Array;
  /** The kinds. */
  kinds: Uint8Array;
}

let tags: Tags | undefined;

/** The table, made at its first use. */
export function tagTable(): Tags {
  if (tags !== undefined) return tags;
  const lines = TABLE_OF_TAGS.split("\n").map((line) => line.split(" "));
  const names = lines.flatMap((line) => line.slice(2));
  const known = names.length + 1;
  const rules = new Uint16Array(known);
  const kinds = new Uint8Array(known);
  let id = 1;
  for (const [letters, kind, ...members] of lines) {
    let flags = 0;
    for (const letter of letters!) if (letter !== "-") flags |= 1 << LETTERS.indexOf(letter);
    for (let left = members.length; left > 0; left--) {
      rules[id] = flags;
      kinds[id++] = Number(kind);
    }
  }
  return tags = { names: new Names(names.join(" ")), known, rules, kinds };
}
