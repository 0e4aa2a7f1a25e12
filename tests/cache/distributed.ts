/** What the tests of distributed caches share. They run on the copies that `AGENT_IMPLEMENTATION` says. */

import assert from "assertions";
import {
  connectCache,
  type DistributedCache,
  type DistributedOptions,
} from "../../src/cache/mod.ts";
import { testNeeding } from "../support/needs.ts";
import { missing, type Server } from "../support/redis.ts";
import { delay } from "../support/values.ts";

/** Registers a test that needs a Redis server, and perhaps more, which may be missing for these reasons. */
export function redisTest(
  name: string,
  body: () => Promise<void>,
  reasons: readonly (string | undefined)[] = [],
): void {
  testNeeding([missing, ...reasons], `distributed cache: ${name}`, body);
}

/** Two caches of the same entries, over a connection each. */
export async function pairOf(
  server: Server,
  options: Partial<DistributedOptions> = {},
): Promise<[DistributedCache<string>, DistributedCache<string>]> {
  const all = { redis: server.url(), name: `tests ${crypto.randomUUID()}`, ...options };
  return [await connectCache(all), await connectCache(all)];
}

/** Waits until something holds, which a message may have to arrive for. */
export async function eventually<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
): Promise<void> {
  const until = performance.now() + 5_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return;
    assert.ok(performance.now() < until, `it is still ${JSON.stringify(value)}`);
    await delay(1);
  }
}
