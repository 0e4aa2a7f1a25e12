/**
 * Another Worker, which sets values in a process-wide cache and answers messages.
 */

/** What the Worker is sent: entries to set, or a key to answer with its value. */
export type Message = { name: string; ttlMs: number } | { entries: [string, string][] } | {
  key: string;
};

/** Our end of the Worker. */
export class Neighbour {
  readonly #worker: Worker;
  #answered: (value: string) => void = () => {};

  private constructor() {
    const program = new URL("./programs/cache_worker.ts", import.meta.url);
    this.#worker = new Worker(program, { type: "module" });
    this.#worker.onmessage = ({ data }): void => this.#answered(data);
  }

  /** Starts it; it opens the cache of that name. */
  static async start(name: string, ttlMs: number): Promise<Neighbour> {
    const neighbour = new Neighbour();
    await neighbour.#send({ name, ttlMs });
    return neighbour;
  }

  /** Has it set entries, in the cache and in a Map of its own. */
  async fill(entries: [string, string][]): Promise<void> {
    await this.#send({ entries });
  }

  /** Asks it for a value by message. */
  ask(key: string): Promise<string> {
    return this.#send({ key });
  }

  /** Ends it. */
  stop(): void {
    this.#worker.terminate();
  }

  #send(message: Message): Promise<string> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#worker.postMessage(message);
    });
  }
}
