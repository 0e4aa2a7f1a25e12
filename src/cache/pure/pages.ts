/**
 * Pages of a pure cache, for snapshots.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import { PAGE_BYTES, type PageEntry, readPage } from "../snapshot/page.ts";
import { PageWriter } from "../snapshot/page_writer.ts";
import { Snapshots } from "../snapshot/snapshots.ts";
import { checkTags } from "../tags.ts";
import type { Core } from "./core.ts";
import { MAIN, RAW, READS } from "./slots.ts";
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
      const core = open();
      const { store } = core;
      const writer = new PageWriter();
      const origin = store.now();
      const entries = held(store);
      /** What was too large for the page that it came to. */
      let waiting: PageEntry | undefined;
      return () => {
        if (waiting !== undefined) writer.add(waiting);
        waiting = undefined;
        while (writer.size < PAGE_BYTES) {
          const next = entries.next();
          if (next.done === true) break;
          const slot = next.value;
          const end = store.slots.expires[slot] as number;
          const leftMs = store.now() < end ? end - origin : 0;
          if (!(leftMs > 0)) continue;
          const made = pageEntry(core, slot, leftMs);
          if (writer.count > 0 && made.key.length + made.value.length > PAGE_BYTES / 3) {
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
      if (!core.enabled) return report;
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
          weight = core.weigh(key, value, tags);
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

/** All entries that are held now, from then on as they are when they are reached. */
function* held({ held, slots }: Store<unknown>): Generator<number, void> {
  for (let slot = 0; held > 0 && slot < slots.used; slot++) {
    if (Number.isNaN(slots.expires[slot])) continue;
    held--;
    yield slot;
  }
}

function pageEntry<V>({ store, codec }: Core<V>, slot: number, leftMs: number): PageEntry {
  const { keys, values, state } = store.slots;
  const is = state[slot] as number;
  const kept = values[slot];
  // JSON that was read is a value by now; bytes and text are as they were stored.
  const value = (is & RAW) !== 0 || codec.name !== "json" ? kept as Stored : codec.encode(kept);
  return {
    key: keys[slot] as string,
    value,
    tags: store.tagsOf(slot),
    leftMs,
    graceMs: leftMs === Infinity ? 0 : store.slots.graceOf(slot),
    reads: is & READS,
    main: (is & MAIN) !== 0,
  };
}
