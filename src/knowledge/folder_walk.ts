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
import { Excluded } from "./reading/excluded.ts";
import type { SkippedFile, SkipReason } from "./types.ts";

/** What stands between the names of a path. */
export const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";
/** What Sphinx keeps beside the pages that it made: their sources, which say the same, and what pages look like. */
const SPHINX = new Set(["_sources", "_static", "_images", "_downloads"]);
const SPHINX_INDEX = "searchindex.js";
const GITIGNORE = ".gitignore";
const PACKAGES = new Set(["node_modules", "bower_components", "__pycache__", "CVS", "_darcs"]);

/** What a walk leaves out. */
export interface WalkOptions {
  /** Patterns of a `.gitignore`, from the folder on. */
  exclude: readonly string[];
  /** Whether `.gitignore` files count. */
  gitignore: boolean;
  /** Ends the walk. */
  signal: AbortSignal | undefined;
}

/** What a walk found. */
export interface Walk {
  /** The paths of documents, in the order of their names. */
  files: string[];
  /** What is none, and why. */
  skipped: SkippedFile[];
  /** Folders that could not be read: what is stored from below them stays. */
  unseen: string[];
  /** Symbolic links, and where they lead. */
  links: { path: string; target: string }[];
  /** The folders that were walked through. */
  folders: Set<string>;
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
export async function walkFolder(root: string, options: WalkOptions): Promise<Walk> {
  const { signal } = options;
  const walk: Walk = { files: [], skipped: [], unseen: [], links: [], folders: new Set() };
  if (!(await Deno.stat(root)).isDirectory) {
    walk.files.push(root);
    return walk;
  }
  const skip = (path: string, reason: SkipReason, message: string) =>
    walk.skipped.push({ path, reason, message });
  const excluded = new Excluded(root, SEPARATOR);
  await excluded.give(options.exclude);
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
    walk.folders.add(folder);
    if (options.gitignore && entries.some(({ name, isFile }) => name === GITIGNORE && isFile)) {
      await excluded.enter(folder, GITIGNORE);
    }
    const isSphinx = entries.some(({ name }) => name === SPHINX_INDEX);
    const below: string[] = [];
    for (const entry of entries) {
      const path = folder.endsWith(SEPARATOR)
        ? folder + entry.name
        : folder + SEPARATOR + entry.name;
      if (entry.name.startsWith(".")) {
        skip(path, "hidden", "Hidden files and folders are not read");
        continue;
      }
      const why = excluded.reason(path, entry.isDirectory);
      if (why !== undefined) skip(path, "excluded", why);
      else if (entry.isSymlink) {
        const { target, message } = await followLink(path, root);
        if (target === undefined) skip(path, "link", message);
        else walk.links.push({ path, target });
      } else if (entry.isDirectory) {
        if (isSphinx && SPHINX.has(entry.name)) {
          skip(path, "hidden", "What Sphinx keeps beside its pages says the same, or nothing");
        } else if (PACKAGES.has(entry.name)) {
          skip(path, "hidden", "Folders of packages and tools are not read");
        } else below.push(path);
      } else if (!entry.isFile) skip(path, "special", "It is no regular file");
      else walk.files.push(path);
    }
    folders.push(...below.reverse());
  }
  return walk;
}

/** Where a link leads to within the folder, or why that is not followed. */
async function followLink(
  path: string,
  root: string,
): Promise<{ target: string; message?: never } | { target?: never; message: string }> {
  try {
    const target = await Deno.realPath(path);
    if (target === root || target.startsWith(root.replace(/[\\/]$/, "") + SEPARATOR)) {
      return { target };
    }
    return {
      message: `A link out of the folder, to "${target}"; index that by itself if you want it`,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { message: "A link that leads nowhere" };
    if (error instanceof Error && /loop|too many/i.test(`${error.name} ${error.message}`)) {
      return { message: "A link that leads in a circle" };
    }
    return { message: `A link that cannot be followed: ${reasonOf(error)}` };
  }
}

/** What is said of links within the folder once it is known what was read. */
export function linkNotes(walk: Walk, isRead: (path: string) => boolean): SkippedFile[] {
  return walk.links.map(({ path, target }) => ({
    path,
    reason: "link" as const,
    message: isRead(target)
      ? `A link to "${target}", which is read itself`
      : walk.folders.has(target)
      ? `A link to the folder "${target}", whose files are read themselves`
      : `A link to "${target}", which is not read either`,
  }));
}

/** Why the system or Deno refused a file, in words. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(
    /, run again with .*/,
    "",
  );
}
