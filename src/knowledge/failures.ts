/**
 * What the system, Deno or SQLite refused, in the words of {@linkcode AgentError}.
 *
 * Deno's `node:sqlite` gives no numeric code, so failures are told apart by SQLite's own fixed
 * messages (`sqlite3_errstr`).
 *
 * @module
 */
import { AgentError } from "../shared/errors.ts";

/** How long a process waits for another one that keeps the file locked. */
export const BUSY_TIMEOUT_MS = 10_000;

/** What went wrong, in the words of whoever found it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function folderOf(path: string): string {
  return path.replace(/[^\\/]*$/, "") || ".";
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Says in our words, with the remedy, what the system, Deno or SQLite refused. */
export function translate(error: unknown, path: string, operation: string): unknown {
  if (error instanceof AgentError || error instanceof TypeError || error instanceof RangeError) {
    return error;
  }
  const message = messageOf(error);
  const cause = { cause: error };
  const io = (text: string) => new AgentError("IO", text, { path, operation }, cause);
  if (error instanceof Error && error.name === "NotCapable") {
    const permission = /\b(read|write) access/.exec(message)?.[1] ?? "read";
    // A store needs its folder, for the files beside it; what is only read needs no more than that.
    const remedy = operation === "read"
      ? `--allow-read=${path}`
      : "--allow-read and --allow-write for the folder of the file.";
    return new AgentError(
      "PERMISSION",
      `Deno's permissions do not allow ${permission} of "${path}"; run with ${remedy}`,
      { permission, target: path },
      cause,
    );
  }
  const refused = (text: string) =>
    new AgentError(
      "PERMISSION",
      `${text}; make the file and its folder writable for this user, or name another file.`,
      { permission: "write", target: path },
      cause,
    );
  if (error instanceof Deno.errors.PermissionDenied || /readonly database/i.test(message)) {
    return refused(`The system does not allow this user to ${operation} "${path}"`);
  }
  if (/disk is full/i.test(message)) {
    return io(
      `The disk under "${path}" is full; make room and call again. What was stored before is kept.`,
    );
  }
  if (/unable to open database file/i.test(message)) {
    const folder = folderOf(path);
    if (!isFolder(folder)) {
      return io(
        `"${path}" cannot be opened, since there is no folder "${folder}"; create it first.`,
      );
    }
    return refused(`The system does not allow this user to open "${path}" or to write beside it`);
  }
  if (/disk I\/O error/i.test(message)) {
    return io(`Reading or writing "${path}" failed; check the disk, then call again.`);
  }
  if (/locked|busy/i.test(message)) {
    return new AgentError(
      "TIMEOUT",
      `Another process kept "${path}" locked for ${BUSY_TIMEOUT_MS} ms; call again when it is done.`,
      { operation, timeoutMs: BUSY_TIMEOUT_MS },
      cause,
    );
  }
  if (/out of memory/i.test(message)) {
    return new AgentError("OUT_OF_MEMORY", `No memory left to ${operation} "${path}".`, {
      operation,
    }, cause);
  }
  if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) {
    return error;
  }
  // Our statements are fixed, so whatever else SQLite says means that the file is not as we left it.
  return new AgentError(
    "CORRUPT",
    `"${path}" is no knowledge file or is damaged (${message}); ` +
      `restore a copy, or delete it and index the documents again.`,
    { path },
    cause,
  );
}
