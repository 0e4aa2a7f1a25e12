/**
 * What the system, Deno or SQLite refused, in the words of {@linkcode AgentError}: the same for both twins, since both
 * come with SQLite's own number and message.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";

/** How long a transaction waits for another process that keeps the file locked. */
export const BUSY_MS = 30_000;

/** SQLite's primary result codes that are told apart. */
const CODE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  NOTADB: 26,
} as const;

/** The beginnings of SQLite's own words, for failures that come without their number. */
const WORDS: readonly (readonly [words: string, code: number])[] = [
  ["access permission denied", CODE.PERM],
  ["database is locked", CODE.BUSY],
  ["database table is locked", CODE.LOCKED],
  ["out of memory", CODE.NOMEM],
  ["attempt to write a readonly database", CODE.READONLY],
  ["disk I/O error", CODE.IOERR],
  ["database or disk is full", CODE.FULL],
  ["unable to open database file", CODE.CANTOPEN],
  ["string or blob too big", CODE.TOOBIG],
  ["file is not a database", CODE.NOTADB],
];

/** The primary code of a failure of SQLite; undefined if it is another failure. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  // What `exec` throws, and opening, has no number.
  if (code !== "ERR_SQLITE_ERROR") return undefined;
  return WORDS.find(([words]) => error.message.startsWith(words))?.[1] ?? CODE.CORRUPT;
}

/** Whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.BUSY || code === CODE.LOCKED;
}

/** Whether something could not be written, perhaps for want of room. */
export function lacksRoom(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.FULL || code === CODE.IOERR;
}

/** Whether a failure goes away once there is room again. */
export function isFull(error: unknown): boolean {
  return AgentError.is(error, "IO") && error.details.operation === "write";
}

/** The error of a file that is something else. It has not been touched. */
export function foreign(path: string, what: string): AgentError<"CORRUPT"> {
  return new AgentError(
    "CORRUPT",
    `"${path}" is ${what}, not a queue file; name another file, it has not been touched.`,
    { path },
  );
}

/** The error of a file that a newer version wrote. */
export function newer(path: string, found: number, known: number): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `"${path}" was written by a newer version (schema ${found}, this one knows ${known}); ` +
      `update @agent/runtime, or name another file.`,
    { what: `schema ${found}` },
  );
}

/** Says in our words, with the remedy, what the system, Deno or SQLite refused. */
export function translate(error: unknown, path: string): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    const permission = /\b(read|write) access/.exec(error.message)?.[1] ?? "read";
    return needs(permission as "read" | "write", path, [path], error);
  }
  if (error instanceof Deno.errors.PermissionDenied) return refused(path, error);
  if (error instanceof Deno.errors.NotFound) return cannotOpen(path, error);
  const code = codeOf(error);
  const cause = { cause: error };
  const io = (operation: string, text: string): AgentError =>
    new AgentError("IO", text, { path, operation }, cause);
  switch (code) {
    case undefined:
      return isOfSystem(error) ? cannotUse(path, error.message, error) : error;
    case CODE.BUSY:
    case CODE.LOCKED:
      return new AgentError(
        "TIMEOUT",
        `Another process kept "${path}" locked for ${BUSY_MS} ms; call again when it is done.`,
        { operation: "queue file", timeoutMs: BUSY_MS },
        cause,
      );
    case CODE.NOMEM:
      return new AgentError("OUT_OF_MEMORY", `No memory left to work on "${path}".`, {
        operation: "queue file",
      }, cause);
    case CODE.PERM:
    case CODE.READONLY:
      return refused(path, error);
    case CODE.FULL:
      return io(
        "write",
        `The disk under "${path}" is full; make room and call again. Nothing of this call was ` +
          `stored, what was stored before is kept.`,
      );
    case CODE.IOERR:
      return io(
        "write",
        `Reading or writing "${path}" failed; check the disk, its room and the limits of this ` +
          `process, then call again. Nothing of this call was stored.`,
      );
    case CODE.CANTOPEN:
      return cannotOpen(path, error);
    case CODE.TOOBIG:
      return new AgentError("TOO_LARGE", `A job is larger than "${path}" takes (1 GB).`, {
        what: "job",
        size: 1e9,
        limit: 1e9,
      }, cause);
    case CODE.NOTADB:
      return foreign(path, "no SQLite database");
    default:
      // The statements are fixed, so whatever else SQLite says means that the file is not as it was left.
      return new AgentError(
        "CORRUPT",
        `"${path}" is damaged (${(error as Error).message}); restore a copy, or name another file.`,
        { path },
        cause,
      );
  }
}

/** The names of the files beside a queue file, by their ends: SQLite's log and its index, and who has it open. */
export const BESIDE = ["", "-wal", "-shm", "-held"] as const;

/** The error of a permission of Deno's that is missing, with the flags for what leads to a file and for the file. */
export function needs(
  permission: "read" | "write",
  path: string,
  files: readonly string[],
  cause?: unknown,
): AgentError<"PERMISSION"> {
  const list = files.flatMap((file) => BESIDE.map((end) => `${file}${end}`));
  // Deno's flags take no path with a comma.
  const isListed = !list.some((path) => path.includes(","));
  const flag = (name: string): string =>
    isListed ? quoted(`--allow-${name}=${list.join(",")}`) : `--allow-${name}`;
  return new AgentError(
    "PERMISSION",
    `Deno's permissions do not allow ${permission} of "${path}"; a queue file needs ` +
      `${flag("read")} ${
        flag("write")
      } (itself, SQLite's log and its index, and who has it open), ` +
      `or both for its folder.`,
    { permission, target: path },
    cause === undefined ? undefined : { cause },
  );
}

/** The error of what the system refused in words of its own. */
export function cannotUse(path: string, words: string, cause?: unknown): AgentError<"IO"> {
  // Deno adds which call it was.
  const text = /^.*?\(os error \d+\)/s.exec(words)?.[0] ?? words;
  return new AgentError("IO", `"${path}" cannot be used: ${text}`, { path, operation: "open" }, {
    cause,
  });
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && /\(os error \d+\)/.test(error.message);
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function cannotOpen(path: string, cause: unknown): AgentError<"IO"> {
  return new AgentError(
    "IO",
    `"${path}" cannot be opened: is its folder there, and writable, and the name short enough for ` +
      `SQLite to put "-journal" at its end?`,
    { path, operation: "open" },
    { cause },
  );
}

function refused(path: string, cause: unknown): AgentError<"PERMISSION"> {
  return new AgentError(
    "PERMISSION",
    `The system does not allow this user to write "${path}" or beside it; make the file and its ` +
      `folder writable, or name another file.`,
    { permission: "write", target: path },
    { cause },
  );
}
