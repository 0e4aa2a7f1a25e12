/**
 * Indexing of a folder: the update of what changed since the last time. Files are read in portions;
 * each portion is one transaction.
 *
 * @module
 */
import { checkString, wrongType, wrongValue } from "../shared/arguments.ts";
import { reporter } from "../shared/progress.ts";
import type { DocumentTable } from "./document_table.ts";
import type { FolderWriter } from "./folder_writer.ts";
import { linkNotes, rootOf, SEPARATOR, walkFolder } from "./folder_walk.ts";
import { FileReader } from "./reading/file.ts";
import type { FolderOptions, FolderReport } from "./types.ts";
import type { FileStamp } from "./writing.ts";

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const READS_AT_ONCE = 8;
/** Merging reads the whole index: only after more than one chunk in so many is new. */
const WORTH_MERGING = 4;

/** Brings a store up to date with a folder or file. Whoever made the writer ends it. */
export async function indexFolder(
  documents: DocumentTable,
  writer: FolderWriter,
  folder: string,
  options: FolderOptions,
): Promise<FolderReport> {
  const { signal } = options;
  const started = performance.now();
  if (typeof folder !== "string" || folder === "") {
    throw wrongType("folder", "a path", folder);
  }
  const maxBytes = options.maxFileBytes ?? DEFAULT_MAX_BYTES;
  if (!(maxBytes > 0)) throw wrongValue("options.maxFileBytes", "over 0", maxBytes);
  const { exclude = [], gitignore = true } = options;
  if (!Array.isArray(exclude)) throw wrongType("options.exclude", "an array of patterns", exclude);
  exclude.forEach((pattern, at) => checkString(pattern, `options.exclude[${at}]`));
  signal?.throwIfAborted();
  const root = await rootOf(folder);
  const stored = documents.files(root, SEPARATOR);
  const unread = documents.unread(root, SEPARATOR);
  const walk = await walkFolder(root, { exclude, gitignore, signal });
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
  const progress = reporter<{ document: string }>(options.onProgress, walk.files.length);
  const kept = new Set<string>();
  await using reader = new FileReader(maxBytes, signal);
  for (let i = 0; i < walk.files.length; i += READS_AT_ONCE) {
    const paths = walk.files.slice(i, i + READS_AT_ONCE);
    const results = await Promise.all(
      paths.map((path) => reader.read(path, stored.get(path) ?? unread.get(path))),
    );
    signal?.throwIfAborted();
    const touched: ({ name: string } & FileStamp)[] = [];
    for (const [j, result] of results.entries()) {
      const path = paths[j]!;
      if (result.what === "skip") {
        const { reason, message } = result;
        walk.skipped.push({ path, reason, message });
        if (reason === "unreadable" || reason === "unavailable") kept.add(path);
        if (result.file !== undefined) {
          writer.refuse(result.file);
          unread.delete(path);
        } else if (unread.get(path)?.message === message) unread.delete(path); // as it was
      } else {
        kept.add(path);
        if (result.what === "document") {
          await writer.add(result.document, result.file);
        } else {
          report.unchanged++;
          if (result.file !== undefined) touched.push({ name: path, ...result.file });
        }
      }
      progress.report(i + j + 1, { document: path });
    }
    if (touched.length > 0) {
      await writer.settle();
      documents.touch(touched);
    }
    if (writer.isDue) await writer.flush();
  }
  await writer.flush(true);
  await writer.settle();
  report.added = writer.report.added;
  report.updated = writer.report.updated;
  report.unchanged += writer.report.unchanged;
  report.chunks = writer.report.chunks;
  const unseen = walk.unseen.map((path) => path + SEPARATOR);
  const gone = [...stored.keys()].filter((name) =>
    !kept.has(name) && !unseen.some((path) => name.startsWith(path))
  );
  report.removed = gone.length === 0 ? 0 : documents.remove(gone);
  // What is left here is a document by now, or gone.
  documents.setUnread([], [...unread.keys()]);
  const isRead = (path: string): boolean => kept.has(path);
  walk.skipped.push(...linkNotes(walk, isRead));
  const { revision, chunks } = documents.stats();
  report.revision = revision;
  if (report.chunks * WORTH_MERGING > chunks) documents.optimize();
  report.skipped.sort((a, b) => a.path < b.path ? -1 : 1);
  report.durationMs = performance.now() - started;
  progress.finish();
  return report;
}
