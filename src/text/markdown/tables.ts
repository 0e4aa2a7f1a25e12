/**
 * Which tables are tables: those of data become tables of Markdown, those that only lay out a page are read cell by
 * cell. And the writing of the former. Twin: `tables.rs`.
 *
 * @module
 */

import { CELL, HEADING, HR, P, PRE, QUOTE, ROW, SKIP, TABLE, tagTable, TH, THEAD } from "./tags.ts";
import { DROPPED, HIDDEN, LAYOUT, ROLE, type Tree } from "./tree.ts";

/** Up to so many columns rows are filled up and cells may reach into later rows. */
const FEW_COLUMNS = 32;
/** A cell is at most so many columns wide. */
const WIDEST = 20;

/** A table that is being looked at. */
interface Open {
  node: number;
  end: number;
  rows: number;
  cells: number;
  inRow: number;
  columns: number;
  paragraphs: number;
  header: boolean;
  /** Blocks that a cell of Markdown cannot have: code, headings, quotes, tables. */
  blocks: number;
}

/** Marks the tables between two nodes that are layout. */
export function markLayout(tree: Tree, from: number, to: number): void {
  const { kinds, known } = tagTable();
  const open: Open[] = [];
  let table: Open | undefined;
  const finish = (): void => {
    const { node, rows, cells, inRow, columns, paragraphs, header, blocks } = open.pop()!;
    const most = Math.max(columns, inRow);
    const isRow = rows >= 2 || (rows >= 1 && header);
    // A block in one cell of many does not make it layout.
    const isBlocks = header ? blocks > cells : blocks * 4 > cells;
    if (isBlocks || most < 2 || !isRow || paragraphs > 2 * cells || isPresentation(tree, node)) {
      tree.flags[node]! |= LAYOUT;
    }
    table = open.at(-1);
  };
  for (let node = from; node < to;) {
    while (table !== undefined && table.end <= node) finish();
    const tag = tree.tag[node]!;
    const kind = tag < known ? kinds[tag]! : 0;
    if (tag !== 0 && (kind === SKIP || (tree.flags[node]! & (HIDDEN | DROPPED)) !== 0)) {
      node = tree.end[node]!;
      continue;
    }
    if (kind === TABLE) {
      if (table !== undefined) table.blocks++;
      table = {
        node,
        end: tree.end[node]!,
        rows: 0,
        cells: 0,
        inRow: 0,
        columns: 0,
        paragraphs: 0,
        header: false,
        blocks: 0,
      };
      open.push(table);
    } else if (table !== undefined) {
      if (kind === ROW) {
        table.columns = Math.max(table.columns, table.inRow);
        table.inRow = 0;
        table.rows++;
      } else if (kind === CELL) {
        if (table.rows === 0) table.rows = 1;
        table.cells++;
        table.inRow++;
        if (tag === TH) table.header = true;
      } else if (tag === THEAD) table.header = true;
      else if (tag === P) table.paragraphs++;
      else if (kind === PRE || kind === HEADING || kind === QUOTE || kind === HR) {
        table.blocks++;
      }
    }
    node++;
  }
  while (table !== undefined) finish();
}

function isPresentation(tree: Tree, node: number): boolean {
  const role = tree.value(node, ROLE);
  return role !== undefined && /^(?:presentation|none)$/i.test(role);
}

/** A whole number from an attribute; undefined if it is none. */
export function numberFrom(value: string | undefined): number | undefined {
  const digits = value === undefined ? null : /^[ \t\n\f]*\+?([0-9]{1,9})(?![0-9])/.exec(value);
  return digits === null ? undefined : Number(digits[1]);
}

/** The mark of a column from the attributes of its first cell. */
export function alignment(align: string | undefined, style: string | undefined): string {
  const word = /text-align[ \t\n\f]*:[ \t\n\f]*(left|center|right)/i.exec(style ?? "")?.[1] ??
    align ?? "";
  if (/^center$/i.test(word)) return ":-:";
  if (/^right$/i.test(word)) return "--:";
  return /^left$/i.test(word) ? ":--" : "---";
}

/** A table in the making. */
export class TableWriter {
  readonly #rows: string[][] = [];
  #row: string[] | undefined;
  /** Of each column, how many more rows a cell of an earlier one takes. */
  #taken: number[] = [];
  readonly #repeated: string[] = [];
  readonly #marks: string[] = [];
  #columns = 0;
  /** Cells with text that the row has itself. */
  #own = 0;
  /** Whether the first row is in a head, and whether it has headings only. */
  #inHead = false;
  #headings = true;

  /** A row begins. */
  row(): void {
    this.#endRow();
    this.#row = [];
    this.#own = 0;
    if (this.#rows.length === 0) this.#headings = true;
    this.#fill();
  }

  /** A part of the table begins; its head, or another. */
  part(head: boolean): void {
    this.#endRow();
    this.#taken = [];
    if (head && this.#rows.length === 0) this.#inHead = true;
  }

  /** A cell of the row, by its text. */
  cell(text: string, heading: boolean, columns: number, rows: number, mark: string): void {
    if (this.#row === undefined) this.row();
    const row = this.#row!;
    if (text !== "") this.#own++;
    if (this.#rows.length === 0 && !heading) this.#headings = false;
    const wide = Math.max(1, Math.min(columns, WIDEST));
    // A cell of several rows is in each of them, a heading over each of its columns.
    for (let left = 0; left < wide; left++) {
      const here = left === 0 || (heading && this.#rows.length === 0) ? text : "";
      if (row.length < FEW_COLUMNS && rows !== 1) {
        this.#taken[row.length] = rows === 0 ? Infinity : rows - 1;
        this.#repeated[row.length] = here;
      }
      if (this.#rows.length === 0) this.#marks[row.length] = mark;
      row.push(here);
    }
    this.#fill();
  }

  #fill(): void {
    const row = this.#row!;
    while ((this.#taken[row.length] ?? 0) > 0) {
      this.#taken[row.length]!--;
      row.push(this.#repeated[row.length]!);
    }
  }

  #endRow(): void {
    const row = this.#row;
    this.#row = undefined;
    if (row === undefined || this.#own === 0) return;
    this.#columns = Math.max(this.#columns, row.length);
    this.#rows.push(row);
  }

  /** The table as Markdown; "" if nothing is in it. */
  end(): string {
    this.#endRow();
    const rows = this.#rows;
    if (rows.length === 0) return "";
    const head = this.#inHead || this.#headings ? rows.shift()! : [];
    const lines = [line(head, this.#columns)];
    let marks = "|";
    for (let at = 0; at < this.#columns; at++) marks += ` ${this.#marks[at] ?? "---"} |`;
    lines.push(marks);
    const fill = this.#columns <= FEW_COLUMNS ? this.#columns : 0;
    for (const row of rows) lines.push(line(row, fill));
    return lines.join("\n");
  }
}

function line(cells: readonly string[], columns: number): string {
  let text = "|";
  for (let at = 0; at < cells.length || at < columns; at++) {
    text += (cells[at] ?? "") === "" ? " |" : ` ${cells[at]} |`;
  }
  return text;
}
