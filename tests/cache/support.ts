/** What the tests of the cache share: Workers that are told what to do. */

import type { Order } from "./worker.ts";

/** A name that no other test uses. */
export function uniqueName(): string {
  return `tests ${crypto.randomUUID()}`;
}

/** A Worker of this process. */
export class Helper implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  /** Has an order carried out. */
  tell<T = unknown>(order: Order): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<{ ok: T; error?: string }>) =>
        data.error === undefined ? resolve(data.ok) : reject(new Error(data.error));
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(order);
    });
  }

  /** Ends the Worker's isolate wherever it is. */
  terminate(): void {
    this.#worker.terminate();
  }

  [Symbol.dispose](): void {
    this.terminate();
  }
}
