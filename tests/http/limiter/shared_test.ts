/** Limiters that all Workers of the process share, and the limits over any time, whoever reserves. */

import assert from "assertions";
import { createLimiter } from "../../../src/http/limiter/mod.ts";
import type { LimiterOptions } from "../../../src/http/limiter/types.ts";
import { heldBy, testOf, testOfBoth, twins } from "../../support/twins.ts";
import { until } from "../../support/values.ts";
import { Helper, settled, told, ToldClock, uniqueName, Watched } from "./support.ts";
import { PureEngine } from "../../../src/http/limiter/pure.ts";
import { resolveOptions } from "../../../src/http/limiter/options.ts";

const both = twins("http");
const { native } = both;
const implementation = "native";

const test = (name: string, body: () => void | Promise<void>): void =>
  testOf("shared limiter", native, name, async () => {
    await body();
    await native.idle();
  });

async function helpers(count: number, options: LimiterOptions): Promise<Helper[]> {
  const all = Array.from({ length: count }, () => new Helper());
  for (const helper of all) {
    assert.deepEqual(await helper.tell({ do: "open", options }), ["native", true]);
  }
  return all;
}

test("what one isolate reserves another has no more", async () => {
  const options = {
    name: uniqueName(),
    requestsPerMinute: 3,
    tokensPerMinute: 100,
    implementation,
  };
  using here = createLimiter(options as LimiterOptions);
  const [helper] = await helpers(1, options as LimiterOptions) as [Helper];
  assert.equal(await helper.tell({ do: "reserve", tokens: 60, settle: 70 }), 60);
  assert.deepEqual(await here.stats(), {
    active: 0,
    waiting: 0,
    requestsLeft: 2,
    tokensLeft: 30,
    pausedMs: 0,
  });
  assert.deepEqual(await helper.tell({ do: "stats" }), await here.stats());
  helper.terminate();
});

test("a name that all share is the default where native code may be used", () => {
  using limiter = createLimiter({ name: uniqueName(), concurrency: 1 });
  assert.equal(limiter.implementation, "native");
  assert.throws(() => createLimiter({ name: uniqueName(), implementation: "pure" }), {
    name: "AgentError",
    code: "NATIVE_REQUIRED",
  });
});

test("one place, eight Workers: each waits for the one before", async () => {
  const options: LimiterOptions = { name: uniqueName(), concurrency: 1, implementation };
  using here = createLimiter(options);
  const held = await here.reserve();
  const all = await helpers(8, options);
  const given = all.map((helper) =>
    new Watched(helper.tell({ do: "reserve", tokens: 0, settle: 0 }))
  );
  await until(async () => (await here.stats()).waiting === 8);
  assert.ok(given.every(({ state }) => state === "waiting"));
  await held.settle();
  for (const one of given) await one.given();
  for (const helper of all) helper.terminate();
});

test("a Worker that ends gives back its places, and its place in line", async () => {
  const options: LimiterOptions = { name: uniqueName(), concurrency: 2, implementation };
  using here = createLimiter(options);
  const [holder, waiter] = await helpers(2, options) as [Helper, Helper];
  await holder.tell({ do: "reserve", tokens: 0 });
  const own = await here.reserve();
  await waiter.tell({ do: "wait" });
  await until(async () => (await here.stats()).waiting === 1);
  const next = new Watched(here.reserve());
  await settled();
  waiter.terminate();
  await until(async () => (await here.stats()).waiting === 1, "its place in line is kept");
  assert.equal(next.state, "waiting");
  holder.terminate();
  await next.given();
  await own.release();
  assert.equal((await here.stats()).active, 1);
});

test("Workers that are terminated while they wait leave nothing behind", async () => {
  const options: LimiterOptions = { name: uniqueName(), concurrency: 1, implementation };
  const held = heldBy("http");
  const handles = held.handles();
  {
    using here = createLimiter(options);
    for (let round = 0; round < 4; round++) {
      const own = await here.reserve();
      const all = await helpers(8, options);
      for (const helper of all) for (let i = 0; i < 5; i++) await helper.tell({ do: "wait" });
      // Half of them in the middle of being served.
      if (round % 2 === 1) {
        all.forEach((helper) => helper.terminate());
        await own.settle();
      } else {
        assert.equal((await here.stats()).waiting, 40);
        all.forEach((helper) => helper.terminate());
      }
      await until(async () => (await here.stats()).waiting === 0);
      await own.settle();
      await until(async () => (await here.stats()).active === 0);
    }
  }
  await until(() => held.handles() === handles);
});

test("eight Workers together are never over the limit", async () => {
  const limit = 100;
  const options: LimiterOptions = { name: uniqueName(), requestsPerSecond: limit, implementation };
  const all = await helpers(8, options);
  const start = performance.now();
  const endAt = Date.now() + 1_500;
  const times = await Promise.all(
    all.map((helper) => helper.tell<number[]>({ do: "saturate", endAt })),
  );
  const seconds = Math.floor((performance.now() - start) / 1_000) + 1;
  const total = times.flat().length;
  assert.ok(total <= limit * seconds, `${total} in ${seconds} s`);
  assert.ok(total >= limit, `${total}`);
  for (const helper of all) helper.terminate();
});

for (const twin of both.each) {
  testOf(
    "limiter",
    twin,
    "no minute, wherever it begins, has more than the limits, and nearly all is used",
    async () => {
      const limits = { requestsPerMinute: 300, tokensPerMinute: 5_000 };
      using t = told(twin.name, limits);
      const given: { at: number; tokens: number }[] = [];
      let seed = 1;
      const random = (below: number): number => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed % below;
      };
      let now = 0;
      while (now < 600_000_000) {
        const step = random(400_000);
        t.advance(step);
        now += step;
        for (let tries = random(6); tries > 0; tries--) {
          const tokens = random(34);
          const reservation = t.limiter.tryReserve(tokens);
          if (reservation === undefined) continue;
          if (random(5) === 0) {
            await reservation.release();
            continue;
          }
          const actual = random(tokens + 1);
          await reservation.settle(actual);
          given.push({ at: now, tokens: actual });
        }
      }
      let tokens = 0;
      let first = 0;
      for (const [last, { at, tokens: more }] of given.entries()) {
        tokens += more;
        while (given[first]!.at < at - 60_000_000) tokens -= given[first++]!.tokens;
        assert.ok(last - first + 1 <= 300, "requests");
        assert.ok(tokens <= 5_000, "tokens");
      }
      assert.ok(given.length >= 0.98 * 3_000, `${given.length} of 3,000`);
      await twin.idle();
    },
  );
}

testOfBoth(
  "limiter",
  both,
  "a clock that goes back gives nothing twice and stops nothing",
  async () => {
    const clock = new ToldClock();
    clock.advance(1_000_000_000);
    const engine = new PureEngine(resolveOptions({ requestsPerMinute: 2 }), clock);
    assert.ok(engine.take(0) > 0);
    assert.ok(engine.take(0) > 0);
    clock.stepBack(900_000_000);
    assert.equal(engine.take(0), 0);
    const next = new Watched(engine.wait(0, "", undefined));
    clock.advance(900_000_000 + 60_000_000);
    await settled();
    assert.equal(next.state, "waiting");
    clock.advance(120_000);
    await next.given();
    engine.close();
  },
);
