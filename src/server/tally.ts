/**
 * Counts tokens of questions and answers, for `usage` and for bounds of answers.
 *
 * @module
 */

import type { Encoding } from "../text/tokens/mod.ts";

/** What a question and its answer took. */
export interface Usage {
  /** Tokens of the question. */
  input: number;
  /** Tokens of the answer. */
  output: number;
}

/** Counts by `o200k_base`, which is loaded at the first question. */
export class Tally {
  #encoding: Promise<Encoding | undefined> | undefined;

  /** What was taken; undefined where the vocabulary cannot be read. */
  async usage(question: string, answer: string): Promise<Usage | undefined> {
    const encoding = await this.#load();
    return encoding && { input: encoding.count(question), output: encoding.count(answer) };
  }

  /** The beginning of a text that has at most so many tokens. */
  async cut(text: string, maxTokens: number | undefined): Promise<string> {
    // A token is one byte at the least.
    if (maxTokens === undefined || text.length * 3 <= maxTokens) return text;
    const encoding = await this.#load();
    return encoding?.truncate(text, { maxTokens }) ?? text;
  }

  /** Lets go of the vocabulary. */
  async close(): Promise<void> {
    const encoding = await this.#encoding;
    this.#encoding = undefined;
    encoding?.[Symbol.dispose]();
  }

  #load(): Promise<Encoding | undefined> {
    return this.#encoding ??= import("../text/tokens/mod.ts")
      .then(({ loadEncoding }) => loadEncoding("o200k_base"))
      .catch(() => undefined);
  }
}
