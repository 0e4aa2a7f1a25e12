/**
 * Which copy of SQLite has a file open in this process: Deno's own (`node:sqlite`: the TypeScript twins, knowledge) or
 * the native one. Two copies of SQLite in one process undo each other's locks (closing a
 * file drops all locks that the process has on it), so the question is settled before SQLite touches the file, and it
 * must be answered in a Worker too that may not load native code.
 *
 * Each opener keeps an empty file in the folder `<file>-held`, named after the process and the twin, and holds a lock
 * (flock) on it, which the system takes away when the opener ends, however that happens. First an opener claims, then
 * it looks for claims of the other twin; so of two that come at once, at most one stays. The Rust side does the same
 * in `rust/areas/queue/src/file/claims.rs`.
 *
 * @module
 */

import { AgentError } from "./errors.ts";

/** The word of a twin. */
type TwinName = "native" | "pure";

/** A claim on a file; to be ended when the file is closed. */
export interface Claim {
  /** Gives it up. */
  end(): void;
}

/** How often an opener begins anew because another one tidied up at the same moment. */
const TRIES = 100;
/** How often a lock is looked at before it counts as held. */
const LOOKS = 50;

/**
 * Claims a file for the TypeScript twin.
 *
 * @param path The file.
 * @returns The claim, or undefined if the native twin has the file open in this process.
 */
export function claim(path: string): Claim | undefined {
  const folder = `${path}-held`;
  for (let tries = 1;; tries++) {
    const made = make(folder);
    if (made === undefined) {
      if (tries === TRIES) throw new Error(`"${folder}" cannot be kept: something removes it`);
      continue;
    }
    if (!isHeld(folder, "native", true)) return made;
    made.end();
    return undefined;
  }
}

/**
 * Whether a twin has a file open in this process, as far as this isolate may look.
 *
 * @param path The file.
 * @param twin Which one.
 */
export function isHeldBy(path: string, twin: TwinName): boolean {
  const folder = `${path}-held`;
  const { state } = Deno.permissions.querySync({ name: "read", path: folder });
  return state === "granted" && isHeld(folder, twin, false);
}

/** The error of a file that the other copy of SQLite has open in this process. */
export function otherTwin(path: string, other: TwinName): AgentError<"UNSUPPORTED"> {
  const holder = other === "native" ? "the native twin" : "the TypeScript twin or other code of it";
  return new AgentError(
    "UNSUPPORTED",
    `"${path}" is open in this process with ${holder}. Within a process a file belongs to one ` +
      `copy of SQLite, since the locks of two would undo each other: close it there first, or ` +
      `choose the same implementation.`,
    { what: `a second copy of SQLite on ${path}` },
  );
}

/** The error of a file with several names, under each of which SQLite would keep another log. */
export function severalNames(path: string, links: number): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `"${path}" has ${links} names (hard links); under each of them SQLite would keep another log ` +
      `beside it, and damage the file: remove all but one.`,
    { what: `a database file with ${links} hard links` },
  );
}

function make(folder: string): Claim | undefined {
  const random = crypto.getRandomValues(new Uint32Array(2)).join("");
  const name = `${folder}/${Deno.pid}-${random}.pure`;
  let file: Deno.FsFile;
  try {
    Deno.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  try {
    file = Deno.openSync(name, { read: true, write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  // Another opener may have taken it for one that was left behind, before it was locked.
  if (!file.tryLockSync(true) || !isThere(name)) {
    file.close();
    return undefined;
  }
  return {
    end(): void {
      // Removed while it is locked: nobody sees it free.
      remove(name);
      file.close();
      remove(folder);
    },
  };
}

function isThere(name: string): boolean {
  try {
    return Deno.statSync(name).isFile;
  } catch {
    return false;
  }
}

function remove(name: string): void {
  try {
    Deno.removeSync(name);
  } catch {
    // Others are in the folder, or somebody else removed it.
  }
}

/** Looks for claims of this process, and removes those that nobody holds any more. */
function isHeld(folder: string, twin: TwinName, tidy: boolean): boolean {
  let held = false;
  for (const name of list(folder)) {
    const ours = name.startsWith(`${Deno.pid}-`) && name.endsWith(`.${twin}`);
    if (!ours && !tidy) continue;
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(`${folder}/${name}`, { read: true });
    } catch {
      continue;
    }
    try {
      if (!isFree(file, ours ? LOOKS : 1)) held ||= ours;
      else if (tidy) remove(`${folder}/${name}`);
    } finally {
      file.close();
    }
  }
  return held;
}

/** Whether a lock can be had; who only looks, as here, holds it for an instant. */
function isFree(file: Deno.FsFile, looks: number): boolean {
  for (let look = 0; look < looks; look++) if (file.tryLockSync(true)) return true;
  return false;
}

function list(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
