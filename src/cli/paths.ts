/**
 * Where a command's files are: the folder of documents, the data folder, the knowledge file of a
 * folder, and how a place in a document is written.
 *
 * @module
 */

import { isAbsolute, join, relative, resolve } from "node:path";
import { AgentError } from "../shared/errors.ts";
import { dataFolder, isAddress } from "./permissions.ts";

/** The name under which standard input is given and reported. */
export const STDIN = "-";

/** An environment variable, or `undefined` if it is not set or must not be read. */
export function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * The absolute, resolved path of a folder or file named in the arguments.
 *
 * @throws {AgentError} `NOT_FOUND` if it does not exist, `PERMISSION` if it must not be read.
 */
export function existingPath(path: string): string {
  try {
    return Deno.realPathSync(resolve(path));
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** The error for a path that cannot be read. */
export function readFailure(path: string, cause: unknown): Error {
  if (cause instanceof Deno.errors.NotFound) {
    return new AgentError("NOT_FOUND", `There is no file or folder "${path}"`, { what: path }, {
      cause,
    });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new AgentError(
      "PERMISSION",
      `Deno may not read "${path}": allow it with --allow-read=${path}`,
      { permission: "read", target: path },
      { cause },
    );
  }
  if (!(cause instanceof Error)) return new Error(String(cause));
  return new AgentError("IO", `Cannot read "${path}": ${cause.message}`, {
    path,
    operation: "read",
  }, { cause });
}

/**
 * The knowledge file that belongs to a folder of documents; its folder is made if need be.
 *
 * @param documents The resolved path of the folder; each has a file of its own.
 * @param option The value of `--data`, if given.
 * @throws {AgentError} `NOT_FOUND` if no data folder can be told, `IO` or `PERMISSION` if it
 * cannot be made.
 */
export async function knowledgeFile(
  documents: string,
  option: string | undefined,
): Promise<string> {
  const folder = dataFolder(option, environment);
  if (folder === undefined) {
    throw noDataFolder();
  }
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    // An existing folder is fine, also one on a read-only disk; the knowledge store says the rest.
    if (!isFolder(folder)) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AgentError(
        "IO",
        `Cannot make the data folder "${folder}" (${reason}): name another with --data DIR`,
        { path: folder, operation: "mkdir" },
        { cause },
      );
    }
  }
  const { hash } = await import("../text/mod.ts");
  return join(folder, `knowledge-${hash(documents).slice(0, 16)}.sqlite`);
}

function noDataFolder(): AgentError {
  const named = "There is no folder for the index: ";
  const unread = ["HOME", "XDG_DATA_HOME"].filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state !== "granted"
  );
  if (unread.length === 0) {
    const message = `${named}neither XDG_DATA_HOME nor HOME is set; name one with --data DIR`;
    return new AgentError("NOT_FOUND", message, { what: "data folder" });
  }
  const flag = `--allow-env=${unread.join(",")}`;
  return new AgentError(
    "PERMISSION",
    `${named}the user's may not be looked up; allow it with ${flag}, or name one with --data DIR`,
    { permission: "env", target: unread.join(",") },
  );
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Writes a picture that was asked for.
 *
 * @throws {AgentError} `IO` if it cannot be written.
 */
export function writePicture(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (cause) {
    throw new AgentError("IO", `${path} cannot be written: ${(cause as Error).message}`, {
      path,
      operation: "write",
    }, { cause });
  }
}

/** A path as a person would write it from here: relative if it is below the working folder. An address stays. */
export function displayPath(path: string): string {
  if (path === STDIN || isAddress(path)) return path;
  const here = relative(Deno.cwd(), path);
  return here === "" || here.startsWith("..") || isAbsolute(here) ? path : here;
}

/** The 1-based line of an offset in a text; CRLF, LF and a lone CR each end a line. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) line++;
  }
  return line;
}
