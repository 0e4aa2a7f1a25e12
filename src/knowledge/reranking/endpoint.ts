/**
 * A re-ranker behind an endpoint: `POST /rerank` as Jina, Cohere, vLLM and llama.cpp's server answer it.
 *
 * @module
 */
import { checkString, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Reranker } from "./types.ts";

/** Options of {@linkcode endpointReranker}. */
export interface EndpointRerankerOptions {
  /** The endpoint's base, such as `http://127.0.0.1:8080/v1`; `/rerank` is added. */
  url: string;
  /** The model's name there. */
  model: string;
  /** The key, if the endpoint wants one. */
  apiKey?: string | undefined;
}

/**
 * Makes a re-ranker of an endpoint, for `quality: "high"` without a native library. It needs net permission for the
 * host; addresses of this machine and private networks are allowed, since the caller names the endpoint.
 *
 * Scores that are not all between 0 and 1 are taken for logits, as llama.cpp's server gives them.
 *
 * @param options The endpoint and the model.
 * @returns The re-ranker, for `openKnowledge`.
 * @throws {TypeError} If an option has a wrong type.
 *
 * @example
 * ```ts
 * import { endpointReranker, openKnowledge } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * const reranker = endpointReranker({ url: "http://127.0.0.1:8080/v1", model: "bge-reranker" });
 * using knowledge = openKnowledge({ reranker });
 * assert.equal(knowledge.reranker?.id, "http://127.0.0.1:8080/v1/rerank bge-reranker");
 * ```
 */
export function endpointReranker(options: EndpointRerankerOptions): Reranker {
  const { url, model, apiKey } = options;
  for (const [name, value] of Object.entries({ url, model })) checkString(value, `options.${name}`);
  if (!URL.canParse(url)) throw wrongType("options.url", "an http or https address", url);
  if (apiKey !== undefined) checkString(apiKey, "options.apiKey");
  const endpoint = `${url.replace(/\/+$/, "")}/rerank`;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (apiKey !== undefined) headers["authorization"] = `Bearer ${apiKey}`;
  return {
    id: `${endpoint} ${model}`,
    async rank(query, passages, { signal }): Promise<Float64Array> {
      const { createHttpClient } = await import("../../http/mod.ts");
      await using client = createHttpClient({ allowPrivate: true });
      const body = { model, query, documents: passages, top_n: passages.length };
      const response = await client.fetch(endpoint, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      if (!response.ok) {
        throw refused(endpoint, `answered ${response.status}: ${text.slice(0, 200)}`);
      }
      return scoresOf(text, passages.length, endpoint);
    },
  };
}

/** The scores of an answer, in the order of the passages; an answer has the best first. */
function scoresOf(text: string, count: number, endpoint: string): Float64Array {
  let results: unknown;
  try {
    results = (JSON.parse(text) as { results?: unknown } | null)?.results;
  } catch {
    // Told below.
  }
  if (!Array.isArray(results)) throw refused(endpoint, "gave no scores");
  const scores = new Float64Array(count).fill(NaN);
  for (const item of results) {
    const { index, relevance_score: score } = (item ?? {}) as {
      index?: unknown;
      relevance_score?: unknown;
    };
    if (typeof index === "number" && typeof score === "number") scores[index] = score;
  }
  if (scores.some((score) => !Number.isFinite(score))) {
    throw refused(endpoint, `did not give ${count} passages a score each`);
  }
  const isChance = scores.every((score) => score >= 0 && score <= 1);
  return isChance ? scores : scores.map((score) => 1 / (1 + Math.exp(-score)));
}

function refused(endpoint: string, what: string): AgentError {
  return new AgentError("UNAVAILABLE", `${endpoint} ${what}`, { server: new URL(endpoint).host });
}
