/**
 * The tags of an entry on its way in, checked once for both twins.
 *
 * @module
 */

import { checkString, shown, wrongType, wrongValue } from "../shared/arguments.ts";
import { TAG_OVERHEAD_BYTES } from "./types.ts";
import { byteLength } from "./weight.ts";

/** The most tags that an entry carries. */
export const MAX_TAGS = 64;
/** The most UTF-8 bytes of a tag. */
export const MAX_TAG_BYTES = 1_024;

/** The tags of an entry. */
export interface Tags {
  /** Well-formed, and all different. */
  readonly names: readonly string[];
  /** What they add to the entry's weight, in bytes. */
  readonly weight: number;
}

/** Checks a tag and makes it well-formed. */
export function checkTag(tag: unknown): string {
  checkString(tag, "tag");
  if (tag === "") throw wrongValue("tag", "a string that is not empty", tag);
  // No string has fewer bytes than UTF-16 units.
  const bytes = tag.length > MAX_TAG_BYTES ? tag.length : byteLength(tag.toWellFormed());
  if (bytes > MAX_TAG_BYTES) {
    throw new RangeError(
      `tag must be a string of at most ${MAX_TAG_BYTES} bytes of UTF-8, got ${shown(tag)} of ${
        tag.length > MAX_TAG_BYTES ? `${bytes} characters` : bytes
      }`,
    );
  }
  return tag.toWellFormed();
}

/** Checks the tags of an entry; `undefined` if there are none. */
export function checkTags(tags: unknown): Tags | undefined {
  if (!Array.isArray(tags)) throw wrongType("options.tags", "an array of strings", tags);
  const names = new Set<string>();
  let weight = 0;
  for (let i = 0; i < tags.length; i++) {
    const name = checkTag(tags[i]);
    if (names.has(name)) continue;
    if (names.size === MAX_TAGS) {
      throw new RangeError(
        `options.tags must be at most ${MAX_TAGS} different tags, got ${shown(name)} as one more`,
      );
    }
    names.add(name);
    weight += byteLength(name) + TAG_OVERHEAD_BYTES;
  }
  return names.size === 0 ? undefined : { names: [...names], weight };
}
