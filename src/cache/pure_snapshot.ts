/**
 * Pages of a pure cache, for snapshots.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Codec } from "./codec.ts";
import { byteLength, type Stored } from "./measure.ts";
import { checkWeight, type Lifetime } from "./options.ts";
import { PAGE_BYTES, type PageEntry, PageWriter, readPage } from "./page.ts";
import type { SnapshotPort } from "./snapshot.ts";
import type { Before, Entry, Store } from "./store.ts";
import { checkTags } from "./tags.ts";
import type { CacheCodec } from "./types.ts";

/** Entries that are stored in one go. */
const STEPS = 100;

/** What pages need of a pure cache. */
export interface PageCore<V> {
  readonly store: Store<V>;
  readonly codec: Codec<V>;
  readonly maxBytes: number;
  /** Stores a value of a weight, as a caller does. */
  set(key: string, stored: Stored, weight: number, life: Lifetime, before: Before): void;
}

/** A pure cache as snapshots see it. */
export class PurePages<V> implements SnapshotPort {
  readonly codec: CacheCodec;
  readonly #open: () => PageCore<V>;

  /** `open` gives the cache, or throws if it is closed. */
  constructor(open: () => PageCore<V>) {
    this.#open = open;
    this.codec = open().codec.name;
  }

  /** See {@linkcode SnapshotPort.checkOpen}. */
  checkOpen(): void {
    this.#open();
  }

  /** See {@linkcode SnapshotPort.exportPages}. */
  exportPages(): () => { page: Uint8Array; entries: number } | undefined {
    const { store, codec } = this.#open();
    const writer = new PageWriter();
    const origin = store.now();
    const entries = store.entries();
    /** What was too large for the page that it came to. */
    let waiting: PageEntry | undefined;
    return () => {
      if (waiting !== undefined) writer.add(waiting);
      waiting = undefined;
      while (writer.size < PAGE_BYTES) {
        const { value: entry } = entries.next();
        if (entry === undefined) break;
        const leftMs = store.leftOf(entry, origin);
        if (!(leftMs > 0)) continue;
        const made = pageEntry(store, codec, entry, leftMs);
        if (writer.count > 0 && entry.weight > PAGE_BYTES) {
          waiting = made;
          break;
        }
        writer.add(made);
      }
      const { count } = writer;
      return count === 0 ? undefined : { page: writer.take(), entries: count };
    };
  }

  /** See {@linkcode SnapshotPort.importPage}. */
  async importPage(
    page: Uint8Array,
    elapsedMs: number,
  ): Promise<{ entries: number; expired: number }> {
    let core = this.#open();
    const report = { entries: 0, expired: 0 };
    let steps = 0;
    for (const entry of readPage(page, this.codec)) {
      if (++steps % STEPS === 0) {
        // Others get their turn.
        await new Promise<void>((resolve) => setImmediate(resolve));
        core = this.#open();
      }
      const ttlMs = entry.leftMs - elapsedMs;
      if (!(ttlMs > 0)) {
        report.expired++;
        continue;
      }
      const tags = entry.tags.length === 0 ? undefined : checkTags(entry.tags);
      let weight: number;
      try {
        weight = checkWeight(byteLength(entry.key), byteLength(entry.value), tags, core.maxBytes);
      } catch {
        continue;
      }
      core.set(entry.key, entry.value, weight, { ttlMs, graceMs: entry.graceMs, tags }, entry);
      report.entries++;
    }
    return report;
  }
}

function pageEntry<V>(
  store: Store<V>,
  codec: Codec<V>,
  entry: Entry<V>,
  leftMs: number,
): PageEntry {
  const tags: string[] = [];
  for (let link = entry.tags; link !== null; link = link.next) tags.push(link.list.tag);
  // JSON that was read is a value by now; bytes and text are as they were stored.
  const value = entry.raw || codec.name !== "json"
    ? entry.value as Stored
    : codec.encode(entry.value);
  const { key, reads, main } = entry;
  return { key, value, tags, leftMs, graceMs: store.graceOf(entry), reads, main };
}
