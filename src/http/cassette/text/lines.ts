/**
 * Secrets in texts of lines: YAML with its blocks and values on the next line, settings and properties, environment
 * files, fields of messages, tables. What is deeper than a secret's name belongs to it.
 *
 * @module
 */

import { isLabel, isSecretName, isValueField, namesSecrets } from "../names.ts";
import type { Span } from "../rules.ts";
import { quotedSpans } from "./value.ts";

/** A line that begins with a name. */
interface Line {
  readonly start: number;
  readonly end: number;
  /** Columns before its first sign. */
  readonly indent: number;
  readonly isBlank: boolean;
  /** Columns before its name, behind the dash of an entry. */
  readonly column: number;
  readonly isEntry: boolean;
  readonly name: string | undefined;
  readonly sign: string;
  /** Where the value begins. */
  readonly value: number;
}

const LONGEST = 4_096;
/** Lines of one entry of a list are so near. */
const NEAR = 64;
const LINE = new RegExp(
  String.raw`^((?:data:)?[ \t]*(?:(?:[-?>*#;!|]|//|--|rem)[ \t]+)*)` +
    String
      .raw`((?:(?:export|set|setenv|setx|declare|env|arg|let|const|var|final|static|public|private|readonly|string|auto)[ \t]+|-[xr][ \t]+|\$env:|\$)*)` +
    String
      .raw`(?:(["'])((?:(?!\3)[^\\\n]){1,128})\3|([A-Za-z_][\w.$\[\]-]{0,63}(?: [\w.$\[\]-]{1,32}){0,3}))` +
    String.raw`[ \t]*(:=|\?=|=>|:|=)(?:[ \t]+|$|(?=\S))`,
  "i",
);
/** The old form of a Dockerfile, and that of a shell. */
const SPACED = /^([ \t]*)(?:ENV|ARG|setenv|setx)[ \t]+([A-Za-z_]\w{0,63})[ \t]+(?=[^\s=])/;
/** Words that begin a statement and no name. */
const STATEMENT =
  /^(?:if|elif|else|elsif|while|for|with|case|except|def|class|when|unless|return|try|switch|and|or|not|in|until|match)\b/i;
/** What may stand where a value is on the next lines: the mark of a block, a tag, an anchor, a comment. */
const BLOCK = /^(?:(?:![\w!:./<>-]*|&\w+)[ \t]*)*(?:[|>][+-]?\d?[+-]?)?[ \t]*(?:#.*)?$/;
const QUOTED = /^(?:![\w!]*[ \t]+)?(?:[A-Za-z@$]{0,3}|[A-Za-z_.]{1,40}\()\\*["'`]/;

/** The secrets of a text's lines. */
export function lineSpans(text: string): Span[] {
  const lines = linesOf(text);
  const values = valueLines(text, lines);
  const spans: Span[] = [];
  for (let i = 0; i < lines.length; i++) {
    const { name } = lines[i]!;
    if (name === undefined || !(isSecretName(name) || values.has(i))) continue;
    i = hideValue(text, lines, i, spans);
  }
  return [...spans, ...sectionSpans(text, lines), ...tableSpans(text, lines)];
}

/** `[secrets]`, `[[servers.credentials]]`, `["passwords"]`. */
const SECTION =
  /^[ \t]*\[{1,2}[ \t]*(?:[^\]\n]{0,128}[.:/ ])?["']?([\w-]{1,64})["']?[ \t]*\]{1,2}[ \t]*(?:[#;].*)?$/;
/** What stands there and is none. */
const SETTING =
  /^(?:user(?:_?name)?|login|e?mail|type|kind|host|hostname|server|url|uri|endpoint|region|name|id|provider|backend|path|file|driver|format|scheme|profile|(?:\w+_)?(?:region|url|file|path))$/i;

/** The values of settings whose section says that they are secret: texts, and no numbers and switches. */
function sectionSpans(text: string, lines: readonly Line[]): Span[] {
  const spans: Span[] = [];
  let isSecret = false;
  for (const { start, end, name, sign, value, isBlank } of lines) {
    const line = text.slice(start, Math.min(end, start + LONGEST));
    const section = /^[ \t]*\[/.test(line) ? SECTION.exec(line) : null;
    if (section !== null) {
      isSecret = namesSecrets(section[1]!) ||
        /(?:passw(?:or)?d|secret|credentials?|api[-_]?keys?|tokens)$/i.test(section[1]!);
    } else if (isSecret && !isBlank && sign === "=" && !SETTING.test(name!)) {
      spans.push(...settingSpans(text, value, end));
    }
  }
  return spans;
}

function settingSpans(text: string, start: number, end: number): Span[] {
  const quoted = quotedSpans(text, start);
  if (quoted !== undefined) return quoted;
  const bare = /^[^\s#;[{][^#;]*/.exec(text.slice(start, end))?.[0].trimEnd() ?? "";
  return /^(?:true|false|yes|no|on|off|null|none|[\d.]*)$/i.test(bare)
    ? []
    : [[start, start + bare.length]];
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf("\n", start);
    const last = feed < 0 ? text.length : feed;
    const end = last > start && text[last - 1] === "\r" ? last - 1 : last;
    lines.push(lineOf(text, start, end));
    if (feed < 0) break;
    start = feed + 1;
  }
  return lines;
}

function lineOf(text: string, start: number, end: number): Line {
  const line = text.slice(start, Math.min(end, start + LONGEST));
  const indent = /^(?:data: ?)?[ \t]*/.exec(line)![0].length;
  const none: Line = {
    start,
    end,
    indent,
    isBlank: indent >= line.length,
    column: indent,
    isEntry: /^(?:data: ?)?[ \t]*-(?:[ \t]|$)/.test(line),
    name: undefined,
    sign: "",
    value: end,
  };
  if (end - start > LONGEST) return none;
  const spaced = SPACED.exec(line);
  if (spaced !== null) {
    return { ...none, name: spaced[2]!, sign: "=", value: start + spaced[0].length };
  }
  const found = LINE.exec(line);
  if (found === null) return none;
  const name = found[4] ?? found[5]!;
  if (STATEMENT.test(name)) return none;
  return {
    ...none,
    column: found[1]!.length,
    name,
    sign: found[6]!,
    value: start + found[0].length,
  };
}

/** The lines that hold the value of what a line beside them names: `- name: password`, `value: ...`. */
function valueLines(text: string, lines: readonly Line[]): Set<number> {
  const found = new Set<number>();
  for (const [i, line] of lines.entries()) {
    if (line.name === undefined || line.sign !== ":" || !isLabel(line.name)) continue;
    const said = text.slice(line.value, line.end).trim().replace(/^["']|["']$/g, "");
    if (!isSecretName(said)) continue;
    // An entry begins at its dash.
    for (let at = i - 1; !lines[at + 1]!.isEntry && isBeside(lines[at], line, i - at); at--) {
      if (isValueLine(lines[at]!, line)) found.add(at);
    }
    for (let at = i + 1; isBeside(lines[at], line, at - i); at++) {
      if (lines[at]!.isEntry && lines[at]!.column <= line.column) break;
      if (isValueLine(lines[at]!, line)) found.add(at);
    }
  }
  return found;
}

/** Whether a line may belong to the same entry as another one, so many lines away. */
function isBeside(other: Line | undefined, line: Line, distance: number): boolean {
  return other !== undefined && distance <= NEAR && !other.isBlank && other.column >= line.column;
}

function isValueLine(other: Line, line: Line): boolean {
  return other.column === line.column && other.name !== undefined && isValueField(other.name);
}

/** Hides the value of a line; the last line that belongs to it. */
function hideValue(text: string, lines: readonly Line[], i: number, spans: Span[]): number {
  const { name, sign, value: start, end } = lines[i]!;
  const value = text.slice(start, end).trim();
  if (BLOCK.test(value)) {
    if (sign === "=" && value === "") return i;
    const last = lastDeeper(text, lines, i, value === "");
    // What a session is made of may be anything.
    const isObject = name!.toLowerCase() === "session" && lines[i + 1]?.name !== undefined;
    if (last > i && !isObject) spans.push(blockSpan(lines, i + 1, last));
    return isObject ? i : last;
  }
  // These end where they say.
  if (QUOTED.test(value) || /^[[{<(]/.test(value) && !/^\[[A-Z]/.test(value)) return i;
  if (/[{(]$/.test(value) || /<[A-Za-z/!]/.test(value)) return i;
  if (/(?:^|[\s&;,])[\w.-]{1,64}=(?=\S)/.test(value) && sign === "=") return i;
  if (sign === ":" && /[,;][ \t]*["']?[\w.-]{1,64}["']?:[ \t]/.test(value)) return i;
  let stop = end;
  while (stop > start && /[\s,;]/.test(text[stop - 1]!)) stop--;
  let last = i;
  // A line that goes on: by a backslash, or since the next ones are deeper.
  while (text[lines[last]!.end - 1] === "\\" && last + 1 < lines.length) last++;
  if (last === i && sign === ":") last = lastDeeper(text, lines, i, false);
  if (stop > start) spans.push([start, stop]);
  if (last > i) spans.push(blockSpan(lines, i + 1, last));
  return last;
}

function blockSpan(lines: readonly Line[], first: number, last: number): Span {
  while (first < last && lines[first]!.isBlank) first++;
  return [lines[first]!.start + lines[first]!.indent, lines[last]!.end];
}

/** The last line that is deeper than a name, or an entry of its list. */
function lastDeeper(text: string, lines: readonly Line[], i: number, isEmpty: boolean): number {
  const { column, isEntry } = lines[i]!;
  let last = i;
  for (let at = i + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.isBlank) continue;
    const isItem = isEmpty && line.isEntry && line.indent === column && !isEntry;
    if (line.indent <= column && !isItem) break;
    last = at;
  }
  if (last > i || !isEmpty) return last;
  // One word alone below its name.
  let next = i + 1;
  while (lines[next]?.isBlank) next++;
  const line = lines[next];
  if (line === undefined || next > i + 3 || line.name !== undefined) return i;
  return /^[^\s<>{}[\]]{4,256}$/.test(text.slice(line.start, line.end).trim()) ? next : i;
}

/** The cells beside and below a name in tables of Markdown. */
function tableSpans(text: string, lines: readonly Line[]): Span[] {
  const spans: Span[] = [];
  let columns: number[] = [];
  for (const [i, line] of lines.entries()) {
    const row = text.slice(line.start, Math.min(line.end, line.start + LONGEST));
    if (!/^[ \t]*\|.*\|[ \t]*$/.test(row)) {
      columns = [];
      continue;
    }
    const cells = cellsOf(row, line.start);
    const rule = lines[i + 1];
    if (rule !== undefined && /^[ \t|:-]*---?[ \t|:-]*$/.test(text.slice(rule.start, rule.end))) {
      columns = cells.flatMap(([a, b], at) => isSecretName(text.slice(a, b)) ? [at] : []);
      continue;
    }
    for (const [at, span] of cells.entries()) {
      const isRule = /^:?-+:?$/.test(text.slice(...span));
      const before = cells[at - 1];
      if (isRule) continue;
      if (columns.includes(at) || before !== undefined && isSecretName(text.slice(...before))) {
        spans.push(span);
      }
    }
  }
  return spans;
}

function cellsOf(row: string, start: number): Span[] {
  const cells: Span[] = [];
  let at = row.indexOf("|") + 1;
  for (let bar = row.indexOf("|", at); bar >= 0; bar = row.indexOf("|", at)) {
    let [from, to] = [at, bar];
    while (from < to && /[\s*`_]/.test(row[from]!)) from++;
    while (to > from && /[\s*`_]/.test(row[to - 1]!)) to--;
    cells.push([start + from, start + to]);
    at = bar + 1;
  }
  return cells;
}

/** A table of values with separators, whose first line names the columns; as it is if it names no secret. */
export function scrubTable(text: string, separator: string, hide: string): string {
  const rows = rowsOf(text, separator);
  const names = rows[0];
  if (names === undefined) return text;
  const said = ([a, b]: Span): string =>
    text.slice(a, b).replace(/^\s*"?|"?\s*$/g, "").replace(/^\ufeff/, "");
  const heads = names.map(said);
  const secret = heads.flatMap((name, at) => isSecretName(name) ? [at] : []);
  const labels = heads.flatMap((name, at) => isLabel(name) && !isValueField(name) ? [at] : []);
  const values = heads.flatMap((name, at) => name !== "" && isValueField(name) ? [at] : []);
  if (secret.length === 0 && (labels.length === 0 || values.length === 0)) return text;
  let out = "";
  let done = 0;
  for (const row of rows.slice(1)) {
    const isNamed = labels.some((at) => row[at] !== undefined && isSecretName(said(row[at])));
    const columns = isNamed ? [...new Set([...secret, ...values])].sort((a, b) => a - b) : secret;
    for (const column of columns) {
      const cell = row[column];
      if (cell === undefined || cell[1] <= cell[0]) continue;
      out += text.slice(done, cell[0]) + hide;
      done = cell[1];
    }
  }
  return out + text.slice(done);
}

function rowsOf(text: string, separator: string): Span[][] {
  const rows: Span[][] = [[]];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"' && text.slice(start, at).trim() === "") {
      const close = /"(?:[^"]|"")*"?/y;
      close.lastIndex = at;
      close.exec(text);
      at = Math.max(at, close.lastIndex - 1);
      continue;
    }
    const isEnd = at >= text.length || text[at] === "\n";
    if (!isEnd && text[at] !== separator) continue;
    const end = text[at - 1] === "\r" && isEnd ? at - 1 : at;
    rows.at(-1)!.push([start, Math.max(start, end)]);
    start = at + 1;
    if (isEnd && at < text.length) rows.push([]);
  }
  return rows;
}
