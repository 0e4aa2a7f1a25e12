/**
 * What native code is asked for an entry: its life, and whether it is within the bounds where nothing is
 * stored that native code would refuse.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import type { Lifetime } from "../options.ts";
import type { Tags } from "../tags.ts";
import { entryWeight, unaskedWeight } from "../weight.ts";

/** The time to live as native code takes it: negative for an entry that is not there, or has expired. */
export function ttlOf({ ttlMs, keepTtl }: Lifetime): number {
  return keepTtl === true ? -ttlMs : ttlMs;
}

/** Throws `TOO_LARGE` for an entry that is not within the bounds. */
export function checkBounds(
  key: string,
  stored: Stored,
  tags: Tags | undefined,
  maxBytes: number,
): void {
  if (maxBytes === Infinity) unaskedWeight(key, stored, tags);
  else entryWeight(key.toWellFormed(), stored, tags, maxBytes);
}

/** Whether an entry is within the bounds. */
export function isWithin(
  key: string,
  stored: Stored,
  tags: Tags | undefined,
  maxBytes: number,
): boolean {
  try {
    checkBounds(key, stored, tags, maxBytes);
    return true;
  } catch {
    return false;
  }
}
