/**
 * Who is loading which key, for the pure twin: every holder is of this isolate.
 *
 * A lease ends when its holder publishes or releases, or when its key changes. One whose tag was
 * deleted is over too, which is found out when it is next asked for: a tag remembers the newest lease
 * that it ended, for as long as any lease carries it. Twin: rust/areas/cache/src/leases.rs.
 *
 * @module
 */

import type { Lease } from "../loads/single_flight.ts";
import type { Tags } from "../tags.ts";

interface Held {
  readonly token: number;
  readonly tags: Tags | undefined;
}

/** A tag that some lease carries. */
interface Carried {
  leases: number;
  /** Leases up to this token are over. */
  ended: number;
}

/** The leases of a cache. */
export class Leases {
  readonly #held = new Map<string, Held>();
  readonly #carried = new Map<string, Carried>();
  #latest = 0;

  /** Whether there is any. */
  get some(): boolean {
    return this.#held.size > 0;
  }

  /** Asks for the lease of a key, for a value that will carry these tags. */
  acquire(key: string, tags: Tags | undefined): Lease {
    const held = this.#held.get(key);
    if (held !== undefined) {
      if (!this.#isOver(held)) return { token: held.token, acquired: false };
      this.end(key);
    }
    const token = ++this.#latest;
    this.#held.set(key, { token, tags });
    if (tags !== undefined) {
      for (const tag of tags.names) {
        const carried = this.#carried.get(tag);
        if (carried === undefined) this.#carried.set(tag, { leases: 1, ended: 0 });
        else carried.leases++;
      }
    }
    return { token, acquired: true };
  }

  /** Whether a lease stands. */
  stands(key: string, token: number): boolean {
    const held = this.#held.get(key);
    return held !== undefined && held.token === token && !this.#isOver(held);
  }

  /** Ends the lease of a key. */
  end(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    if (held.tags === undefined) return;
    for (const tag of held.tags.names) {
      const carried = this.#carried.get(tag) as Carried;
      if (--carried.leases === 0) this.#carried.delete(tag);
    }
  }

  /** Gives a lease back. */
  release(key: string, token: number): void {
    if (this.#held.get(key)?.token === token) this.end(key);
  }

  /** Ends every lease that carries a tag. */
  endTagged(tag: string): void {
    const carried = this.#carried.get(tag);
    if (carried !== undefined) carried.ended = this.#latest;
  }

  /** Ends all leases. */
  clear(): void {
    this.#held.clear();
    this.#carried.clear();
  }

  #isOver({ token, tags }: Held): boolean {
    if (tags === undefined) return false;
    for (const tag of tags.names) {
      if (token <= (this.#carried.get(tag) as Carried).ended) return true;
    }
    return false;
  }
}
