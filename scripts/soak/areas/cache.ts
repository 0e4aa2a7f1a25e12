/**
 * Caches: what is read is what was written last, or nothing where a bound or an end took it; what no bound took is
 * there; a loader runs once; tags and snapshots take and give all. Private ones of both twins, a named one by two of its
 * objects, and one on a Redis of its own by two connections.
 */

import {
  type CacheOptions,
  connectCache,
  createCache,
  type DistributedCache,
  type TtlCache,
} from "@agent/runtime/cache";
import { missing, Server } from "../../../tests/support/redis.ts";
import { type Context, inTurn, type Open, type Work } from "../work.ts";

const KEYS = 3_000;
const OPERATIONS = 400;
const REOPENED_AFTER = 20;
/** For a server that is there: the packages of its client are loaded in this time, too, on a machine that does more. */
const REDIS_MS = 120_000;
const NAME = "soak";

/** A cache that is too small for its keys, beside what was written to it. */
class Bounded {
  readonly cache: TtlCache<string>;
  readonly #other: TtlCache<string>;
  readonly #context: Context;
  readonly #latest = new Map<string, string>();
  #version = 0;

  constructor(context: Context, options: CacheOptions) {
    this.#context = context;
    const all = { codec: "text" as const, maxEntries: 1_000, maxBytes: 400_000, ...options };
    this.cache = createCache(all);
    // Another object of a named cache reads the same.
    this.#other = options.name === undefined ? this.cache : createCache(all);
  }

  async step(): Promise<void> {
    const { below, chance, lost, did } = this.#context;
    for (let at = 0; at < OPERATIONS; at++) {
      const key = `key ${below(KEYS)}`;
      const what = chance();
      if (what < 0.35) {
        const value = `${key} ${++this.#version} ${"x".repeat(below(400))}`;
        this.#latest.set(key, value);
        const ttlMs = what < 0.1 ? 1 + below(200) : undefined;
        this.cache.set(key, value, { ttlMs, ...(what < 0.02 && { tags: ["some"] }) });
      } else if (what < 0.4) this.#other.expire(key, 1 + below(5_000));
      else if (what < 0.43) {
        this.cache.delete(key);
        if (this.#other.has(key)) lost(`${key} is there after it was deleted`);
      } else {
        const found = (what < 0.7 ? this.cache : this.#other).get(key);
        if (found !== undefined && found !== this.#latest.get(key)) lost(`an old value of ${key}`);
      }
    }
    this.cache.deleteByTag("some");
    if (this.cache.size > 1_000) lost(`${this.cache.size} entries where 1,000 may be`);
    did(OPERATIONS);
    await this.#load();
    this.cache.purgeExpired();
  }

  /** Three who wait for one key, whose value is loaded once at most. */
  async #load(): Promise<void> {
    const { below, lost, did } = this.#context;
    const key = `key ${below(KEYS)}`;
    let loads = 0;
    const load = async (): Promise<string> => {
      loads++;
      await new Promise((resolve) => setTimeout(resolve, 2));
      const value = `${key} ${++this.#version}`;
      this.#latest.set(key, value);
      return value;
    };
    const values = await Promise.all([1, 2, 3].map(() => this.cache.getOrSet(key, load)));
    if (loads > 1) lost(`${key} was loaded ${loads} times at once`);
    for (const value of values) {
      if (value !== this.#latest.get(key)) lost(`${key} was loaded wrongly`);
    }
    did();
  }

  close(): void {
    this.cache.close();
    this.#other.close();
  }
}

/** A cache that has room for all: nothing may be missing; also in a snapshot of it. */
async function kept(context: Context, options: CacheOptions, turn: number): Promise<void> {
  const { below, lost, did, folder } = context;
  using cache = createCache({ ...options, codec: "text" as const, maxEntries: 1_000 });
  const entries = Array.from(
    { length: 200 },
    (_, at): [string, string] => [`${turn} ${at}`, "v".repeat(1 + below(300))],
  );
  cache.setMany(entries, { tags: [`turn ${turn % 3}`] });
  const keys = entries.map(([key]) => key);
  const check = (from: TtlCache<string>, what: string): void =>
    from.getMany(keys).forEach((value, at) => {
      if (value !== entries[at]![1]) lost(`${what}: ${keys[at]} is not what was written`);
    });
  check(cache, "a cache with room");
  if (turn % 10 === 0) {
    const path = `${folder}/snapshot`;
    await cache.snapshot(path);
    using restored = createCache({ ...options, name: undefined, codec: "text" as const });
    await restored.restore(path);
    check(restored, "a snapshot");
  }
  if (cache.deleteByTag(`turn ${turn % 3}`) !== entries.length) lost("a tag did not take all");
  if (cache.size > 0) lost("entries were left by their tag");
  did(keys.length);
}

/** One on Redis: a change is seen by its maker at once, and by another connection as soon as its message is there. */
class OnRedis implements AsyncDisposable {
  readonly #context: Context;
  readonly #server: Server;
  #writer: DistributedCache<string>;
  #reader: DistributedCache<string>;
  #turn = 0;

  private constructor(
    context: Context,
    server: Server,
    caches: readonly [DistributedCache<string>, DistributedCache<string>],
  ) {
    this.#context = context;
    this.#server = server;
    [this.#writer, this.#reader] = caches;
  }

  static async open(context: Context): Promise<OnRedis> {
    const server = await Server.start();
    const { twins } = context;
    const caches = await Promise.all([
      connect(server, inTurn(twins, 0)),
      connect(server, inTurn(twins, 1)),
    ]);
    return new OnRedis(context, server, [caches[0]!, caches[1]!]);
  }

  async step(): Promise<void> {
    const { below, lost, did, twins } = this.#context;
    const key = `key ${below(500)}`;
    const value = `${key} ${++this.#turn}`;
    await this.#reader.get(key);
    await this.#writer.set(key, value, { ttlMs: 60_000 });
    if (await this.#writer.get(key) !== value) lost(`its writer does not see ${key}`);
    const end = performance.now() + 10_000;
    while (await this.#reader.get(key) !== value) {
      if (performance.now() > end) return lost(`another connection does not see ${key}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const loaded = await this.#reader.getOrSet(`loaded ${below(100)}`, () => "it", { ttlMs: 500 });
    if (loaded !== "it") lost("a loaded value is another");
    did(4);
    if (this.#turn % REOPENED_AFTER === 0) {
      await this.#reader.close();
      this.#reader = this.#writer;
      this.#writer = await connect(this.#server, inTurn(twins, this.#turn / REOPENED_AFTER));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#reader.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

function connect(server: Server, implementation: "native" | "pure") {
  return connectCache({
    ...{
      redis: server.url(),
      name: NAME,
      timeoutMs: REDIS_MS,
      codec: "text" as const,
      maxEntries: 200,
      implementation,
    },
  });
}

const open: Open = async (context): Promise<Work> => {
  const { twins } = context;
  const forms: CacheOptions[] = twins.map((implementation) => ({ implementation }));
  if (twins.includes("native")) forms.push({ name: NAME });
  const bounded = forms.map((options) => new Bounded(context, options));
  const redis = missing === undefined ? await OnRedis.open(context) : undefined;
  let turn = 0;
  return {
    async step() {
      turn++;
      for (const one of bounded) await one.step();
      for (const options of forms) {
        const name = options.name === undefined ? undefined : `${NAME} ${turn}`;
        await kept(context, { ...options, name }, turn);
      }
      for (let at = 0; at < 5; at++) await redis?.step();
    },
    async close() {
      for (const one of bounded) one.close();
      await redis?.[Symbol.asyncDispose]();
    },
  };
};

export default open;
