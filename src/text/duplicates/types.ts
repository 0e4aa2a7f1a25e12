/**
 * What near duplicates take, and what the twins have in common. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/** Options of `nearDuplicates`. */
export interface NearDuplicatesOptions extends CallOptions {
  /** The lowest similarity of two texts that are near duplicates; over 0, at most 1. Default 0.8. */
  threshold?: number | undefined;
}

/** What is looked for, after checking. */
export interface NearRequest {
  /** The lowest similarity of a pair. */
  threshold: number;
  /** How many minima make the key of a band. */
  rows: number;
  /** How many keys each text gets. */
  bands: number;
}
