/**
 * Goes through the tree and has every node written: which elements begin and end blocks, which are left out, what
 * becomes of tables, lists and code. No recursion: depth costs nothing. Twin: `walk.rs`.
 *
 * @module
 */

import { Blocks, type List } from "./blocks.ts";
import { CELL_BREAK, HARD_BREAK, Inline, longestRun } from "./inline.ts";
import { type BaseUrl, destination, escapedAlt, linkTitle, target } from "./link.ts";
import { decode } from "./references.ts";
import { numberFrom, TableWriter } from "./tables.ts";
import {
  BLOCK,
  BR,
  CELL,
  DD,
  DEL,
  DL,
  H1,
  HEADING,
  HR,
  IMG,
  INLINE,
  INPUT,
  ITEM,
  LIST,
  MATH,
  OL,
  PRE,
  QUOTE,
  ROW,
  SKIP,
  TABLE,
  tagTable,
  TH,
  THEAD,
} from "./tags.ts";
import {
  ALIGN,
  ALT,
  ALTTEXT,
  CHECKED,
  CLASS,
  COLSPAN,
  DATA_LANG,
  DATA_LANGUAGE,
  DATA_ORIGINAL,
  DATA_SRC,
  DROPPED,
  HEIGHT,
  HIDDEN,
  HREF,
  LAYOUT,
  LINK_SHIFT,
  ROWSPAN,
  SRC,
  START,
  STRIKE,
  STYLE,
  TITLE,
  type Tree,
  TYPE,
  VALUE,
  WIDTH,
} from "./tree.ts";

/** Writes one page. */
export class Walker {
  readonly #tree: Tree;
  readonly #base: BaseUrl | undefined;
  readonly #tags = tagTable();
  readonly #blocks = new Blocks();
  readonly #inline: Inline;
  /** The open elements whose end matters. */
  readonly #open: number[] = [];
  readonly #lists: List[] = [];
  #heading = 0;
  #struck = 0;
  /** The table of data that is being written, and whether a cell of it is open. */
  #table: TableWriter | undefined;
  #inCell = false;
  #targets: string[] = [];
  /** The links that were written, in order, some several times. */
  readonly #written: number[] = [];

  /** Links are resolved against `base`. */
  constructor(tree: Tree, base: BaseUrl | undefined) {
    this.#tree = tree;
    this.#base = base;
    this.#inline = new Inline((link) => {
      this.#written.push(link);
      return { url: this.#url(link), title: this.#title(link) };
    });
  }

  /** Writes the nodes between two. */
  walk(from: number, to: number): void {
    const tree = this.#tree;
    const { kinds, known } = this.#tags;
    const open = this.#open;
    let next = Infinity;
    for (let node = from; node < to;) {
      while (next <= node) {
        this.#leave(open.pop()!);
        next = open.length > 0 ? tree.end[open.at(-1)!]! : Infinity;
      }
      const tag = tree.tag[node]!;
      if ((tree.flags[node]! & (HIDDEN | DROPPED)) !== 0) {
        node = tree.end[node]!;
      } else if (tag === 0) {
        this.#text(node);
        node++;
      } else {
        const kind = tag < known ? kinds[tag]! : INLINE;
        if (kind === INLINE) node++;
        else if (kind === SKIP) node = tree.end[node]!;
        else if (kind === PRE) {
          this.#pre(node);
          node = tree.end[node]!;
        } else if (kind === MATH) node = this.#math(node);
        else if (this.#enter(node, tag, kind)) {
          open.push(node);
          next = tree.end[node]!;
          node++;
        } else node++;
      }
    }
    while (open.length > 0) this.#leave(open.pop()!);
    this.#flush();
  }

  /** The Markdown. */
  take(): string {
    return this.#blocks.take();
  }

  /** Where the links lead that were written, in order, each as often as it was. */
  links(): string[] {
    return this.#written.map((link) => this.#url(link));
  }

  #text(node: number): void {
    const tree = this.#tree;
    const { source } = tree;
    const from = tree.from[node]!;
    const to = tree.to[node]!;
    let style = tree.style[node]!;
    if (style >>> LINK_SHIFT !== 0 || this.#struck > 0) style = this.#styled(style);
    if (to - from < 24) {
      // Most texts between tags are short, and a look at each letter is cheaper than a slice.
      let at = from;
      while (at < to) {
        const code = source.charCodeAt(at);
        if (code === 38 || code === 0) break;
        at++;
      }
      if (at === to) {
        this.#inline.text(source, from, to, style);
        return;
      }
    }
    const raw = source.slice(from, to);
    const text = plain(raw);
    if (text === raw) this.#inline.text(source, from, to, style);
    else this.#inline.text(text, 0, text.length, style);
  }

  /** A style without a link that leads nowhere, with what elements around it say. */
  #styled(style: number): number {
    const link = style >>> LINK_SHIFT;
    if (link !== 0 && this.#url(link) === "") style &= (1 << LINK_SHIFT) - 1;
    return this.#struck > 0 ? style | STRIKE : style;
  }

  #url(link: number): string {
    let url = this.#targets[link];
    if (url === undefined) {
      const tree = this.#tree;
      const { links } = tree;
      const value = tree.valueAt(tree.find(links[2 * link - 2]!, links[2 * link - 1]!, HREF));
      url = target(value ?? "", this.#base);
      this.#targets[link] = url;
    }
    return url;
  }

  #title(link: number): string {
    const tree = this.#tree;
    const { links } = tree;
    return tree.valueAt(tree.find(links[2 * link - 2]!, links[2 * link - 1]!, TITLE)) ?? "";
  }

  /** Ends the paragraph or heading that is being written. */
  #flush(): void {
    const inline = this.#inline;
    if (inline.empty) {
      inline.end();
      return;
    }
    const text = inline.end();
    const broken = inline.broken;
    inline.broken = false;
    if (this.#heading > 0) {
      this.#blocks.heading(this.#heading, text);
      this.#endHeading();
    } else this.#blocks.paragraph(text, broken);
  }

  #endHeading(): void {
    this.#heading = 0;
    this.#inline.lineBreak = HARD_BREAK;
  }

  /** A block begins or ends here. */
  #border(): void {
    if (this.#inCell) this.#inline.break();
    else this.#flush();
  }

  /** Whether the element must be left again. */
  #enter(node: number, tag: number, kind: number): boolean {
    const tree = this.#tree;
    switch (kind) {
      case BR:
        this.#break();
        return false;
      case HR:
        this.#border();
        if (!this.#inCell) {
          this.#endHeading();
          this.#blocks.rule();
        }
        return false;
      case IMG:
        this.#image(node);
        return false;
      case INPUT:
        this.#checkbox(node);
        return false;
      case DEL:
        this.#struck++;
        return true;
      case HEADING:
        this.#border();
        if (!this.#inCell) {
          this.#heading = tag - H1 + 1;
          this.#inline.lineBreak = " ";
        }
        return true;
      case BLOCK:
        this.#border();
        if (tag === DL && !this.#inCell) this.#lists.push(this.#blocks.list(false, 1));
        if (this.#table !== undefined && tag === THEAD) this.#table.head();
        return true;
    }
    this.#border();
    if (this.#inCell && kind !== CELL && kind !== ROW) return kind === LIST;
    this.#endHeading();
    switch (kind) {
      case LIST: {
        const ordered = tag === OL;
        const start = ordered ? numberFrom(tree.value(node, START)) ?? 1 : 1;
        this.#lists.push(this.#blocks.list(ordered, start));
        break;
      }
      case ITEM: {
        const list = this.#lists.at(-1) ?? this.#loose();
        if (list.ordered) {
          list.number = numberFrom(tree.value(node, VALUE)) ?? list.number;
        }
        this.#blocks.item(list);
        break;
      }
      case DD:
        this.#blocks.definition(this.#lists.at(-1) ?? this.#loose());
        break;
      case QUOTE:
        this.#blocks.quote();
        break;
      case TABLE:
        if ((tree.flags[node]! & LAYOUT) === 0) this.#table = new TableWriter();
        break;
      case ROW:
        this.#table?.row();
        break;
      case CELL:
        if (this.#table !== undefined) {
          this.#inCell = true;
          this.#inline.lineBreak = CELL_BREAK;
        }
    }
    return true;
  }

  #loose(): List {
    return this.#blocks.list(false, 1);
  }

  #leave(node: number): void {
    const tree = this.#tree;
    const tag = tree.tag[node]!;
    const kind = this.#tags.kinds[tag]!;
    if (kind === DEL) {
      this.#struck--;
      return;
    }
    if (kind === CELL && this.#inCell) {
      this.#endCell(node, tag);
      return;
    }
    this.#border();
    if (this.#inCell) return;
    switch (kind) {
      case HEADING:
        this.#endHeading();
        break;
      case LIST:
        this.#blocks.endList(this.#lists.pop()!);
        break;
      case BLOCK:
        if (tag === DL) this.#blocks.endList(this.#lists.pop()!);
        break;
      case ITEM:
      case DD:
      case QUOTE:
        this.#blocks.leave();
        break;
      case TABLE:
        if ((tree.flags[node]! & LAYOUT) === 0) {
          const text = this.#table!.end();
          this.#table = undefined;
          if (text !== "") this.#blocks.markdown(text);
        }
    }
  }

  #endCell(node: number, tag: number): void {
    const tree = this.#tree;
    this.#inCell = false;
    const text = this.#inline.end();
    this.#inline.broken = false;
    this.#inline.lineBreak = HARD_BREAK;
    this.#table!.cell(
      text.includes("|") ? text.replaceAll("|", "\\|") : text,
      tag === TH,
      numberFrom(tree.value(node, COLSPAN)) ?? 1,
      numberFrom(tree.value(node, ROWSPAN)) ?? 1,
      alignment(tree.value(node, ALIGN), tree.value(node, STYLE)),
    );
  }

  #break(): void {
    const inline = this.#inline;
    if (!inline.breaking || this.#inCell) inline.break();
    else if (!inline.empty) this.#flush();
  }

  #image(node: number): void {
    const tree = this.#tree;
    let style = tree.style[node]!;
    if (style >>> LINK_SHIFT !== 0 || this.#struck > 0) style = this.#styled(style);
    const alt = tree.value(node, ALT) ?? "";
    let url = "";
    for (const name of [SRC, DATA_SRC, DATA_ORIGINAL]) {
      if (url === "") url = target(tree.value(node, name) ?? "", this.#base);
    }
    if (url === "" || isDot(tree.value(node, WIDTH)) || isDot(tree.value(node, HEIGHT))) {
      if (url === "" && alt !== "") this.#inline.text(alt, 0, alt.length, style);
      return;
    }
    const title = linkTitle(tree.value(node, TITLE) ?? "");
    this.#inline.markdown(`![${escapedAlt(alt)}](${destination(url)}${title})`, style);
  }

  /** The box of a task: only where an item begins. */
  #checkbox(node: number): void {
    const tree = this.#tree;
    if (!this.#blocks.marked || !this.#inline.empty || this.#inCell) return;
    if (!/^checkbox$/i.test(tree.value(node, TYPE) ?? "")) return;
    const checked = tree.find(tree.from[node]!, tree.to[node]!, CHECKED) >= 0;
    this.#inline.markdown(checked ? "[x]" : "[ ]", 0);
    this.#inline.space();
  }

  /** A formula: its text in the attribute if there is one, else its content. The next node to look at. */
  #math(node: number): number {
    const tree = this.#tree;
    const text = tree.value(node, ALTTEXT);
    if (text === undefined) return node + 1;
    this.#inline.text(text, 0, text.length, this.#styled(tree.style[node]!));
    return tree.end[node]!;
  }

  #pre(node: number): void {
    const tree = this.#tree;
    const { kinds, known } = this.#tags;
    const parts: string[] = [];
    let ends = true;
    const add = (piece: string): void => {
      if (piece === "") return;
      parts.push(piece);
      ends = piece.endsWith("\n");
    };
    // The ends of blocks within, where a line ends too.
    const open: number[] = [];
    const end = tree.end[node]!;
    for (let at = node + 1; at < end;) {
      while (open.length > 0 && open.at(-1)! <= at) {
        open.pop();
        if (!ends) add("\n");
      }
      const tag = tree.tag[at]!;
      const kind = tag > 0 && tag < known ? kinds[tag]! : INLINE;
      if (kind === SKIP || (tree.flags[at]! & (HIDDEN | DROPPED)) !== 0) {
        at = tree.end[at]!;
        continue;
      }
      if (tag === 0) add(lines(plain(tree.source.slice(tree.from[at]!, tree.to[at]!))));
      else if (kind === BR) add("\n");
      else if (kind === IMG) add(tree.value(at, ALT) ?? "");
      else if (kind !== INLINE && kind !== DEL && kind !== INPUT && kind !== MATH) {
        if (!ends) add("\n");
        open.push(tree.end[at]!);
      }
      at++;
    }
    const whole = parts.join("");
    let length = whole.length;
    while (length > 0 && whole.charCodeAt(length - 1) === 10) length--;
    const text = whole.slice(0, length);
    if (/^[ \t\n\f\u00a0]*$/.test(text)) return;
    this.#border();
    this.#endHeading();
    if (this.#inCell) {
      // A data table has none; this is one within a heading of a cell, or the like.
      this.#inline.text(text, 0, text.length, 0);
      return;
    }
    const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
    this.#blocks.markdown(`${fence}${this.#language(node)}\n${text}\n${fence}`);
  }

  #language(node: number): string {
    const tree = this.#tree;
    const end = tree.end[node]!;
    for (const name of [DATA_LANG, DATA_LANGUAGE]) {
      const value = tree.value(node, name);
      const found = value === undefined ? "" : language(`lang-${value}`);
      if (found !== "") return found;
    }
    // Itself, what is in it at once, then what it is in.
    for (let at = node; at < end && at < node + 3; at++) {
      if (tree.tag[at] === 0) continue;
      const found = language(tree.value(at, CLASS) ?? "");
      if (found !== "") return found;
    }
    for (let at = node - 1; at >= 0 && at >= node - 4; at--) {
      if (tree.tag[at] === 0 || tree.end[at]! < end) continue;
      const found = language(tree.value(at, CLASS) ?? "");
      if (found !== "") return found;
    }
    return "";
  }
}

/** A text of the source, decoded, without U+0000. */
export function plain(raw: string): string {
  return decode(raw.includes("\0") ? raw.replaceAll("\0", "") : raw, false);
}

function lines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** The language that a class names. */
function language(classes: string): string {
  for (const word of classes.split(/[ \t\n\f]+/)) {
    const found = /^(?:language-|lang-|highlight-source-)([A-Za-z0-9_+#.-]+)$/.exec(word);
    if (found !== null) return found[1] === "none" ? "" : found[1]!;
  }
  return "";
}

/** A picture of one pixel is no picture. */
function isDot(size: string | undefined): boolean {
  return size !== undefined && /^[ \t\n\f]*[01](?:px)?[ \t\n\f]*$/i.test(size);
}

function alignment(align: string | undefined, style: string | undefined): string {
  const word = /text-align[ \t\n\f]*:[ \t\n\f]*(left|center|right)/i.exec(style ?? "")?.[1] ??
    align ?? "";
  if (/^center$/i.test(word)) return ":-:";
  if (/^right$/i.test(word)) return "--:";
  return /^left$/i.test(word) ? ":--" : "---";
}
