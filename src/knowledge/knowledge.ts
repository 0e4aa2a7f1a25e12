/**
 * The knowledge store: what `openKnowledge` gives, over one SQLite file with an FTS5 index.
 *
 * @module
 */
import { checkString, wrongType, wrongValue } from "../shared/arguments.ts";
import type { Database } from "./database.ts";
import { SqliteDerivedStore } from "./derived_store.ts";
import type { PreparedDocument } from "./document.ts";
import { DocumentTable } from "./document_table.ts";
import { ChunkSearch } from "./search.ts";
import type {
  AddOptions,
  AddReport,
  DerivedStore,
  DocumentInfo,
  DocumentInput,
  DocumentPlace,
  FolderOptions,
  FolderReport,
  Knowledge,
  KnowledgeStats,
  QueryTerm,
  SearchHit,
  SearchOptions,
} from "./types.ts";

/** {@linkcode Knowledge} on one {@linkcode Database}. Owns it. */
export class SqliteKnowledge implements Knowledge {
  readonly path: string;
  readonly derived: DerivedStore;
  readonly #database: Database;
  readonly #documents: DocumentTable;
  readonly #search: ChunkSearch;

  constructor(database: Database) {
    this.#database = database;
    this.path = database.path;
    this.derived = new SqliteDerivedStore(database);
    this.#documents = new DocumentTable(database);
    this.#search = new ChunkSearch(database);
  }

  async add(documents: Iterable<DocumentInput>, options: AddOptions = {}): Promise<AddReport> {
    options.signal?.throwIfAborted();
    if (typeof documents?.[Symbol.iterator] !== "function") {
      throw wrongType("documents", "an array or another iterable of documents", documents);
    }
    this.#database.counter("revision"); // says at once that the store is closed
    // Reading documents is a good part of the area, and searching does without it.
    const [{ checkDocument, prepareDocument }, { reporter }] = await Promise.all([
      import("./document.ts"),
      import("../shared/progress.ts"),
    ]);
    const inputs = Array.from(documents, checkDocument);
    const progress = reporter<{ document: string }>(options.onProgress, inputs.length);
    const prepared: PreparedDocument[] = [];
    for (const input of inputs) {
      prepared.push(await prepareDocument(input));
      options.signal?.throwIfAborted();
      progress.report(prepared.length, { document: input.document });
    }
    const result = this.#documents.store(prepared.map((document) => ({ document })));
    progress.finish();
    return result;
  }

  async addFolder(folder: string, options: FolderOptions = {}): Promise<FolderReport> {
    this.#database.counter("revision"); // says at once that the store is closed
    const { indexFolder } = await import("./folder.ts");
    return await indexFolder(this.#documents, folder, options);
  }

  remove(documents: string | Iterable<string>): number {
    return this.#documents.remove(
      typeof documents === "string" ? [documents] : Array.from(documents),
    );
  }

  search(query: string, options: SearchOptions = {}): SearchHit[] {
    const limit = options.limit ?? 10;
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
      throw wrongValue("options.limit", "a whole number from 1 to 1,000", limit);
    }
    checkString(query, "query");
    return this.#search.hits(query, limit);
  }

  terms(query: string): QueryTerm[] {
    checkString(query, "query");
    return this.#search.terms(query);
  }

  documents(): DocumentInfo[] {
    return this.#documents.list();
  }

  text(document: string): string | undefined {
    return this.#documents.text(document);
  }

  place(document: string, start: number): DocumentPlace | undefined {
    return this.#documents.place(document, start);
  }

  stats(): KnowledgeStats {
    return this.#documents.stats();
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
