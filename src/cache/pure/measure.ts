/**
 * What the entries of a pure cache weigh together, where nothing asks for it all the time: the texts are
 * measured many at once.
 *
 * @module
 */

import { ENTRY_OVERHEAD_BYTES, TAG_OVERHEAD_BYTES } from "../types.ts";
import { byteLength, bytesOfAll } from "../weight.ts";
import type { Slots } from "./slots.ts";
import type { TagIndex } from "./tag_index.ts";

/** The bytes of the entries that have not expired at `now`. */
export function liveBytes(
  slots: Slots<unknown>,
  tags: TagIndex | undefined,
  now: number,
): number {
  const { keys, values, expires, weights, used } = slots;
  let bytes = 0;
  const texts: string[] = [];
  for (let slot = 0; slot < used; slot++) {
    // NaN, where there is no entry, is not more than anything.
    if (!((expires[slot] as number) > now)) continue;
    if (weights !== undefined) {
      bytes += weights[slot] as number;
      continue;
    }
    bytes += ENTRY_OVERHEAD_BYTES;
    if (tags !== undefined) {
      for (const tag of tags.tagsOf(slot)) bytes += byteLength(tag) + TAG_OVERHEAD_BYTES;
    }
    texts.push(keys[slot] as string);
    const value = values[slot];
    if (typeof value === "string") texts.push(value);
    else bytes += (value as Uint8Array).byteLength;
  }
  return bytes + bytesOfAll(texts);
}
