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

import { nodeCrypto } from "../../shared/builtin.ts";
import { fieldsOf, wrongType } from "../../shared/arguments.ts";
import type { CacheCodec, RestoreReport, SnapshotOptions, SnapshotReport } from "../types.ts";
import { damaged, Refusal, SnapshotReader, SnapshotWriter } from "./file.ts";
import { fileError, syncFolder } from "./file_system.ts";
import { BadPage, checkPage } from "./page.ts";

/** What snapshots need of a twin. */
export interface SnapshotBackend {
  readonly codec: CacheCodec;
  /** Throws if the cache is closed. */
  checkOpen(): void;
  /**
   * Makes pages, one a call, with how many entries each has; undefined after the last one. What entries
   * have left counts from the moment at which this was called. Each call takes a moment only.
   */
  exportPages(): () => { page: Uint8Array; entries: number } | undefined;
  /** Stores the entries of a page that was made so many milliseconds ago, in steps of a moment. */
  importPage(page: Uint8Array, elapsedMs: number): Promise<RestoreReport>;
}

/** Checks the arguments of both operations and returns the signal, which is not aborted. */
function checkArguments(
  path: unknown,
  options: SnapshotOptions | undefined,
): AbortSignal | undefined {
  if (typeof path !== "string" || path === "") {
    throw wrongType("path", "a string that is not empty", path);
  }
  if (path.includes("\0")) throw wrongType("path", "a string without a NUL", path);
  const { signal } = fieldsOf(options, "options");
  if (signal === undefined) return undefined;
  if (!(signal instanceof AbortSignal)) throw wrongType("options.signal", "an AbortSignal", signal);
  signal.throwIfAborted();
  return signal;
}

/** Writes and reads the snapshots of a cache. */
export class Snapshots {
  readonly #backend: SnapshotBackend;

  /** For the cache behind a backend. */
  constructor(backend: SnapshotBackend) {
    this.#backend = backend;
  }

  async save(path: string, options: SnapshotOptions | undefined): Promise<SnapshotReport> {
    this.#backend.checkOpen();
    const signal = checkArguments(path, options);
    const partial = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      const file = await Deno.open(partial, { write: true, createNew: true });
      let report: SnapshotReport;
      try {
        try {
          report = await this.#write(file, signal);
          await file.sync();
        } finally {
          file.close();
        }
        this.#checkGoingOn(signal);
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

  async restore(path: string, options: SnapshotOptions | undefined): Promise<RestoreReport> {
    this.#backend.checkOpen();
    const signal = checkArguments(path, options);
    try {
      // Opening what is no file, a pipe for instance, might wait for ever.
      const { isFile } = await Deno.stat(path);
      if (!isFile) throw new Refusal("FOREIGN", `${path} is not a file; nothing was restored`);
      using file = await Deno.open(path, { read: true });
      return await this.#read(file, path, signal);
    } catch (error) {
      const refusal = error instanceof Deno.errors.NotFound
        ? new Refusal("NOT_FOUND", `There is no file ${path}; nothing was restored`)
        : error;
      if (!(refusal instanceof Refusal)) throw fileError(error, path, "restore");
      const { code, message } = refusal;
      return { entries: 0, expired: 0, refused: { code, message } };
    }
  }

  #checkGoingOn(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.#backend.checkOpen();
  }

  async #write(file: Deno.FsFile, signal: AbortSignal | undefined): Promise<SnapshotReport> {
    const writer = new SnapshotWriter(file);
    // The wall clock first: time between the two shortens lives and does not lengthen them.
    const beganMs = Date.now();
    const next = this.#backend.exportPages();
    await writer.begin(this.#backend.codec, beganMs);
    for (let found = next(); found !== undefined; found = next()) {
      await writer.page(found.page, found.entries);
      this.#checkGoingOn(signal);
    }
    const entries = await writer.end();
    return { entries, bytes: writer.bytes };
  }

  async #read(
    file: Deno.FsFile,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<RestoreReport> {
    const reader = new SnapshotReader(file, path, (await file.stat()).size);
    const { beganMs, digests } = await this.#checkAll(reader, path, signal);
    try {
      return await this.#importAll(reader, beganMs, digests, signal);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Deno.errors.InvalidData(`It was changed while it was read (${error.message})`);
    }
  }

  /** Reads the whole file and changes nothing. Its beginning, and what to know its pages by. */
  async #checkAll(
    reader: SnapshotReader,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ beganMs: number; digests: string[] }> {
    const { codec } = this.#backend;
    const { beganMs, digest } = await reader.begin(codec);
    const all = nodeCrypto().createHash("sha256").update(digest);
    const digests: string[] = [];
    let entries = 0;
    for (let found = await reader.page(); found !== undefined; found = await reader.page()) {
      signal?.throwIfAborted();
      all.update(found.digest);
      digests.push(digestText(found.digest));
      try {
        entries += checkPage(found.page, codec);
      } catch (error) {
        throw error instanceof BadPage ? damaged(path, error.message) : error;
      }
    }
    reader.checkEnd(entries, digests.length, all);
    return { beganMs, digests };
  }

  /** Reads a file that was checked once more, and stores what is in it. */
  async #importAll(
    reader: SnapshotReader,
    beganMs: number,
    digests: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<RestoreReport> {
    // A clock that went back must not lengthen a life.
    const elapsedMs = Math.max(0, Date.now() - beganMs);
    const report = { entries: 0, expired: 0 };
    await reader.begin(this.#backend.codec);
    for (let number = 0;; number++) {
      const found = await reader.page();
      if (found === undefined) return report;
      if (digests[number] !== digestText(found.digest)) {
        throw new Refusal("CORRUPT", "a page is another one now");
      }
      this.#checkGoingOn(signal);
      const { entries, expired } = await this.#backend.importPage(found.page, elapsedMs);
      report.entries += entries;
      report.expired += expired;
    }
  }
}

/** The first half of a digest: enough to know a page again. */
function digestText(digest: Uint8Array): string {
  return String.fromCharCode(...digest.subarray(0, 16));
}
