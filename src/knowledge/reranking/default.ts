/**
 * The re-ranker that comes with the package: how alike a query and a passage are to a sentence encoder. Native only.
 *
 * @module
 */
import { nativeRequired, requireLibrary } from "../../native/load.ts";
import { effectiveImplementation } from "../../native/settings.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { WordPieces } from "../embedding/pieces.ts";
import { loadTable } from "../embedding/table.ts";
import { fold } from "../words.ts";
import { NativeEncoder } from "./encoder.ts";
import type { Reranker } from "./types.ts";

/** What begins and ends a text, and what stands for a word that has no pieces. */
const FIRST = 101;
const LAST = 102;
const UNKNOWN = 100;
/** So many pieces of a text are read: what follows costs time, and 160 found no more on the tuning questions. */
const MOST_READ = 112;
/** More characters than this have more pieces than are read, whatever they are. */
const MAX_READ = 4_096;
/** Ideographs stand alone; words are letters, digits and marks; every other sign stands alone. */
const TOKENS = (): RegExp => /\p{sc=Han}|[\p{L}\p{N}\p{M}]+|[^\s\p{C}]/gu;

/** {@linkcode Reranker} by the model of the package. */
export class DefaultReranker implements Reranker, Disposable {
  readonly id = "minilm-l6";
  readonly #encoder: NativeEncoder;
  readonly #pieces: WordPieces;

  private constructor(encoder: NativeEncoder, pieces: WordPieces) {
    this.#encoder = encoder;
    this.#pieces = pieces;
  }

  /**
   * Loads the model.
   *
   * @param implementation Which twin the caller wishes for.
   * @throws {AgentError} `NATIVE_REQUIRED` where the native library or a file of the model cannot be had; `CORRUPT` if
   * a file is not what it was.
   */
  static async load(implementation?: Implementation): Promise<DefaultReranker> {
    if (effectiveImplementation("knowledge", implementation) === "pure") {
      throw nativeRequired("core-utils", "disabled", 'quality "high" has no pure twin');
    }
    requireLibrary("core-utils");
    try {
      const { rows } = await loadTable();
      return new DefaultReranker(await NativeEncoder.open(), new WordPieces(rows));
    } catch (error) {
      if (AgentError.is(error) && ["PERMISSION", "NOT_FOUND", "IO"].includes(error.code)) {
        const state = AgentError.is(error, "PERMISSION") ? "denied" : "absent";
        throw new AgentError(
          "NATIVE_REQUIRED",
          `quality "high" needs the model of the package, and that is ${state}. ${error.message}`,
          { library: "core-utils", state },
          { cause: error },
        );
      }
      throw error;
    }
  }

  async rank(
    query: string,
    passages: readonly string[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Float64Array> {
    const texts = [query, ...passages].map((text) => this.piecesOf(text));
    const [asked, ...vectors] = await this.#encoder.encode(texts, signal);
    return Float64Array.from(vectors, (vector) => cosine(asked!, vector));
  }

  /** The pieces of a text as the model was taught to read it, cut where it stops reading. */
  piecesOf(text: string): Uint32Array {
    const pieces = [FIRST];
    for (const [token] of fold(text.slice(0, MAX_READ)).matchAll(TOKENS())) {
      const found = this.#pieces.of(token);
      if (found.length === 0) pieces.push(UNKNOWN);
      else pieces.push(...found);
      if (pieces.length >= MOST_READ) break;
    }
    return Uint32Array.from([...pieces.slice(0, MOST_READ - 1), LAST]);
  }

  [Symbol.dispose](): void {
    this.#encoder.close();
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let ofA = 0;
  let ofB = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    ofA += a[i]! * a[i]!;
    ofB += b[i]! * b[i]!;
  }
  return ofA > 0 && ofB > 0 ? product / Math.sqrt(ofA * ofB) : 0;
}
