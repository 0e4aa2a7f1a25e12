/** Limiters that all machines share, on a real server. */

import assert from "assertions";
import fc from "fast-check";
import { parseAddress } from "../../../src/cache/distributed/address.ts";
import { Link } from "../../../src/cache/distributed/link.ts";
import { replyText } from "../../../src/cache/distributed/wire.ts";
import { createLimiter, type Limiter, type LimiterOptions } from "../../../src/http/limiter/mod.ts";
import { observedIn } from "../../../src/http/limiter/observed.ts";
import { resolveOptions } from "../../../src/http/limiter/options.ts";
import { State } from "../../../src/http/limiter/pure/state.ts";
import { keysOf } from "../../../src/http/limiter/redis_server.ts";
import { END, OBSERVE, STATS, TAKE } from "../../../src/http/limiter/redis_scripts.ts";
import { CASES, checkAsync } from "../../support/arbitraries.ts";
import { testNeeding } from "../../support/needs.ts";
import { missing, Server, sharedServer } from "../../support/redis.ts";
import { delay, until } from "../../support/values.ts";
import { settled, uniqueName, Watched } from "./support.ts";

const server = sharedServer();

const test = (name: string, body: () => Promise<void>): void =>
  testNeeding([missing], `limiter in Redis: ${name}`, body);

/** Limiters of one name, over a connection each. */
function limiters(count: number, options: LimiterOptions): Limiter[] {
  const all = { redis: server().url(), name: uniqueName(), redisTimeoutMs: 5_000, ...options };
  return Array.from({ length: count }, () => createLimiter(all));
}

async function closeAll(limiters: readonly Limiter[]): Promise<void> {
  for (const limiter of limiters) await limiter.close();
}

test("what one reserves another has no more", async () => {
  const both = limiters(2, { requestsPerMinute: 3, tokensPerMinute: 100, concurrency: 2 });
  const [one, two] = both as [Limiter, Limiter];
  assert.deepEqual([one.implementation, one.shared], ["pure", true]);
  const first = await one.reserve(60);
  assert.equal(first.tokens, 60);
  assert.deepEqual(await two.stats(), {
    active: 1,
    waiting: 0,
    requestsLeft: 2,
    tokensLeft: 40,
    pausedMs: 0,
  });
  await first.settle(70);
  await first.release();
  const second = await two.reserve(20);
  await second.release();
  const { active, requestsLeft, tokensLeft } = await one.stats();
  assert.deepEqual([active, requestsLeft, tokensLeft], [0, 2, 30]);
  await assert.rejects(one.reserve(101), { code: "TOO_LARGE" });
  assert.throws(() => one.tryReserve(1), { code: "UNSUPPORTED" });
  await closeAll(both);
});

test("a name has the same limits everywhere", async () => {
  const name = uniqueName();
  const [one] = limiters(1, { name, requestsPerMinute: 3 }) as [Limiter];
  const [two] = limiters(1, { name, requestsPerMinute: 4 }) as [Limiter];
  await one.reserve();
  await assert.rejects(two.reserve(), {
    name: "RangeError",
    message: `options.requestsPerMinute must be 3 as wherever the name "${
      name.slice(0, 40)
    }..." is used, got 4`,
  });
  await closeAll([one, two]);
});

test("never more than the limit, whoever asks, and all get their share", async () => {
  const all = limiters(4, { requestsPerSecond: 40, concurrency: 30 });
  const start = performance.now();
  const counts = await Promise.all(all.map(async (limiter) => {
    let count = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (performance.now() - start < 1_900) {
        try {
          const reservation = await limiter.reserve(0, { timeoutMs: 500 });
          count++;
          await reservation.settle();
        } catch (error) {
          assert.equal((error as { code?: string }).code, "TIMEOUT");
        }
      }
    }));
    return count;
  }));
  const seconds = Math.floor((performance.now() - start) / 1_000) + 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  assert.ok(total <= 40 * seconds, `${total} in ${seconds} s`);
  assert.ok(total >= 80, `${total}`);
  assert.ok(counts.every((count) => count > 0), `${counts}`);
  await closeAll(all);
});

test("who waits is served in order, and a large one is not passed by another machine", async () => {
  const both = limiters(2, { tokensPerMinute: 100, concurrency: 3 });
  const [one, two] = both as [Limiter, Limiter];
  const first = await one.reserve(60);
  const large = new Watched(one.reserve(80));
  await until(async () => (await one.stats()).waiting === 1);
  await settled();
  const small = new Watched(two.reserve(30));
  await delay(300);
  assert.deepEqual([large.state, small.state], ["waiting", "waiting"]);
  await first.release();
  await large.given();
  assert.equal(small.state, "waiting");
  await (await large.given()).settle(10);
  await small.given();
  await closeAll(both);
});

test("one that gives up lets those behind it move up", async () => {
  const both = limiters(2, { tokensPerMinute: 100 });
  const [one, two] = both as [Limiter, Limiter];
  await one.reserve(60);
  const controller = new AbortController();
  const large = new Watched(one.reserve(80, { signal: controller.signal }));
  await until(async () => (await one.stats()).waiting === 1);
  await settled();
  const small = new Watched(two.reserve(30));
  await delay(50);
  controller.abort("enough");
  await until(() => large.state === "refused");
  assert.equal(large.error, "enough");
  await small.given();
  await assert.rejects(one.reserve(80, { timeoutMs: 30 }), { code: "TIMEOUT" });
  assert.equal((await one.stats()).waiting, 0);
  await closeAll(both);
});

test("groups of one object take turns", async () => {
  const [one] = limiters(1, { concurrency: 1 }) as [Limiter];
  let held = await one.reserve();
  const order: string[] = [];
  for (const name of ["a1", "a2", "b1"]) {
    one.reserve(0, { group: name[0]! }).then((reservation) => {
      order.push(name);
      held = reservation;
    });
  }
  for (let given = 1; given <= 3; given++) {
    await held.release();
    await until(() => order.length === given);
  }
  assert.deepEqual(order, ["a1", "b1", "a2"]);
  await one.close();
});

test("a place that is not given back comes free after its lease, or when its holder closes", async () => {
  const both = limiters(2, { concurrency: 1, leaseMs: 1_000 });
  const [one, two] = both as [Limiter, Limiter];
  const lost = await one.reserve();
  const next = await two.reserve();
  await lost.release();
  assert.equal((await two.stats()).active, 1, "it was over, and ended nobody else's");
  const third = new Watched(one.reserve());
  await settled();
  await two.close();
  await third.given();
  await next.release();
  await closeAll(both);
});

test("one that died while it waited holds nobody up for long", async () => {
  const name = uniqueName();
  const both = limiters(2, { name, concurrency: 1, leaseMs: 60_000 });
  const [one, two] = both as [Limiter, Limiter];
  const held = await one.reserve();
  // What a machine leaves behind that dies in line.
  const link = await Link.open(parseAddress(server().url()), 5_000, quiet, false);
  const keys = keysOf(name);
  const limits = ["-1", "1000000", "-1", "-1", "1", "60000000"];
  await link.run(TAKE, keys, [...limits, "dead", "400000", "0"]);
  const next = new Watched(two.reserve());
  await held.release();
  await next.given();
  link.close();
  await closeAll(both);
});

test("what a server says holds for all", async () => {
  const both = limiters(2, { requestsPerMinute: 100 });
  const [one, two] = both as [Limiter, Limiter];
  await one.observe(new Response(null, { status: 429, headers: { "retry-after": "0.4" } }));
  await one.observe(
    new Headers({ "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1h" }),
  );
  const { pausedMs, requestsLeft } = await two.stats();
  assert.ok(pausedMs > 0 && pausedMs <= 400, `${pausedMs}`);
  assert.equal(requestsLeft, 1);
  await two.reserve();
  await assert.rejects(one.reserve(0, { timeoutMs: 20 }), { code: "TIMEOUT" });
  await closeAll(both);
});

test("closing ends the waits and all that comes after", async () => {
  const [one] = limiters(1, { concurrency: 1 }) as [Limiter];
  const held = await one.reserve();
  const waiting = new Watched(one.reserve());
  await until(async () => (await one.stats()).waiting === 1);
  await one.close();
  await one.close();
  const closed = { code: "CLOSED", message: "The limiter is closed; make a new one" };
  await until(() => waiting.state === "refused");
  await assert.rejects(Promise.reject(waiting.error), closed);
  await assert.rejects(one.reserve(), closed);
  await assert.rejects(one.stats(), closed);
  await held.release();
});

test("a server that is away is an error, and it is connected to again", async () => {
  const own = await Server.start();
  const limiter = createLimiter({ redis: own.url(), name: "x", requestsPerMinute: 3 });
  await limiter.reserve();
  await own.kill();
  await assert.rejects(limiter.reserve(), { name: "AgentError", code: "UNAVAILABLE" });
  await own.resume();
  let again = false;
  await until(async () => {
    again = await limiter.reserve().then(() => true, () => false);
    return again;
  });
  assert.equal((await limiter.stats()).requestsLeft, 2, "what a server forgets is forgotten");
  await limiter.close();
  await own[Symbol.asyncDispose]();
  const nobody = createLimiter({ redis: own.url(), name: "x", redisTimeoutMs: 300 });
  await assert.rejects(nobody.reserve(), { code: "UNAVAILABLE" });
  await nobody.close();
});

test("nothing stays in the server for ever", async () => {
  const [one] = limiters(1, { requestsPerMinute: 3, concurrency: 1, leaseMs: 1_000 }) as [Limiter];
  await one.reserve();
  const link = await Link.open(parseAddress(server().url()), 5_000, quiet, false);
  const names = await link.send(["KEYS", "agent:limiter:*"]) as Uint8Array[];
  assert.ok(names.length > 0);
  for (const key of names) {
    const ms = await link.send(["PTTL", key]) as number;
    assert.ok(ms > 0 && ms <= 62_000 * 60, `${replyText(key)} ${ms}`);
  }
  link.close();
  await one.close();
});

Deno.test("limiter in Redis: all keys of a name are in one slot of a cluster", () => {
  const all = ["a", "}", "{", "a}b", "{}", "\u00e9 \0"].map((name) => {
    const tags = keysOf(name).map((key) => /^[^{]*\{([^}]+)\}/.exec(key)?.[1]);
    assert.ok(tags[0] !== undefined && tags.every((tag) => tag === tags[0]), name);
    return tags[0];
  });
  assert.equal(new Set(all).size, all.length);
});

const quiet = { changed() {}, down() {}, up() {} };

type Step =
  | { do: "take"; tokens: number }
  | { do: "end"; which: number; actual: number }
  | { do: "observe"; left: string; limit: string; pause: string }
  | { do: "pass"; us: number }
  | { do: "back"; us: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      tokens: fc.integer({ min: 0, max: 400 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      which: fc.nat(1_000),
      actual: fc.integer({ min: -1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("observe" as const),
      left: fc.constantFrom("0", "3", "100"),
      limit: fc.constantFrom("1", "60", "1000"),
      pause: fc.constantFrom("", "0.5", "30"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      us: fc.oneof(fc.nat(2_000_000), fc.nat(70_000_000)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("back" as const), us: fc.nat(90_000_000) }) },
);

test("the scripts do what the TypeScript twin does, and a clock that goes back stops nothing", async () => {
  const link = await Link.open(parseAddress(server().url()), 5_000, quiet, false);
  const options = resolveOptions({
    requestsPerMinute: 20,
    requestsPerSecond: 4,
    tokensPerMinute: 1_000,
    concurrency: 5,
    leaseMs: 30_000,
  });
  const limits = ["4", "1000000", "20", "1000", "5", "30000000"];
  let round = 0;
  await checkAsync(
    fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 40 }), async (steps) => {
      const keys = keysOf(`same ${round++}`);
      // The server's clock, as it is told; beyond what keys expire by, which is the real one.
      let real = 1_700_000_000_000_000;
      let now = real;
      const run = ({ source }: { source: string }, args: string[]) => {
        const time = `{ '${Math.floor(real / 1e6)}', '${real % 1e6}' }`;
        const told = source.replace("redis.call('TIME')", time);
        return link.send(["EVAL", told, "4", ...keys, ...limits, ...args]) as Promise<unknown[]>;
      };
      const state = new State(options);
      const held: { id: number; at: string; tokens: number; own: number }[] = [];
      for (const step of steps) {
        if (step.do === "take") {
          const [given, id, at] = await run(TAKE, ["me", "1000000", `${step.tokens}`]) as [
            number,
            Uint8Array,
            Uint8Array,
          ];
          const own = state.take(now, 0, step.tokens);
          assert.equal(given === 1, own > 0, `take ${step.tokens}`);
          if (own > 0) {
            held.push({ id: Number(replyText(id)), at: replyText(at), tokens: step.tokens, own });
          }
        } else if (step.do === "end" && held.length > 0) {
          const [{ id, at, tokens, own }] = held.splice(step.which % held.length, 1) as [
            typeof held[0],
          ];
          // Both see first whether its lease is over.
          state.stats(now);
          await run(END, [`${id}`, at, `${tokens}`, `${step.actual}`]);
          if (step.actual < 0) state.release(own);
          else {
            const more = state.settle(own, step.actual);
            if (more > 0) state.takeMore(now, more);
          }
        } else if (step.do === "observe") {
          const headers = new Headers({
            "x-ratelimit-remaining-requests": step.left,
            "x-ratelimit-limit-requests": step.limit,
            "retry-after": step.pause,
          });
          const said = observedIn(headers, undefined, 0);
          const { left, cap, perUs, forUs } = said.requests!;
          const numbers = [left, cap, perUs, forUs, 0, 0, 0, 0, said.pauseUs];
          await run(OBSERVE, numbers.map(String));
          state.observe(now, said);
        } else if (step.do === "pass") {
          real += step.us;
          now += step.us;
        } else if (step.do === "back") {
          real -= step.us;
        }
        const stats = state.stats(now);
        const [active, requests, tokens, paused] = await run(STATS, []) as [
          number,
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
        assert.deepEqual([
          active,
          Number(replyText(requests)),
          Number(replyText(tokens)),
          Number(replyText(paused)) / 1_000,
        ], [stats.active, stats.requestsLeft, stats.tokensLeft, stats.pausedMs]);
      }
    }),
    CASES / 40,
  );
  link.close();
});
