/**
 * `/v1/embeddings` and `/v1/models`.
 *
 * @module
 */

import { badField, HttpFault } from "../faults.ts";
import type { Limits } from "../limits.ts";
import type { Tally } from "../tally.ts";
import type { TextEmbedder } from "../types.ts";
import { MODEL } from "./question.ts";

/** The most texts of one request, as OpenAI has it. */
const MOST_TEXTS = 2_048;

/** What the route works with. */
export interface EmbeddingParts {
  /** Makes the vectors; without one there is no such model. */
  embedder: TextEmbedder | undefined;
  /** The server's bounds. */
  limits: Limits;
  /** Counts tokens. */
  tally: Tally;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}

/** The vectors of the texts of a request. */
export async function embeddings(
  body: Record<string, unknown>,
  { embedder, limits, tally, signal }: EmbeddingParts,
): Promise<object> {
  const { model, dimensions, encoding_format: format = "float" } = body;
  if (typeof model !== "string" || model === "") {
    throw badField("model", "model must be the name of a model of /v1/models");
  }
  if (embedder === undefined || model !== embedder.id) {
    const there = embedder === undefined
      ? "this server has none that makes embeddings"
      : `the one that makes embeddings is ${JSON.stringify(embedder.id)}`;
    throw new HttpFault(
      404,
      "model_not_found",
      `There is no model ${JSON.stringify(model)}: ${there}`,
      undefined,
      "model",
    );
  }
  if (dimensions !== undefined && dimensions !== null && dimensions !== embedder.dimensions) {
    throw badField("dimensions", `The vectors of ${model} have ${embedder.dimensions} dimensions`);
  }
  if (format !== "float" && format !== "base64") {
    throw badField("encoding_format", "encoding_format must be float or base64");
  }
  const texts = readTexts(body["input"], limits);
  const vectors = await embedder.embed(texts, { kind: "document", signal });
  const usage = await tally.usage(texts.join("\n"), "");
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: format === "float" ? [...vector] : base64(vector),
    })),
    model: embedder.id,
    usage: { prompt_tokens: usage?.input ?? 0, total_tokens: usage?.input ?? 0 },
  };
}

function readTexts(input: unknown, { questionLength }: Limits): string[] {
  const texts: unknown[] = typeof input === "string" ? [input] : Array.isArray(input) ? input : [];
  if (texts.length === 0 || texts.length > MOST_TEXTS) {
    throw badField("input", `input must be a text, or a list of 1 to ${MOST_TEXTS} texts`);
  }
  return texts.map((text) => {
    if (typeof text !== "string" || text === "") {
      throw badField("input", "input must be texts that are not empty; tokens are not taken");
    }
    if (text.length > questionLength) {
      throw badField("input", `A text has at most ${questionLength} characters`);
    }
    return text;
  });
}

/** Little-endian 32-bit floats, as OpenAI's clients ask for by themselves. */
function base64(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, at) => view.setFloat32(at * 4, value, true));
  return bytes.toBase64();
}

/** The models that there are, for `/v1/models`. */
export function models(domains: readonly string[], embedder: TextEmbedder | undefined): object[] {
  const fields = domains.filter((domain) => domain !== "general").map((name) => `${MODEL}-${name}`);
  const names = [MODEL, ...fields, ...(embedder === undefined ? [] : [embedder.id])];
  return names.map((id) => ({ id, object: "model", created: 0, owned_by: "agent" }));
}
