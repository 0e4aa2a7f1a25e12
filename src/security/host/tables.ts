/**
 * The tables of sockets as the pure twin reads them: rows in the kernel's own words, and how many lines are none.
 *
 * @module
 */

import { INTERNET_TABLES, type Missing, type RawScan, type RawSockets } from "./raw.ts";
import { decoded, readBytes } from "./read.ts";

const TABLE_MOST = 256 * 2 ** 20;
const END = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/;

/** A line: table, local address and port, remote address and port, state, user, inode. */
type Line = readonly [number, string, number, string, number, number, number, number];

/** What the tables hold. */
export type Tables = Required<Pick<RawScan, "sockets" | "unix" | "packet" | "broken" | "tables">>;

/** Reads all tables below `<root>/self/net`. */
export function readTables(root: string): Tables {
  const tables: Record<string, Missing> = {};
  const sockets: Line[] = [];
  const unix: [number, string, string][] = [];
  const packet: [number, number, number][] = [];
  let broken = 0;
  const lines = (name: string): string[] => {
    const read = readBytes(`${root}/self/net/${name}`, TABLE_MOST);
    if ("value" in read) return decoded(read.value).split("\n").slice(1).filter((line) => line);
    tables[name] = read.error;
    return [];
  };
  for (const [table, name] of INTERNET_TABLES.entries()) {
    for (const line of lines(name)) {
      const row = internet(table, line);
      if (row === undefined) broken++;
      else sockets.push(row);
    }
  }
  for (const line of lines("unix")) {
    const row = unixRow(line);
    if (row === undefined) broken++;
    else if (row.listens) unix.push([row.inode, row.type, row.path]);
  }
  for (const line of lines("packet")) {
    const [, , , , index, , , uid, inode] = fields(line).map(decimal);
    if (index === undefined || uid === undefined || inode === undefined) broken++;
    else packet.push([inode, uid, index]);
  }
  return { sockets: inOrder(sockets), unix, packet, broken, tables };
}

/** The parts of a line between spaces and tabs. */
export function fields(line: string): string[] {
  return line.split(/[ \t]+/).filter((field) => field !== "");
}

/** A whole number of at most 15 decimal digits. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function internet(table: number, line: string): Line | undefined {
  const [, local = "", remote = "", state = "", , , , user, , number] = fields(line);
  const uid = decimal(user);
  const inode = decimal(number);
  if (uid === undefined || inode === undefined || !/^[0-9A-F]{2}$/.test(state)) return undefined;
  const [here, there] = [END.exec(local), END.exec(remote)];
  if (here === null || there === null || local.length !== remote.length) return undefined;
  const hex = (text: string | undefined): number => Number.parseInt(text!, 16);
  return [table, here[1]!, hex(here[2]), there[1]!, hex(there[2]), hex(state), uid, inode];
}

function inOrder(lines: readonly Line[]): RawSockets {
  const ends = [...new Set(lines.flatMap(([, local, , remote]) => [local, remote]))].sort();
  const places = new Map(ends.map((end, place) => [end, place]));
  const rows = lines.map(([table, local, localPort, remote, ...rest]) => [
    table,
    places.get(local)!,
    localPort,
    places.get(remote)!,
    ...rest,
  ]);
  const order = [0, 2, 1, 3, 4, 5, 6, 7];
  rows.sort((one, other) => {
    const differs = order.find((field) => one[field] !== other[field]);
    return differs === undefined ? 0 : one[differs]! - other[differs]!;
  });
  return { ends, rows: rows.flat() };
}

/** A path may hold spaces: it is all that stands behind the inode and one space. */
function unixRow(
  line: string,
): { inode: number; type: string; path: string; listens: boolean } | undefined {
  const parts =
    /^[ \t]*(?:[^ \t]+[ \t]+){3}([0-9A-F]{8})[ \t]+([0-9A-F]{4})[ \t]+[^ \t]+[ \t]+([0-9]{1,15})(?![^ \t])(?:[^])?([^]*)$/
      .exec(line);
  if (parts === null) return undefined;
  const [, flags, type = "", inode, path = ""] = parts;
  return { inode: Number(inode), type, path, listens: flags === "00010000" };
}
