/**
 * Near duplicates, the Rust twin: the texts go over once, the groups come back. Twin: `pure.ts`, which says what comes
 * out.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import { duplicatesFind } from "../../native/generated/duplicates.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import { groupsOf } from "./bands.ts";
import type { NearRequest } from "./types.ts";

/** See `nearDuplicates` in `mod.ts`. */
export async function findNear(
  texts: readonly string[],
  { threshold, rows, bands }: NearRequest,
  options: CallOptions,
): Promise<number[][]> {
  const parts = await batches(texts, options, {
    // Each text is compared with all others, so that there can be one batch only.
    most: Infinity,
    submit: (part, submitOptions) => duplicatesFind(part, threshold, rows, bands, submitOptions),
  });
  return parts.flatMap(groupsOf);
}
