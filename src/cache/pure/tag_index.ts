/**
 * Which entries of a pure cache carry which tags.
 *
 * An entry's tags are links in the list of each tag, oldest first. A link leaves with its entry and a
 * tag with its last link, so the index holds nothing but what is carried by an entry that is held.
 * Twin: rust/areas/cache/src/tags.rs.
 *
 * @module
 */

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
