/**
 * A queue in which hosts take turns.
 *
 * @module
 */

interface Line<T> {
  readonly items: T[];
  /** The first that was not taken. */
  at: number;
}

/** Items by host; within a host in order. */
export class Queue<T> {
  readonly #lines = new Map<string, Line<T>>();
  #size = 0;

  /** Items that wait. */
  get size(): number {
    return this.#size;
  }

  /** Puts one in. */
  add(host: string, item: T): void {
    const line = this.#lines.get(host);
    if (line === undefined) this.#lines.set(host, { items: [item], at: 0 });
    else line.items.push(item);
    this.#size++;
  }

  /** Takes one of the host whose turn it is among those that may have one; undefined if none may. */
  take(mayHave: (host: string) => boolean): T | undefined {
    for (const [host, line] of this.#lines) {
      if (!mayHave(host)) continue;
      const item = line.items[line.at++]!;
      this.#size--;
      if (this.#lines.size > 1 || line.at === line.items.length) {
        // Its next turn comes after everybody else's.
        this.#lines.delete(host);
        if (line.at < line.items.length) this.#lines.set(host, line);
      }
      if (line.at > 64 && line.at * 2 > line.items.length) {
        line.items.splice(0, line.at);
        line.at = 0;
      }
      return item;
    }
    return undefined;
  }

  /** Throws all away. */
  clear(): void {
    this.#lines.clear();
    this.#size = 0;
  }
}
