/** A matcher that compares choices without what is ignored and gives them back as they were. @module */

import { checkString, checkStrings } from "../../shared/arguments.ts";
import { folded, foldedAll } from "./fold.ts";
import type { PreparedMatcher } from "./matcher.ts";
import type { Ignored, Matcher, MatchOptions, Ranked } from "./types.ts";

/** Puts the choices as they were given into results. */
export function withChoices(results: Ranked[], choices: readonly (string | undefined)[]): Ranked[] {
  for (const result of results) result.choice = choices[result.index]!;
  return results;
}

/** See `Matcher` in `types.ts`. */
export class FoldingMatcher implements Matcher {
  readonly implementation: "native" | "pure";
  readonly #inner: PreparedMatcher;
  readonly #ignore: readonly Ignored[];
  #choices: string[];

  /** Takes over a matcher of the folded choices. */
  constructor(inner: PreparedMatcher, choices: readonly string[], ignore: readonly Ignored[]) {
    this.implementation = inner.implementation;
    this.#inner = inner;
    this.#ignore = ignore;
    this.#choices = choices.slice();
  }

  get size(): number {
    return this.#inner.size;
  }

  rank(query: string, options?: MatchOptions): Ranked[] {
    void this.size; // throws if it is closed
    checkString(query, "query");
    const results = this.#inner.rank(folded(query, this.#ignore), options);
    return withChoices(results, this.#choices);
  }

  async rankMany(queries: readonly string[], options?: MatchOptions): Promise<Ranked[][]> {
    void this.size;
    checkStrings(queries, "queries");
    // Indices are never used again, so that adding and removing meanwhile change nothing.
    const choices = this.#choices;
    const results = await this.#inner.rankMany(foldedAll(queries, this.#ignore), options);
    return results.map((some) => withChoices(some, choices));
  }

  add(choices: readonly string[]): number {
    void this.size;
    checkStrings(choices, "choices");
    const first = this.#inner.add(foldedAll(choices, this.#ignore));
    for (const choice of choices) this.#choices.push(choice);
    return first;
  }

  remove(index: number): boolean {
    return this.#inner.remove(index);
  }

  close(): void {
    this.#inner.close();
    this.#choices = [];
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
