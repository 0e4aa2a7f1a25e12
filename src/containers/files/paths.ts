/**
 * Names of files that cross the wall of a box, in either direction: what they may be. A name that is refused here could
 * leave the folder that it is for, stand for two files at once, or do something to the terminal that shows it.
 *
 * @module
 */

import { checkString, shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";

/** What Linux allows of one name, and of a whole path. Bytes. */
const MOST_NAME = 255;
const MOST_PATH = 4_095;
/** Deeper trees are made to exhaust whoever walks them. */
const MOST_DEPTH = 128;

const encoder = new TextEncoder();

/** Why a relative path is not taken; undefined for one that is. */
function fault(path: string): string | undefined {
  if (!path.isWellFormed()) return "is no Unicode text";
  if (/\p{Cc}/u.test(path)) return "has a control character";
  if (path.startsWith("/")) return "is absolute";
  // No character has more than three bytes for each of its units.
  const isShort = 3 * path.length <= MOST_NAME;
  if (!isShort && encoder.encode(path).length > MOST_PATH) {
    return `is longer than ${MOST_PATH} bytes`;
  }
  const names = path.split("/");
  if (names.length > MOST_DEPTH) return `is deeper than ${MOST_DEPTH} folders`;
  for (const name of names) {
    if (name === "..") return 'has a ".."';
    if (!isShort && encoder.encode(name).length > MOST_NAME) {
      return `has a name of over ${MOST_NAME} bytes`;
    }
  }
  return undefined;
}

/** A relative path without `.` and empty names; "" is the root itself. */
function joined(path: string): string {
  return path.split("/").filter((name) => name !== "" && name !== ".").join("/");
}

/**
 * A path inside an archive that somebody else wrote.
 *
 * @param path As it stands there.
 * @returns The same without `.` and empty names; "" for the root itself.
 * @throws {AgentError} `UNSUPPORTED` if it is absolute, leaves the root, or is no name that is taken.
 */
export function archivePath(path: string): string {
  const why = fault(path);
  if (why === undefined) return joined(path);
  throw refused(path, why);
}

/** The error of an archive's entry that is not taken. */
export function refused(path: string, why: string): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `The entry ${shown(path)} ${why}; it is not taken`,
    { what: path },
  );
}

/**
 * A relative path that the caller gave.
 *
 * @param path What was given.
 * @param name The argument's name, for the error.
 * @returns The same without `.` and empty names.
 * @throws {TypeError | RangeError} If it is no text, names the root, or is no name that is taken.
 */
export function relativePath(path: unknown, name: string): string {
  checkString(path, name);
  const why = fault(path) ?? (joined(path) === "" ? "names no file" : undefined) ??
    (path.endsWith("/") ? "ends in a slash" : undefined);
  if (why === undefined) return joined(path);
  throw new RangeError(
    `${name} must be a relative path inside the destination; ${shown(path)} ${why}`,
  );
}

/**
 * An absolute path in a box, that the caller gave.
 *
 * @param path What was given.
 * @param name The argument's name, for the error.
 * @returns The same without `.` and empty names.
 * @throws {TypeError | RangeError} If it is no text, not absolute, or has a `..`.
 */
export function absolutePath(path: unknown, name: string): string {
  checkString(path, name);
  const why = path.startsWith("/")
    ? fault(path.replace(/^\/+/, ""))
    : "does not begin with a slash";
  if (why === undefined) return `/${joined(path)}`;
  throw new RangeError(`${name} must be an absolute path in the container; ${shown(path)} ${why}`);
}

/**
 * A path in a box, that the caller gave.
 *
 * @param path What was given, absolute or relative to the folder.
 * @param name The argument's name, for the error.
 * @param folder What a relative one is relative to; it must be absolute where there is none.
 * @returns The absolute path, without `.` and empty names.
 * @throws {TypeError | RangeError} As {@linkcode absolutePath}.
 */
export function pathFrom(path: unknown, name: string, folder: string | undefined): string {
  const isRelative = folder !== undefined && typeof path === "string" && path !== "" &&
    !path.startsWith("/");
  return absolutePath(isRelative ? `${folder}/${path}` : path, name);
}

/**
 * Where a symbolic link leads, read as text. A `..` behind a name is not taken: through another link it would lead
 * elsewhere than its text says.
 *
 * @param path The link's own relative path.
 * @param target What it holds.
 * @returns The relative path that it means; undefined if that is outside of the root, or cannot be told from the text.
 */
export function linkedPath(path: string, target: string): string | undefined {
  const isText = target.isWellFormed() && !/\p{Cc}/u.test(target);
  if (target === "" || target.startsWith("/") || !isText) return undefined;
  const names = path.split("/").slice(0, -1);
  let descended = false;
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (descended || names.pop() === undefined) return undefined;
    } else {
      descended = true;
      names.push(name);
    }
  }
  return names.join("/");
}

/** The form of a path in which two are equal that some file system takes for one. */
export function collisionKey(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
