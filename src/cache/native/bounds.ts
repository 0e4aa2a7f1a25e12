/**
 * What native code is asked for an entry: its life, and whether it is within the bounds where nothing is
 * stored that native code would refuse.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
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

/** The error for entries that native code refused: it does not say how the weight came about. */
export function refusalOf(
  error: unknown,
  keys: readonly string[],
  stored: readonly Stored[],
  tags: Tags | undefined,
  maxBytes: number,
): unknown {
  if (!AgentError.is(error, "TOO_LARGE")) return error;
  try {
    for (const [i, key] of keys.entries()) checkBounds(key, stored[i]!, tags, maxBytes);
  } catch (told) {
    return told;
  }
  return error;
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
