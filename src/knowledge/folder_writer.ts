/**
 * Writes what was read of a folder, in portions that are each one transaction. The first is written by this thread; who
 * has more than that gets one that writes beside the reading (writer_thread.ts), and vectors are made beside both. A
 * store in memory, and one whose file another thread cannot open, is written by this thread alone; what is stored is the
 * same.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { PreparedDocument } from "./document.ts";
import type { DocumentTable } from "./document_table.ts";
import type { RowEmbedder } from "./embedding/types.ts";
import { TermMaker } from "./entries.ts";
import type { AddReport } from "./types.ts";
import { embeddedText, type VectorTable } from "./vector_table.ts";
import { WriterThread } from "./writer_thread.ts";
import type { DocumentEntry, FileStamp, UnreadFile } from "./writing.ts";

/** When a portion is written: after so many UTF-16 units of text, or so many files. */
const PORTION = { units: 2_000_000, files: 200 };
/** So many chunks are embedded at once. */
const EMBEDDED_AT_ONCE = 256;

/** Texts to embed: of which documents of the portion, and how many of each. */
interface Batch {
  from: number;
  counts: number[];
  texts: string[];
}

/** Writes for one run over a folder. Owns the thread; dispose it. */
export class FolderWriter implements AsyncDisposable {
  /** What was written. */
  readonly report = { added: 0, updated: 0, unchanged: 0, chunks: 0 };
  readonly #database: Database;
  readonly #documents: DocumentTable;
  readonly #vectorTable: () => Promise<VectorTable | undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #portion: { readonly units: number; readonly files: number };
  /** What this thread writes, or what the other one is told once it is there. */
  #held: { document: PreparedDocument; file: FileStamp }[] = [];
  #refused: UnreadFile[] = [];
  #units = 0;
  #files = 0;
  #thread: WriterThread | undefined;
  #begun = false;
  /** Whether the thread writes from now on. */
  #isReady = false;
  /** For what the thread writes: it must have been told each word of the vocabulary, whoever else writes. */
  readonly #terms = new TermMaker();
  #embedder: RowEmbedder | undefined;
  #batch: Batch = { from: 0, counts: [], texts: [] };
  #embedding: Promise<void>[] = [];
  #writing: Promise<void> | undefined;

  /**
   * Makes one.
   *
   * @param database The data file.
   * @param documents Its documents.
   * @param vectorTable Its vectors, if they can be made beside the reading.
   * @param signal Ends the embedding.
   * @param portion When one is written.
   */
  constructor(
    database: Database,
    documents: DocumentTable,
    vectorTable: () => Promise<VectorTable | undefined>,
    signal: AbortSignal | undefined,
    portion: { readonly units: number; readonly files: number } = PORTION,
  ) {
    this.#database = database;
    this.#documents = documents;
    this.#vectorTable = vectorTable;
    this.#signal = signal;
    this.#portion = portion;
  }

  /** Whether another thread writes. */
  get isBeside(): boolean {
    return this.#isReady;
  }

  /** Whether there is a portion to write. */
  get isDue(): boolean {
    const { units, files } = this.#portion;
    return this.#units >= units || this.#files >= files || this.#refused.length >= files;
  }

  /** Takes a document. */
  async add(document: PreparedDocument, file: FileStamp): Promise<void> {
    const { length } = document.text;
    if (this.#isReady && length > this.#portion.units) {
      // While the thread writes nobody else can, and waits ten seconds at most: not for one as long as this may be.
      await this.flush();
      await this.settle();
      this.#count(this.#documents.store([{ document, file }]));
      return;
    }
    this.#files++;
    this.#units += length;
    if (this.#isReady) this.#tell(document, file);
    else this.#held.push({ document, file });
  }

  /** Takes a file that is no document. */
  refuse(file: UnreadFile): void {
    this.#refused.push(file);
  }

  /**
   * Writes the portion; by the thread, once it has written the one before.
   *
   * @param isLast Whether nothing comes after it.
   */
  async flush(isLast = false): Promise<void> {
    if (this.#files === 0 && this.#refused.length === 0) return;
    this.#database.counter("revision"); // says at once that the store is closed
    if (this.#thread !== undefined && !this.#isReady) await this.#handOver();
    const refused = this.#refused;
    this.#refused = [];
    this.#units = this.#files = 0;
    if (!this.#isReady) {
      const held = this.#held;
      if (!isLast && held.length > 0) this.#begin();
      this.#held = [];
      this.#documents.setUnread(refused, []);
      if (held.length > 0) this.#count(this.#documents.store(held));
      return;
    }
    this.#embed();
    await Promise.all(this.#embedding);
    this.#embedding = [];
    await this.settle();
    const thread = this.#thread!;
    this.#writing = thread.commit(refused).then((report) => this.#count(report));
    this.#writing.catch(() => {}); // settle() tells it
  }

  /** Waits for what is being written; rejects with what failed. */
  async settle(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    try {
      await writing;
    } catch (error) {
      this.#database.guard("write", () => {
        throw error;
      });
    }
  }

  /** Ends the thread once it has finished its portion; what it was told since is not written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#embedding);
    await this.#thread?.end();
    this.#thread = undefined;
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const open = this.#database.forAnother();
    if (open !== undefined) this.#thread = WriterThread.begin({ do: "open", ...open });
  }

  /** Lets the thread write from now on, if it can. */
  async #handOver(): Promise<void> {
    const thread = this.#thread!;
    if (!(await thread.ready)) {
      this.#thread = undefined;
      await thread.end();
      return;
    }
    // What cannot be had is told when the vectors are completed, after all documents are stored.
    const table = await this.#vectorTable().catch(() => undefined);
    this.#embedder = table?.beside();
    this.#isReady = true;
    this.#documents.forgetWork();
    for (const { document, file } of this.#held) this.#tell(document, file);
    this.#held = [];
  }

  #tell(document: PreparedDocument, file: FileStamp): void {
    const entry = this.#terms.entryOf(document, file);
    this.#thread!.document(entry);
    if (this.#embedder === undefined) return;
    this.#batch.counts.push(entry.chunks.length);
    for (const text of textsOf(entry)) this.#batch.texts.push(text);
    if (this.#batch.texts.length >= EMBEDDED_AT_ONCE) this.#embed();
  }

  /** Begins to embed what came up since the last time. */
  #embed(): void {
    const embedder = this.#embedder;
    const { from, counts, texts } = this.#batch;
    this.#batch = { from: from + counts.length, counts: [], texts: [] };
    // The next batch is of the next portion, when this is the last one of one.
    if (this.#files === 0) this.#batch.from = 0;
    if (embedder === undefined || texts.length === 0) return;
    const made = embedder.rows(texts, this.#signal).then((rows) => {
      let start = 0;
      const vectors = counts.map((count) => {
        const end = start + count * embedder.dimensions;
        const data = new Uint8Array(rows.slice(start, end).buffer);
        start = end;
        return { embedder: embedder.id, data };
      });
      this.#thread?.vectors(from, vectors);
    });
    // What was not made is made, or says why it cannot be, when the vectors are completed.
    this.#embedding.push(made.catch(() => {}));
  }

  #count(report: Omit<AddReport, "revision">): void {
    this.report.added += report.added;
    this.report.updated += report.updated;
    this.report.unchanged += report.unchanged;
    this.report.chunks += report.chunks;
  }
}

function textsOf({ title, chunks }: DocumentEntry): string[] {
  return chunks.map(([, heading, text]) => embeddedText(title, heading, text));
}
