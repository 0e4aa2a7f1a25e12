/**
 * The stored documents: their rows, chunks and index entries.
 *
 * Chunks cover a document's text, so the text is kept once, as its chunks; the index keeps their terms.
 * All writing happens in short transactions without an `await` inside, so that several processes
 * and several calls at once can work on the same file.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { PreparedDocument } from "./document.ts";
import { type Block, blocksOf, HeadingPath } from "../text/outline/mod.ts";
import type {
  AddReport,
  DocumentFormat,
  DocumentInfo,
  DocumentPlace,
  KnowledgeStats,
} from "./types.ts";
import { TermMaker } from "./entries.ts";
import { hasStems, type Language, languageOf } from "./languages.ts";
import { INDEXING } from "./words.ts";
import {
  dropDocument,
  type FileStamp,
  indexChunk,
  learnTerms,
  noteChange,
  noteUnread,
  type Prepare,
  stampFile,
  type StoredFile,
  storeDocument,
  type UnreadFile,
} from "./writing.ts";

const CHUNK_WORDS =
  "SELECT c.id, c.heading, c.text, d.name, d.title, d.language FROM chunks AS c " +
  "JOIN documents AS d ON d.id = c.document";

/** The documents of one {@linkcode Database}. */
export class DocumentTable {
  readonly #database: Database;
  readonly #terms = new TermMaker();
  readonly #prepare: Prepare;
  #counted: Omit<KnowledgeStats, "embedder" | "bytes"> | undefined;

  /** Indexes anew what an earlier version indexed in another way. */
  constructor(database: Database) {
    this.#database = database;
    this.#prepare = (sql) => database.statement(sql);
    if (database.counter("indexing") !== INDEXING) this.#rebuild();
  }

  /** Stores prepared documents, of files with their stamps, in one transaction. */
  store(documents: readonly { document: PreparedDocument; file?: FileStamp }[]): AddReport {
    try {
      return this.#storeAll(documents);
    } catch (error) {
      this.#terms.forget(); // what was learnt may have been rolled back
      throw error;
    }
  }

  #storeAll(documents: readonly { document: PreparedDocument; file?: FileStamp }[]): AddReport {
    return this.#database.transaction("write", () => {
      const report: AddReport = { added: 0, updated: 0, unchanged: 0, chunks: 0, revision: 0 };
      for (const { document, file } of documents) {
        const { what } = storeDocument(
          this.#prepare,
          document.name,
          document.hash,
          file ?? null,
          () => this.#terms.entryOf(document, file),
        );
        report[what]++;
        if (what !== "unchanged") report.chunks += document.chunks.length;
      }
      if (report.added + report.updated > 0) noteChange(this.#prepare);
      report.revision = this.#database.counter("revision");
      return report;
    });
  }

  /** Removes documents by name and tells how many there were. */
  remove(names: readonly string[]): number {
    return this.#database.transaction("remove", () => {
      let removed = 0;
      for (const name of names) {
        const row = this.#statement("SELECT id FROM documents WHERE name = ?").get(name);
        if (row === undefined) continue;
        dropDocument(this.#prepare, Number(row["id"]));
        removed++;
      }
      if (removed > 0) noteChange(this.#prepare);
      return removed;
    });
  }

  /** Notes that files were looked at and still have the content that is stored. */
  touch(files: readonly ({ name: string } & FileStamp)[]): void {
    if (files.length === 0) return;
    this.#database.transaction("write", () => {
      for (const file of files) stampFile(this.#prepare, file.name, file);
    });
  }

  /** The stored file of a name, or those below a folder. */
  files(path: string, separator: string): Map<string, StoredFile> {
    return this.#database.guard("read", () => {
      const below = `${path.endsWith(separator) ? path.slice(0, -1) : path}${separator}`;
      const rows = this.#statement(`
        SELECT name, hash, size, modified, checked FROM documents
        WHERE size IS NOT NULL AND (name = ? OR (name >= ? AND name < ?))`)
        .all(path, below, `${below}\u{10ffff}`);
      return new Map(rows.map((row) => [String(row["name"]), {
        name: String(row["name"]),
        hash: String(row["hash"]),
        size: Number(row["size"]),
        modified: Number(row["modified"]),
        checked: Number(row["checked"]),
      }]));
    });
  }

  /** The files of a name, or below a folder, that were no documents when they were looked at. */
  unread(path: string, separator: string): Map<string, UnreadFile> {
    return this.#database.guard("read", () => {
      const below = `${path.endsWith(separator) ? path.slice(0, -1) : path}${separator}`;
      const rows = this.#statement(
        "SELECT * FROM unread WHERE name = ? OR (name >= ? AND name < ?)",
      ).all(path, below, `${below}\u{10ffff}`);
      return new Map(rows.map((row) => [String(row["name"]), row as unknown as UnreadFile]));
    });
  }

  /** Notes which files are no documents, and forgets it of others. */
  setUnread(files: readonly UnreadFile[], forget: readonly string[]): void {
    if (files.length === 0 && forget.length === 0) return;
    this.#database.transaction("write", () => {
      for (const name of forget) this.#statement("DELETE FROM unread WHERE name = ?").run(name);
      noteUnread(this.#prepare, files);
    });
  }

  /** See `Knowledge.documents`. */
  list(): DocumentInfo[] {
    return this.#database.guard(
      "list",
      () =>
        this.#statement("SELECT name, title, format, length, chunks FROM documents ORDER BY name")
          .all().map((row) => ({
            document: String(row["name"]),
            ...(row["title"] === null ? {} : { title: String(row["title"]) }),
            format: row["format"] as DocumentFormat,
            length: Number(row["length"]),
            chunks: Number(row["chunks"]),
          })),
    );
  }

  /** See `Knowledge.text`. */
  text(document: string): string | undefined {
    return this.#database.guard("read", () => {
      const row = this.#statement("SELECT id FROM documents WHERE name = ?").get(document);
      if (row === undefined) return undefined;
      return this.#statement("SELECT text FROM chunks WHERE document = ? ORDER BY start")
        .all(Number(row["id"])).map((chunk) => String(chunk["text"])).join("");
    });
  }

  /** See `Knowledge.place`. */
  place(document: string, start: number): DocumentPlace | undefined {
    const text = this.text(document);
    if (text === undefined) return undefined;
    return this.#database.guard("read", () => {
      const row = this.#statement("SELECT id, format FROM documents WHERE name = ?").get(document);
      const path = new HeadingPath();
      const isAbove = (block: Block): boolean => block.kind === "heading" && block.start <= start;
      for (const block of blocksOf(text, row?.["format"] as DocumentFormat)) {
        if (isAbove(block)) path.enter(text, block);
      }
      const anchor = anchorAt(this.#database, Number(row?.["id"]), start);
      return { heading: path.titles(), ...(anchor !== undefined && { anchor }) };
    });
  }

  /** See `Knowledge.stats`. */
  stats(): Omit<KnowledgeStats, "embedder"> {
    const revision = this.#database.counter("revision");
    return this.#database.guard("read", () => {
      // Every answer asks, and counting reads the row of every document.
      if (this.#counted?.revision !== revision) {
        const row = this.#statement(`
          SELECT count(*) AS documents, coalesce(sum(chunks), 0) AS chunks,
            coalesce(sum(length), 0) AS characters,
            (SELECT value FROM counters WHERE name = 'revision') AS revision FROM documents`).get();
        this.#counted = {
          documents: Number(row?.["documents"]),
          chunks: Number(row?.["chunks"]),
          characters: Number(row?.["characters"]),
          revision: Number(row?.["revision"]),
        };
      }
      const { bytes } = this.#statement(`
        SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)
          AS bytes`).get() ?? {};
      return { ...this.#counted, bytes: Number(bytes) };
    });
  }

  /** Merges the index into one piece, which makes searching about a third faster. */
  optimize(): void {
    this.#database.transaction(
      "write",
      () => this.#statement("INSERT INTO chunk_index (chunk_index) VALUES ('optimize')").run(),
    );
  }

  /** Gives back what writing keeps in memory, as another connection writes from now on. */
  forgetWork(): void {
    this.#terms.forget();
    this.#database.exec("PRAGMA shrink_memory");
  }

  #statement(sql: string): ReturnType<Database["statement"]> {
    return this.#database.statement(sql);
  }

  #rebuild(): void {
    this.#database.transaction("index", () => {
      this.#statement("DELETE FROM chunk_index").run();
      const setLanguage = this.#statement("UPDATE documents SET language = ? WHERE id = ?");
      for (const { id, name } of this.#statement("SELECT id, name FROM documents").all()) {
        const language = languageOf(this.text(String(name)) ?? "");
        // Nothing can be loaded here; what is changed later gets its own language.
        setLanguage.run(hasStems(language) ? language : "en", Number(id));
      }
      for (const row of this.#statement(CHUNK_WORDS).iterate()) {
        const terms = this.#terms.termsOfChunk(row, row["language"] as Language);
        learnTerms(this.#prepare, this.#terms.takeLearnt());
        indexChunk(this.#prepare, Number(row["id"]), ...terms);
      }
      this.#statement("INSERT OR REPLACE INTO counters VALUES ('indexing', ?)").run(INDEXING);
      noteChange(this.#prepare);
    });
  }
}

/** What leads to a place of a document: the last anchor up to there. Use it inside `guard`. */
export function anchorAt(database: Database, id: number, start: number): string | undefined {
  const row = database.statement(
    "SELECT anchor FROM anchors WHERE document = ? AND start <= ? ORDER BY start DESC LIMIT 1",
  ).get(id, start);
  return row === undefined ? undefined : String(row["anchor"]);
}
