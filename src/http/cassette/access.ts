/** What a cassette was made with, and whether its file may be used. @module */

import { AgentError } from "../../shared/errors.ts";
import type { CassetteOptions } from "../types.ts";

/** Options of a cassette, checked. */
export interface ReadOptions {
  readonly path: string;
  readonly mode: CassetteOptions["mode"];
  /** Fields that tell requests apart, in lower case. */
  readonly matched: readonly string[];
}

/**
 * Asks whether the file may be used; nothing is asked of the user. What is known to fail is said before an exchange, and
 * what it may cost, is lost for it.
 *
 * @throws {AgentError} `PERMISSION` if not; `NOT_FOUND` if it is to be written into a folder that is not there.
 */
export function allowFile(path: string, writes: boolean): void {
  // To replace a file takes its folder: the new one is written beside it.
  const target = writes ? folderOf(path) : path;
  for (const name of writes ? ["read", "write"] as const : ["read"] as const) {
    if (Deno.permissions.querySync({ name, path: target }).state === "granted") continue;
    const wanted = writes
      ? `--allow-read=${target} --allow-write=${target}`
      : `--allow-read=${target}`;
    throw new AgentError(
      "PERMISSION",
      `The cassette ${path} needs permissions; run with ${wanted}`,
      { permission: name, target },
    );
  }
  if (writes && !isFolder(target)) {
    throw new AgentError(
      "NOT_FOUND",
      `The cassette ${path} cannot be recorded: there is no folder ${target}; make it first`,
      { what: target },
    );
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function folderOf(path: string): string {
  const folder = path.replace(/[^/\\]*$/, "");
  return folder === "" ? "." : folder;
}
