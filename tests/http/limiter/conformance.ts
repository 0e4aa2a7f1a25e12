/** What every limiter of this process does, whichever twin it is; on a clock that the test moves. */

import assert from "assertions";
import { createLimiter } from "../../../src/http/limiter/mod.ts";
import type { Reservation } from "../../../src/http/limiter/types.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { delay, until, wrong } from "../../support/values.ts";
import { collectGarbage, settled, told, uniqueName, Watched } from "./support.ts";

/** The time for which a reservation of a minute counts at most: the minute and one slot. */
const MINUTE_AND_SLOT = 60_120;

/** Runs the suite on a twin. */
export function limiterConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("limiter", twin, name, async () => {
      await body();
      await twin.idle();
    });
  const { name: implementation } = twin;

  test("a minute's worth can be had at once, and more only when it is past", async () => {
    using t = told(implementation, { requestsPerMinute: 3 });
    const { limiter } = t;
    for (let i = 0; i < 3; i++) assert.ok(limiter.tryReserve());
    assert.equal(limiter.tryReserve(), undefined);
    const next = new Watched(limiter.reserve());
    await t.pass(59_999);
    assert.equal(next.state, "waiting");
    await t.pass(MINUTE_AND_SLOT - 59_999);
    await next.given();
  });

  test("a rate a second, with a fraction too", async () => {
    using whole = told(implementation, { requestsPerSecond: 2 });
    assert.ok(whole.limiter.tryReserve());
    assert.ok(whole.limiter.tryReserve());
    assert.equal(whole.limiter.tryReserve(), undefined);
    await whole.pass(1_002);
    assert.ok(whole.limiter.tryReserve());
    using slow = told(implementation, { requestsPerSecond: 0.1 });
    assert.ok(slow.limiter.tryReserve());
    await slow.pass(9_999);
    assert.equal(slow.limiter.tryReserve(), undefined);
    await slow.pass(21);
    assert.ok(slow.limiter.tryReserve());
    using odd = told(implementation, { requestsPerSecond: 2.5 });
    for (let i = 0; i < 3; i++) assert.ok(odd.limiter.tryReserve());
    await odd.pass(1_199);
    assert.equal(odd.limiter.tryReserve(), undefined);
    await odd.pass(4);
    assert.ok(odd.limiter.tryReserve());
  });

  test("tokens: settling gives back or takes more, releasing gives all back", async () => {
    using t = told(implementation, { requestsPerMinute: 10, tokensPerMinute: 100 });
    const { limiter } = t;
    const first = await limiter.reserve(80);
    assert.equal(first.tokens, 80);
    assert.equal(limiter.tryReserve(21), undefined);
    await first.settle(50);
    assert.deepEqual(await limiter.stats(), {
      active: 0,
      waiting: 0,
      requestsLeft: 9,
      tokensLeft: 50,
      pausedMs: 0,
    });
    const second = await limiter.reserve(50);
    await second.release();
    assert.equal((await limiter.stats()).requestsLeft, 9);
    const third = await limiter.reserve(10);
    await third.settle(110);
    assert.equal((await limiter.stats()).tokensLeft, -60);
    assert.ok(limiter.tryReserve(0), "no tokens are wanted");
    assert.equal(limiter.tryReserve(1), undefined, "the debt comes first");
    await t.pass(MINUTE_AND_SLOT);
    assert.ok(limiter.tryReserve(100));
  });

  test("only the first settle or release counts", async () => {
    using t = told(implementation, { requestsPerMinute: 10, tokensPerMinute: 100 });
    const { limiter } = t;
    {
      using reservation = await limiter.reserve(40);
      await reservation.settle(30);
      await reservation.settle(90);
      await reservation.release();
    }
    {
      await using _unused = await limiter.reserve(40);
    }
    assert.equal((await limiter.stats()).tokensLeft, 70);
    assert.equal((await limiter.stats()).requestsLeft, 9);
    const whole = await limiter.reserve(40);
    await whole.settle();
    assert.equal((await limiter.stats()).tokensLeft, 30);
  });

  test("what was settled long ago gives nothing back", async () => {
    using t = told(implementation, { tokensPerMinute: 100 });
    const old = await t.limiter.reserve(60);
    await t.pass(MINUTE_AND_SLOT);
    await t.limiter.reserve(100);
    await old.settle(0);
    assert.equal((await t.limiter.stats()).tokensLeft, 0);
  });

  test("more than a minute allows is an error at once", async () => {
    using t = told(implementation, { tokensPerMinute: 100 });
    const { limiter } = t;
    const expected = {
      name: "AgentError",
      code: "TOO_LARGE",
      message: "A reservation of 101 tokens can never be had where a minute allows 100: " +
        "reserve less, or raise tokensPerMinute",
      details: { what: "reservation", size: 101, limit: 100 },
    };
    await assert.rejects(limiter.reserve(101), expected);
    assert.throws(() => limiter.tryReserve(101), expected);
    assert.ok(limiter.tryReserve(100));
  });

  test("places are given back, in order", async () => {
    using t = told(implementation, { concurrency: 2 });
    const { limiter } = t;
    const first = await limiter.reserve();
    const second = await limiter.reserve();
    const third = new Watched(limiter.reserve());
    const fourth = new Watched(limiter.reserve());
    await settled();
    assert.equal(third.state, "waiting");
    await second.settle();
    await third.given();
    assert.equal(fourth.state, "waiting");
    await first.release();
    await fourth.given();
    assert.equal((await limiter.stats()).active, 2);
  });

  test("a large reservation is not passed by small ones", async () => {
    using t = told(implementation, { tokensPerMinute: 100 });
    const { limiter } = t;
    await limiter.reserve(50);
    const large = new Watched(limiter.reserve(80));
    const small = new Watched(limiter.reserve(10));
    await settled();
    assert.deepEqual([large.state, small.state], ["waiting", "waiting"]);
    assert.equal(limiter.tryReserve(1), undefined, "nobody passes who waits");
    await t.pass(MINUTE_AND_SLOT);
    await large.given();
    await small.given();
  });

  test("groups take turns", async () => {
    using t = told(implementation, { concurrency: 1 });
    const { limiter } = t;
    let held: Reservation = await limiter.reserve();
    const order: string[] = [];
    for (const name of ["a1", "a2", "a3", "b1", "c1", "b2"]) {
      limiter.reserve(0, { group: name[0]! }).then((reservation) => {
        order.push(name);
        held = reservation;
      });
    }
    for (let given = 1; given <= 6; given++) {
      await settled();
      await held.release();
      await until(() => order.length === given);
    }
    assert.deepEqual(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
  });

  test("a signal ends the wait, and those behind move up", async () => {
    using t = told(implementation, { tokensPerMinute: 100 });
    const { limiter } = t;
    await limiter.reserve(50);
    const controller = new AbortController();
    const large = new Watched(limiter.reserve(80, { signal: controller.signal }));
    const small = new Watched(limiter.reserve(10));
    await settled();
    controller.abort("enough");
    await until(() => large.state === "refused");
    assert.equal(large.error, "enough");
    await small.given();
    assert.equal((await limiter.stats()).waiting, 0);
    await assert.rejects(limiter.reserve(1, { signal: controller.signal }), (e) => e === "enough");
    await assert.rejects(
      limiter.reserve(1, { signal: AbortSignal.abort(new RangeError("late")) }),
      RangeError,
    );
    assert.equal((await limiter.stats()).tokensLeft, 40);
  });

  test("a wait of many that give up leaves nothing behind", async () => {
    using t = told(implementation, { concurrency: 1 });
    const { limiter } = t;
    const held = await limiter.reserve();
    const controller = new AbortController();
    const { signal } = controller;
    const waits = Array.from(
      { length: 500 },
      (_, i) => limiter.reserve(0, { signal, group: `g${i % 7}` }).catch(() => "gone"),
    );
    const last = new Watched(limiter.reserve());
    await settled();
    assert.equal((await limiter.stats()).waiting, 501);
    controller.abort();
    assert.deepEqual(new Set(await Promise.all(waits)), new Set(["gone"]));
    assert.equal((await limiter.stats()).waiting, 1);
    await held.release();
    await last.given();
  });

  test("a time limit ends the wait", async () => {
    using limiter = createLimiter({ concurrency: 1, implementation });
    const held = await limiter.reserve();
    await assert.rejects(limiter.reserve(0, { timeoutMs: 20 }), {
      name: "AgentError",
      code: "TIMEOUT",
      message: "No reservation within 20 ms: the limits are used up; wait longer, or raise them",
      details: { operation: "reserve", timeoutMs: 20 },
    });
    const next = new Watched(limiter.reserve(0, { timeoutMs: 60_000 }));
    await held.release();
    await next.given();
  });

  test("a place that is not given back comes free after its lease", async () => {
    using t = told(implementation, { concurrency: 1, tokensPerMinute: 100, leaseMs: 90_000 });
    const { limiter } = t;
    const lost = await limiter.reserve(60);
    const next = new Watched(limiter.reserve(10));
    await t.pass(89_999);
    assert.equal(next.state, "waiting");
    await t.pass(1);
    await next.given();
    await lost.settle(100);
    await lost.release();
    assert.deepEqual((await limiter.stats()).tokensLeft, 90);
    assert.equal((await limiter.stats()).active, 1);
  });

  test("a pause is kept, the longest of several", async () => {
    using t = told(implementation, { requestsPerMinute: 100 });
    const { limiter } = t;
    await limiter.observe(new Response(null, { status: 429, headers: { "retry-after": "20" } }));
    await limiter.observe(new Response(null, { status: 503, headers: { "retry-after": "5" } }));
    await limiter.observe(new Response(null, { status: 301, headers: { "retry-after": "90" } }));
    assert.equal((await limiter.stats()).pausedMs, 20_000);
    assert.equal(limiter.tryReserve(), undefined);
    const next = new Watched(limiter.reserve());
    await t.pass(19_999);
    assert.equal(next.state, "waiting");
    await t.pass(1);
    await next.given();
  });

  test("what a server says it has left holds, and is never more than ours", async () => {
    using t = told(implementation, { requestsPerMinute: 10, tokensPerMinute: 1_000 });
    const { limiter } = t;
    await limiter.observe(
      new Headers({
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "2",
        "x-ratelimit-reset-requests": "59.8s",
        "x-ratelimit-limit-tokens": "90000",
        "x-ratelimit-remaining-tokens": "89000",
        "x-ratelimit-reset-tokens": "666ms",
      }),
    );
    const first = await limiter.stats();
    assert.equal(first.requestsLeft, 2);
    assert.equal(first.tokensLeft, 1_000, "ours is less");
    assert.ok(limiter.tryReserve());
    assert.ok(limiter.tryReserve());
    assert.equal(limiter.tryReserve(), undefined);
    await t.pass(101);
    assert.ok(limiter.tryReserve(), "it fills ten a second");
    assert.equal(limiter.tryReserve(), undefined);
    await limiter.observe(new Headers({ "x-ratelimit-remaining-requests": "999999999" }));
    assert.equal((await limiter.stats()).requestsLeft, 7, "never above ours");
  });

  test("a window that begins anew is waited for", async () => {
    using t = told(implementation, { requestsPerMinute: 10 });
    const { limiter } = t;
    await limiter.observe(new Headers({ ratelimit: `"default";r=0;t=30` }));
    const next = new Watched(limiter.reserve());
    await t.pass(29_999);
    assert.equal(next.state, "waiting");
    await t.pass(1);
    await next.given();
  });

  test("a reservation larger than the server's bucket waits for a full one", async () => {
    using t = told(implementation, { tokensPerMinute: 1_000 });
    const { limiter } = t;
    await limiter.observe(
      new Headers({
        "anthropic-ratelimit-tokens-limit": "600",
        "anthropic-ratelimit-tokens-remaining": "500",
      }),
    );
    const large = new Watched(limiter.reserve(900));
    await t.pass(9_000);
    assert.equal(large.state, "waiting");
    await t.pass(1_001);
    await large.given();
  });

  test("closing ends the waits and all that comes after", async () => {
    const t = told(implementation, { concurrency: 1 });
    const { limiter } = t;
    const held = await limiter.reserve();
    const waiting = new Watched(limiter.reserve());
    const other = new Watched(limiter.reserve(0, { signal: new AbortController().signal }));
    await settled();
    await limiter.close();
    await limiter.close();
    const closed = {
      name: "AgentError",
      code: "CLOSED",
      message: "The limiter is closed; make a new one",
    };
    await until(() => waiting.state === "refused" && other.state === "refused");
    await assert.rejects(Promise.reject(waiting.error), closed);
    await assert.rejects(Promise.reject(other.error), closed);
    await assert.rejects(limiter.reserve(), closed);
    assert.throws(() => limiter.tryReserve(), closed);
    await assert.rejects(limiter.observe(new Headers()), closed);
    await assert.rejects(limiter.stats(), closed);
    await held.settle(3);
    await held.release();
  });

  test("wrong arguments are refused, and nothing is taken", async () => {
    using limiter = createLimiter({ tokensPerMinute: 10, implementation });
    for (
      const [tokens, message] of [
        ["1", 'tokens must be a number, got "1"'],
        [-1, "tokens must be a whole number of at least 0 and at most 1000000000000, got -1"],
        [1.5, "tokens must be a whole number of at least 0 and at most 1000000000000, got 1.5"],
        [NaN, "tokens must be a whole number of at least 0 and at most 1000000000000, got NaN"],
      ] as const
    ) {
      await assert.rejects(limiter.reserve(wrong(tokens)), { message });
      assert.throws(() => limiter.tryReserve(wrong(tokens)), { message });
    }
    await assert.rejects(limiter.reserve(1, wrong(null)), {
      message: "options must be an object, got null",
    });
    await assert.rejects(limiter.reserve(1, wrong({ group: 7 })), {
      message: "options.group must be a string of at most 200 characters, got 7 (number)",
    });
    await assert.rejects(limiter.reserve(1, wrong({ signal: {} })), {
      message: "options.signal must be an AbortSignal, got an object",
    });
    await assert.rejects(limiter.reserve(1, { timeoutMs: 0 }), RangeError);
    await assert.rejects(limiter.observe(wrong({ "retry-after": "1" })), {
      message: "headers must be Headers or a Response, got an object",
    });
    const reservation = await limiter.reserve(10);
    await assert.rejects(reservation.settle(wrong("5")), TypeError);
    await assert.rejects(reservation.settle(-5), RangeError);
    await reservation.settle(4);
    assert.equal((await limiter.stats()).tokensLeft, 6);
  });

  test("by its own clock: a short wait ends by itself, and not before its time", async () => {
    using limiter = createLimiter({ requestsPerSecond: 20, implementation });
    const start = performance.now();
    await Promise.all(Array.from({ length: 21 }, () => limiter.reserve()));
    assert.ok(performance.now() - start >= 999, "a second passed");
  });

  test("a reservation that nobody holds any more gives its place back", async () => {
    using limiter = createLimiter({ concurrency: 1, tokensPerMinute: 10, implementation });
    limiter.tryReserve(4);
    const next = new Watched(limiter.reserve());
    await until(async () => {
      collectGarbage();
      await delay(1);
      return next.state === "given";
    });
    const { active, tokensLeft } = await limiter.stats();
    assert.deepEqual([active, tokensLeft], [1, 6], "it counts as it was estimated");
    await (await next.given()).release();
  });

  test("objects of one name in an isolate are one limiter, with the same limits", async () => {
    const options = {
      name: uniqueName(),
      shared: "preferred",
      requestsPerMinute: 5,
      concurrency: 2,
      implementation,
    } as const;
    const one = createLimiter(options);
    using two = createLimiter(options);
    assert.equal(one.shared, implementation === "native");
    assert.ok(one.tryReserve());
    assert.ok(one.tryReserve());
    const next = new Watched(two.reserve());
    const differing = { ...options, requestsPerMinute: 6 };
    assert.throws(() => createLimiter(differing), {
      name: "RangeError",
      message: `options.requestsPerMinute must be 5 as wherever the name "${
        options.name.slice(0, 40)
      }..." is used, got 6`,
    });
    assert.throws(() => createLimiter({ ...options, requestsPerSecond: 2.5 }), RangeError);
    await settled();
    assert.equal(next.state, "waiting");
    await one.close();
    await next.given();
    assert.equal((await two.stats()).active, 1, "what it reserved ended with it");
    assert.equal((await two.stats()).requestsLeft, 2, "and still counts");
    await two.close();
    using again = createLimiter(options);
    assert.equal((await again.stats()).requestsLeft, 2, "even when nobody is left");
    await again.close();
    using other = createLimiter(differing);
    assert.equal((await other.stats()).requestsLeft, 6, "then other limits may hold");
  });

  test("it says what it is", () => {
    using limiter = createLimiter({ implementation });
    assert.equal(limiter.implementation, implementation);
    assert.equal(limiter.shared, false);
    assert.ok(limiter.tryReserve(1_000_000), "without limits there are none");
    assert.ok(!AgentError.is(limiter));
  });
}
