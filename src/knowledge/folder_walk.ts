/**
 * The walk through a folder: which files are documents, and why others are not.
 *
 * Links are never followed out of the folder nor to what the walk reaches anyway, so no loop is
 * possible.
 *
 * @module
 */
import { AgentError } from "../shared/errors.ts";
import { translate } from "./failures.ts";
import { formatOfName } from "./format.ts";
import type { SkippedFile, SkipReason } from "./types.ts";

/** What stands between the names of a path. */
export const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";
const PACKAGES = new Set(["node_modules", "bower_components", "__pycache__", "CVS", "_darcs"]);

/** What a walk found. */
export interface Walk {
  /** The paths of documents, in the order of their names. */
  files: string[];
  /** What is none, and why. */
  skipped: SkippedFile[];
  /** Folders that could not be read: what is stored from below them stays. */
  unseen: string[];
}

/** The real path of a folder or file that is to be indexed. */
export async function rootOf(folder: string): Promise<string> {
  try {
    return await Deno.realPath(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new AgentError(
        "NOT_FOUND",
        `There is no folder or file "${folder}"; check its spelling. Nothing was changed.`,
        { what: folder },
        { cause: error },
      );
    }
    throw translate(error, folder, "read");
  }
}

/** Walks through a folder, or takes the one file. */
export async function walkFolder(root: string, signal?: AbortSignal): Promise<Walk> {
  const walk: Walk = { files: [], skipped: [], unseen: [] };
  if (!(await Deno.stat(root)).isDirectory) {
    walk.files.push(root);
    return walk;
  }
  const skip = (path: string, reason: SkipReason, message: string) =>
    walk.skipped.push({ path, reason, message });
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    let entries: Deno.DirEntry[];
    try {
      entries = await Array.fromAsync(Deno.readDir(folder));
    } catch (error) {
      // The folder asked for itself must be readable; one below it is only reported.
      if (folder === root) throw translate(error, folder, "read");
      walk.unseen.push(folder);
      skip(folder, "unreadable", `The folder cannot be read: ${reasonOf(error)}`);
      continue;
    }
    entries.sort((a, b) => a.name < b.name ? -1 : 1);
    const below: string[] = [];
    for (const entry of entries) {
      const path = folder.endsWith(SEPARATOR)
        ? folder + entry.name
        : folder + SEPARATOR + entry.name;
      if (entry.name.startsWith(".")) skip(path, "hidden", "Hidden files and folders are not read");
      else if (entry.isSymlink) skip(path, "link", await linkMessage(path, root));
      else if (entry.isDirectory) {
        if (PACKAGES.has(entry.name)) {
          skip(path, "hidden", "Folders of packages and tools are not read");
        } else below.push(path);
      } else if (!entry.isFile) skip(path, "special", "It is no regular file");
      else if (formatOfName(entry.name) === undefined) {
        skip(path, "ending", `Its ending is none of Markdown, text or HTML`);
      } else walk.files.push(path);
    }
    folders.push(...below.reverse());
  }
  return walk;
}

async function linkMessage(path: string, root: string): Promise<string> {
  try {
    const target = await Deno.realPath(path);
    return target === root || target.startsWith(root + SEPARATOR)
      ? `A link to "${target}", which is read itself`
      : `A link out of the folder, to "${target}"; index that by itself if you want it`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "A link that leads nowhere";
    if (error instanceof Error && /loop|too many/i.test(`${error.name} ${error.message}`)) {
      return "A link that leads in a circle";
    }
    return `A link that cannot be followed: ${reasonOf(error)}`;
  }
}

/** Why the system or Deno refused a file, in words. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(
    /, run again with .*/,
    "",
  );
}
