/**
 * Whose a container, network or volume is: labels that say which process made it and until when, so that what a killed
 * process left can be told from what a living one uses.
 *
 * There are two ways to tell. Each connection holds a lock on a file of its own, which the kernel lets go when the
 * process ends, however it ends; that needs read and write access to one folder. And a process is known by its number,
 * when it was started, and where that number counts (the boot, and the namespace of process numbers); reading that of
 * another process needs all of Deno's permissions. Where neither can be read nothing is said to be orphaned: it then
 * ends when its time is over.
 *
 * @module
 */

import type { ContainerKind } from "./types.ts";

/** The labels. */
export const LABEL = {
  runtime: "agent.runtime",
  kind: "agent.kind",
  owner: "agent.owner",
  created: "agent.created",
  expires: "agent.expires",
  pid: "agent.host-pid",
  start: "agent.host-start",
  place: "agent.host-place",
  detached: "agent.detached",
  requested: "agent.requested",
} as const;

/** Where the locks are, if nobody says otherwise; clients that use the same folder see each other. */
export const LOCK_FOLDER = "/tmp/agent-runtime-owners";

/** Who makes things: a connection of a process. Dispose it when it makes nothing more. */
export interface Owner extends Disposable {
  /** Random, one a connection: 128 bits as hexadecimal digits. */
  readonly id: string;
  /** The number of the process. */
  readonly pid: number;
  /** When the process was started, in the kernel's ticks; null if it may not be read. */
  readonly start: string | null;
  /** Where the number counts: boot and namespace; null if it may not be read. */
  readonly place: string | null;
  /** The folder of its lock; null if it has none. */
  readonly lockFolder: string | null;
  /**
   * Ends it while something of it may be left: its lock is let go, and the file of it stays, by which others see that it
   * is gone. A sweep that leaves nothing of it takes the file away.
   */
  endWithLeftovers(): void;
}

/** What is known of something that has our labels. */
export interface Ownership {
  readonly kind: ContainerKind | null;
  readonly owner: string | null;
  /** Milliseconds since 1970; null if it does not say. */
  readonly createdMs: number | null;
  /** Milliseconds since 1970; null if it does not end by itself. */
  readonly expiresMs: number | null;
  /** Whether it outlives the process that made it. */
  readonly detached: boolean;
  readonly pid: number | null;
  readonly start: string | null;
  readonly place: string | null;
}

/**
 * Makes the owner of a connection.
 *
 * @param lockFolder Where its lock is; no lock if it may not be read and written.
 */
export async function newOwner(lockFolder: string = LOCK_FOLDER): Promise<Owner> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const [start, place] = await Promise.all([startOf(Deno.pid), placeOf()]);
  const lock = await locked(lockFolder, id);
  return {
    id,
    pid: Deno.pid,
    start,
    place,
    lockFolder: lock === null ? null : lockFolder,
    endWithLeftovers: () => lock?.close(),
    [Symbol.dispose]: () => {
      if (lock === null) return;
      lock.close();
      removeQuietly(lockPath(lockFolder, id));
    },
  };
}

/**
 * The labels of something that an owner makes.
 *
 * @param owner Who.
 * @param kind What for.
 * @param life When it was made and until when it lives, in milliseconds since 1970.
 */
export function ownerLabels(
  owner: Owner,
  kind: ContainerKind,
  life: { createdMs: number; expiresMs?: number; detached?: boolean },
): Record<string, string> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    [LABEL.runtime]: "1",
    [LABEL.kind]: kind,
    [LABEL.owner]: owner.id,
    [LABEL.created]: iso(life.createdMs),
    ...(life.expiresMs === undefined ? {} : { [LABEL.expires]: iso(life.expiresMs) }),
    ...(life.detached ? { [LABEL.detached]: "1" } : {}),
    [LABEL.pid]: String(owner.pid),
    ...(owner.start === null ? {} : { [LABEL.start]: owner.start }),
    ...(owner.place === null ? {} : { [LABEL.place]: owner.place }),
  };
}

/** Reads our labels; null for something that is not ours. */
export function readOwnership(
  labels: Readonly<Record<string, string>> | null | undefined,
): Ownership | null {
  if (labels === null || labels === undefined || labels[LABEL.runtime] !== "1") return null;
  const time = (text: string | undefined): number | null => {
    const ms = text === undefined ? NaN : Date.parse(text);
    return Number.isNaN(ms) ? null : ms;
  };
  const pid = /^\d{1,10}$/.test(labels[LABEL.pid] ?? "") ? Number(labels[LABEL.pid]) : null;
  return {
    kind: (labels[LABEL.kind] as ContainerKind | undefined) ?? null,
    owner: labels[LABEL.owner] ?? null,
    createdMs: time(labels[LABEL.created]),
    expiresMs: time(labels[LABEL.expires]),
    detached: labels[LABEL.detached] === "1",
    pid,
    start: labels[LABEL.start] ?? null,
    place: labels[LABEL.place] ?? null,
  };
}

/**
 * Whether the process that made something has ended.
 *
 * @param ownership What its labels say.
 * @param self Who asks.
 * @returns null if it cannot be known from here: made on another machine, in another namespace or another boot, or by
 * one who could not say.
 */
export async function isOwnerGone(ownership: Ownership, self: Owner): Promise<boolean | null> {
  const { owner, pid, start, place } = ownership;
  if (owner === self.id) return false;
  const byLock = await isUnlocked(owner, self.lockFolder);
  if (byLock !== null) return byLock;
  if (pid === null || start === null || place === null || place !== self.place) return null;
  try {
    return startIn(await Deno.readTextFile(`/proc/${pid}/stat`)) !== start;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? true : null;
  }
}

/** A file that is locked as long as this process lives; null where there may be none. */
async function locked(folder: string, id: string): Promise<Deno.FsFile | null> {
  if (!mayUse(folder)) return null;
  let file: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    file = await Deno.open(lockPath(folder, id), { createNew: true, write: true, mode: 0o600 });
    if (await file.tryLock(true)) return file;
  } catch {
    // A folder of somebody else's, a disk that is full: there is no lock then.
  }
  file?.close();
  return null;
}

/** Whether an owner's lock is let go; null if there is none, or it cannot be looked at. */
async function isUnlocked(owner: string | null, folder: string | null): Promise<boolean | null> {
  if (folder === null || owner === null || !/^[0-9a-f]{32}$/.test(owner)) return null;
  const path = lockPath(folder, owner);
  try {
    using file = await Deno.open(path, { write: true });
    return await file.tryLock(true);
  } catch {
    return null;
  }
}

/** Forgets the lock of an owner that is gone and of whom nothing is left. */
export function forgetOwner(owner: string, self: Owner): void {
  if (self.lockFolder === null || !/^[0-9a-f]{32}$/.test(owner)) return;
  removeQuietly(lockPath(self.lockFolder, owner));
}

function lockPath(folder: string, id: string): string {
  return `${folder}/${id}.lock`;
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody else did.
  }
}

function mayUse(folder: string): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name, path: folder }).state === "granted"
  );
}

/** When a process was started; null if that may not be read or there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  return startIn(await quietly(() => Deno.readTextFile(`/proc/${pid}/stat`)));
}

/** The 22nd field; the second one is a name in parentheses that may hold anything. */
function startIn(stat: string | null): string | null {
  if (stat === null) return null;
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return start !== undefined && /^\d+$/.test(start) ? start : null;
}

async function placeOf(): Promise<string | null> {
  const boot = await quietly(() => Deno.readTextFile("/proc/sys/kernel/random/boot_id"));
  const space = await quietly(() => Deno.readLink("/proc/self/ns/pid"));
  const number = /\d+/.exec(space ?? "")?.[0];
  return boot === null || number === undefined ? null : `${boot.trim()}/${number}`;
}

/** What may not be read, or is not there on this system, is null; nothing prompts. */
async function quietly(read: () => Promise<string>): Promise<string | null> {
  if (Deno.permissions.querySync({ name: "read", path: "/proc" }).state !== "granted") return null;
  try {
    return await read();
  } catch {
    return null;
  }
}
