/**
 * Goes through the tree and has every node written: which elements begin and end blocks, which are left out, what
 * becomes of tables, lists and code. No recursion: depth costs nothing. Twin: `walk.rs`.
 *
 * @module
 */

import { Blocks, type List } from "./blocks.ts";
import { codeOf, codeSpan, languageOf } from "./code.ts";
import { CELL_BREAK, HARD_BREAK, Inline, longestRun } from "./inline.ts";
import { type BaseUrl, destination, escapedAlt, isDot, linkTitle, target } from "./link.ts";
import { mathText, texOf } from "./math.ts";
import { isAnchor, plain } from "./plain.ts";
import { scriptMarks } from "./scripts.ts";
import { alignment, numberFrom, TableWriter } from "./tables.ts";
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
  MFRAC,
  OL,
  PRE,
  Q,
  QUOTE,
  ROW,
  RT,
  SKIP,
  SUB,
  SUP,
  TABLE,
  tagTable,
  TBODY,
  TFOOT,
  TH,
  THEAD,
} from "./tags.ts";
import {
  ALIGN,
  ALT,
  ALTTEXT,
  AS_CODE,
  CHECKED,
  COLSPAN,
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
  /** Lists that stand in lists without an item. */
  readonly #reopened: number[] = [];
  /** What ends the exponents and indices that are open. */
  readonly #scripts: string[] = [];
  #quotes = 0;
  #heading = 0;
  #struck = 0;
  /** The table of data that is being written, and the cell of it that is open. */
  #table: TableWriter | undefined;
  #cell = -1;
  /** Cells of the row that is being written of a table in that cell. */
  #cellsInRow = 0;
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
        else if (kind === PRE || (tree.flags[node]! & AS_CODE) !== 0) {
          this.#pre(node);
          node = tree.end[node]!;
        } else if (kind === MATH) node = this.#math(node);
        else if (kind >= MFRAC) node++;
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
    if (style >>> LINK_SHIFT !== 0 || this.#struck > 0) {
      if (style >>> LINK_SHIFT !== 0 && to - from <= 20 && this.#isPermalink(node)) return;
      style = this.#styled(style);
    }
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

  /** Whether a link is a mark that what is before it has an address. */
  #isPermalink(node: number): boolean {
    const tree = this.#tree;
    if (!isAnchor(tree.source.slice(tree.from[node]!, tree.to[node]!))) return false;
    const link = tree.style[node]! >>> LINK_SHIFT;
    const at = tree.find(tree.links[2 * link - 2]!, tree.links[2 * link - 1]!, HREF);
    return (tree.valueAt(at) ?? "").includes("#");
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
    if (this.#cell >= 0) this.#inline.break();
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
        if (this.#cell < 0) {
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
      case SUP:
      case SUB:
      case Q:
      case RT:
        this.#beginInline(node, kind);
        return true;
      case HEADING:
        this.#border();
        if (this.#cell < 0) {
          this.#heading = tag - H1 + 1;
          this.#inline.lineBreak = " ";
        }
        return true;
      case BLOCK:
        this.#border();
        if (tag === DL && this.#cell < 0) this.#lists.push(this.#blocks.list(false, 1));
        if (this.#table !== undefined && this.#cell < 0 && tag >= TBODY && tag <= TFOOT) {
          this.#table.part(tag === THEAD);
        }
        return true;
    }
    if (kind !== CELL || this.#cell < 0) this.#border();
    if (this.#cell >= 0) {
      // A table in a cell is its rows, one below the other.
      if (kind === ROW) this.#cellsInRow = 0;
      else if (kind === CELL && this.#cellsInRow++ > 0) this.#inline.text(" | ", 0, 3, 0);
      return kind === LIST;
    }
    this.#endHeading();
    switch (kind) {
      case LIST: {
        const outer = this.#open.at(-1);
        const isNested = outer !== undefined && this.#tags.kinds[tree.tag[outer]!] === LIST;
        const ordered = tag === OL;
        const around = isNested ? this.#lists.at(-1)! : undefined;
        if (around !== undefined && !ordered && !around.ordered && around.items === 0) {
          // Bullets before the first item are no level of their own.
          this.#lists.push(around);
          break;
        }
        const goesOn = around !== undefined && this.#blocks.reopen(around);
        if (goesOn) this.#reopened.push(node);
        const start = ordered ? numberFrom(tree.value(node, START)) ?? 1 : 1;
        this.#lists.push(this.#blocks.list(ordered, start, goesOn));
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
          this.#cell = node;
          this.#cellsInRow = 0;
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
    if (kind >= SUP) {
      this.#endInline(node, kind);
      return;
    }
    if (node === this.#cell) {
      this.#endCell(node, tag);
      return;
    }
    this.#border();
    if (this.#cell >= 0) return;
    switch (kind) {
      case HEADING:
        this.#endHeading();
        break;
      case LIST:
        this.#blocks.endList(this.#lists.pop()!);
        if (this.#reopened.at(-1) === node) {
          this.#reopened.pop();
          this.#blocks.leave();
        }
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
    this.#cell = -1;
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

  /** Begins an inline element that is more than its text. */
  #beginInline(node: number, kind: number): void {
    const inline = this.#inline;
    const style = this.#styled(this.#tree.style[node]!);
    if (kind === Q) inline.text(this.#quotes++ % 2 === 0 ? "“" : "‘", 0, 1, style);
    else if (kind === RT) inline.text("(", 0, 1, style);
    else {
      const { before, after } = scriptMarks(this.#tree, node, kind === SUP, inline.beside);
      if (before === " ") inline.space();
      else if (before !== "") inline.glue(before, style);
      this.#scripts.push(after);
    }
  }

  #endInline(node: number, kind: number): void {
    const inline = this.#inline;
    const style = this.#styled(this.#tree.style[node]!);
    if (kind === Q) inline.text(--this.#quotes % 2 === 0 ? "”" : "’", 0, 1, style);
    else if (kind === RT) inline.text(")", 0, 1, style);
    else {
      const after = this.#scripts.pop()!;
      if (after !== "") inline.text(after, 0, after.length, style);
    }
  }

  #break(): void {
    const inline = this.#inline;
    if (!inline.breaking || (this.#cell >= 0)) inline.break();
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
    if (!this.#blocks.marked || !this.#inline.empty || (this.#cell >= 0)) return;
    if (!/^checkbox$/i.test(tree.value(node, TYPE) ?? "")) return;
    const checked = tree.find(tree.from[node]!, tree.to[node]!, CHECKED) >= 0;
    this.#inline.markdown(checked ? "[x]" : "[ ]", 0);
    this.#inline.space();
  }

  /** A formula: its text in the attribute if there is one, the TeX it was made of, or its content. The next node to look at. */
  #math(node: number): number {
    const tree = this.#tree;
    const text = tree.value(node, ALTTEXT) ?? texOf(tree, node) ?? mathText(tree, node);
    this.#inline.text(text, 0, text.length, this.#styled(tree.style[node]!));
    return tree.end[node]!;
  }

  #pre(node: number): void {
    const tree = this.#tree;
    const text = codeOf(tree, node);
    if (text === "") return;
    this.#border();
    if (this.#cell < 0) this.#endHeading();
    else {
      for (const line of text.split("\n")) {
        this.#inline.break();
        if (line !== "") this.#inline.markdown(codeSpan(line), 0);
      }
      this.#inline.break();
      return;
    }
    const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
    this.#blocks.markdown(`${fence}${languageOf(tree, node)}\n${text}\n${fence}`);
  }
}
