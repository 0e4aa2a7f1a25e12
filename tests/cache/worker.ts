/** A Worker of the tests of shared caches: does as it is told, and answers each message once. */

/// <reference lib="deno.worker" />

import { createCache, type TtlCache } from "../../src/cache/mod.ts";

/** What a Worker is told. */
export type Order =
  | { do: "open"; name: string; options?: { maxEntries?: number; ttlMs?: number } }
  | {
    do: "call";
    method: "get" | "has" | "delete" | "clear" | "keys" | "stats" | "deleteByTag";
    args: string[];
  }
  | { do: "set"; key: string; value: string; ttlMs?: number; tags?: string[] }
  | {
    do: "load";
    key: string;
    value: string;
    holdMs: number;
    loadTimeoutMs?: number;
    tags?: string[];
  }
  | { do: "hang"; key: string; loadTimeoutMs: number }
  | { do: "stress"; shared: SharedArrayBuffer; workers: number; self: number; operations: number };

let cache: TtlCache<string>;

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case "open":
      cache = createCache({ implementation: "native", name: order.name, ...order.options });
      return [cache.implementation, cache.shared];
    case "call":
      // deno-lint-ignore no-explicit-any
      return (cache as any)[order.method](...order.args);
    case "set":
      return cache.set(order.key, order.value, {
        ttlMs: order.ttlMs ?? Infinity,
        tags: order.tags ?? [],
      });
    case "load": {
      const { key, value, holdMs, loadTimeoutMs, tags = [] } = order;
      let loaded = 0;
      const result = await cache.getOrSet(key, () => {
        loaded++;
        return new Promise((resolve) => setTimeout(() => resolve(value), holdMs));
      }, loadTimeoutMs === undefined ? { tags } : { loadTimeoutMs, tags });
      return [result, loaded];
    }
    case "hang": {
      const { key, loadTimeoutMs } = order;
      cache.getOrSet(key, () => new Promise(() => {}), { loadTimeoutMs }).catch(() => {});
      return "holding";
    }
    case "stress":
      return stress(order);
  }
}

/**
 * Reads and writes at random. Each key has one writer, which publishes in shared memory what it wrote
 * after it wrote it; whoever reads something older than what was published before has read stale.
 */
function stress(order: Order & { do: "stress" }): { reads: number; stale: string[] } {
  const published = new Int32Array(order.shared);
  const keys = Array.from(published, (_, i) => `key ${i}`);
  const stale: string[] = [];
  /** Whether what was written last to a key carries its tag. */
  const tagged = new Uint8Array(keys.length);
  let reads = 0;
  let random = order.self * 0x9e3779b1 + 1 | 0;
  const next = (below: number): number => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % below;
  };
  const own = (): number => next(keys.length / order.workers) * order.workers + order.self;
  const check = (key: number, least: number, value: string | undefined): void => {
    reads++;
    if (value !== undefined && Number(value) < least) {
      stale.push(`${keys[key]}: ${value} was read after ${least} was written`);
    }
  };
  for (let i = 0; i < order.operations; i++) {
    const dice = next(1_000);
    if (dice < 150) {
      const key = own();
      const number = Atomics.load(published, key) + 1;
      tagged[key] = 0;
      if (dice < 20) cache.delete(keys[key]!);
      else if (dice < 30) cache.set(keys[key]!, `${number}`, { ttlMs: 1 + next(5) });
      else if (dice < 60) cache.setMany([[keys[key]!, `${number}`]]);
      else if (dice < 80) {
        tagged[key] = 1;
        cache.set(keys[key]!, `${number}`, { tags: [`key ${key}`, "all"] });
      } else cache.set(keys[key]!, `${number}`);
      Atomics.store(published, key, number);
    } else if (dice < 160) {
      const some = [next(keys.length), next(keys.length), next(keys.length)];
      const least = some.map((key) => Atomics.load(published, key));
      const values = cache.getMany(some.map((key) => keys[key]!));
      for (const [at, key] of some.entries()) check(key, least[at]!, values[at]);
    } else if (dice < 170) {
      // What was written last, if it carries the tag, must not be read again.
      const key = own();
      cache.deleteByTag(`key ${key}`);
      if (tagged[key] === 1) Atomics.add(published, key, 1);
    } else if (dice === 998 && next(20) === 0) {
      cache.deleteByTag("all");
    } else if (dice === 999 && next(20) === 0) {
      cache.clear();
    } else {
      const key = next(keys.length);
      const least = Atomics.load(published, key);
      check(key, least, dice < 180 ? cache.peek(keys[key]!) : cache.get(keys[key]!));
    }
  }
  return { reads, stale };
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  try {
    self.postMessage({ ok: await obey(data) });
  } catch (error) {
    self.postMessage({ error: `${error}` });
  }
};
