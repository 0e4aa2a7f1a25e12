/**
 * What `keywords` takes and gives. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/** Options of `keywords`. */
export interface KeywordOptions extends CallOptions {
  /** The most keywords. Default 10; there are never more than 1,024. */
  limit?: number;
  /** The shortest word that can be a keyword, in code points. Default 3. */
  minLength?: number;
}

/** A word and how central it is to the text. */
export interface Keyword {
  /** The word, in lower case. */
  keyword: string;
  /** 1 for the best one, the others relative to it. */
  score: number;
}
