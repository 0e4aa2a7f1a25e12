/**
 * The processes of this host, without secrets: command lines are redacted, environments never read.
 *
 * @module
 */

import { shown, shownCommand } from "./command.ts";
import { containerOf } from "./container.ts";
import type { Missing, RawProcess, RawText } from "./raw.ts";
import { HOST_ROOTS, hostReader, type HostRoots } from "./reader.ts";
import { bootTime, startTime } from "./time.ts";
import { checkNames } from "../scope/names.ts";
import type { HostOptions, ProcessInfo } from "./types.ts";
import { readUsers } from "./users.ts";

const KERNEL_THREAD = 0x0020_0000;
const DELETED = " (deleted)";

const WHY: Readonly<Record<Missing, string>> = {
  denied: "belongs to a user into whose processes this program may not look",
  absent: "the process ended while it was read, or has none",
  failed: "the system did not give it",
};

/** See `processes` in `mod.ts`. */
export async function readProcesses(
  options: HostOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<ProcessInfo[]> {
  checkNames(options, "host");
  const reader = hostReader(options, roots);
  const [scan, booted] = await Promise.all([
    reader.scan(
      roots.proc,
      { sockets: false, processes: true, details: true, hiddenMost: 0 },
      options.signal,
    ),
    bootTime(reader, roots, options.signal),
  ]);
  const users = readUsers(`${roots.files}/etc/passwd`);
  return scan.processes.map((process) => processOf(process, users, booted));
}

/** Whether it is a thread of the kernel, as the kernel itself says. */
export function isKernelThread({ flags }: RawProcess): boolean {
  return Math.floor(flags / KERNEL_THREAD) % 2 === 1;
}

/** A process in the words of people. */
export function processOf(
  raw: RawProcess,
  users: ReadonlyMap<number, string>,
  booted: number | null,
): ProcessInfo {
  const unavailable: Record<string, string> = {};
  const kernel = isKernelThread(raw);
  const text = (name: string, value: RawText | undefined): string | null => {
    if (typeof value === "string") return value;
    // Threads of the kernel and processes that ended have no executable: nothing is missing then.
    if (!kernel && raw.state !== "Z") unavailable[name] = WHY[value?.error ?? "absent"];
    return null;
  };
  const link = text("executable", raw.executable);
  const command = text("command", raw.command);
  const groups = text("container", raw.groups);
  const uid = raw.uid ?? null;
  if (uid === null) unavailable["user"] = WHY.absent;
  const { executable, deleted } = fileOf(link, raw.links ?? null);
  return {
    pid: raw.pid,
    parent: raw.parent,
    name: shown(raw.name),
    kernel,
    state: raw.state,
    uid,
    user: uid === null ? null : users.get(uid) ?? null,
    executable: executable === null ? null : shown(executable),
    deleted,
    command: command === null ? null : shownCommand(command),
    startedAt: startTime(raw.start, booted),
    container: groups === null ? null : containerOf(groups),
    unavailable,
  };
}

/**
 * The path of an executable, and whether its file is gone: the kernel then writes ` (deleted)` behind the path, which a file
 * may also be called; its number of names decides.
 */
export function fileOf(
  link: string | null,
  links: number | null,
): { executable: string | null; deleted: boolean | null } {
  if (link === null) return { executable: null, deleted: null };
  if (!link.endsWith(DELETED) || (links !== null && links > 0)) {
    return { executable: link, deleted: false };
  }
  return { executable: link.slice(0, -DELETED.length), deleted: true };
}
