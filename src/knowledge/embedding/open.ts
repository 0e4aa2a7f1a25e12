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
import { DefaultEmbedder } from "./default.ts";
import { NativeVectorList } from "./native.ts";
import { PureVectorList } from "./pure.ts";
import type { Embedder, VectorList } from "./types.ts";

/** From so many numbers on the native twin is faster than opening its library costs. */
const LEAST_NUMBERS = 1_000_000;
const MOST_DIMENSIONS = 4_096;

/** The vectors of a store; undefined where the default table cannot be had. */
export async function openVectors(
  database: Database,
  wish: Embedder | "default" | "none",
  implementation: Implementation | undefined,
): Promise<VectorTable | undefined> {
  if (wish === "none") return undefined;
  const embedder = wish === "default" ? await tableEmbedder() : await checkEmbedder(wish);
  if (embedder === undefined) return undefined;
  const isNative = (numbers: number) => pick("knowledge", numbers, LEAST_NUMBERS, implementation);

  const makeList = (rows: Int8Array, dimensions: number): VectorList =>
    new (isNative(rows.length) ? NativeVectorList : PureVectorList)(rows, dimensions);
  return new VectorTable(database, embedder, makeList);
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
