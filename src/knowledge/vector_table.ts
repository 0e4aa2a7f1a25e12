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
import type { Embedder, VectorList } from "./embedding/types.ts";
import { quantised } from "./embedding/vectors.ts";

/** So many chunks are embedded between two writes. */
const BATCH_CHUNKS = 256;
/** An embedder that has not answered for so long for one batch never will. */
export const EMBED_TIMEOUT_MS = 60_000;

interface Loaded {
  revision: number;
  list: VectorList;
  /** The rows of each document: from which chunk on, from which row on, how many. */
  parts: { chunk: number; row: number; count: number }[];
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
  readonly embedder: Embedder;
  readonly #database: Database;
  readonly #makeList: (rows: Int8Array, dimensions: number) => VectorList;
  #loaded: Loaded | undefined;

  constructor(
    database: Database,
    embedder: Embedder,
    makeList: (rows: Int8Array, dimensions: number) => VectorList,
  ) {
    this.#database = database;
    this.embedder = embedder;
    this.#makeList = makeList;
  }

  /** Embeds the chunks of documents that have no vectors of this embedder. What is done stays if it fails. */
  async complete(signal?: AbortSignal): Promise<void> {
    this.#dropForeign();
    let before = "";
    for (;;) {
      signal?.throwIfAborted();
      const batch = this.#missing();
      if (batch.length === 0) return;
      const what = batch.map(({ id, hash }) => `${id} ${hash}`).join("\n");
      // What was kept is not missing.
      if (what === before) throw this.#notKept();
      before = what;
      const texts = batch.flatMap(({ texts }) => texts);
      const vectors: Int8Array[] = [];
      // A document can have more chunks than a batch.
      for (let at = 0; at < texts.length; at += BATCH_CHUNKS) {
        vectors.push(...await this.#embed(texts.slice(at, at + BATCH_CHUNKS), "document", signal));
      }
      this.#keep(batch, vectors);
    }
  }

  /** The vector of a query. */
  async query(text: string, signal?: AbortSignal): Promise<Int8Array> {
    return (await this.#embed([text], "query", signal))[0]!;
  }

  /** The chunks nearest to a vector, and the inner product of each. */
  nearest(vector: Int8Array, most: number): Map<number, number> {
    const { list, parts } = this.#load();
    const { rows, products } = list.nearest(vector, most);
    const found = new Map<number, number>();
    rows.forEach((row, at) => {
      let low = 0;
      let high = parts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (parts[middle]!.row <= row) low = middle;
        else high = middle - 1;
      }
      const part = parts[low]!;
      found.set(part.chunk + row - part.row, products[at]!);
    });
    return found;
  }

  /** The inner products of a vector with some chunks; those without a vector are left out. */
  products(vector: Int8Array, chunks: readonly number[]): Map<number, number> {
    const { list, parts } = this.#load();
    const byChunk = parts.toSorted((a, b) => a.chunk - b.chunk);
    const known: number[] = [];
    const rows: number[] = [];
    for (const chunk of chunks) {
      const part = byChunk.findLast((part) => part.chunk <= chunk);
      if (part === undefined || chunk >= part.chunk + part.count) continue;
      known.push(chunk);
      rows.push(part.row + chunk - part.chunk);
    }
    const products = list.products(vector, Uint32Array.from(rows));
    return new Map(known.map((chunk, at) => [chunk, products[at]!]));
  }

  [Symbol.dispose](): void {
    this.#loaded?.list[Symbol.dispose]();
    this.#loaded = undefined;
  }

  async #embed(
    texts: readonly string[],
    kind: "query" | "document",
    signal: AbortSignal | undefined,
  ): Promise<Int8Array[]> {
    const { id, dimensions } = this.embedder;
    const vectors = await withDeadline(
      { operation: "embed", timeoutMs: EMBED_TIMEOUT_MS, signal },
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
    return vectors.map(quantised);
  }

  #dropForeign(): void {
    const known = () => this.#database.statement("SELECT id FROM embedder").get()?.["id"];
    if (this.#database.guard("read", known) === this.embedder.id) return;
    this.#database.transaction("write", () => {
      this.#database.statement("DELETE FROM vectors").run();
      this.#database.statement("DELETE FROM embedder").run();
      this.#database.statement("INSERT INTO embedder VALUES (?)").run(this.embedder.id);
    });
    this[Symbol.dispose]();
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
          texts: rows.map((row) => textOf(title, row["heading"], row["text"])),
        });
      }
      return batch;
    });
  }

  #keep(
    batch: readonly Missing[],
    vectors: readonly Int8Array[],
  ): void {
    this.#database.transaction("write", () => {
      // Another process may have come with another embedder, or changed a document, meanwhile.
      if (this.#database.statement("SELECT id FROM embedder").get()?.["id"] !== this.embedder.id) {
        return;
      }
      let at = 0;
      for (const { id, hash, chunk, texts } of batch) {
        const data = new Uint8Array(texts.length * this.embedder.dimensions);
        texts.forEach((_, row) => {
          data.set(new Uint8Array(vectors[at++]!.buffer), row * this.embedder.dimensions);
        });
        this.#database.statement(`
          INSERT OR REPLACE INTO vectors (document, chunk, data)
          SELECT id, ?, ? FROM documents WHERE id = ? AND hash = ?`).run(chunk, data, id, hash);
      }
    });
    this[Symbol.dispose]();
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
    this[Symbol.dispose]();
    const { dimensions } = this.embedder;
    return this.#database.guard("read", () => {
      const bytes = Number(
        this.#database.statement("SELECT coalesce(sum(length(data)), 0) AS n FROM vectors").get()
          ?.["n"],
      );
      let rows = new Int8Array(bytes);
      const parts: Loaded["parts"] = [];
      let end = 0;
      const all = this.#database.statement(
        "SELECT chunk, data FROM vectors ORDER BY chunk",
      );
      for (const { chunk, data } of all.iterate()) {
        const part = data as Uint8Array;
        const count = part.length / dimensions;
        if (end + part.length > rows.length) {
          const more = new Int8Array((end + part.length) * 2);
          more.set(rows);
          rows = more;
        }
        rows.set(new Int8Array(part.buffer, part.byteOffset, part.length), end);
        parts.push({ chunk: Number(chunk), row: end / dimensions, count });
        end += part.length;
      }
      const list = this.#makeList(rows.subarray(0, end), dimensions);
      return this.#loaded = { revision, list, parts };
    });
  }
}

/** What a chunk is about is often said above it alone. */
function textOf(title: unknown, heading: unknown, text: unknown): string {
  const above = String(heading ?? "");
  const name = String(title ?? "");
  return `${above.startsWith(name) ? "" : name}\n${above}\n${text}`;
}
