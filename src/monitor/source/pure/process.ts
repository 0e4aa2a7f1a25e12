/**
 * One process: its numbers, in the order of `COLUMN`, and its name.
 *
 * @module
 */

import { COLUMN, COLUMNS, MISSING, type Missing } from "../raw.ts";
import { attempt, type Read, readFile, readNames, rest } from "./read.ts";

const STAT_MOST = 4096;
const IO_MOST = 4096;
const STATM_MOST = 256;

/** A row of the table. */
export interface Row {
  /** Its numbers. */
  readonly numbers: number[];
  /** Its name; what is no UTF-8, and NUL, is U+FFFD. */
  readonly name: string;
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads a process, or says what happened to it. */
export function rowOf(
  folder: string,
  pid: number,
  tells: boolean,
): Row | "denied" | "ended" | "broken" {
  const read = attempt(() => {
    // Opened first and read last: while it can be read, the number is still this process's.
    using stat = Deno.openSync(`${folder}/stat`);
    const uid = numberOf(attempt(() => Deno.statSync(folder).uid ?? 0));
    const descriptors = descriptorsOf(folder, tells);
    const [read, written] = movedOf(folder);
    const resident = residentOf(folder);
    const row = parse(rest(stat, STAT_MOST));
    if (row === undefined) return undefined;
    row.numbers[COLUMN.pid] = pid;
    row.numbers[COLUMN.uid] = uid;
    // `stat` tells what was counted up lately, `statm` of late Linux what there is.
    if (resident !== undefined) row.numbers[COLUMN.rss] = resident;
    row.numbers[COLUMN.descriptors] = descriptors;
    row.numbers[COLUMN.read] = read;
    row.numbers[COLUMN.written] = written;
    return row;
  });
  if ("error" in read) return read.error === "denied" ? "denied" : "ended";
  return read.value ?? "broken";
}

function descriptorsOf(folder: string, tells: boolean): number {
  if (tells) return numberOf(attempt(() => Deno.statSync(`${folder}/fd`).size));
  const names = readNames(`${folder}/fd`);
  return "value" in names ? names.value.length : placeOf(names.error);
}

/** Bytes read from and written to devices. */
function movedOf(folder: string): [read: number, written: number] {
  const bytes = readFile(`${folder}/io`, IO_MOST);
  if (!("value" in bytes)) return [placeOf(bytes.error), placeOf(bytes.error)];
  const text = DECODER.decode(bytes.value);
  return [lineOf(text, "read_bytes: "), lineOf(text, "write_bytes: ")];
}

/** Resident pages, by `statm`. */
function residentOf(folder: string): number | undefined {
  const bytes = readFile(`${folder}/statm`, STATM_MOST);
  return "value" in bytes ? decimal(DECODER.decode(bytes.value).split(" ")[1]) : undefined;
}

function lineOf(text: string, key: string): number {
  let found = placeOf("failed");
  for (const line of text.split("\n")) {
    if (line.startsWith(key)) found = decimal(line.slice(key.length)) ?? placeOf("failed");
  }
  return found;
}

function numberOf(read: Read<number>): number {
  return "value" in read ? read.value : placeOf(read.error);
}

function placeOf(error: Missing): number {
  return -1 - MISSING.indexOf(error);
}

/** A whole number in plain decimal digits that a number holds exactly. */
export function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The fields of `stat` that are columns, by their place behind the name. */
const FIELDS: readonly (readonly [column: number, place: number])[] = [
  [COLUMN.parent, 1],
  [COLUMN.threads, 17],
  [COLUMN.start, 19],
  [COLUMN.virtual, 20],
  [COLUMN.rss, 21],
];

/** A name may hold anything, parentheses and spaces too: it ends with the last of them. */
function parse(text: Uint8Array): Row | undefined {
  const open = text.indexOf(0x28);
  const close = text.lastIndexOf(0x29);
  if (open < 0 || close <= open) return undefined;
  const name = DECODER.decode(text.subarray(open + 1, close)).replaceAll("\0", "\ufffd");
  const line = DECODER.decode(text.subarray(close + 1)).split("\n", 1)[0]!;
  const fields = line.split(" ").filter((field) => field !== "");
  const state = fields[0] ?? "";
  const [user, system] = [decimal(fields[11]), decimal(fields[12])];
  if (!/^[A-Za-z]$/.test(state) || user === undefined || system === undefined) return undefined;
  const numbers = new Array<number>(COLUMNS).fill(0);
  numbers[COLUMN.state] = state.charCodeAt(0);
  numbers[COLUMN.ticks] = user + system;
  for (const [column, place] of FIELDS) {
    const number = decimal(fields[place]);
    if (number === undefined) return undefined;
    numbers[column] = number;
  }
  return { numbers, name };
}
