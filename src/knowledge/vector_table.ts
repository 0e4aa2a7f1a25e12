/**
 * The vectors of the chunks: kept in the data file, one row a document, made by one embedder and made anew when
 * another one comes; searched in memory.
 *
 * @module
 */
import { unlessAborted } from "../shared/abort.ts";
import { AgentError } from "../shared/errors.ts";
import { withDeadline } from "../shared/deadline.ts";
import type { Database } from "./database.ts";
import type { Embedder, RowEmbedder, VectorList } from "./embedding/types.ts";
import { quantised } from "./embedding/vectors.ts";

/** So many chunks are embedded between two writes. */
const BATCH_CHUNKS = 256;
/** An embedder that has not answered for so long for one batch never will. */
export const EMBED_TIMEOUT_MS = 60_000;

interface Loaded {
  revision: number;
  list: VectorList;
  /** The rows of each document, in the order of the chunks and of the rows. */
  parts: Part[];
}

/** The rows of a document: from which chunk on, from which row on, how many. */
interface Part {
  chunk: number;
  row: number;
  count: number;
}

/** A document without vectors. */
interface Missing {
  id: number;
  hash: string;
  /** Its first chunk; the others follow. */
  chunk: number;
  /** What is embedded of each. */
  texts: string[];
}

/** The vectors of one {@linkcode Database} by one embedder. */
export class VectorTable implements Disposable {
  readonly embedder: Embedder | (RowEmbedder & Disposable);
  readonly #database: Database;
  readonly #makeList: (dimensions: number, room: number) => VectorList;
  readonly #timeoutMs: number;
  #loaded: Loaded | undefined;
  /** The state of the store in which no document lacked its vectors. */
  #whole = "";

  constructor(
    database: Database,
    embedder: Embedder | (RowEmbedder & Disposable),
    makeList: (dimensions: number, room: number) => VectorList,
    timeoutMs: number = EMBED_TIMEOUT_MS,
  ) {
    this.#database = database;
    this.#timeoutMs = timeoutMs;
    this.embedder = embedder;
    this.#makeList = makeList;
  }

  /** Embeds the chunks of documents that have no vectors of this embedder. What is done stays if it fails. */
  async complete(signal?: AbortSignal): Promise<void> {
    this.#dropForeign();
    let before = "";
    for (;;) {
      signal?.throwIfAborted();
      // Looking for them reads a row of every document, and every search asks.
      const state = this.#state();
      if (state === this.#whole) return;
      const batch = this.#missing();
      if (batch.length === 0) {
        this.#whole = state;
        return;
      }
      const what = batch.map(({ id, hash }) => `${id} ${hash}`).join("\n");
      // What was kept is not missing.
      if (what === before) throw this.#notKept();
      before = what;
      const texts = batch.flatMap(({ texts }) => texts);
      const vectors = new Int8Array(texts.length * this.embedder.dimensions);
      // A document can have more chunks than a batch.
      for (let at = 0; at < texts.length; at += BATCH_CHUNKS) {
        const part = await this.#embed(texts.slice(at, at + BATCH_CHUNKS), "document", signal);
        vectors.set(part, at * this.embedder.dimensions);
      }
      this.#keep(batch, vectors);
    }
  }

  /** What embeds chunks that are not stored yet; undefined if an endpoint does, which {@linkcode complete} asks. */
  beside(): RowEmbedder | undefined {
    if (!("rows" in this.embedder)) return undefined;
    this.#dropForeign();
    return this.embedder;
  }

  /** The vector of a query. */
  async query(text: string, signal?: AbortSignal): Promise<Int8Array> {
    return await this.#embed([text], "query", signal);
  }

  /** The chunks nearest to a vector, and the inner product of each. */
  nearest(vector: Int8Array, most: number): Map<number, number> {
    const { list, parts } = this.#load();
    const { rows, products } = list.nearest(vector, most);
    const found = new Map<number, number>();
    rows.forEach((row, at) => {
      const part = partAt(parts, (part) => part.row <= row)!;
      found.set(part.chunk + row - part.row, products[at]!);
    });
    return found;
  }

  /** The inner products of a vector with some chunks; those without a vector are left out. */
  products(vector: Int8Array, chunks: readonly number[]): Map<number, number> {
    const { list, parts } = this.#load();
    const known: number[] = [];
    const rows: number[] = [];
    for (const chunk of chunks) {
      const part = partAt(parts, (part) => part.chunk <= chunk);
      if (part === undefined || chunk >= part.chunk + part.count) continue;
      known.push(chunk);
      rows.push(part.row + chunk - part.chunk);
    }
    const products = list.products(vector, Uint32Array.from(rows));
    return new Map(known.map((chunk, at) => [chunk, products[at]!]));
  }

  [Symbol.dispose](): void {
    this.#forget();
    if ("rows" in this.embedder) this.embedder[Symbol.dispose]();
  }

  /** What tells that documents or vectors may have changed: here, or by another process with another embedder. */
  #state(): string {
    const revision = this.#database.counter("revision");
    return this.#database.guard("read", () => {
      const others = this.#database.statement("PRAGMA data_version").get()?.["data_version"];
      return `${revision} ${others}`;
    });
  }

  /** What is stored has changed. */
  #forget(): void {
    this.#loaded?.list[Symbol.dispose]();
    this.#loaded = undefined;
  }

  /** The vectors of some texts as they are kept, row after row. */
  async #embed(
    texts: readonly string[],
    kind: "query" | "document",
    signal: AbortSignal | undefined,
  ): Promise<Int8Array> {
    if ("rows" in this.embedder) return await this.embedder.rows(texts, signal);
    const { id, dimensions } = this.embedder;
    const vectors = await withDeadline(
      { operation: "embed", timeoutMs: this.#timeoutMs, signal },
      (signal) => unlessAborted(this.embedder.embed(texts, { kind, signal }), signal),
    );
    const fits = Array.isArray(vectors) && vectors.length === texts.length &&
      vectors.every((vector) => vector?.length === dimensions);
    if (!fits) {
      throw new AgentError(
        "UNAVAILABLE",
        `The embedder ${id} was given ${texts.length} texts and gave no list of as many vectors of ${dimensions} ` +
          `numbers; nothing of it is kept.`,
        { server: id },
      );
    }
    const rows = new Int8Array(texts.length * dimensions);
    for (const [at, vector] of vectors.entries()) rows.set(quantised(vector), at * dimensions);
    return rows;
  }

  #dropForeign(): void {
    const known = () => this.#database.statement("SELECT id FROM embedder").get()?.["id"];
    if (this.#database.guard("read", known) === this.embedder.id) return;
    this.#whole = "";
    this.#database.transaction("write", () => {
      this.#database.statement("DELETE FROM vectors").run();
      this.#database.statement("DELETE FROM embedder").run();
      this.#database.statement("INSERT INTO embedder VALUES (?)").run(this.embedder.id);
    });
    this.#forget();
  }

  /** Some documents without vectors, with what is embedded of each chunk. */
  #missing(): Missing[] {
    return this.#database.guard("read", () => {
      const documents = this.#database.statement(`
        SELECT d.id, d.hash, d.title, d.chunks FROM documents AS d
        WHERE NOT EXISTS (SELECT 1 FROM vectors AS v WHERE v.document = d.id) ORDER BY d.id LIMIT 64`)
        .all();
      const batch: Missing[] = [];
      let chunks = 0;
      for (const { id, hash, title, chunks: count } of documents) {
        if (chunks > 0 && chunks + Number(count) > BATCH_CHUNKS) break;
        chunks += Number(count);
        const rows = this.#database.statement(
          "SELECT id, heading, text FROM chunks WHERE document = ? ORDER BY id",
        ).all(Number(id));
        batch.push({
          id: Number(id),
          hash: String(hash),
          chunk: Number(rows[0]?.["id"] ?? 0),
          texts: rows.map((row) => embeddedText(title, row["heading"], row["text"])),
        });
      }
      return batch;
    });
  }

  #keep(batch: readonly Missing[], vectors: Int8Array): void {
    this.#database.transaction("write", () => {
      // Another process may have come with another embedder, or changed a document, meanwhile.
      if (this.#database.statement("SELECT id FROM embedder").get()?.["id"] !== this.embedder.id) {
        return;
      }
      let start = 0;
      for (const { id, hash, chunk, texts } of batch) {
        const end = start + texts.length * this.embedder.dimensions;
        const data = new Uint8Array(vectors.buffer as ArrayBuffer, start, end - start);
        this.#database.statement(`
          INSERT OR REPLACE INTO vectors (document, chunk, data)
          SELECT id, ?, ? FROM documents WHERE id = ? AND hash = ?`).run(chunk, data, id, hash);
        start = end;
      }
    });
    this.#forget();
  }

  /** Why vectors were made and are not there. */
  #notKept(): AgentError {
    const { path } = this.#database;
    const known = () => this.#database.statement("SELECT id FROM embedder").get()?.["id"];
    const id = String(this.#database.guard("read", known) ?? "");
    if (id !== this.embedder.id) {
      return new AgentError(
        "UNAVAILABLE",
        `Another program uses "${path}" with the embedder ${id}, this one uses ${this.embedder.id}; ` +
          `give both the same one, or each a file of its own`,
        { server: this.embedder.id },
      );
    }
    return new AgentError(
      "CORRUPT",
      `"${path}" is damaged (vectors that were written are not there); restore a copy, or delete it and ` +
        `index the documents again.`,
      { path },
    );
  }

  #load(): Loaded {
    const revision = this.#database.counter("revision");
    if (this.#loaded?.revision === revision) return this.#loaded;
    this.#forget();
    const { dimensions } = this.embedder;
    return this.#database.guard("read", () => {
      const room = Number(
        this.#database.statement("SELECT coalesce(sum(length(data)), 0) AS n FROM vectors").get()
          ?.["n"],
      ) / dimensions;
      const list = this.#makeList(dimensions, Math.ceil(room));
      try {
        const parts: Part[] = [];
        // From row to row into the list, so that they are never there twice.
        const all = this.#database.statement("SELECT chunk, data FROM vectors ORDER BY chunk");
        for (const { chunk, data } of all.iterate()) {
          const { buffer, byteOffset, length } = data as Uint8Array;
          parts.push({ chunk: Number(chunk), row: list.length, count: length / dimensions });
          list.append(new Int8Array(buffer, byteOffset, length));
        }
        return this.#loaded = { revision, list, parts };
      } catch (error) {
        list[Symbol.dispose]();
        throw error;
      }
    });
  }
}

/** The last part of those that begin early enough. */
function partAt(parts: readonly Part[], isBefore: (part: Part) => boolean): Part | undefined {
  let low = -1;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isBefore(parts[middle]!)) low = middle;
    else high = middle - 1;
  }
  return parts[low];
}

/** What is embedded of a chunk: what it is about is often said above it alone. */
export function embeddedText(title: unknown, heading: unknown, text: unknown): string {
  const above = String(heading ?? "");
  const name = String(title ?? "");
  return `${above.startsWith(name) ? "" : name}\n${above}\n${text}`;
}
