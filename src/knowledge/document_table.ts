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
  SkipReason,
} from "./types.ts";
import type { Language } from "./languages.ts";
import { hasStems, languageOf } from "./languages.ts";
import { expandToken, MAX_RAW, rawTokens, termsOf } from "./terms.ts";
import { INDEXING } from "./words.ts";

/** What tells whether a file must be read again. Times in milliseconds since 1970. */
export interface FileStamp {
  /** Bytes. */
  size: number;
  /** Its time of change. */
  modified: number;
  /** When it was looked at. */
  checked: number;
}

/** A stored file. */
export interface StoredFile extends FileStamp {
  /** Its absolute path. */
  name: string;
  /** The digest of its bytes. */
  hash: string;
}

/** A file that was looked at and is no document. */
export interface UnreadFile extends StoredFile {
  /** The kind of reason. */
  reason: SkipReason;
  /** The reason in words. */
  message: string;
}

/** Words of other lengths are not taken for misspelt. */
const LEAST_LEARNT = 4;
const MOST_LEARNT = 24;
const MAX_STORED = 200_000;
/** So many titles and headings are remembered with their terms: of one document at least. */
const MAX_TITLES = 500;

const CHUNK_WORDS =
  "SELECT c.id, c.heading, c.text, d.name, d.title, d.language FROM chunks AS c " +
  "JOIN documents AS d ON d.id = c.document";

/** The documents of one {@linkcode Database}. */
export class DocumentTable {
  readonly #database: Database;
  /** Of each language the words that were stored since it was opened, with their terms: those are in the vocabulary. */
  readonly #stored = new Map<Language, Map<string, string>>();
  readonly #titles = new Map<string, string>();
  #counted: Omit<KnowledgeStats, "embedder" | "bytes"> | undefined;

  /** Indexes anew what an earlier version indexed in another way. */
  constructor(database: Database) {
    this.#database = database;
    if (database.counter("indexing") !== INDEXING) this.#rebuild();
  }

  /** Stores prepared documents, of files with their stamps, in one transaction. */
  store(documents: readonly { document: PreparedDocument; file?: FileStamp }[]): AddReport {
    try {
      return this.#storeAll(documents);
    } catch (error) {
      this.#stored.clear(); // what was noted may have been rolled back
      throw error;
    }
  }

  #storeAll(documents: readonly { document: PreparedDocument; file?: FileStamp }[]): AddReport {
    return this.#database.transaction("write", () => {
      const report: AddReport = { added: 0, updated: 0, unchanged: 0, chunks: 0, revision: 0 };
      for (const { document, file } of documents) {
        const what = this.#storeOne(document, file);
        report[what]++;
        if (what !== "unchanged") report.chunks += document.chunks.length;
      }
      if (report.added + report.updated > 0) this.#changed();
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
        this.#drop(Number(row["id"]));
        removed++;
      }
      if (removed > 0) this.#changed();
      return removed;
    });
  }

  /** Notes that files were looked at and still have the content that is stored. */
  touch(files: readonly ({ name: string } & FileStamp)[]): void {
    if (files.length === 0) return;
    this.#database.transaction("write", () => {
      for (const file of files) this.#stamp(file.name, file);
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
      for (const { name, hash, size, modified, checked, reason, message } of files) {
        this.#statement("INSERT OR REPLACE INTO unread VALUES (?, ?, ?, ?, ?, ?, ?)")
          .run(name, hash, size, modified, checked, reason, message);
      }
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

  #statement(sql: string): ReturnType<Database["statement"]> {
    return this.#database.statement(sql);
  }

  #storeOne(document: PreparedDocument, file?: FileStamp): "added" | "updated" | "unchanged" {
    const old = this.#statement("SELECT id, hash FROM documents WHERE name = ?").get(document.name);
    if (old !== undefined && old["hash"] === document.hash) {
      if (file !== undefined) this.#stamp(document.name, file);
      return "unchanged";
    }
    if (old !== undefined) this.#drop(Number(old["id"]));
    const { name, title, format, text, language, chunks, anchors, hash } = document;
    const id = this.#statement(`
      INSERT INTO documents (name, title, format, length, chunks, hash, size, modified, checked,
        language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
      name,
      title,
      format,
      text.length,
      chunks.length,
      hash,
      file?.size ?? null,
      file?.modified ?? null,
      file?.checked ?? null,
      language,
    ).lastInsertRowid;
    const insertChunk = this.#statement(
      "INSERT INTO chunks (document, start, heading, text) VALUES (?, ?, ?, ?)",
    );
    for (const { start, end, heading } of chunks) {
      const part = text.slice(start, end);
      const above = heading === "" ? null : heading;
      const row = insertChunk.run(id, start, above, part).lastInsertRowid;
      this.#index(row, { name, title, heading: above, text: part, language });
    }
    for (const { start, anchor } of anchors) {
      this.#statement("INSERT OR IGNORE INTO anchors VALUES (?, ?, ?)").run(id, start, anchor);
    }
    return old === undefined ? "added" : "updated";
  }

  #stamp(name: string, file: FileStamp): void {
    this.#statement("UPDATE documents SET size = ?, modified = ?, checked = ? WHERE name = ?")
      .run(file.size, file.modified, file.checked, name);
  }

  #drop(id: number): void {
    this.#statement(
      "DELETE FROM chunk_index WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)",
    ).run(id);
    this.#statement("DELETE FROM chunks WHERE document = ?").run(id);
    this.#statement("DELETE FROM anchors WHERE document = ?").run(id);
    this.#statement("DELETE FROM vectors WHERE document = ?").run(id);
    this.#statement("DELETE FROM documents WHERE id = ?").run(id);
  }

  /** Indexes a chunk. The index keeps its terms: ranking reads them, and taking them out needs them. */
  #index(id: number | bigint, row: Record<string, unknown>): void {
    const language = row["language"] as Language;
    const [title, heading, text] = fieldsOfChunk(row);
    this.#statement("INSERT INTO chunk_index (rowid, title, heading, body) VALUES (?, ?, ?, ?)")
      .run(
        id,
        this.#above(title, language),
        this.#above(heading, language),
        this.#body(text, language),
      );
  }

  /** The terms of a text, each of which is in the vocabulary then: a lookup a word, since most have been there before. */
  #body(text: string, language: Language): string {
    let stored = this.#stored.get(language);
    if (stored === undefined) this.#stored.set(language, stored = new Map());
    const body: string[] = [];
    for (const raw of rawTokens(text)) {
      let terms = stored.get(raw);
      if (terms === undefined) {
        const made = expandToken(raw, language);
        this.#learn(made);
        terms = made.join(" ");
        if (stored.size >= MAX_STORED) stored.clear();
        if (raw.length <= MAX_RAW) stored.set(ownCopy(raw), terms = ownCopy(terms));
      }
      if (terms !== "") body.push(terms);
    }
    return body.join(" ");
  }

  /** The terms of a title or of headings, which the chunks of a document share. */
  #above(text: string, language: Language): string {
    const key = `${language} ${text}`;
    let terms = this.#titles.get(key);
    if (terms === undefined) {
      terms = termsOf(text, language).join(" ");
      if (this.#titles.size >= MAX_TITLES) this.#titles.clear();
      this.#titles.set(key, terms);
    }
    return terms;
  }

  /** Notes terms that a misspelt word of a query may have meant. They stay when their last chunk goes. */
  #learn(terms: readonly string[]): void {
    const learn = this.#statement("INSERT OR IGNORE INTO vocabulary VALUES (?)");
    for (const term of terms) {
      if (term.length >= LEAST_LEARNT && term.length <= MOST_LEARNT) learn.run(term);
    }
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
        this.#index(Number(row["id"]), row);
      }
      this.#statement("INSERT OR REPLACE INTO counters VALUES ('indexing', ?)").run(INDEXING);
      this.#changed();
    });
  }

  #changed(): void {
    this.#statement("UPDATE counters SET value = value + 1 WHERE name = 'revision'").run();
    this.#statement("DELETE FROM derived").run();
  }
}

/** A copy that does not keep the text alive from which a word was cut: engines let long words share it. */
function ownCopy(word: string): string {
  return word.length < 13 ? word : Array.from(word).join("");
}

/** What leads to a place of a document: the last anchor up to there. Use it inside `guard`. */
export function anchorAt(database: Database, id: number, start: number): string | undefined {
  const row = database.statement(
    "SELECT anchor FROM anchors WHERE document = ? AND start <= ? ORDER BY start DESC LIMIT 1",
  ).get(id, start);
  return row === undefined ? undefined : String(row["anchor"]);
}

/** Title, heading and text of a chunk's row, as they are indexed. */
export function fieldsOfChunk(row: Record<string, unknown>): [string, string, string] {
  const heading = String(row["heading"] ?? "");
  const title = String(row["title"] ?? "");
  // The title is often the first heading as well, and must not count twice.
  const shown = heading.startsWith(title) ? "" : title;
  return [`${shown} ${nameWords(String(row["name"]))}`, heading, String(row["text"])];
}

/** The words in a name: of a path the file's own name without its ending. */
function nameWords(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return base.replace(/\.\w{1,8}$/, "").replace(/[_-]+/g, " ");
}
