/** A queue between one who puts and one who takes: putting waits while it is full, taking while it is empty. @module */

/** The queue. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #most: number;
  #items: T[] = [];
  #over = false;
  #failure: { reason: unknown } | undefined;
  #takers: (() => void)[] = [];
  #putters: (() => void)[] = [];

  /** Holds at most so many items. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Appends an item once there is room; after the end it is dropped. */
  async put(item: T): Promise<void> {
    while (this.#items.length >= this.#most && !this.#over) {
      await new Promise<void>((resolve) => this.#putters.push(resolve));
    }
    if (this.#over) return;
    this.#items.push(item);
    this.#takers.shift()?.();
  }

  /** What is there can still be taken, and then it is over. */
  end(): void {
    this.#over = true;
    for (const wake of [...this.#takers.splice(0), ...this.#putters.splice(0)]) wake();
  }

  /** Drops what is there; taking throws the reason. */
  fail(reason: unknown): void {
    if (this.#over) return;
    this.#failure = { reason };
    this.#items = [];
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.#items.length > 0) {
        const item = this.#items.shift()!;
        this.#putters.shift()?.();
        yield item;
      } else if (this.#over) {
        if (this.#failure !== undefined) throw this.#failure.reason;
        return;
      } else await new Promise<void>((resolve) => this.#takers.push(resolve));
    }
  }
}
