/**
 * What snapshots need of the file system: its errors as errors of the cache, and names that last.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";

/** What an error of a file operation is to the caller. */
export function fileError(error: unknown, path: string, operation: string): unknown {
  if (AgentError.is(error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    const permission = /write access/.test(error.message) ? "write" : "read";
    return new AgentError(
      "PERMISSION",
      `${operation}("${path}") needs --allow-${permission} for the file` +
        `${operation === "snapshot" ? " and its folder" : ""}: ${error.message}`,
      { permission, target: path },
      { cause: error },
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new AgentError(
      "PERMISSION",
      `The operating system does not let ${operation}() use ${path}: ${error.message}`,
      { permission: operation === "snapshot" ? "write" : "read", target: path },
      { cause: error },
    );
  }
  // Those of the platform have names of their own, or at least the number of the operating system.
  if (error instanceof Error && (error.name in Deno.errors || /os error \d/.test(error.message))) {
    return new AgentError("IO", `${operation}() failed at ${path}: ${error.message}`, {
      path,
      operation,
    }, { cause: error });
  }
  return error;
}

/** Makes the new name of a file last, where the platform lets a program do that. */
export async function syncFolder(path: string): Promise<void> {
  const folder = path.replace(/[^/\\]*$/, "") || ".";
  try {
    if ((await Deno.permissions.query({ name: "read", path: folder })).state !== "granted") return;
    using opened = await Deno.open(folder, { read: true });
    await opened.sync();
  } catch {
    // Some systems and file systems cannot; the file itself is safe.
  }
}
