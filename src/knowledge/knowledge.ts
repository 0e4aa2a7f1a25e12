/**
 * The knowledge store: what `openKnowledge` gives, over one SQLite file with an FTS5 index.
 *
 * @module
 */
import { checkString, checkStrings, wrongType, wrongValue } from "../shared/arguments.ts";
import type { Database } from "./database.ts";
import { SqliteDerivedStore } from "./derived_store.ts";
import type { PreparedDocument } from "./document.ts";
import { DocumentTable } from "./document_table.ts";
import type { Embedder } from "./embedding/types.ts";
import type { Reranker } from "./reranking/types.ts";
import { ChunkSearch } from "./search.ts";
import type { DefaultReranker } from "./reranking/default.ts";
import type { VectorTable } from "./vector_table.ts";
import type { Implementation } from "../shared/implementation.ts";
import type { KnowledgeOptions } from "./types.ts";
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
  readonly reranker: Reranker | undefined;
  readonly #database: Database;
  readonly #documents: DocumentTable;
  readonly #search: ChunkSearch;

  readonly #wish: Embedder | "default" | "none";
  readonly #implementation: Implementation | undefined;
  #vectors: Promise<VectorTable | undefined> | undefined;
  #open: VectorTable | undefined;
  #loaded: DefaultReranker | undefined;

  constructor(database: Database, options: KnowledgeOptions = {}) {
    this.reranker = options.reranker;
    this.#wish = options.embedder ?? "default";
    this.#implementation = options.implementation;
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
    await (await this.#vectorTable())?.complete(options.signal);
    progress.finish();
    return result;
  }

  async addFolder(folder: string, options: FolderOptions = {}): Promise<FolderReport> {
    this.#database.counter("revision"); // says at once that the store is closed
    const [{ indexFolder }, { FolderWriter }] = await Promise.all([
      import("./folder.ts"),
      import("./folder_writer.ts"),
    ]);
    // An endpoint may fail or take long: it is asked when all documents are stored.
    const vectors = () =>
      this.#wish === "default" ? this.#vectorTable() : Promise.resolve(undefined);
    const writer = new FolderWriter(this.#database, this.#documents, vectors, options.signal);
    let report: FolderReport;
    try {
      report = await indexFolder(this.#documents, writer, folder, options);
    } finally {
      await writer[Symbol.asyncDispose]();
    }
    const read = performance.now();
    await (await this.#vectorTable())?.complete(options.signal);
    return { ...report, durationMs: report.durationMs + performance.now() - read };
  }

  remove(documents: string | Iterable<string>): number {
    return this.#documents.remove(
      typeof documents === "string" ? [documents] : Array.from(documents),
    );
  }

  async search(query: string, options: SearchOptions = {}): Promise<SearchHit[]> {
    const limit = checkSearch(query, options);
    this.#database.counter("revision"); // says at once that the store is closed
    if (options.quality !== "high") return await this.#find(query, limit, options.signal);
    const reranker = this.reranker ?? await this.#defaultReranker();
    const { BRIEF, RERANKED, reranked } = await import("./reranking/rerank.ts");
    const hits = await this.#find(query, Math.max(limit, RERANKED), options.signal);
    const characters = this.reranker === undefined ? BRIEF : Infinity;
    const { signal } = options;
    return (await reranked(reranker, query, hits, { characters, signal })).slice(0, limit);
  }

  async relevance(
    query: string,
    texts: readonly string[],
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Float64Array> {
    checkString(query, "query");
    checkStrings(texts, "texts");
    this.#database.counter("revision"); // says at once that the store is closed
    const reranker = this.reranker ?? await this.#defaultReranker();
    const { relevanceOf } = await import("./reranking/rerank.ts");
    return await relevanceOf(reranker, query, texts, options.signal);
  }

  async #find(query: string, limit: number, signal?: AbortSignal): Promise<SearchHit[]> {
    await this.#search.prepare();
    const vectors = await this.#vectorTable();
    if (vectors === undefined) return this.#search.hits(query, limit);
    await vectors.complete(signal);
    const { hybridHits } = await import("./hybrid.ts");
    return await hybridHits(this.#search, vectors, query, limit, signal);
  }

  searchText(query: string, options: SearchOptions = {}): SearchHit[] {
    return this.#search.hits(query, checkSearch(query, options));
  }

  terms(query: string): QueryTerm[] {
    checkString(query, "query");
    return this.#search.terms(query);
  }

  get revision(): number {
    return this.#database.counter("revision");
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
    return { ...this.#documents.stats(), embedder: this.#open?.embedder.id ?? null };
  }

  close(): void {
    this.#open?.[Symbol.dispose]();
    this.#loaded?.[Symbol.dispose]();
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Loaded again after a failure: what was missing may have come. */
  async #defaultReranker(): Promise<DefaultReranker> {
    const { DefaultReranker } = await import("./reranking/default.ts");
    const reranker = this.#loaded ?? await DefaultReranker.load(this.#implementation);
    if (this.#loaded !== undefined && this.#loaded !== reranker) reranker[Symbol.dispose]();
    return this.#loaded ??= reranker;
  }

  #vectorTable(): Promise<VectorTable | undefined> {
    if (this.#wish === "none") return Promise.resolve(undefined);
    return this.#vectors ??= this.#openVectors();
  }

  /** Words alone are searched where the table of the default embedder may not be read, as it may be a data file only. */
  async #openVectors(): Promise<VectorTable | undefined> {
    const { openVectors } = await import("./embedding/open.ts");
    try {
      return this.#open = await openVectors(this.#database, this.#wish, this.#implementation);
    } catch (error) {
      this.#vectors = undefined; // an endpoint that was away may come
      throw error;
    }
  }
}

function checkSearch(query: string, options: SearchOptions): number {
  const limit = options.limit ?? 10;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw wrongValue("options.limit", "a whole number from 1 to 1,000", limit);
  }
  checkString(query, "query");
  const { quality = "fast" } = options;
  if (quality !== "fast" && quality !== "high") {
    throw wrongValue("options.quality", '"fast" or "high"', quality);
  }
  return limit;
}
