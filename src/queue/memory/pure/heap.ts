/**
 * A binary heap whose items know their places, so that any can be removed in logarithmic time.
 *
 * @module
 */

/** What a heap holds. */
export interface Placed {
  /** Kept by the heap; -1 outside. */
  place: number;
}

/** A heap. */
export class Heap<T extends Placed> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** Makes one in which `before` says what comes first. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** How many it holds. */
  get size(): number {
    return this.#items.length;
  }

  /** The first one. */
  get top(): T | undefined {
    return this.#items[0];
  }

  /** Adds one. */
  push(item: T): void {
    item.place = this.#items.push(item) - 1;
    this.#up(item);
  }

  /** Takes out one that is there. */
  remove(item: T): void {
    const { place } = item;
    const last = this.#items.pop()!;
    item.place = -1;
    if (last === item) return;
    this.#items[place] = last;
    last.place = place;
    this.#up(last);
    this.#down(last);
  }

  #up(item: T): void {
    const items = this.#items;
    let at = item.place;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = items[above]!;
      if (!this.#before(item, other)) break;
      items[at] = other;
      other.place = at;
      at = above;
    }
    items[at] = item;
    item.place = at;
  }

  #down(item: T): void {
    const items = this.#items;
    const { length } = items;
    let at = item.place;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && this.#before(items[below + 1]!, items[below]!)) below++;
      const other = items[below]!;
      if (!this.#before(other, item)) break;
      items[at] = other;
      other.place = at;
      at = below;
    }
    items[at] = item;
    item.place = at;
  }
}
