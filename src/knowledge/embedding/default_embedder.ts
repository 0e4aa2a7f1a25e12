/**
 * The default embedder for a caller's own texts. Loads the table, and the code that reads it, at the first text.
 *
 * @module
 */
import { checkStrings } from "../../shared/arguments.ts";
import { Pace } from "../../shared/pace.ts";
import type { DefaultEmbedder } from "./default.ts";
import { DEFAULT_EMBEDDER, type Embedder } from "./types.ts";

/**
 * Makes the embedder that `openKnowledge` uses by default, for texts of your own: a cache by meaning, groups, a search
 * in a store of another make. Its vectors come from a table of the package, English above all: no network and no native
 * library, some microseconds a sentence. They have the length 1 (0 for a text without a word), so the sum of the
 * products of two is their cosine.
 *
 * The table is read at the first text; in a checkout that needs read permission for the folder `data`.
 *
 * @returns The embedder. Its `embed()` rejects with `PERMISSION` or `NOT_FOUND` where the table cannot be read, and gives
 * way to other work while it embeds many texts.
 *
 * @example
 * ```ts
 * import { defaultEmbedder } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * const embedder = defaultEmbedder();
 * const [tea, brew, train] = await embedder.embed(
 *   ["How long does tea steep?", "Brewing time of tea", "When does the train leave?"],
 *   { kind: "document" },
 * );
 * const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
 * assert.ok(cosine(tea!, brew!) > cosine(tea!, train!));
 * ```
 */
export function defaultEmbedder(): Embedder {
  let table: DefaultEmbedder | undefined;
  return {
    ...DEFAULT_EMBEDDER,
    async embed(texts, options): Promise<Float32Array[]> {
      checkStrings(texts, "texts");
      const pace = new Pace({ signal: options?.signal }, texts.length);
      const { DefaultEmbedder } = await import("./default.ts");
      table ??= await DefaultEmbedder.load();
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        vectors.push(unit(table.sum(text)));
        if (pace.due()) await pace.giveWay(vectors.length);
      }
      return vectors;
    },
  };
}

/** A vector of the length 1 in the same direction; all 0 if it has none. */
function unit(vector: Float64Array): Float32Array {
  let squares = 0;
  for (const x of vector) squares += x * x;
  const length = Math.sqrt(squares) || 1;
  return Float32Array.from(vector, (x) => x / length);
}
