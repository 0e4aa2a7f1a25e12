/**
 * An embedder behind an endpoint that speaks OpenAI's protocol: `POST /embeddings`.
 *
 * @module
 */
import { checkString, wrongType, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Embedder } from "./types.ts";

/** Options of {@linkcode openaiEmbedder}. */
export interface OpenaiEmbedderOptions {
  /** The endpoint's base, such as `http://127.0.0.1:8080/v1`; `/embeddings` is added. */
  url: string;
  /** The model's name there. */
  model: string;
  /** How long its vectors are. Default: what the first answer has, for which the endpoint is asked once more. */
  dimensions?: number | undefined;
  /** The key, if the endpoint wants one. */
  apiKey?: string | undefined;
}

/** More texts are not sent at once. */
const MOST_TEXTS = 64;

/**
 * Makes an embedder of an endpoint that speaks OpenAI's protocol. It needs net permission for the host; addresses of
 * this machine and private networks are allowed, since the caller names the endpoint.
 *
 * @param options The endpoint, the model and, if it is known, the length of its vectors.
 * @returns The embedder, for `openKnowledge`.
 * @throws {TypeError} If an option has a wrong type.
 * @throws {RangeError} If `dimensions` is no whole number above 0.
 *
 * @example
 * ```ts
 * import { openaiEmbedder } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * const embedder = openaiEmbedder({
 *   url: "http://127.0.0.1:8080/v1",
 *   model: "all-minilm",
 *   dimensions: 384,
 * });
 * assert.equal(embedder.dimensions, 384);
 * ```
 */
export function openaiEmbedder(options: OpenaiEmbedderOptions): Embedder {
  const { url, model, apiKey } = options;
  let { dimensions = 0 } = options;
  for (const [name, value] of Object.entries({ url, model })) checkString(value, `options.${name}`);
  if (!URL.canParse(url)) throw wrongType("options.url", "an http or https address", url);
  if (apiKey !== undefined) checkString(apiKey, "options.apiKey");
  if (options.dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions > 0)) {
    throw wrongValue("options.dimensions", "a whole number above 0", dimensions);
  }
  const endpoint = `${url.replace(/\/+$/, "")}/embeddings`;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (apiKey !== undefined) headers["authorization"] = `Bearer ${apiKey}`;
  return {
    id: `${endpoint} ${model}`,
    get dimensions(): number {
      return dimensions;
    },
    async prepare({ signal }): Promise<void> {
      const [vector] = await this.embed(["How long is a vector?"], {
        kind: "query",
        ...(signal === undefined ? {} : { signal }),
      });
      dimensions = vector?.length ?? 0;
      if (dimensions === 0) throw refused(endpoint, "gave no embeddings");
    },
    async embed(texts, { signal }): Promise<Float32Array[]> {
      const { createHttpClient } = await import("../../http/mod.ts");
      await using client = createHttpClient({ allowPrivate: true });
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += MOST_TEXTS) {
        const input = texts.slice(at, at + MOST_TEXTS);
        const response = await client.fetch(endpoint, {
          method: "POST",
          headers,
          body: JSON.stringify({ model, input, encoding_format: "float" }),
          ...(signal === undefined ? {} : { signal }),
        });
        const text = await response.text();
        if (!response.ok) {
          throw refused(endpoint, `answered ${response.status}: ${text.slice(0, 200)}`);
        }
        vectors.push(...vectorsOf(text, endpoint));
      }
      return vectors;
    },
  };
}

/** The vectors of an answer, in the order of the texts, which an answer may give in another. */
function vectorsOf(text: string, endpoint: string): Float32Array[] {
  let data: unknown;
  try {
    data = (JSON.parse(text) as { data?: unknown } | null)?.data;
  } catch {
    // Told below.
  }
  if (!Array.isArray(data)) throw refused(endpoint, "gave no embeddings");
  const vectors: Float32Array[] = [];
  for (const [at, item] of data.entries()) {
    const { index = at, embedding } = (item ?? {}) as { index?: number; embedding?: unknown };
    const isVector = Array.isArray(embedding) && embedding.every((x) => typeof x === "number");
    if (!isVector) throw refused(endpoint, "gave no embeddings");
    vectors[index] = Float32Array.from(embedding);
  }
  return vectors;
}

function refused(endpoint: string, what: string): AgentError {
  return new AgentError("UNAVAILABLE", `${endpoint} ${what}`, { server: new URL(endpoint).host });
}
