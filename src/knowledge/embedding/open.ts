/**
 * Chooses what makes the vectors of a store and what searches them.
 *
 * @module
 */
import { unlessAborted } from "../../shared/abort.ts";
import { fieldsOf, wrongType, wrongValue } from "../../shared/arguments.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { pick } from "../../native/choose.ts";
import type { Database } from "../database.ts";
import { EMBED_TIMEOUT_MS, VectorTable } from "../vector_table.ts";
import { DefaultEmbedder, plainWords } from "./default.ts";
import { NativeTable, NativeVectorList } from "./native.ts";
import { PureVectorList } from "./pure.ts";
import type { Embedder, RowEmbedder, VectorList } from "./types.ts";
import { quantised } from "./vectors.ts";

/** From so many numbers on the native twin is faster than opening its library costs. */
const LEAST_NUMBERS = 1_000_000;
/** From so many characters at once on the native table is faster than making it costs. */
const LEAST_CHARACTERS = 100_000;
const MOST_DIMENSIONS = 4_096;

/** The vectors of a store; undefined where the default table may not be read. */
export async function openVectors(
  database: Database,
  wish: Embedder | "default" | "none",
  implementation: Implementation | undefined,
): Promise<VectorTable | undefined> {
  if (wish === "none") return undefined;
  const table = wish === "default" ? await tableOfStore() : undefined;
  if (wish === "default" && table === undefined) return undefined;
  const embedder = table === undefined
    ? await checkEmbedder(wish as Embedder)
    : new StoreEmbedder(table, implementation);
  const isNative = (numbers: number) => pick("knowledge", numbers, LEAST_NUMBERS, implementation);
  const makeList = (dimensions: number, room: number): VectorList =>
    new (isNative(dimensions * room) ? NativeVectorList : PureVectorList)(dimensions, room);
  return new VectorTable(database, embedder, makeList);
}

/** The default embedder of a store. Owns the native table, which is made when there is much to embed. */
class StoreEmbedder implements RowEmbedder, Disposable {
  readonly id: string;
  readonly dimensions: number;
  readonly #table: DefaultEmbedder;
  readonly #implementation: Implementation | undefined;
  #native: NativeTable | undefined;

  constructor(table: DefaultEmbedder, implementation: Implementation | undefined) {
    this.id = table.id;
    this.dimensions = table.dimensions;
    this.#table = table;
    this.#implementation = implementation;
  }

  embed(texts: readonly string[]): Promise<Float32Array[]> {
    return this.#table.embed(texts);
  }

  async rows(texts: readonly string[], signal: AbortSignal | undefined): Promise<Int8Array> {
    const characters = texts.reduce((sum, { length }) => sum + length, 0);
    // The table that is there costs nothing more.
    const isNative = this.#native !== undefined ||
      pick("knowledge", characters, LEAST_CHARACTERS, this.#implementation);
    if (isNative) {
      this.#native ??= new NativeTable(this.#table.file);
      return await this.#native.rows(texts.map(plainWords), signal);
    }
    const rows = new Int8Array(texts.length * this.dimensions);
    for (const [at, text] of texts.entries()) {
      const vector = Float32Array.from(this.#table.sum(text));
      rows.set(quantised(vector), at * this.dimensions);
    }
    return rows;
  }

  [Symbol.dispose](): void {
    this.#native?.close();
    this.#native = undefined;
  }
}

/** A table that is missing, as in a bundle, is told: a store that silently found less would be taken for all there is. */
async function tableOfStore(): Promise<DefaultEmbedder | undefined> {
  try {
    return await DefaultEmbedder.load();
  } catch (error) {
    if (AgentError.is(error, "PERMISSION")) return undefined;
    if (!AgentError.is(error, "NOT_FOUND")) throw error;
    const message = `${error.message}; embedder: "none" searches words alone`;
    throw new AgentError("NOT_FOUND", message, error.details, { cause: error });
  }
}

/** The default embedder with its table; undefined where that may not be read or is not there. */
export async function tableEmbedder(): Promise<DefaultEmbedder | undefined> {
  try {
    return await DefaultEmbedder.load();
  } catch (error) {
    if (AgentError.is(error, "PERMISSION") || AgentError.is(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

async function checkEmbedder(embedder: Embedder): Promise<Embedder> {
  const { id, embed, prepare } = fieldsOf(embedder, "options.embedder");
  if (typeof id !== "string" || id === "") {
    throw wrongType("options.embedder.id", "a name", id);
  }
  if (typeof embed !== "function") throw wrongType("options.embedder.embed", "a function", embed);
  if (prepare !== undefined && typeof prepare !== "function") {
    throw wrongType("options.embedder.prepare", "a function", prepare);
  }
  if (embedder.dimensions === 0 && embedder.prepare !== undefined) {
    await withDeadline(
      { operation: "embed", timeoutMs: EMBED_TIMEOUT_MS, signal: undefined },
      (signal) => unlessAborted(embedder.prepare!({ signal }), signal),
    );
  }
  const { dimensions } = embedder;
  if (
    !Number.isInteger(dimensions) || Number(dimensions) < 1 || Number(dimensions) > MOST_DIMENSIONS
  ) {
    throw wrongValue(
      "options.embedder.dimensions",
      `a whole number from 1 to ${MOST_DIMENSIONS}`,
      dimensions,
    );
  }
  return embedder;
}
