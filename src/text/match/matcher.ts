/**
 * The matcher: it keeps the strings, because results give them back as they were, and checks what is asked. What ranks
 * them is an engine, one for each twin.
 *
 * @module
 */

import { checkNumber, checkString, checkStrings } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { checkSettled, longestOf, matchRequest, withinBounds } from "./options.ts";
import type { Matcher, MatchOptions, Ranked, RankRequest } from "./types.ts";

/** Choices, with holes where some were removed. */
export type Choices = readonly (string | undefined)[];

/** What ranks, on either twin; arguments are checked. */
export interface Ranking {
  readonly implementation: "native" | "pure";
  rank(query: string, choices: Choices, request: RankRequest, size: number): Ranked[];
  /** On the choices of this moment, which are the caller's to keep. */
  rankMany(
    queries: readonly string[],
    choices: Choices,
    request: RankRequest,
    options: MatchOptions,
  ): Promise<Ranked[][]>;
  add(choices: readonly string[]): void;
  remove(index: number): void;
  close(): void;
}

/** See `Matcher` in `types.ts`. */
export class PreparedMatcher implements Matcher {
  readonly implementation: "native" | "pure";
  readonly #ranking: Ranking;
  #choices: (string | undefined)[] | undefined;
  #size: number;
  #longest: number;

  /** Takes checked choices, which the engine knows already. */
  constructor(ranking: Ranking, choices: readonly string[]) {
    this.implementation = ranking.implementation;
    this.#ranking = ranking;
    this.#choices = choices.slice();
    this.#size = choices.length;
    this.#longest = longestOf(choices);
  }

  get size(): number {
    this.#open();
    return this.#size;
  }

  rank(query: string, options?: MatchOptions): Ranked[] {
    const choices = this.#open();
    checkString(query, "query");
    checkSettled(options);
    const request = matchRequest(options);
    withinBounds(query, choices, request.metric, this.#longest);
    return this.#ranking.rank(query, choices, request, this.#size);
  }

  async rankMany(queries: readonly string[], options: MatchOptions = {}): Promise<Ranked[][]> {
    const choices = this.#open();
    checkStrings(queries, "queries");
    checkSettled(options);
    const request = matchRequest(options);
    for (const query of queries) withinBounds(query, choices, request.metric, this.#longest);
    return await this.#ranking.rankMany(queries, choices.slice(), request, options);
  }

  add(choices: readonly string[]): number {
    const kept = this.#open();
    checkStrings(choices, "choices");
    const first = kept.length;
    if (choices.length > 0) this.#ranking.add(choices);
    for (const choice of choices) kept.push(choice);
    this.#size += choices.length;
    this.#longest = longestOf(choices, this.#longest);
    return first;
  }

  remove(index: number): boolean {
    const choices = this.#open();
    checkNumber(index, "index");
    if (choices[index] === undefined) return false;
    this.#ranking.remove(index + 0); // -0 is no unsigned number at the boundary
    choices[index] = undefined;
    this.#size--;
    return true;
  }

  close(): void {
    if (this.#choices === undefined) return;
    this.#choices = undefined;
    this.#ranking.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): (string | undefined)[] {
    if (this.#choices === undefined) throw closedError("matcher");
    return this.#choices;
  }
}
