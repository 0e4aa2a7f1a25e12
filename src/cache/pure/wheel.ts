/**
 * A hierarchical timer wheel over whole milliseconds: what is due is found without looking at what
 * is not, and placing or removing an item is a few pointer writes.
 *
 * Seven levels of 64 slots; an item waits in the level that its distance needs and moves down as
 * its time comes nearer. Items are linked through fields of their own. Work is done in slices, so
 * that a million items that end together are no pause. Twin: rust/areas/cache/src/wheel.rs.
 *
 * @module
 */

const LEVELS = 7;
const SLOTS = 64;

/** The links that the wheel keeps in its items. */
export interface Timed {
  /** The millisecond at which the item is due. */
  due: number;
  /** The neighbours in the slot, null while the item is in no slot. */
  before: Timed | null;
  after: Timed | null;
}

/** The head of a slot: a ring of which it is the only member that is no item. */
function head(): Timed {
  const ring: Timed = { due: 0, before: null, after: null };
  ring.before = ring.after = ring;
  return ring;
}

function append(ring: Timed, item: Timed): void {
  const last = ring.before as Timed;
  item.before = last;
  item.after = ring;
  last.after = item;
  ring.before = item;
}

/** Items by the time at which they are due. */
export class Wheel<T extends Timed> {
  #slots: Timed[] = [];
  /** Taken out of their slots and not yet looked at. */
  readonly #pending: Timed = head();
  #current: number;
  #count = 0;
  #next = Infinity;

  /** Makes an empty wheel whose time is `now`, in whole milliseconds. */
  constructor(now: number) {
    this.#current = now;
    for (let i = 0; i < LEVELS * SLOTS; i++) this.#slots.push(head());
  }

  /** How many items wait. */
  get count(): number {
    return this.#count;
  }

  /** The earliest millisecond at which there may be something to do; `Infinity` if nothing waits. */
  get next(): number {
    return this.#pending.after === this.#pending ? this.#next : this.#current;
  }

  /** Adds an item that is in no slot; its `due` says when. */
  add(item: T): void {
    this.#count++;
    this.#place(item);
  }

  /** Takes an item out; it may be in no slot. */
  remove(item: T): void {
    const { before, after } = item;
    if (before === null || after === null) return;
    before.after = after;
    after.before = before;
    item.before = item.after = null;
    this.#count--;
  }

  /**
   * Hands over items that are due at `now`, at most `budget` steps of work; each is out of the
   * wheel when `expire` sees it, and may be added again.
   *
   * @returns Whether everything due has been handed over.
   */
  advance(now: number, budget: number, expire: (item: T) => void): boolean {
    const pending = this.#pending;
    for (;;) {
      for (let item = pending.after as T; item !== (pending as T); item = pending.after as T) {
        if (budget-- <= 0) return false;
        this.remove(item);
        if (item.due <= this.#current) {
          expire(item);
        } else {
          this.#count++;
          this.#place(item);
        }
      }
      if (this.#next > now) {
        if (now > this.#current) this.#current = now;
        return true;
      }
      this.#current = this.#next;
      this.#collect();
      this.#next = this.#upcoming();
    }
  }

  #place(item: T): void {
    let delta = item.due - this.#current;
    if (delta < 1) delta = 1;
    let level = 0;
    let width = 1;
    while (level < LEVELS - 1 && delta >= width * SLOTS) {
      level++;
      width *= SLOTS;
    }
    // Beyond the last level an item waits in its farthest slot and is placed anew from there.
    const reach = width * SLOTS - 1;
    const position = Math.floor((this.#current + Math.min(delta, reach)) / width);
    append(this.#slots[level * SLOTS + position % SLOTS] as Timed, item);
    const visit = position * width;
    if (visit < this.#next) this.#next = visit;
  }

  /** Moves every slot whose time is the current millisecond to the pending items. */
  #collect(): void {
    let width = 1;
    for (let level = 0; level < LEVELS && this.#current % width === 0; level++, width *= SLOTS) {
      const slot = this.#slots[level * SLOTS + (this.#current / width) % SLOTS] as Timed;
      const first = slot.after as Timed;
      if (first === slot) continue;
      const last = slot.before as Timed;
      const end = this.#pending.before as Timed;
      end.after = first;
      first.before = end;
      last.after = this.#pending;
      this.#pending.before = last;
      slot.before = slot.after = slot;
    }
  }

  /** The next millisecond at which a slot with items has its time. */
  #upcoming(): number {
    let next = Infinity;
    let width = 1;
    for (let level = 0; level < LEVELS; level++, width *= SLOTS) {
      const position = Math.floor(this.#current / width);
      for (let step = 1; step <= SLOTS; step++) {
        const visit = (position + step) * width;
        if (visit >= next) break;
        const slot = this.#slots[level * SLOTS + (position + step) % SLOTS] as Timed;
        if (slot.after !== slot) {
          next = visit;
          break;
        }
      }
    }
    return next;
  }
}
