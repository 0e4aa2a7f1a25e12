/**
 * A cache by meaning: a question that was answered before in other words is not put to the model again.
 *
 * deno run --allow-read=data examples/semantic_cache.ts
 */

import { defaultEmbedder, type Embedder } from "@agent/runtime/knowledge";

/**
 * How near a question must be to one that was answered, as the cosine of their vectors. A table of word vectors sees
 * what a question is about better than in what it differs: the same about black tea is 0.91 near to one about green
 * tea. A model behind openaiEmbedder() tells more apart; find its own bound on questions of yours.
 */
const NEAR = 0.92;
/** More answers are not kept; the oldest goes first. */
const MOST = 10_000;

/** Answers by question, found by meaning. */
class SemanticCache {
  readonly #embedder: Embedder;
  readonly #kept: { vector: Float32Array; answer: string }[] = [];

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /** The answer of the nearest question, if one is near enough. */
  async get(question: string): Promise<string | undefined> {
    const vector = await this.#vectorOf(question);
    let best: string | undefined;
    let nearest = NEAR;
    for (const { vector: other, answer } of this.#kept) {
      // Vectors have the length 1: the sum of the products is the cosine.
      const cosine = vector.reduce((sum, x, i) => sum + x * other[i]!, 0);
      if (cosine < nearest) continue;
      nearest = cosine;
      best = answer;
    }
    return best;
  }

  /** Keeps an answer. */
  async set(question: string, answer: string): Promise<void> {
    this.#kept.push({ vector: await this.#vectorOf(question), answer });
    if (this.#kept.length > MOST) this.#kept.shift();
  }

  async #vectorOf(text: string): Promise<Float32Array> {
    const [vector] = await this.#embedder.embed([text], { kind: "query" });
    return vector!;
  }
}

const cache = new SemanticCache(defaultEmbedder());
await cache.set("How long does green tea steep?", "Two minutes.");
await cache.set("Where is the spare key?", "Under the stone.");
for (
  const question of [
    "Green tea: how long must it steep?",
    "How long does black tea steep?",
    "Who was Ada Lovelace?",
  ]
) {
  console.log(question, "->", await cache.get(question) ?? "ask the model");
}
