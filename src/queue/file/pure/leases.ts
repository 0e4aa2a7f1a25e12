/**
 * Who is alive. A holder counts up a beat in the file while it holds jobs; whoever works watches the beats of the
 * others. A holder is gone when its beat stood still for one lease of the watcher's own steady clock: so setting the
 * machine's clock, forward or back, takes no job from anybody and keeps none.
 *
 * A watcher need not wait that long where the file says that the last beat was two leases ago or more, unless the
 * machine's clock was set since the watcher began, for then it is not believed. But it may have been set just before:
 * so half a lease is waited for, in which whoever lives beats. Its twin is `rust/areas/queue/src/file/leases.rs`.
 *
 * @module
 */

/** A holder, as the file says. */
export interface Holder {
  readonly id: number;
  readonly beat: number;
  /** When it last beat, by the machine's clock. */
  readonly beatAt: number;
  /** How long it may give no sign of life. */
  readonly lease: number;
}

/** So far the machine's clock and the steady one may come apart by themselves. */
const DRIFT_MS = 1_000;

/** What one watcher has seen. */
export class Leases {
  readonly #seen = new Map<number, { beat: number; at: number }>();
  readonly #offset: number;

  /** Begins to watch, at a time by the machine's clock and by the steady one. */
  constructor(now: number, steady: number) {
    this.#offset = now - steady;
  }

  /** Looks at all holders. Gives the ids of those that are gone. */
  look(holders: readonly Holder[], now: number, steady: number): number[] {
    const isBelieved = Math.abs(now - steady - this.#offset) < DRIFT_MS;
    const gone: number[] = [];
    const there = new Set<number>();
    for (const { id, beat, beatAt, lease } of holders) {
      there.add(id);
      const seen = this.#seen.get(id);
      if (seen === undefined || seen.beat !== beat) {
        this.#seen.set(id, { beat, at: steady });
        continue;
      }
      const isOld = isBelieved && now - beatAt >= 2 * lease + DRIFT_MS;
      if (steady - seen.at >= (isOld ? lease / 2 : lease)) gone.push(id);
    }
    for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id);
    return gone;
  }
}
