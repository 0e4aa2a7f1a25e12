/** What no well-behaved caller does to the exports of the limiter. */

import assert from "assertions";
import { Status } from "../../../src/native/generated/status_codes.ts";
import {
  limiterAdvance,
  limiterBell,
  limiterFetch,
  limiterForget,
  limiterGiveUp,
  limiterHush,
  limiterObserve,
  limiterOpen,
  limiterReleaseFunction,
  limiterSettleFunction,
  limiterStats,
  limiterTakeFunction,
  limiterWait,
} from "../../../src/native/generated/limiter.ts";
import { createLimiter } from "../../../src/http/limiter/mod.ts";
import { closeHandle } from "../../../src/native/handle.ts";
import { heldBy, testOf, twins } from "../../support/twins.ts";

const { native } = twins("http");

const test = (name: string, body: () => void | Promise<void>): void =>
  testOf("limiter's boundary", native, name, async () => {
    const handles = heldBy("http").handles();
    await body();
    await native.idle();
    assert.equal(heldBy("http").handles(), handles);
  });

const ODD = [0, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 60, 1e300];

function open(tokens = 10, told = true): number {
  const [handle] = limiterOpen("", Infinity, 1e6, Infinity, tokens, 1, 1e9, told);
  return handle as number;
}

test("a handle that is none is refused by each call", async () => {
  const stale = open();
  closeHandle("core-utils", stale);
  const [take, settle, release] = [
    limiterTakeFunction(),
    limiterSettleFunction(),
    limiterReleaseFunction(),
  ];
  for (const handle of [stale, ...ODD]) {
    assert.equal(take(handle, 1), Status.INVALID_HANDLE);
    assert.equal(settle(handle, 1, 1), Status.INVALID_HANDLE);
    assert.equal(release(handle, 1), Status.INVALID_HANDLE);
    const closed = { name: "AgentError", code: "CLOSED" };
    for (
      const call of [
        () => limiterWait(handle, 1, 1, "g"),
        () => limiterGiveUp(handle, 1),
        () => limiterFetch(handle),
        () => limiterHush(handle),
        () => limiterForget(handle, 1),
        () => limiterObserve(handle, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        () => limiterStats(handle),
        () => limiterAdvance(handle, 1),
      ]
    ) assert.throws(call, closed, `${handle}: ${call}`);
    await assert.rejects(limiterBell(handle), closed);
  }
});

test("odd numbers reserve nothing and end nothing", () => {
  const handle = open();
  const take = limiterTakeFunction();
  const id = take(handle, 4);
  assert.ok(id > 0);
  for (const odd of ODD) {
    limiterSettleFunction()(handle, odd, 0);
    limiterReleaseFunction()(handle, odd);
    limiterForget(handle, odd);
    limiterGiveUp(handle, odd);
  }
  assert.deepEqual([...limiterStats(handle)], [1, 0, Infinity, 6, 0]);
  limiterReleaseFunction()(handle, id);
  for (const [odd, left] of [[NaN, 10], [-5, 10], [Infinity, 10], [11, 10]] as const) {
    const given = take(handle, odd);
    assert.equal(limiterStats(handle)[3], left, `${odd}`);
    if (given > 0) limiterReleaseFunction()(handle, given);
  }
  closeHandle("core-utils", handle);
});

test("what is out of range is an error", () => {
  const handle = open();
  for (const odd of [NaN, -1, Infinity, 1e13]) {
    assert.throws(() => limiterWait(handle, 1, odd, ""), TypeError);
    assert.throws(() => limiterAdvance(handle, odd), TypeError);
    assert.throws(() => limiterObserve(handle, odd, 1, 0, 1, 0, 0, 0, 0, 0), TypeError);
    assert.throws(() => limiterObserve(handle, 0, 0, 0, 0, 1, 1, 1, odd, 0), TypeError);
    assert.throws(() => limiterObserve(handle, 0, 0, 0, 0, 0, 0, 0, 0, odd), TypeError);
  }
  assert.throws(() => limiterObserve(handle, 1, 1, NaN, 1, 0, 0, 0, 0, 0), TypeError);
  for (const odd of [NaN, 0, -1, 0.5]) {
    assert.throws(() => limiterOpen("", odd, 1e6, 1, 1, 1, 1e6, false), TypeError);
    assert.throws(() => limiterOpen("", 1, odd, 1, 1, 1, 1e6, false), TypeError);
    assert.throws(() => limiterOpen("", 1, 1e6, 1, odd, 1, 1e6, false), TypeError);
    assert.throws(() => limiterOpen("", 1, 1e6, 1, 1, 1, odd, false), TypeError);
  }
  assert.throws(() => limiterOpen("", 1, Infinity, 1, 1, 1, 1e6, false), TypeError);
  closeHandle("core-utils", handle);
  const timed = open(10, false);
  assert.throws(() => limiterAdvance(timed, 1), TypeError);
  closeHandle("core-utils", timed);
});

test("a mailbox larger than a buffer is fetched in parts; a number waits once", () => {
  const [handle] = limiterOpen("", Infinity, 1e6, Infinity, 10, Infinity, 1e9, true) as unknown as [
    number,
  ];
  limiterTakeFunction()(handle, 10);
  const count = 5_000;
  for (let number = 0; number < count; number++) {
    assert.equal(limiterWait(handle, number, number === 0 ? 10 : 0, ""), 0);
  }
  for (let number = 1; number < 100; number++) limiterWait(handle, number, 0, `${number % 3}`);
  assert.equal(limiterStats(handle)[1], count);
  assert.equal(limiterAdvance(handle, 61_000_000), count);
  const numbers = new Set<number>();
  for (let given; (given = limiterFetch(handle)).length > 0;) {
    for (let i = 0; i < given.length; i += 2) numbers.add(given[i]!);
  }
  assert.equal(numbers.size, count);
  assert.deepEqual(limiterStats(handle).slice(0, 2), new Float64Array([count + 1, 0]));
  closeHandle("core-utils", handle);
});

test("a bell is rung at once where there is mail, and ends with its view", async () => {
  const handle = open();
  const held = limiterTakeFunction()(handle, 0);
  assert.equal(limiterWait(handle, 7, 1, ""), 0);
  const first = limiterBell(handle);
  assert.equal(limiterReleaseFunction()(handle, held), 1, "the call itself says so, no bell");
  const second = limiterBell(handle);
  await second;
  assert.deepEqual([...limiterFetch(handle)], [7, held + 1]);
  limiterHush(handle);
  await assert.rejects(first, { name: "AbortError" });
  const third = limiterBell(handle);
  closeHandle("core-utils", handle);
  await assert.rejects(third, { name: "AbortError" });
});

test("no operation outlives a limiter that is closed", async () => {
  const limiter = createLimiter({ implementation: "native", concurrency: 1 });
  await limiter.reserve();
  const refused = assert.rejects(limiter.reserve(), { code: "CLOSED" });
  assert.equal(heldBy("http").inFlight(), 1);
  await Promise.all([limiter.close(), limiter.close()]);
  assert.equal(heldBy("http").inFlight(), 0);
  await refused;
});
