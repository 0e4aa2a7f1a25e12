/**
 * Pages of a pure cache, for snapshots.
 *
 * @module
 */

import type { Codec, Stored } from "../codec.ts";
import { PAGE_BYTES, type PageEntry, readPage } from "../snapshot/page.ts";
import { PageWriter } from "../snapshot/page_writer.ts";
import { Snapshots } from "../snapshot/snapshots.ts";
import { checkTags } from "../tags.ts";
import { entryWeight } from "../weight.ts";
import type { Core } from "./core.ts";
import type { Entry } from "./s3_fifo.ts";
import type { Store } from "./store.ts";

/** Entries that are stored in one go. */
const STEPS = 100;

/** The snapshots of a pure cache; `open` gives the cache, or throws if it is closed. */
export function pureSnapshots<V>(open: () => Core<V>): Snapshots {
  const codec = open().codec.name;
  return new Snapshots({
    codec,
    checkOpen: open,

    exportPages() {
      const { store, codec } = open();
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
    },

    async importPage(page, elapsedMs) {
      let core = open();
      const report = { entries: 0, expired: 0 };
      let steps = 0;
      for (const entry of readPage(page, codec)) {
        if (++steps % STEPS === 0) {
          // Others get their turn.
          await new Promise<void>((resolve) => setImmediate(resolve));
          core = open();
        }
        const ttlMs = entry.leftMs - elapsedMs;
        if (!(ttlMs > 0)) {
          report.expired++;
          continue;
        }
        const { key, value, graceMs } = entry;
        const tags = entry.tags.length === 0 ? undefined : checkTags(entry.tags);
        let weight: number;
        try {
          weight = entryWeight(key, value, tags, core.maxBytes);
        } catch {
          continue;
        }
        core.set(key, value, weight, { ttlMs, graceMs, tags }, entry);
        report.entries++;
      }
      return report;
    },
  });
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
