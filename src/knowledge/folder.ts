/**
 * Indexing of a folder: the update of what changed since the last time. Files are read in portions;
 * each portion is one transaction.
 *
 * @module
 */
import { wrongType, wrongValue } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import { reporter } from "../shared/progress.ts";
import { digestOf, isCurrent, type PreparedDocument, prepareDocument } from "./document.ts";
import type { DocumentTable, FileStamp } from "./document_table.ts";
import { reasonOf, rootOf, SEPARATOR, walkFolder } from "./folder_walk.ts";
import { decodeText } from "./format.ts";
import type { FolderOptions, FolderReport, SkipReason } from "./types.ts";

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
/** A portion is written after so many UTF-16 units of text, or so many files. */
const PORTION_UNITS = 2_000_000;
const PORTION_FILES = 200;
const READS_AT_ONCE = 8;
/** Merging reads the whole index: only after more than one chunk in so many is new. */
const WORTH_MERGING = 4;
/** A file changed so shortly before it was looked at may change again without a new time. */
const CLOCK_GRAIN_MS = 2_000;

/** Brings a store up to date with a folder or file. */
export async function indexFolder(
  documents: DocumentTable,
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
  signal?.throwIfAborted();
  const root = await rootOf(folder);
  const stored = documents.files(root, SEPARATOR);
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
  const progress = reporter<{ document: string }>(options.onProgress, walk.files.length);
  const kept = new Set<string>();
  let portion: { document: PreparedDocument; file: FileStamp }[] = [];
  let units = 0;
  const flush = () => {
    if (portion.length === 0) return;
    const { added, updated, unchanged, chunks } = documents.store(portion);
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
      progress.report(i + j + 1, { document: path });
    }
    documents.touch(touched);
    if (units >= PORTION_UNITS || portion.length >= PORTION_FILES) flush();
  }
  flush();
  const unseen = walk.unseen.map((path) => path + SEPARATOR);
  const gone = [...stored.keys()].filter((name) =>
    !kept.has(name) && !unseen.some((path) => name.startsWith(path))
  );
  report.removed = gone.length === 0 ? 0 : documents.remove(gone);
  const { revision, chunks } = documents.stats();
  report.revision = revision;
  if (report.chunks * WORTH_MERGING > chunks) documents.optimize();
  report.skipped.sort((a, b) => a.path < b.path ? -1 : 1);
  report.durationMs = performance.now() - started;
  progress.finish();
  return report;
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
      stored.modified < stored.checked - CLOCK_GRAIN_MS && isCurrent(stored.hash)
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
