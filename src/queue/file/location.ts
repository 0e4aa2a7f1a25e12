/**
 * Where a queue file is, and whether it may be opened: asked before either twin touches it, so that native code is no
 * way round Deno's permissions and both twins refuse alike.
 *
 * @module
 */

import { nodePath } from "../../shared/builtin.ts";
import { wrongType, wrongValue } from "../../shared/arguments.ts";
import { severalNames } from "../../shared/database_claims.ts";
import { AgentError } from "../../shared/errors.ts";
import { BESIDE, cannotUse, needs, translate } from "./failures.ts";

/** A file that may be opened. */
export interface Location {
  /** As the caller named it, for messages. */
  readonly named: string;
  /** Absolute, and no symbolic link itself. */
  readonly path: string;
  /** Whether there is something in it. */
  readonly exists: boolean;
}

/**
 * Finds a queue file.
 *
 * @param named The path, as the caller gave it.
 * @returns Where it is.
 * @throws {TypeError | RangeError} If it is no path.
 * @throws {AgentError} `PERMISSION` if Deno does not allow it, `IO` if it is no regular file, `UNSUPPORTED` if it has
 * several hard links.
 */
export function locate(named: unknown): Location {
  if (typeof named !== "string") throw wrongType("options.store.file", "a string", named);
  if (named === "" || named.includes("\0")) {
    throw wrongValue("options.store.file", "the path of a file", named);
  }
  const { isAbsolute, join } = nodePath();
  const given = isAbsolute(named) ? join(named) : join(Deno.cwd(), named);
  allow([given]);
  const path = withoutLink(given, named);
  if (path !== given) allow([given, path]);
  checkBeside(path, named);
  const info = look(path, named, Deno.statSync);
  if (info === undefined) return { named, path, exists: false };
  if (!info.isFile) {
    const what = info.isDirectory ? "is a folder" : "is no regular file";
    throw new AgentError("IO", `"${named}" ${what}; name a file.`, {
      path: named,
      operation: "open",
    });
  }
  if (info.nlink !== null && info.nlink > 1) {
    throw severalNames(named, info.nlink);
  }
  return { named, path, exists: info.size > 0 };
}

/** Whether reading or writing of a path is allowed now; nobody is asked. */
function isAllowed(permission: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name: permission, path }).state === "granted";
}

function allow(paths: readonly string[]): void {
  for (const path of paths) {
    for (const end of BESIDE) {
      for (const permission of ["read", "write"] as const) {
        if (!isAllowed(permission, path + end)) throw needs(permission, path + end, paths);
      }
    }
  }
}

/** Refuses what stands where the files beside a queue file would: SQLite takes no links there. */
function checkBeside(path: string, named: string): void {
  for (const end of ["-wal", "-shm"]) {
    const info = look(path + end, named, Deno.lstatSync);
    if (info === undefined || info.isFile) continue;
    const what = info.isDirectory ? "a folder" : info.isSymlink ? "a link" : "no regular file";
    throw inTheWay(named, end, what);
  }
  if (look(`${path}-held`, named, Deno.statSync)?.isDirectory === false) {
    throw inTheWay(named, "-held", "no folder");
  }
}

function inTheWay(named: string, end: string, what: string): AgentError<"IO"> {
  return new AgentError(
    "IO",
    `"${named}${end}" is ${what}, but belongs to the queue file "${named}"; remove it, or name ` +
      `another file.`,
    { path: `${named}${end}`, operation: "open" },
  );
}

/** What a symbolic link leads to. A file is the same whichever link leads to its folder, but not its log. */
function withoutLink(path: string, named: string): string {
  if (look(path, named, Deno.lstatSync)?.isSymlink !== true) return path;
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw translate(error, named);
    throw new AgentError("IO", `"${named}" is a link that leads nowhere; name a file.`, {
      path: named,
      operation: "open",
    }, { cause: error });
  }
}

function look(
  path: string,
  named: string,
  stat: (path: string) => Deno.FileInfo,
): Deno.FileInfo | undefined {
  try {
    return stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof Error) || error instanceof Deno.errors.PermissionDenied) {
      throw translate(error, named);
    }
    throw cannotUse(named, error.message, error);
  }
}
