/**
 * Which twin a source is, known at once, and the source itself, loaded with its first reading: it is most of what the
 * monitor brings along, Node's modules among it, and programs that never read need none of it.
 *
 * @module
 */

import { chooseTwin } from "./choose.ts";
import type { Counters } from "./counters.ts";
import type { Figures, Reading, Source, SourceOptions } from "./types.ts";

/** A source of this machine that is loaded when it is first read. */
export class LazySource implements Source {
  readonly implementation: "native" | "pure";
  readonly #options: SourceOptions;
  #source: Source | undefined;

  /** Chooses the twin. */
  constructor({ implementation, include }: SourceOptions) {
    this.implementation = chooseTwin(implementation, true);
    this.#options = { implementation: this.implementation, include };
  }

  async read(): Promise<Reading> {
    if (this.#source === undefined) {
      const { openSource } = await import("./mod.ts");
      this.#source ??= openSource(this.#options);
    }
    return await this.#source.read();
  }

  derive(before: Reading | null, now: Reading): Figures {
    return this.#opened().derive(before, now);
  }

  counters(now: Reading): Counters {
    return this.#opened().counters(now);
  }

  close(): void {
    this.#source?.close();
  }

  #opened(): Source {
    if (this.#source === undefined) {
      throw new TypeError("There is no reading before the first read()");
    }
    return this.#source;
  }
}
