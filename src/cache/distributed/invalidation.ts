/**
 * What a change means in this isolate: the copy drops it, loads of it are joined no more, and who waits
 * for it looks again.
 *
 * @module
 */

import type { DistributedSingleFlight } from "./single_flight.ts";
import type { TrackedCopy } from "./tracked_copy.ts";

/** Changes, those made here and those that Redis reports. */
export class Invalidation {
  readonly #copy: TrackedCopy<unknown>;
  readonly #loads: DistributedSingleFlight<unknown>;
  readonly #prefix: string;

  /** For a cache whose names in Redis begin with the prefix. */
  constructor(
    copy: TrackedCopy<unknown>,
    loads: DistributedSingleFlight<unknown>,
    prefix: string,
  ) {
    this.#copy = copy;
    this.#loads = loads;
    this.#prefix = prefix;
  }

  /** An entry is about to be changed. */
  entry(key: string): void {
    this.#copy.forget(`${this.#prefix}v:${key}`, key);
    this.#loads.forget(key);
  }

  /** A tag is about to be deleted. */
  tag(tag: string): void {
    this.stamp(tag);
    this.#loads.forget();
  }

  /** The stamp of a tag has changed. */
  stamp(tag: string): void {
    this.#copy.forgetTag(tag, `${this.#prefix}s:${tag}`);
  }

  /** Everything is about to be changed. */
  all(): void {
    this.#copy.clear();
    this.#loads.forget();
  }

  /** Redis reports that something has changed; `null` for everything. */
  reported(name: string | null): void {
    this.#copy.invalidations++;
    const rest = name?.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : "";
    const key = rest.slice(2);
    switch (rest.slice(0, 2)) {
      case "v:":
        this.entry(key);
        return this.#loads.changed(key);
      case "l:":
        this.#loads.forget(key);
        return this.#loads.changed(key);
      case "s:":
        this.tag(key);
        return this.#loads.changed();
      default:
        this.all();
        return this.#loads.changed();
    }
  }
}
