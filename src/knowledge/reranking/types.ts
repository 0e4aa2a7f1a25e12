/**
 * The shape of what reads passages again and says how well each answers a query.
 *
 * @module
 */

/** Says how well passages answer a query, better and slower than a search can. */
export interface Reranker {
  /** Which model it is. */
  readonly id: string;
  /**
   * One number a passage, in their order: more is better, 0 is what has nothing to do with the query, 1 what answers
   * it. Numbers outside are taken for the nearer of the two.
   */
  rank(
    query: string,
    passages: readonly string[],
    options: { signal?: AbortSignal },
  ): Promise<ArrayLike<number>>;
}
