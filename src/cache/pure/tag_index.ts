/**
 * Which entries of a pure cache carry which tags.
 *
 * An entry's tags are links in the list of each tag, oldest first. A link leaves with its entry and a
 * tag with its last link, so the index holds nothing but what is carried by an entry that is held.
 * Twin: rust/areas/cache/src/tags.rs.
 *
 * @module
 */

import { ownText } from "../codec.ts";

/** One entry in the list of one tag. */
class TagLink {
  older: TagLink | undefined = undefined;
  newer: TagLink | undefined = undefined;

  /** `next` is the entry's link in the list of another tag. */
  constructor(
    readonly list: TagList,
    readonly slot: number,
    readonly next: TagLink | undefined,
  ) {}
}

/** The entries of one tag, from that which got it first. */
interface TagList {
  readonly tag: string;
  oldest: TagLink | undefined;
  newest: TagLink | undefined;
}

/** Which entries carry which tags. */
export class TagIndex {
  readonly #lists = new Map<string, TagList>();
  /** The first link of each entry that carries any. */
  readonly #links = new Map<number, TagLink>();

  /** How many tags are carried by an entry. */
  get size(): number {
    return this.#lists.size;
  }

  /** Has an entry that carries none carry tags. */
  add(slot: number, names: readonly string[]): void {
    let first: TagLink | undefined;
    for (const tag of names) {
      let list = this.#lists.get(tag);
      if (list === undefined) {
        const own = ownText(tag);
        list = { tag: own, oldest: undefined, newest: undefined };
        this.#lists.set(own, list);
      }
      const link = new TagLink(list, slot, first);
      link.older = list.newest;
      if (list.newest === undefined) list.oldest = link;
      else list.newest.newer = link;
      list.newest = link;
      first = link;
    }
    if (first !== undefined) this.#links.set(slot, first);
  }

  /** Takes all tags from an entry. */
  remove(slot: number): void {
    const first = this.#links.get(slot);
    if (first === undefined) return;
    this.#links.delete(slot);
    for (let link: TagLink | undefined = first; link !== undefined; link = link.next) {
      const { list, older, newer } = link;
      if (older === undefined) list.oldest = newer;
      else older.newer = newer;
      if (newer === undefined) list.newest = older;
      else newer.older = older;
      if (list.oldest === undefined) this.#lists.delete(list.tag);
    }
  }

  /** The tags of an entry. */
  tagsOf(slot: number): string[] {
    const tags: string[] = [];
    for (let link = this.#links.get(slot); link !== undefined; link = link.next) {
      tags.push(link.list.tag);
    }
    return tags;
  }

  /** The entry that has carried a tag for longest. */
  oldest(tag: string): number | undefined {
    return this.#lists.get(tag)?.oldest?.slot;
  }
}
