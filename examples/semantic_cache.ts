/**
 * A cache by meaning: a question that was answered before in other words is not put to the model again.
 *
 * deno run --allow-read=data examples/semantic_cache.ts
 */

import { openKnowledge } from "@agent/runtime/knowledge";
import { similarity } from "@agent/runtime/text";

/** How near a question must be to one that was answered. */
const NEAR = 0.6;

/** Answers by question, found by words and by meaning. */
class SemanticCache implements Disposable {
  readonly #questions = openKnowledge();
  readonly #answers = new Map<string, string>();

  /** The answer of a question like this one; undefined if there is none. */
  async get(question: string): Promise<{ answer: string; asked: string } | undefined> {
    for (const { document } of await this.#questions.search(question, { limit: 3 })) {
      const metric = "token-set";
      if (similarity(plain(question), plain(document), { metric }) < NEAR) continue;
      return { answer: this.#answers.get(document)!, asked: document };
    }
    return undefined;
  }

  /** Keeps an answer. */
  async set(question: string, answer: string): Promise<void> {
    this.#answers.set(question, answer);
    await this.#questions.add([{ document: question, text: question }]);
  }

  [Symbol.dispose](): void {
    this.#questions.close();
  }
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

using cache = new SemanticCache();
await cache.set("How long does green tea steep?", "Two minutes.");
await cache.set("Where is the spare key?", "Under the stone.");
for (const question of ["Green tea: how long must it steep?", "Who was Ada Lovelace?"]) {
  const found = await cache.get(question);
  console.log(question, "->", found === undefined ? "ask the model" : found.answer);
}
