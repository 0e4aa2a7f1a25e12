/**
 * Snapshots: the entries of a cache in a file, and back. The part that both twins share; a twin only
 * makes pages of its entries and takes them in.
 *
 * A snapshot is written to a new file beside the old one, which it then replaces in one step: at every
 * moment there is a whole one. A file is checked from its beginning to its end before anything of it
 * is restored, block by block: neither direction holds more than a page in memory.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { BadPage, checkPage } from "./page.ts";
import { show } from "./show.ts";
import { fileError, Refusal, SnapshotReader, SnapshotWriter } from "./snapshot_file.ts";
import type { CacheCodec, RestoreReport, SnapshotOptions, SnapshotReport } from "./types.ts";

/** What snapshots need of a twin. */
export interface SnapshotPort {
  readonly codec: CacheCodec;
  /** Throws if the cache is closed. */
  checkOpen(): void;
  /**
   * Makes pages, one a call, with how many entries each has; undefined after the last one. What entries
   * have left counts from the moment at which this was called. Each call takes a moment only.
   */
  exportPages(): () => { page: Uint8Array; entries: number } | undefined;
  /** Stores the entries of a page that was made so many milliseconds ago, in steps of a moment. */
  importPage(
    page: Uint8Array,
    elapsedMs: number,
  ): Promise<{ entries: number; expired: number }>;
}

function checkArguments(
  path: unknown,
  options: SnapshotOptions | undefined,
): AbortSignal | undefined {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`path must be a string that is not empty, not ${show(path)}`);
  }
  if (path.includes("\0")) throw new TypeError(`path must not have a NUL: ${show(path)}`);
  if (options !== undefined && (typeof options !== "object" || options === null)) {
    throw new TypeError(`The options must be an object, not ${show(options)}`);
  }
  const signal = options?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${show(signal)}`);
  }
  return signal;
}

/** See {@linkcode TtlCache.snapshot}. */
export async function save(
  port: SnapshotPort,
  path: string,
  options: SnapshotOptions | undefined,
): Promise<SnapshotReport> {
  port.checkOpen();
  const signal = checkArguments(path, options);
  signal?.throwIfAborted();
  const partial = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await Deno.open(partial, { write: true, createNew: true });
    let report: SnapshotReport;
    try {
      try {
        report = await write(port, file, signal);
        await file.sync();
      } finally {
        file.close();
      }
      signal?.throwIfAborted();
      port.checkOpen();
      await Deno.rename(partial, path);
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      throw error;
    }
    await syncFolder(path);
    return report;
  } catch (error) {
    throw fileError(error, path, "snapshot");
  }
}

async function write(
  port: SnapshotPort,
  file: Deno.FsFile,
  signal: AbortSignal | undefined,
): Promise<SnapshotReport> {
  const writer = new SnapshotWriter(file);
  // The wall clock first: time between the two shortens lives and does not lengthen them.
  const beganMs = Date.now();
  const next = port.exportPages();
  await writer.begin(port.codec, beganMs);
  for (let found = next(); found !== undefined; found = next()) {
    await writer.page(found.page, found.entries);
    signal?.throwIfAborted();
    port.checkOpen();
  }
  const entries = await writer.end();
  return { entries, bytes: writer.bytes };
}

/** Makes the new name last, where the platform lets a program do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = path.replace(/[^/\\]*$/, "") || ".";
  try {
    if ((await Deno.permissions.query({ name: "read", path: folder })).state !== "granted") return;
    using opened = await Deno.open(folder, { read: true });
    await opened.sync();
  } catch {
    // Some systems and file systems cannot; the file itself is safe.
  }
}

/** See {@linkcode TtlCache.restore}. */
export async function load(
  port: SnapshotPort,
  path: string,
  options: SnapshotOptions | undefined,
): Promise<RestoreReport> {
  port.checkOpen();
  const signal = checkArguments(path, options);
  signal?.throwIfAborted();
  try {
    // Opening what is no file, a pipe for instance, might wait for ever.
    const { isFile } = await Deno.stat(path);
    if (!isFile) throw new Refusal("FOREIGN", `${path} is not a file; nothing was restored`);
    using file = await Deno.open(path, { read: true });
    return await read(port, file, path, signal);
  } catch (error) {
    if (error instanceof Refusal) return refused(error.code, error.message);
    if (error instanceof Deno.errors.NotFound) {
      return refused("NOT_FOUND", `There is no file ${path}; nothing was restored`);
    }
    throw fileError(error, path, "restore");
  }
}

function refused(
  code: NonNullable<RestoreReport["refused"]>["code"],
  message: string,
): RestoreReport {
  return { entries: 0, expired: 0, refused: { code, message } };
}

async function read(
  port: SnapshotPort,
  file: Deno.FsFile,
  path: string,
  signal: AbortSignal | undefined,
): Promise<RestoreReport> {
  const reader = new SnapshotReader(file, path, (await file.stat()).size);
  const { beganMs, digests } = await checkAll(port, reader, path, signal);
  try {
    return await importAll(port, reader, beganMs, digests, signal);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Deno.errors.InvalidData(`It was changed while it was read (${error.message})`);
  }
}

/** Reads a file that was checked once more, and stores what is in it. */
async function importAll(
  port: SnapshotPort,
  reader: SnapshotReader,
  beganMs: number,
  digests: readonly string[],
  signal: AbortSignal | undefined,
): Promise<RestoreReport> {
  // A clock that went back must not lengthen a life.
  const elapsedMs = Math.max(0, Date.now() - beganMs);
  const report = { entries: 0, expired: 0 };
  await reader.begin(port.codec);
  for (let number = 0;; number++) {
    const found = await reader.page();
    if (found === undefined) return report;
    if (digests[number] !== digestText(found.digest)) {
      throw new Refusal("CORRUPT", "a page is another one now");
    }
    signal?.throwIfAborted();
    port.checkOpen();
    const { entries, expired } = await port.importPage(found.page, elapsedMs);
    report.entries += entries;
    report.expired += expired;
  }
}

/** Reads the whole file and changes nothing. Its beginning, and what to know its pages by. */
async function checkAll(
  port: SnapshotPort,
  reader: SnapshotReader,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ beganMs: number; digests: string[] }> {
  const { beganMs, digest } = await reader.begin(port.codec);
  const all = createHash("sha256").update(digest);
  const digests: string[] = [];
  let entries = 0;
  for (let found = await reader.page(); found !== undefined; found = await reader.page()) {
    signal?.throwIfAborted();
    all.update(found.digest);
    digests.push(digestText(found.digest));
    try {
      entries += checkPage(found.page, port.codec);
    } catch (error) {
      if (!(error instanceof BadPage)) throw error;
      throw new Refusal("CORRUPT", `${path} is damaged: ${error.message}; nothing was restored`);
    }
  }
  reader.checkEnd(entries, digests.length, all);
  return { beganMs, digests };
}

/** The first half of a digest: enough to know a page again. */
function digestText(digest: Uint8Array): string {
  return String.fromCharCode(...digest.subarray(0, 16));
}
