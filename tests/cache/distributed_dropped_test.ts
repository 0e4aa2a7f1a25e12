/** What a server drops by itself, entries and the memory of who read what, leaves no copy wrong. */

import assert from "assertions";
import { connectCache } from "../../src/cache/mod.ts";
import type { DistributedCache } from "../../src/cache/distributed/types.ts";
import "../support/default_twin.ts";
import { testNeeding } from "../support/needs.ts";
import { missing, Server } from "../support/redis.ts";
import { delay } from "../support/values.ts";

const KEYS = Array.from({ length: 300 }, (_, at) => `key ${at}`);
const PATIENCE_MS = 10_000;
/**
 * So long that no silence of a busy machine makes the copy be given up: then everything would be read anew,
 * and be right whether the server's reports come or not.
 */
const NAME = { name: "dropped", timeoutMs: 600_000 };

/** Waits until the copy says of every key what the server says; else tells how many it has wrong. */
async function agrees(
  cache: DistributedCache<string>,
  truth: () => Promise<(string | undefined)[]>,
): Promise<number> {
  for (const end = Date.now() + PATIENCE_MS;; await delay(20)) {
    const values = await Promise.all(KEYS.map((key) => cache.get(key)));
    const right = await truth();
    const wrong = values.filter((value, at) => value !== right[at]).length;
    if (wrong === 0 || Date.now() > end) return wrong;
  }
}

/** What the server has now, read by somebody who has no copy yet. */
async function fresh(server: Server): Promise<(string | undefined)[]> {
  await using other = await connectCache({ redis: server.url(), ...NAME });
  return await other.getMany(KEYS);
}

/** How many of the entries the server still has, of whatever generation they are. */
async function there(server: Server): Promise<number> {
  const names = KEYS.map((key) => `agent:cache:{${NAME.name}}:v:${key}`);
  return Number((await server.command("EXISTS", ...names)).slice(1));
}

testNeeding(
  [missing],
  "distributed cache: what the server evicts is not served from the copy",
  async () => {
    await using server = await Server.start(
      ...["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"],
    );
    await using cache = await connectCache({ redis: server.url(), ...NAME });
    await cache.setMany(KEYS.map((key) => [key, "x".repeat(100)] as const));
    await cache.getMany(KEYS);
    assert.equal((await cache.stats()).entries, KEYS.length, "all of them are in the copy");
    assert.equal(await there(server), KEYS.length, "and in the server");
    // Its own writes make the server evict, so that the evictions happen during its own commands.
    for (let at = 0; at < 4_000; at++) await cache.set(`other ${at}`, "y".repeat(1_000));
    const evicted = KEYS.length - await there(server);
    assert.ok(evicted > 0, "the server has evicted something");
    assert.equal(await agrees(cache, () => fresh(server)), 0);
    assert.equal(cache.connected, true);
    // Each was in the copy, and is reported for itself. More may be gone than were evicted: where the server evicts the
    // cache's generation, every entry is over with it, by one report.
    const { invalidations } = await cache.stats();
    assert.ok(invalidations >= evicted, `${invalidations} reports of ${evicted} entries`);
  },
);

testNeeding(
  [missing],
  "distributed cache: what the server forgot to track is not served from the copy",
  async () => {
    await using server = await Server.start("--tracking-table-max-keys", "50");
    await using cache = await connectCache({ redis: server.url(), ...NAME });
    await using writer = await connectCache({ redis: server.url(), ...NAME });
    await writer.setMany(KEYS.map((key) => [key, "old"] as const));
    for (const key of KEYS) assert.equal(await cache.get(key), "old");
    const { invalidations } = await cache.stats();
    assert.ok(invalidations >= KEYS.length - 60, `the server forgot ${invalidations}`);
    await writer.setMany(KEYS.map((key) => [key, "new"] as const));
    assert.equal(await agrees(cache, () => Promise.resolve(KEYS.map(() => "new"))), 0);
  },
);
