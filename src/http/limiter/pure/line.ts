/**
 * Who waits: first come, first served within a group, and groups in turn. Whoever stands first stays first.
 *
 * Twin: rust/areas/limiter/src/line.rs.
 *
 * @module
 */

/** Somebody who waits. */
export interface Waiter {
  /** Through which view. */
  readonly view: number;
  readonly tokens: number;
  readonly group: string;
  /** Has what it waited for. */
  grant(id: number): void;
  /** Whether it gave up, or has what it waited for. */
  over: boolean;
}

/** How many that gave up are kept in line before it is closed up. */
const GAPS = 32;

/** One group's line. Those who give up leave a gap, so that giving up costs nothing. */
class Group<W extends Waiter> {
  #waiters: W[] = [];
  #first = 0;
  #gaps = 0;

  add(waiter: W): void {
    this.#waiters.push(waiter);
  }

  first(): W | undefined {
    let waiter = this.#waiters[this.#first];
    while (waiter?.over) {
      this.#gaps--;
      waiter = this.#waiters[++this.#first];
    }
    return waiter;
  }

  /** All in order. */
  *all(): Generator<W> {
    for (let i = this.#first; i < this.#waiters.length; i++) {
      if (!this.#waiters[i]!.over) yield this.#waiters[i]!;
    }
  }

  takeFirst(): void {
    this.#first++;
    // Half of the list is behind us: from time to time, and so for little each.
    if (this.#first > GAPS && this.#first * 2 > this.#waiters.length) this.#closeUp();
  }

  gap(): void {
    this.#gaps++;
    if (this.#gaps > GAPS && this.#gaps * 2 > this.#waiters.length - this.#first) this.#closeUp();
  }

  #closeUp(): void {
    this.#waiters = this.#waiters.slice(this.#first).filter((waiter) => !waiter.over);
    this.#first = 0;
    this.#gaps = 0;
  }
}

/** All that wait. */
export class Line<W extends Waiter = Waiter> {
  /** In the order of their turns; a group goes to the end by being put in anew. None is empty. */
  readonly #groups = new Map<string, Group<W>>();
  #length = 0;

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Puts somebody in line. */
  add(waiter: W): void {
    let group = this.#groups.get(waiter.group);
    if (group === undefined) this.#groups.set(waiter.group, group = new Group());
    group.add(waiter);
    this.#length++;
  }

  /** Whose turn it is. */
  first(): W | undefined {
    for (const group of this.#groups.values()) return group.first();
    return undefined;
  }

  /** The first so many, in the order of their turns. */
  firstOf(count: number): W[] {
    const found: W[] = [];
    let turns = [...this.#groups.values()].map((group) => group.all());
    while (turns.length > 0 && found.length < count) {
      turns = turns.filter((turn) => {
        const { value } = turn.next();
        if (value !== undefined && found.length < count) found.push(value);
        return value !== undefined;
      });
    }
    return found;
  }

  /** Lets the first out of line; the turn goes to the next group. */
  takeFirst(waiter: W): void {
    const { group: name } = waiter;
    const group = this.#groups.get(name) as Group<W>;
    group.takeFirst();
    waiter.over = true;
    this.#length--;
    const isLast = group.first() === undefined;
    if (!isLast && this.#groups.size === 1) return;
    this.#groups.delete(name);
    if (!isLast) this.#groups.set(name, group);
  }

  /** Lets somebody out who gives up. */
  remove(waiter: W): void {
    if (waiter.over) return;
    waiter.over = true;
    this.#length--;
    const group = this.#groups.get(waiter.group) as Group<W>;
    group.gap();
    if (group.first() === undefined) this.#groups.delete(waiter.group);
  }
}
