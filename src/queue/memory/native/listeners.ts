/**
 * Who in this isolate listens to a native queue, and what it is told. Nothing here touches native code.
 *
 * @module
 */

import type { Outcome } from "../../store.ts";

/** Calls under a word. */
class Listeners<A extends unknown[]> {
  readonly #calls = new Map<string, Set<(...values: A) => void>>();

  get size(): number {
    return this.#calls.size;
  }

  /** Whether it is the first under its word. */
  add(word: string, call: (...values: A) => void): boolean {
    const there = this.#calls.get(word);
    if (there !== undefined) {
      there.add(call);
      return false;
    }
    this.#calls.set(word, new Set([call]));
    return true;
  }

  /** Whether it was the last under its word. */
  remove(word: string, call: (...values: A) => void): boolean {
    const there = this.#calls.get(word);
    if (there === undefined || !there.delete(call) || there.size > 0) return false;
    this.#calls.delete(word);
    return true;
  }

  /** Calls all under a word. */
  tell(word: string, ...values: A): void {
    for (const call of this.#calls.get(word) ?? []) call(...values);
  }

  /** Calls all under a word for the last time. */
  settle(word: string, ...values: A): void {
    const calls = this.#calls.get(word);
    this.#calls.delete(word);
    for (const call of calls ?? []) call(...values);
  }
}

/** What native code says happened. */
export interface NativeEvents {
  readonly settled: readonly (Outcome & { readonly id: string })[];
  readonly revoked: readonly (readonly [id: string, token: number])[];
  readonly progress: readonly (readonly [id: string, value: string])[];
}

/** Everybody who listens. */
export class StoreListeners {
  readonly ready: Set<() => void> = new Set();
  readonly ended: Set<() => void> = new Set();
  readonly settled: Listeners<[Outcome | undefined]> = new Listeners();
  readonly progress: Listeners<[string]> = new Listeners();
  revoked: ((id: string, token: number) => void) | undefined = undefined;

  /** Whether there is anybody. */
  get any(): boolean {
    return this.ready.size > 0 || this.ended.size > 0 || this.settled.size > 0 ||
      this.progress.size > 0;
  }
}
