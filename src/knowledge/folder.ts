/**
 * Indexing of a folder: the walk, the choice of files, and the update of what changed.
 *
 * Links are never followed out of the folder nor to what the walk reaches anyway, so no loop is
 * possible. Files are read in portions; each portion is one transaction.
 *
 * @module
 */
import { AgentError } from "../errors.ts";
import { translate } from "./database.ts";
import {
  decodeText,
  digestOf,
  formatOfName,
  type PreparedDocument,
  prepareDocument,
} from "./document.ts";
import { progressReporter } from "./input.ts";
import type { FileStamp, SqliteKnowledge } from "./knowledge.ts";
import type { FolderOptions, FolderReport, SkippedFile, SkipReason } from "./types.ts";

const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";
const PACKAGES = new Set(["node_modules", "bower_components", "__pycache__", "CVS", "_darcs"]);
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
/** A portion is written after so many UTF-16 units of text, or so many files. */
const PORTION_UNITS = 2_000_000;
const PORTION_FILES = 200;
const READS_AT_ONCE = 8;
/** Merging reads the whole index: only after more than one chunk in so many is new. */
const WORTH_MERGING = 4;
/** A file changed so shortly before it was looked at may change again without a new time. */
const CLOCK_GRAIN_MS = 2_000;

interface Walk {
  files: string[];
  skipped: SkippedFile[];
  /** Folders that could not be read: what is stored from below them stays. */
  unseen: string[];
}

/** Brings a store up to date with a folder or file. */
export async function indexFolder(
  knowledge: SqliteKnowledge,
  folder: string,
  options: FolderOptions,
): Promise<FolderReport> {
  const { signal } = options;
  const started = performance.now();
  if (typeof folder !== "string" || folder === "") {
    throw new TypeError(`folder must be a path, not ${JSON.stringify(folder)}`);
  }
  const maxBytes = options.maxFileBytes ?? DEFAULT_MAX_BYTES;
  if (!(maxBytes > 0)) throw new RangeError(`maxFileBytes must be above 0, not ${maxBytes}`);
  signal?.throwIfAborted();
  const root = await rootOf(folder);
  const stored = knowledge.storedFiles(root, SEPARATOR);
  const walk = await walkFolder(root, signal);
  const report: FolderReport = {
    folder: root,
    added: 0,
    updated: 0,
    unchanged: 0,
    removed: 0,
    chunks: 0,
    revision: 0,
    skipped: walk.skipped,
    durationMs: 0,
  };
  const progress = progressReporter(options.onProgress, walk.files.length);
  const kept = new Set<string>();
  let portion: { document: PreparedDocument; file: FileStamp }[] = [];
  let units = 0;
  const flush = () => {
    if (portion.length === 0) return;
    const { added, updated, unchanged, chunks } = knowledge.store(portion);
    report.added += added;
    report.updated += updated;
    report.unchanged += unchanged;
    report.chunks += chunks;
    portion = [];
    units = 0;
  };
  for (let i = 0; i < walk.files.length; i += READS_AT_ONCE) {
    const paths = walk.files.slice(i, i + READS_AT_ONCE);
    const results = await Promise.all(
      paths.map((path) => readFile(path, stored.get(path), maxBytes)),
    );
    signal?.throwIfAborted();
    const touched: ({ name: string } & FileStamp)[] = [];
    for (const [j, result] of results.entries()) {
      const path = paths[j]!;
      if ("reason" in result) {
        walk.skipped.push({ path, ...result });
        if (result.reason === "unreadable") kept.add(path);
      } else {
        kept.add(path);
        if (result.document === undefined) {
          report.unchanged++;
          if (result.file !== undefined) touched.push({ name: path, ...result.file });
        } else {
          portion.push({ document: result.document, file: result.file });
          units += result.document.text.length;
        }
      }
      progress(i + j + 1, path);
    }
    knowledge.touch(touched);
    if (units >= PORTION_UNITS || portion.length >= PORTION_FILES) flush();
  }
  flush();
  const unseen = walk.unseen.map((path) => path + SEPARATOR);
  const gone = [...stored.keys()].filter((name) =>
    !kept.has(name) && !unseen.some((path) => name.startsWith(path))
  );
  report.removed = gone.length === 0 ? 0 : knowledge.remove(gone);
  const { revision, chunks } = knowledge.stats();
  report.revision = revision;
  if (report.chunks * WORTH_MERGING > chunks) knowledge.optimize();
  report.skipped.sort((a, b) => a.path < b.path ? -1 : 1);
  report.durationMs = performance.now() - started;
  progress(walk.files.length, undefined, true);
  return report;
}

async function rootOf(folder: string): Promise<string> {
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

async function walkFolder(root: string, signal?: AbortSignal): Promise<Walk> {
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

type ReadResult =
  | { document: PreparedDocument; file: FileStamp }
  | { document: undefined; file: FileStamp | undefined }
  | { reason: SkipReason; message: string };

async function readFile(
  path: string,
  stored: FileStamp & { hash: string } | undefined,
  maxBytes: number,
): Promise<ReadResult> {
  let bytes: Uint8Array<ArrayBuffer>;
  let file: FileStamp;
  try {
    const info = await Deno.stat(path);
    file = { size: info.size, modified: info.mtime?.getTime() ?? 0, checked: Date.now() };
    if (
      stored !== undefined && stored.size === file.size && stored.modified === file.modified &&
      stored.modified < stored.checked - CLOCK_GRAIN_MS
    ) return { document: undefined, file: undefined };
    if (info.size > maxBytes) {
      const message = `It has ${info.size} bytes, over the bound of ${maxBytes} (maxFileBytes)`;
      return { reason: "too-large", message };
    }
    bytes = await Deno.readFile(path);
  } catch (error) {
    // Gone since the walk: the next call finds it missing, this one must not drop it unseen.
    return { reason: "unreadable", message: `The file cannot be read: ${reasonOf(error)}` };
  }
  const hash = await digestOf(bytes);
  if (stored?.hash === hash) return { document: undefined, file };
  const text = decodeText(bytes);
  if (text === undefined) return { reason: "binary", message: "Its bytes are no text" };
  let document: PreparedDocument;
  try {
    document = await prepareDocument({ document: path, text }, hash);
  } catch (error) {
    if (!AgentError.is(error, "TOO_LARGE")) throw error;
    return { reason: "too-large", message: error.message };
  }
  if (document.text.trim() === "") return { reason: "empty", message: "There is no text in it" };
  return { document, file };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(
    /, run again with .*/,
    "",
  );
}
