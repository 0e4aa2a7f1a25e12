/**
 * What callers of a queue wait for: each wait is in one list by its own links, so that closing the queue ends it.
 *
 * @module
 */

import { errorOf } from "./job.ts";
import type { LiveJob, Outcome, Waiter } from "./store.ts";
import type { JsonValue } from "./types.ts";

/** A wait, until it is over. */
export abstract class Wait {
  previous: Wait | undefined = undefined;
  next: Wait | undefined = undefined;
  over = false;
  readonly #list: WaitList;

  constructor(list: WaitList) {
    this.#list = list;
    list.add(this);
  }

  /** It is over. False if it was before. */
  leave(): boolean {
    if (this.over) return false;
    this.over = true;
    this.#list.remove(this);
    return true;
  }

  /** It is over with an error. */
  abstract fail(error: unknown): void;
}

/** All waits of a queue. */
export class WaitList {
  #head: Wait | undefined = undefined;

  /** Puts one in. */
  add(wait: Wait): void {
    wait.next = this.#head;
    if (this.#head !== undefined) this.#head.previous = wait;
    this.#head = wait;
  }

  /** Takes one out. */
  remove(wait: Wait): void {
    const { previous, next } = wait;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    wait.previous = wait.next = undefined;
  }

  /** Ends all. */
  failAll(error: () => unknown): void {
    while (this.#head !== undefined) this.#head.fail(error());
  }
}

/** Waits for the result of a job. */
export class ResultWait extends Wait implements Waiter {
  /** What ends the store's listening. */
  end: (() => void) | undefined = undefined;

  constructor(
    list: WaitList,
    readonly job: string | LiveJob,
    readonly resolve: (value: JsonValue) => void,
    readonly reject: (error: unknown) => void,
  ) {
    super(list);
  }

  settled(outcome: Outcome | undefined): void {
    if (!this.leave()) return;
    if (outcome?.state === "done") this.resolve(JSON.parse(outcome.result!) as JsonValue);
    else this.reject(errorOf(typeof this.job === "string" ? this.job : this.job.id, outcome));
  }

  fail(error: unknown): void {
    if (!this.leave()) return;
    this.end?.();
    this.reject(error);
  }
}

/** Waits for the next call of something. */
export class CallWait extends Wait {
  readonly #end: () => void;
  readonly #reject: (error: unknown) => void;

  /** Listens; `resolve` and `reject` are a promise's. */
  constructor(
    list: WaitList,
    listen: (call: () => void) => () => void,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    super(list);
    this.#reject = reject;
    this.#end = listen(() => {
      if (this.leave()) resolve();
    });
  }

  /** Nobody waits any more. */
  stop(): void {
    this.leave();
    this.#end();
  }

  fail(error: unknown): void {
    if (!this.leave()) return;
    this.#end();
    this.#reject(error);
  }
}
