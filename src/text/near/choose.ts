/**
 * Which twin looks for near duplicates: see `../choose.ts`.
 *
 * @module
 */

import { nearDoor } from "../../ffi/doors/near.ts";
import { effectiveImplementation } from "../../ffi/settings.ts";
import { CROSSOVER } from "../crossover.ts";
import { bandsFor } from "./bands.ts";
import { findNear as native } from "./native.ts";
import { findNear as pure } from "./pure.ts";
import type { NearDuplicatesOptions } from "./types.ts";

// What a text counts beside its units; as in src/text/mod.ts.
const ITEM = 64;

/** Looks for groups with the twin that is asked for, or the faster one. Arguments are checked. */
export async function findWith(
  texts: readonly string[],
  threshold: number,
  options: NearDuplicatesOptions,
): Promise<number[][]> {
  const request = { threshold, ...bandsFor(threshold) };
  const wish = effectiveImplementation("text", options.implementation);
  if (wish === "native") return await native(nearDoor.require(), texts, request, options);
  const area = wish === "auto" && isWorthIt(texts) ? nearDoor.get() : undefined;
  if (area === undefined) return await pure(texts, request, options);
  return await native(area, texts, request, options);
}

function isWorthIt(texts: readonly string[]): boolean {
  if (texts.length < 2) return false;
  let size = 0;
  for (let i = 0; i < texts.length && size < CROSSOVER.nearDuplicates; i++) {
    size += texts[i]!.length + ITEM;
  }
  return size >= CROSSOVER.nearDuplicates;
}
