/**
 * Fills one store with a million entries and says what that takes; then works on it and says it again.
 *
 * Arguments: the store (native, pure, lru-cache, Map, or another word for none), the number of entries. Prints JSON:
 * the resident memory in bytes with the entries, after as many cycles of set, get and delete as there are entries, and
 * after as many again.
 * Needs `--v8-flags=--expose-gc`, so that what is garbage does not count.
 */

import { createCache } from "@agent/runtime/cache";
import { installedPeers } from "../peers.ts";
import { Random } from "../random.ts";

interface Store {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
  delete(key: string): boolean;
}

const [name = "", count = "0"] = Deno.args;
const entries = Number(count);
// Room for all and no eviction, so that every store holds the same.
const room = entries + 1_000;
const LruCache = await installedPeers(() => {}).lruCache();

function make(): Store | undefined {
  switch (name) {
    case "native":
    case "pure":
      return createCache({ implementation: name, maxEntries: room, ttlMs: 3_600_000 });
    case "lru-cache":
      return LruCache && new LruCache({ max: room, ttl: 3_600_000 });
    case "Map":
      return new Map<string, string>();
    default:
      return undefined;
  }
}

const random = new Random(1);
const decoder = new TextDecoder();
const digits = new Uint8Array(15).fill(48);
const letters = new Uint8Array(100);

// Decoded, as what comes from outside is: flat strings of one byte a character.
function keyOf(index: number): string {
  for (let at = 14, rest = index; at >= 4; at--, rest = Math.floor(rest / 10)) {
    digits[at] = 48 + rest % 10;
  }
  return decoder.decode(digits);
}

function value(): string {
  for (let at = 0; at < 100; at++) letters[at] = 97 + (random.next() >>> 28);
  return decoder.decode(letters);
}

const collect = (globalThis as unknown as { gc?: () => void }).gc;

async function resident(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Deno.memoryUsage().rss;
}

let found = 0;

/** So many cycles of setting a new key, reading an old one and deleting the new one. */
function work(store: Store, cycles: number): void {
  for (let i = 0; i < cycles; i++) {
    const key = keyOf(entries + i % 500);
    store.set(key, value());
    if (store.get(keyOf(random.below(entries))) !== undefined) found++;
    store.delete(key);
  }
}

const store = make();
if (store !== undefined) { for (let i = 0; i < entries; i++) store.set(keyOf(i), value()); }
const full = await resident();
if (store !== undefined) work(store, entries);
const used = await resident();
if (store !== undefined) work(store, entries);
const after = await resident();
const text = JSON.stringify({ full, used, after, found });
Deno.stdout.writeSync(new TextEncoder().encode(text));
