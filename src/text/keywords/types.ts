/**
 * What `keywords` takes and gives. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/** Options of `keywords`. */
export interface KeywordOptions extends CallOptions {
  /** The most keywords. Default 10; there are never more than 1,024. */
  limit?: number | undefined;
  /** The shortest word that can be a keyword, in code points. Default 3. */
  minLength?: number | undefined;
  /**
   * The most words of a keyword. Default 1. With more, terms that follow on each other (at least twice, or with nothing
   * else around) are candidates too, and what nearly always stands in a better phrase is none. At most 10.
   */
  maxWords?: number | undefined;
  /** Words that are no keywords beside the stop words of the text's languages; their case makes no difference. */
  stopWords?: readonly string[] | undefined;
}

/** Options after checking, with the defaults in place. */
export interface KeywordRequest {
  limit: number;
  minLength: number;
  maxWords: number;
  /** In lower case. */
  stopWords: readonly string[];
}

/** A word or phrase and how central it is to the text. */
export interface Keyword {
  /** The word, in lower case; the words of a phrase with blanks between. */
  keyword: string;
  /** 1 for the best one, the others relative to it. */
  score: number;
}
