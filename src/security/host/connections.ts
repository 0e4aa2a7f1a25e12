/**
 * The sockets of this host, each with the processes that hold it.
 *
 * @module
 */

import { checkNames } from "../scope/names.ts";
import { addressOf, plainState, tcpState } from "./address.ts";
import { shown } from "./command.ts";
import { type HostReader, INODE, type RawProcess, type RawScan, ROW } from "./raw.ts";
import { HOST_ROOTS, hostReader, type HostRoots } from "./reader.ts";
import { bootTime, startTime } from "./time.ts";
import type { Connection, ConnectionOwner, HostOptions } from "./types.ts";
import { readUsers } from "./users.ts";

const MOUNTS_MOST = 2 ** 22;

/** See `connections` in `mod.ts`. */
export async function readConnections(
  options: HostOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<Connection[]> {
  checkNames(options, "host");
  const reader = hostReader(options, roots);
  const { signal } = options;
  const [scan, booted, isHiding] = await Promise.all([
    reader.scan(
      roots.proc,
      { sockets: true, processes: false, details: false, hiddenMost: 0 },
      signal,
    ),
    bootTime(reader, roots, signal),
    hidesProcesses(reader, roots, signal),
  ]);
  const users = readUsers(`${roots.files}/etc/passwd`);
  return connectionsOf(scan, users, booted, isHiding);
}

/** Whether `/proc` is mounted so that it does not show other users' processes to all. */
export async function hidesProcesses(
  reader: HostReader,
  roots: HostRoots,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [mounts] = await reader.files(roots.proc, ["self/mounts"], MOUNTS_MOST, signal);
  return typeof mounts === "string" && mounts.split("\n").some((line) => {
    const [, mount, type, flags = ""] = line.split(" ");
    return mount === "/proc" && type === "proc" &&
      /(^|,)hidepid=(1|2|4|noaccess|invisible|ptraceable)(,|$)/.test(flags);
  });
}

/**
 * Brings sockets and processes together.
 *
 * @param scan What was read.
 * @param users Names by number.
 * @param booted When the machine was started: milliseconds since 1970.
 * @param isHiding Whether `/proc` does not show all processes.
 */
export function connectionsOf(
  scan: RawScan,
  users: ReadonlyMap<number, string>,
  booted: number | null,
  isHiding: boolean,
): Connection[] {
  const owners = ownersOf(scan.processes, booted);
  // What may not be looked into may hold whatever has no owner else.
  const unseen = scan.denied > 0 || isHiding ? "denied" : "not found";
  const { ends, rows } = scan.sockets ?? { ends: [], rows: [] };
  const addresses = ends.map(addressOf);
  const result: Connection[] = [];
  // One literal for all, and no helper that makes others on the way: a machine has thousands of them.
  for (let at = 0; at < rows.length; at += ROW) {
    const table = rows[at]!;
    const isTcp = table < 2;
    const state = isTcp ? tcpState(rows[at + 5]!) : plainState(rows[at + 5]!);
    const hasPeer = isTcp ? state !== "listen" : state === "established";
    const uid = rows[at + 6]!;
    const inode = rows[at + INODE]!;
    const found = owners.get(inode);
    result.push({
      protocol: isTcp ? "tcp" : table < 4 ? "udp" : "raw",
      version: table % 2 === 0 ? 4 : 6,
      local: { address: addresses[rows[at + 1]!]!, port: rows[at + 2]! },
      remote: hasPeer ? { address: addresses[rows[at + 3]!]!, port: rows[at + 4]! } : null,
      state,
      user: users.get(uid) ?? null,
      uid,
      pid: found === undefined ? null : found[0]!.pid,
      process: found === undefined ? null : found[0]!.process,
      owners: found === undefined ? [] : found.slice(),
      reason: found !== undefined ? null : inode === 0 ? "no process" : unseen,
    });
  }
  for (const [inode, , path] of [...scan.unix ?? []].sort(byPath)) {
    const found = owners.get(inode);
    result.push({
      protocol: "unix",
      version: null,
      local: null,
      remote: null,
      state: "listen",
      path: shown(path),
      user: null,
      uid: null,
      pid: found?.[0]?.pid ?? null,
      process: found?.[0]?.process ?? null,
      owners: found?.slice() ?? [],
      reason: found !== undefined ? null : inode === 0 ? "no process" : unseen,
    });
  }
  return result;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

type UnixRow = NonNullable<RawScan["unix"]>[number];

function byPath(one: UnixRow, other: UnixRow): number {
  return compare(one[2], other[2]) || one[0] - other[0];
}

/** The processes that hold each socket, by pid. */
function ownersOf(
  processes: readonly RawProcess[],
  booted: number | null,
): Map<number, ConnectionOwner[]> {
  const owners = new Map<number, ConnectionOwner[]>();
  for (const { pid, name, start, sockets } of processes) {
    if (typeof sockets === "string" || sockets.length === 0) continue;
    const owner = { pid, process: shown(name), startedAt: startTime(start, booted) };
    for (const inode of sockets) {
      const found = owners.get(inode);
      if (found === undefined) owners.set(inode, [owner]);
      else found.push(owner);
    }
  }
  return owners;
}
