/**
 * Secrets in the columns of a table whose heading is the name of one: CSV and the like, Markdown, what `psql` and `mysql`
 * print, rows of `INSERT ... VALUES` and of `COPY ... FROM stdin`. A table ends with the first row that has another number
 * of cells; only what says which columns are meant is remembered of it, so that a stream can go on in the middle. Part of
 * `context.ts`. Twin: `rust/areas/redact/src/table.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { isAt, isBlank, isCloser, isLineEnd, isQuote, nameStart, type Scene } from "./around.ts";
import { classAt, LOWER, MORE, NONE, unitAt, UPPER, WORD } from "./chars.ts";
import { Cells, COLUMNS_MAX, ROW_MAX } from "./cells.ts";
import type { Codes } from "./codes.ts";
import { isName, mayPromise, Promise, promiseOf } from "./names.ts";

const TAB = 9;
const LINE_FEED = 10;
const SPACE = 32;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const SEMICOLON = 59;
const PIPE = 124;

/** Behind any place. */
const EVER = 2 ** 30 - 1;
/** So far before the sign behind a column's name its heading begins: streams keep so much. */
const BACK_MAX = 120;
/** The longest heading. */
const HEAD_MAX = 1000;
/** The longest name of a column. */
const NAME_MAX = 40;
/** Words before a key that is secret. */
const KEYS = ["access ", "secret ", "api ", "private ", "encryption "];
/** The shortest password of letters alone. */
const LEAST = 4;

/** Which of the columns hold secrets, a bit a column, by what their names promise. */
interface Columns {
  passwords: number;
  tokens: number;
  maybes: number;
  count: number;
}

/** A table: what parts its cells (`(` for rows of SQL), what ends the string that it is in, its rows so far. */
interface Table extends Columns {
  readonly sign: number;
  readonly close: number;
  /** The sign that its heading was known by. */
  readonly mark: number;
  readonly rows: number[];
  end: number;
}

/** What goes on behind a place: whether there was a table; where a row begins, then signs and number, and bits of columns. */
export type TableState = readonly [
  seen: number,
  at: number,
  form: number,
  passwords: number,
  tokens: number,
  maybes: number,
];

/** No table. */
export const NO_TABLE: TableState = [0, 0, 0, 0, 0, 0];

/** The same of a text whose places are others. */
export function moved(table: TableState, at: number): TableState {
  const [seen, before, form, passwords, tokens, maybes] = table;
  return form === 0 || before === at ? table : [seen, at, form, passwords, tokens, maybes];
}

/** Whether the sign at `p` may stand behind the name of a column. */
export function mayBeColumn(codes: Codes, p: number): boolean {
  let e = p;
  if (e > 0 && codes[e - 1] === 13) e--;
  if (e > 0 && (isQuote(codes[e - 1]!) || codes[e - 1] === 93)) e--;
  return e > 0 && isName(codes[e - 1]!) && mayPromise(codes, e);
}

/** Reads the tables of one text. */
export class TableReader {
  /** Where the next row begins; behind any place without one. */
  next = EVER;
  /** Where a row begins of which the end is not there yet; -1 without one. */
  open = -1;
  readonly #scene: Scene;
  #codes!: Codes;
  #since = 0;
  #table: Table | undefined;
  #tables: Table[] = [];
  readonly #cells: Cells;

  /** Reads with a scene. */
  constructor(scene: Scene) {
    this.#scene = scene;
    this.#cells = new Cells(scene);
  }

  /** Takes a text, whose headings before a place were looked at, and the table that this place is in. */
  begin(codes: Codes, since: number, [, at, form, passwords, tokens, maybes]: TableState): void {
    this.#codes = codes;
    this.#cells.begin(codes);
    this.#since = since;
    this.#table = undefined;
    if (this.#tables.length > 0) this.#tables.length = 0;
    this.next = EVER;
    this.open = -1;
    if (form === 0) return;
    const columns = { passwords, tokens, maybes, count: form >> 16 };
    this.#add(form & 255, form >> 8 & 255, -1, at, columns);
  }

  #add(sign: number, close: number, mark: number, first: number, columns: Columns): void {
    const table = { ...columns, sign, close, mark, rows: [first], end: EVER };
    this.#table = table;
    this.#tables.push(table);
    this.next = first;
  }

  /** What goes on behind a place. */
  stateAt(place: number): TableState {
    const seen = this.#tables.length > 0 ? 1 : 0;
    for (const { mark, end, rows, sign, close, count, passwords, tokens, maybes } of this.#tables) {
      if (mark >= place || end <= place) continue;
      const at = rows.findLast((row) => row <= place) ?? rows[0]!;
      return [seen, at, sign | close << 8 | count << 16, passwords, tokens, maybes];
    }
    return seen === 0 ? NO_TABLE : [1, 0, 0, 0, 0, 0];
  }

  /** Whether the sign at `p` stands in a heading; the scene has an open place where that is not yet known. */
  headAt(p: number): boolean {
    if (p < this.#since || !this.#scene.has(Rule.ASSIGNED_SECRET)) return false;
    // In a heading, or a row, that was read.
    if (this.#table !== undefined && p < this.next) return false;
    const codes = this.#codes;
    const text = this.#scene.text;
    let e = p;
    if (codes[p] === PIPE) {
      while (e > 0 && p - e < BACK_MAX && codes[e - 1] === SPACE) e--;
      // The last of its line is behind the sign.
      if (!isColumnName(text, e)) {
        let q = p + 1;
        while (q - p < NAME_MAX && (codes[q] === SPACE || isName(codes[q]!))) q++;
        if (this.#scene.isOpen(q)) return this.#scene.give(Rule.ASSIGNED_SECRET, p, 0);
        if (!isLineEnd(codes[q]!)) return false;
        while (q > p && codes[q - 1] === SPACE) q--;
        if (!isColumnName(text, q)) return false;
      }
    } else {
      if (codes[e - 1] === 13) e--;
      if (isCloser(codes[e - 1]!)) e--;
      if (!isColumnName(text, e)) return false;
    }
    const sign = codes[p]!;
    if (sign === CLOSE) return this.#listAt(p);
    if (this.#lineAt(p)) return true;
    return this.#table === undefined && sign === COMMA && this.#listAt(p);
  }

  /** A heading that is a line. */
  #lineAt(p: number): boolean {
    const codes = this.#codes;
    let start = p;
    let quote = -1;
    while (start > 0 && codes[start - 1] !== LINE_FEED) {
      start--;
      if (p - start > BACK_MAX || codes[start]! > 126) {
        start = -1;
        break;
      }
      if (quote < 0 && isQuote(codes[start]!) && start < p - 1) quote = start;
    }
    if (start >= 0 && this.#head(p, start, 0)) return true;
    return this.#table === undefined && quote >= 0 && this.#head(p, quote + 1, codes[quote]!);
  }

  /** A heading that begins at a place, in a string perhaps that a quotation mark closes. */
  #head(p: number, start: number, close: number): boolean {
    const codes = this.#codes;
    const scene = this.#scene;
    const sign = codes[p] === LINE_FEED ? this.#signOf(start, p) : codes[p]!;
    if (sign === 0 || (sign !== PIPE && isBlank(codes[start]!))) return false;
    const found = this.#cells.line(start, sign, close, HEAD_MAX);
    if (found === MORE) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
    if (found === NONE || this.#cells.count < 2 || codes[this.#cells.behind - 1] !== LINE_FEED) {
      return false;
    }
    const columns: Columns = { passwords: 0, tokens: 0, maybes: 0, count: this.#cells.count };
    for (let k = 0; k < this.#cells.count; k++) {
      if (!this.#column(columns, k, this.#cells.starts[k]!, this.#cells.ends[k]!)) return false;
    }
    if ((columns.passwords | columns.tokens) === 0) return false;
    this.#add(sign, close, p, this.#cells.behind, columns);
    return false;
  }

  /** What parts the names of a line whose last one the end of the line follows. */
  #signOf(start: number, end: number): number {
    for (let q = start; q < end; q++) {
      const code = this.#codes[q]!;
      if (code === COMMA || code === SEMICOLON || code === TAB || code === PIPE) return code;
    }
    return 0;
  }

  /** Notes what the name of a column promises; whether it is a name. */
  #column(columns: Columns, k: number, s: number, e: number): boolean {
    const codes = this.#codes;
    const text = this.#scene.text;
    if (e <= s || e - s > NAME_MAX || k >= COLUMNS_MAX) return false;
    if ((classAt(text, s) & (LOWER | UPPER)) === 0 || (classAt(text, e - 1) & WORD) === 0) {
      return false;
    }
    // A sentence that tells several things.
    if (isAt(text, s, "and ") || isAt(text, s, "or ")) return false;
    for (let q = s; q < e; q++) {
      const code = codes[q]!;
      if (!isName(code) && code !== SPACE && code !== 47) return false;
    }
    switch (columnPromise(text, e)) {
      case Promise.PASSWORD:
        columns.passwords |= 1 << k;
        break;
      case Promise.TOKEN:
        columns.tokens |= 1 << k;
        break;
      case Promise.MAYBE:
        columns.maybes |= 1 << k;
    }
    return true;
  }

  /** Columns in parentheses: `INSERT INTO t (a, password) VALUES (...)`, `COPY t (a, password) FROM stdin;`. */
  #listAt(p: number): boolean {
    const codes = this.#codes;
    const scene = this.#scene;
    const { text } = scene;
    let start = p;
    for (; codes[start] !== OPEN; start--) {
      if (start === 0 || p - start > BACK_MAX) return false;
      if (start < p && codes[start] !== COMMA && !isColumn(codes[start]!)) return false;
    }
    const columns: Columns = { passwords: 0, tokens: 0, maybes: 0, count: 0 };
    let q = start + 1;
    for (let s = q; q - start < HEAD_MAX; q++) {
      if (scene.isOpen(q)) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
      const code = codes[q]!;
      if (code === COMMA || code === CLOSE) {
        let e = q;
        while (s < e && !isName(codes[s]!)) s++;
        while (e > s && !isName(codes[e - 1]!)) e--;
        if (!this.#column(columns, columns.count++, s, e)) return false;
        s = q + 1;
        if (code === CLOSE) break;
      } else if (!isColumn(code)) return false;
    }
    if (codes[q] !== CLOSE || (columns.passwords | columns.tokens) === 0) return false;
    q = scene.skip(q + 1);
    if (scene.isCut(q)) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
    q = scene.skipLine(q);
    if (q + 10 > text.length && !scene.last) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
    if (isAt(text, q, "values")) {
      q = scene.skip(q + 6);
      if (scene.isCut(q)) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
      q = scene.skipLine(q);
      if (scene.isOpen(q)) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
      if (codes[q] === OPEN) this.#add(OPEN, 0, p, q, columns);
    } else if (isAt(text, q, "from stdin")) {
      const from = q;
      while (q - from < NAME_MAX && codes[q] !== LINE_FEED) {
        if (scene.isOpen(q)) return scene.give(Rule.ASSIGNED_SECRET, p, 0);
        if (codes[q]! > 126) return false;
        q++;
      }
      if (codes[q] === LINE_FEED) this.#add(TAB, 0, p, q + 1, columns);
    }
    return false;
  }

  /** Reads the next row: gives each secret that it has to `take`. */
  read(take: () => void): void {
    const table = this.#table!;
    const at = this.next;
    const found = table.sign === OPEN
      ? this.#cells.values(at)
      : this.#cells.line(at, table.sign, table.close, ROW_MAX);
    if (found === MORE) {
      this.open = at;
      this.next = EVER;
      return;
    }
    const rule = table.sign !== OPEN && found !== NONE &&
      this.#cells.isRule(at, this.#cells.behind);
    if (!rule && (found === NONE || this.#cells.count !== table.count)) return this.#end(at);
    for (let k = 0; k < table.count && !rule; k++) {
      const bit = 1 << k;
      const promise = (table.passwords & bit) !== 0
        ? Promise.PASSWORD
        : (table.tokens & bit) !== 0
        ? Promise.TOKEN
        : (table.maybes & bit) !== 0
        ? Promise.MAYBE
        : Promise.NOTHING;
      if (promise === Promise.NOTHING) continue;
      const list = table.sign === OPEN;
      const scene = this.#scene;
      if (
        scene.judge(promise, this.#cells.starts[k]!, this.#cells.ends[k]!, true, false, list, LEAST)
      ) take();
    }
    if (this.#cells.behind < 0) return this.#end(-this.#cells.behind);
    this.next = this.#cells.behind;
    table.rows.push(this.next);
  }

  #end(at: number): void {
    this.#table!.end = at;
    this.#table = undefined;
    this.next = EVER;
  }
}

/** Whether a list of columns, of which one ends at `e`, ends in parentheses before `VALUES`; `MORE` where the text ends too early. */
export function isListed(scene: Scene, e: number): number {
  const { text } = scene;
  let q = e;
  for (; unitAt(text, q) !== CLOSE; q++) {
    if (scene.isOpen(q)) return MORE;
    if (q - e > HEAD_MAX) return NONE;
    const unit = unitAt(text, q);
    if (unit > 126 || (unit !== COMMA && !isColumn(unit))) return NONE;
  }
  q = scene.skipLine(scene.skip(q + 1));
  if (q + 6 > text.length && !scene.last) return MORE;
  return isAt(text, q, "values") ? 1 : NONE;
}

/** What the name of a column that ends at `e` promises; its words may be parted by spaces. */
function columnPromise(text: string, e: number): number {
  const s = nameStart(text, e);
  const promise = promiseOf(text, s, e);
  if (promise !== Promise.MAYBE || !KEYS.some((word) => isAt(text, s - word.length, word))) {
    return promise;
  }
  return Promise.TOKEN;
}

/** Whether the name that ends at `e` is that of a column of secrets. */
function isColumnName(text: string, e: number): boolean {
  const promise = columnPromise(text, e);
  return promise === Promise.PASSWORD || promise === Promise.TOKEN;
}

/** Whether a character may stand in a list of columns. */
function isColumn(code: number): boolean {
  return isName(code) || isQuote(code) || isBlank(code) || isLineEnd(code) || code === 91 ||
    code === 93;
}
