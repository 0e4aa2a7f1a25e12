/**
 * The tags of an entry: checked once for both twins, and the index by which the pure twin finds the
 * entries of a tag.
 *
 * An entry's tags are links in the list of each tag, oldest first. A link leaves with its entry and a
 * tag with its last link, so the index holds nothing but what is carried by an entry that is held.
 * Twin of the index: rust/agent-core-utils/src/cache/tags.rs.
 *
 * @module
 */

import { byteLength } from "./measure.ts";
import { show } from "./show.ts";
import { TAG_OVERHEAD_BYTES } from "./types.ts";

/** The most tags that an entry carries. */
const MOST_TAGS = 64;
/** The most UTF-8 bytes of a tag. */
const MOST_BYTES = 1_024;

/** The tags of an entry on its way in. */
export interface Tags {
  /** Well-formed, and all different. */
  readonly names: readonly string[];
  /** What they add to the entry's weight, in bytes. */
  readonly weight: number;
}

/** Checks a tag and makes it well-formed. */
export function checkTag(tag: unknown): string {
  if (typeof tag !== "string") throw new TypeError(`A tag must be a string, not ${show(tag)}`);
  if (tag === "") throw new RangeError(`A tag must not be empty`);
  // No string has fewer bytes than UTF-16 units.
  const bytes = tag.length > MOST_BYTES ? tag.length : byteLength(tag.toWellFormed());
  if (bytes > MOST_BYTES) {
    throw new RangeError(
      `A tag must have at most ${MOST_BYTES} bytes of UTF-8, not ${show(tag)} with ${
        tag.length > MOST_BYTES ? `${tag.length} characters` : bytes
      }`,
    );
  }
  return tag.toWellFormed();
}

/** Checks the tags of an entry; `undefined` if there are none. */
export function checkTags(tags: unknown): Tags | undefined {
  if (!Array.isArray(tags)) {
    throw new TypeError(`tags must be an array of strings, not ${show(tags)}`);
  }
  const names = new Set<string>();
  let weight = 0;
  for (let i = 0; i < tags.length; i++) {
    const name = checkTag(tags[i]);
    if (names.has(name)) continue;
    if (names.size === MOST_TAGS) {
      throw new RangeError(
        `An entry carries at most ${MOST_TAGS} different tags; ${show(name)} is one more`,
      );
    }
    names.add(name);
    weight += byteLength(name) + TAG_OVERHEAD_BYTES;
  }
  return names.size === 0 ? undefined : { names: [...names], weight };
}

/** One entry in the list of one tag. */
export class TagLink<E> {
  older: TagLink<E> | null = null;
  newer: TagLink<E> | null = null;

  /** `next` is the entry's link in the list of another tag. */
  constructor(readonly list: TagList<E>, readonly entry: E, readonly next: TagLink<E> | null) {}
}

/** The entries of one tag, from that which got it first. */
export interface TagList<E> {
  readonly tag: string;
  oldest: TagLink<E> | null;
  newest: TagLink<E> | null;
}

/** Which entries carry which tags. */
export class TagIndex<E extends { tags: TagLink<E> | null }> {
  readonly #lists = new Map<string, TagList<E>>();

  /** How many tags are carried by an entry. */
  get size(): number {
    return this.#lists.size;
  }

  /** Has an entry that carries none carry tags. */
  add(entry: E, names: readonly string[]): void {
    for (const tag of names) {
      let list = this.#lists.get(tag);
      if (list === undefined) {
        list = { tag, oldest: null, newest: null };
        this.#lists.set(tag, list);
      }
      const link = new TagLink<E>(list, entry, entry.tags);
      link.older = list.newest;
      if (list.newest === null) list.oldest = link;
      else list.newest.newer = link;
      list.newest = link;
      entry.tags = link;
    }
  }

  /** Takes all tags from an entry. */
  remove(entry: E): void {
    for (let link = entry.tags; link !== null; link = link.next) {
      const { list, older, newer } = link;
      if (older === null) list.oldest = newer;
      else older.newer = newer;
      if (newer === null) list.newest = older;
      else newer.older = older;
      if (list.oldest === null) this.#lists.delete(list.tag);
    }
    entry.tags = null;
  }

  /** The entry that has carried a tag for longest. */
  oldest(tag: string): E | undefined {
    return this.#lists.get(tag)?.oldest?.entry;
  }
}
