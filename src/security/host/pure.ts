/**
 * Sockets, processes and files in TypeScript; defines what the twin in `native.ts` must do. Linux only. Of `/proc` itself
 * Deno lets it read nothing without `--allow-all`; folders of that form elsewhere need `--allow-read`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { Pace } from "../../shared/pace.ts";
import {
  type HostReader,
  INODE,
  type Missing,
  type RawProcess,
  type RawScan,
  type RawText,
  ROW,
  type Want,
} from "./raw.ts";
import { decoded, type Read, readBytes, readFacts, readLink, readNames } from "./read.ts";
import { decimal, fields, readTables } from "./tables.ts";

const STAT_MOST = 4096;
const STATUS_MOST = 8192;
const COMMAND_MOST = 4096;
const GROUPS_MOST = 4096;
const ENVIRONMENT_MOST = 2 ** 20;
/** How an open file is called. */
const OPEN_FILE = /^(?:0|[1-9][0-9]{0,8})$/;

/** See {@linkcode HostReader}. */
export async function scan(
  root: string,
  want: Want,
  signal: AbortSignal | undefined,
): Promise<RawScan> {
  const pace = new Pace({ signal }, Infinity);
  // The tables first: a socket that is opened later is in none of the rows that need an owner.
  const tables = want.sockets ? readTables(root) : undefined;
  const wanted = new Set<number>();
  const rows = tables?.sockets.rows ?? [];
  for (let at = INODE; at < rows.length; at += ROW) wanted.add(rows[at]!);
  for (const [inode] of tables?.unix ?? []) wanted.add(inode);
  for (const [inode] of tables?.packet ?? []) wanted.add(inode);
  // Sockets that belong to nobody any more have the number 0.
  wanted.delete(0);
  const pids = listed(root);
  const processes: RawProcess[] = [];
  let denied = 0;
  let ended = 0;
  for (const pid of pids) {
    if (pace.due()) await pace.giveWay(0);
    const folder = `${root}/${pid}`;
    const before = statOf(folder);
    const open = openFiles(folder, wanted);
    if (open.error === "denied") denied++;
    if (!want.processes && (open.sockets?.length ?? 0) === 0) continue;
    const details = want.details ? detailsOf(folder, open) : {};
    const stat = statOf(folder);
    // With another start it is another process, to which what was read before need not belong.
    if (stat === undefined || before?.start !== stat.start) {
      ended++;
      continue;
    }
    processes.push({ pid, ...stat, sockets: open.sockets ?? open.error!, ...details });
  }
  const result = { ...tables, processes, listed: pids.length, denied, ended };
  if (want.hiddenMost === 0) return result;
  const hidden: number[] = [];
  const shown = new Set(pids);
  for (let pid = 1; pid <= Math.min(pids.at(-1) ?? 0, want.hiddenMost); pid++) {
    if (pace.due()) await pace.giveWay(0);
    if (shown.has(pid)) continue;
    // Threads have folders that no listing shows; their group is another number.
    const status = textOf(`${root}/${pid}/status`, STATUS_MOST);
    if (typeof status !== "string" || ofLine(status, "Tgid:", 0) !== pid) continue;
    // It may have begun since the listing was made.
    if (!listed(root).includes(pid)) hidden.push(pid);
  }
  return { ...result, hidden };
}

/** See {@linkcode HostReader}. */
export function files(
  root: string,
  paths: readonly string[],
  most: number,
  signal: AbortSignal | undefined,
): Promise<readonly RawText[]> {
  return Promise.resolve().then(() => {
    signal?.throwIfAborted();
    const folder = readFacts(root);
    if (!("value" in folder) || !folder.value.isDirectory) throw unreadable(root);
    return paths.map((path) => textOf(`${root}/${path}`, most));
  });
}

// A twin that lacks one of them is a type error.
({ scan, files }) satisfies HostReader;

function unreadable(root: string): AgentError<"IO"> {
  return new AgentError("IO", `${root} cannot be read`, { path: root, operation: "read" });
}

/** The numbers of the processes that the listing shows, in ascending order. */
function listed(root: string): number[] {
  const names = readNames(root);
  if (!("value" in names)) throw unreadable(root);
  return names.value.filter((name) => /^[1-9][0-9]{0,9}$/.test(name)).map(Number)
    .sort((one, other) => one - other);
}

type Stat = Pick<RawProcess, "start" | "parent" | "state" | "flags" | "name">;

/** A name may hold anything, parentheses and spaces too: it ends with the last of them. */
function statOf(folder: string): Stat | undefined {
  const read = readBytes(`${folder}/stat`, STAT_MOST);
  if (!("value" in read)) return undefined;
  const open = read.value.indexOf(0x28);
  const close = read.value.lastIndexOf(0x29);
  if (open < 0 || close <= open) return undefined;
  const name = decoded(read.value.subarray(open + 1, close));
  const rest = fields(decoded(read.value.subarray(close + 1)).split("\n", 1)[0]!);
  const state = rest[0] ?? "";
  const [parent, flags, start] = [rest[1], rest[6], rest[19]].map(decimal);
  if (!/^[A-Za-z]$/.test(state)) return undefined;
  if (parent === undefined || flags === undefined || start === undefined) return undefined;
  return { start, parent, state, flags, name };
}

interface Open {
  readonly sockets?: number[];
  readonly error?: Missing;
  readonly standard: (number | null)[];
}

function openFiles(folder: string, wanted: ReadonlySet<number>): Open {
  const standard: (number | null)[] = [null, null, null];
  const names = readNames(`${folder}/fd`);
  if (!("value" in names)) return { error: names.error, standard };
  const sockets = new Set<number>();
  for (const name of names.value) {
    if (!OPEN_FILE.test(name)) continue;
    const inode = numbered(readLink(`${folder}/fd/${name}`), "socket");
    if (inode === null) continue;
    if (Number(name) < standard.length) standard[Number(name)] = inode;
    if (wanted.has(inode)) sockets.add(inode);
  }
  return { sockets: [...sockets].sort((one, other) => one - other), standard };
}

/** The number in a link that is `<kind>:[<number>]`. */
function numbered(link: Read<string>, kind: string): number | null {
  if (!("value" in link)) return null;
  const { value } = link;
  if (!value.startsWith(`${kind}:[`) || !value.endsWith("]")) return null;
  return decimal(value.slice(kind.length + 2, -1)) ?? null;
}

type Details = Omit<RawProcess, keyof Stat | "pid" | "sockets">;

function detailsOf(folder: string, open: Open): Details {
  const status = textOf(`${folder}/status`, STATUS_MOST);
  const ofStatus = (key: string, at: number): number | null =>
    typeof status === "string" ? ofLine(status, key, at) : null;
  const executable = readLink(`${folder}/exe`);
  const facts = readFacts(`${folder}/exe`);
  const file = "value" in facts ? facts.value : undefined;
  const environment = readBytes(`${folder}/environ`, ENVIRONMENT_MOST);
  return {
    uid: ofStatus("Uid:", 0),
    effectiveUid: ofStatus("Uid:", 1),
    tracer: ofStatus("TracerPid:", 0),
    executable: "value" in executable ? executable.value : executable,
    mode: file?.mode ?? null,
    links: file?.nlink ?? null,
    owner: file?.uid ?? null,
    command: textOf(`${folder}/cmdline`, COMMAND_MOST),
    groups: textOf(`${folder}/cgroup`, GROUPS_MOST),
    network: numbered(readLink(`${folder}/ns/net`), "net"),
    standard: open.standard,
    // Of the environment nothing but this leaves this line.
    preload: "value" in environment ? isPreloaded(environment.value) : null,
  };
}

function isPreloaded(environment: Uint8Array): boolean {
  return decoded(environment).split("\0").some((entry) =>
    entry.startsWith("LD_PRELOAD=") && entry.length > "LD_PRELOAD=".length
  );
}

function textOf(path: string, most: number): RawText {
  const read = readBytes(path, most);
  return "value" in read ? decoded(read.value) : read;
}

/** The number at a place of the line that begins with a key. */
function ofLine(text: string, key: string, at: number): number | null {
  const line = text.split("\n").find((line) => line.startsWith(key));
  return line === undefined ? null : decimal(fields(line.slice(key.length))[at]) ?? null;
}
