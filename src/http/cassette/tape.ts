/**
 * The recordings of a cassette in memory: which one a request gets, where a new one goes, and when the file is written.
 *
 * The n-th of equal requests gets the n-th recording, and the last one again when there are no more: a program that asks
 * once more than when it was recorded is answered as it was answered last.
 *
 * @module
 */

import type { CassetteOptions } from "../types.ts";
import { readCassette, writeCassette } from "./file.ts";
import { keyOf, type Recorded, type RecordedRequest } from "./recording.ts";
import { AgentError } from "../../shared/errors.ts";

/** The recordings of equal requests; one that is being made is undefined. */
interface Series {
  readonly recorded: (Recorded | undefined)[];
  /** How many were read from the file: these are replayed. */
  readonly read: number;
  asked: number;
}

/** What a request gets: a recording, or a place for its own. */
export interface Taken {
  readonly recorded: Recorded | undefined;
  /** Puts a recording there, and waits until it is in the file. */
  readonly place: (recorded: Recorded) => Promise<void>;
}

/** The recordings of one file. */
export class Tape {
  readonly #path: string;
  readonly #mode: CassetteOptions["mode"];
  readonly #series = new Map<string, Series>();
  #loading: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** Opens nothing yet. */
  constructor(path: string, mode: CassetteOptions["mode"]) {
    this.#path = path;
    this.#mode = mode;
  }

  /** Reads the file once, if this mode reads. */
  load(): Promise<void> {
    return this.#loading ??= this.#load();
  }

  async #load(): Promise<void> {
    if (this.#mode === "record") return;
    const recordings = await readCassette(this.#path);
    if (recordings === undefined && this.#mode === "replay") {
      throw new AgentError(
        "NOT_FOUND",
        `There is no cassette ${this.#path}; mode "auto" or "record" makes it`,
        { what: this.#path },
      );
    }
    const byKey = Map.groupBy(recordings ?? [], ({ request }) => keyOf(request));
    for (const [key, recorded] of byKey) {
      this.#series.set(key, { recorded: [...recorded], read: recorded.length, asked: 0 });
    }
  }

  /** All recordings that are whole. */
  *recordings(): Generator<Recorded> {
    for (const { recorded } of this.#series.values()) {
      for (const each of recorded) if (each !== undefined) yield each;
    }
  }

  /** Takes the next recording for a request, or a place behind those there are. */
  take(request: RecordedRequest): Taken {
    const key = keyOf(request);
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, series = { recorded: [], read: 0, asked: 0 });
    const { recorded, read } = series;
    if (read > 0) {
      const found = recorded[Math.min(series.asked++, read - 1)];
      return { recorded: found, place: () => Promise.resolve() };
    }
    const index = recorded.push(undefined) - 1;
    const place = async (made: Recorded): Promise<void> => {
      recorded[index] = made;
      await this.#write();
    };
    return { recorded: undefined, place };
  }

  /** Waits for what is being written. That it failed was told to those who recorded. */
  async written(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#writing?.catch(() => {});
  }

  /** Writes the file with all that is there now; what comes while it is being written is written together. */
  #write(): Promise<void> {
    return this.#next ??= (async () => {
      await this.#writing?.catch(() => {});
      this.#next = undefined;
      this.#writing = writeCassette(this.#path, [...this.recordings()]);
      await this.#writing;
    })();
  }
}
