/** When a monitor reads, for whom, and what becomes of those who wait; on a clock that the tests turn. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import type { Snapshot } from "../../src/monitor/types.ts";
import { wrong } from "../support/values.ts";
import { processesWith, processWith, scripted, settled } from "./scripted.ts";

const CLOSED = (error: unknown): boolean => AgentError.is(error, "CLOSED");

/** Takes all snapshots of a monitor into an array, as fast as they come. */
function collect(iterable: AsyncIterable<Snapshot>): { taken: Snapshot[]; end: Promise<void> } {
  const taken: Snapshot[] = [];
  const run = async (): Promise<void> => {
    for await (const snapshot of iterable) taken.push(snapshot);
  };
  return { taken, end: run() };
}

Deno.test("monitor: nothing is read while nobody looks", async () => {
  const { clock, source, monitor } = scripted();
  monitor[Symbol.asyncIterator]();
  await clock.turn(10_000);
  assert.equal(source.reads, 0);
  assert.equal(clock.timers, 0);
  await monitor.close();
  assert.equal(source.closed, 1);
});

Deno.test("monitor: snapshots come on a grid, however long a reading takes", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 1_000 });
  source.wait = () => {
    clock.jump(70);
    return Promise.resolve();
  };
  const { taken, end } = collect(monitor);
  // The first reading (0-70), the first snapshot 100 ms later (170-240), then every second from 170 on.
  await clock.turn(5_500);
  const times = taken.map(({ at }) => Date.parse(at));
  assert.deepEqual(times, [170, 1_170, 2_170, 3_170, 4_170, 5_170]);
  assert.ok(taken.every(({ missed }) => missed === 0));
  assert.deepEqual(taken.map(({ windowMs }) => windowMs), [170, ...Array(5).fill(1_000)]);
  await monitor.close();
  await end;
  assert.equal(clock.timers, 0);
});

Deno.test("monitor: a slow reading makes ticks pass, which are told and never piled up", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 100 });
  const { taken, end } = collect(monitor);
  await clock.turn(350);
  assert.equal(taken.length, 3);
  const gate = Promise.withResolvers<void>();
  source.wait = () => gate.promise;
  await clock.turn(1_000);
  const reads = source.reads;
  source.wait = undefined;
  gate.resolve();
  await settled();
  assert.equal(source.reads, reads, "what came due meanwhile is not read after");
  await clock.turn(100);
  assert.equal(source.most, 1);
  assert.deepEqual(taken.map(({ missed }) => missed).slice(0, 4), [0, 0, 0, 0]);
  assert.equal(taken[4]?.missed, 9);
  await monitor.close();
  await end;
});

Deno.test("monitor: a program that was held up misses ticks too", async () => {
  const { clock, monitor } = scripted({ intervalMs: 100 });
  const { taken, end } = collect(monitor);
  await clock.turn(100);
  clock.jump(730);
  await clock.turn(70);
  assert.deepEqual(taken.map(({ missed }) => missed), [0, 6, 0]);
  await monitor.close();
  await end;
});

Deno.test("monitor: a consumer that is slower than the interval gets the newest", async () => {
  const { clock, monitor } = scripted({ intervalMs: 100 });
  const slow = monitor[Symbol.asyncIterator]();
  const { taken, end } = collect(monitor);
  const first = slow.next();
  await clock.turn(100);
  assert.equal((await first).value?.missed, 0);
  await clock.turn(500);
  const { value } = await slow.next();
  assert.equal(value?.missed, 4);
  assert.equal(value?.at, taken.at(-1)?.at);
  assert.equal(taken.length, 6);
  assert.equal(taken.at(-1)?.missed, 0, "another consumer's snapshot stays as it is");
  await slow.return?.();
  await monitor.close();
  await end;
});

Deno.test("monitor: it keeps the program alive only while somebody waits", async () => {
  const { clock, monitor } = scripted({ intervalMs: 100 });
  const iterator = monitor[Symbol.asyncIterator]();
  const first = iterator.next();
  assert.equal(clock.held, 1);
  await clock.turn(100);
  await first;
  assert.equal(clock.timers, 1);
  assert.equal(clock.held, 0, "nobody waits any more");
  const second = iterator.next();
  assert.equal(clock.held, 1);
  await clock.turn(100);
  await second;
  await iterator.return?.();
  assert.equal(clock.timers, 0, "the last consumer is gone");
  await monitor.close();
});

Deno.test("monitor: several next() calls are served in order", async () => {
  const { clock, monitor } = scripted({ intervalMs: 100 });
  const iterator = monitor[Symbol.asyncIterator]();
  const all = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
  await clock.turn(300);
  const times = (await all).map(({ value }) => Date.parse(value!.at));
  assert.deepEqual(times, [100, 200, 300]);
  await iterator.return?.();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  await monitor.close();
});

Deno.test("monitor: snapshot() waits for a window once, later ones use earlier readings", async () => {
  const { clock, source, monitor } = scripted();
  const first = monitor.snapshot();
  await clock.turn(0);
  assert.equal(clock.held, 1, "the program does not end while it waits");
  await clock.turn(100);
  assert.equal((await first).windowMs, 100);
  assert.equal(source.reads, 2);
  clock.jump(30);
  assert.equal((await monitor.snapshot()).windowMs, 130, "over the base that is old enough");
  clock.jump(970);
  assert.equal((await monitor.snapshot()).windowMs, 1_000, "over the latest");
  assert.equal(clock.timers, 0);
  await monitor.close();
});

Deno.test("monitor: calls at once share a reading that begins after them", async () => {
  const { clock, source, monitor } = scripted();
  const first = monitor.snapshot();
  await clock.turn(100);
  await first;
  clock.jump(1_000);
  const gate = Promise.withResolvers<void>();
  source.wait = () => gate.promise;
  const before = source.reads;
  const running = monitor.snapshot();
  const others = Array.from({ length: 50 }, () => monitor.snapshot());
  await settled();
  assert.equal(source.reads, before + 1);
  gate.resolve();
  await Promise.all([running, ...others]);
  assert.equal(source.reads, before + 2);
  assert.equal(source.most, 1);
  await monitor.close();
});

Deno.test("monitor: history() is a ring, begun by the first call or the option", async () => {
  const asked = scripted({ intervalMs: 100 });
  assert.deepEqual(asked.monitor.history(), []);
  await asked.clock.turn(1_000);
  assert.equal(asked.monitor.history().length, 10);
  assert.equal(asked.clock.held, 0, "a history keeps no program alive");
  await asked.monitor.close();

  const given = scripted({ intervalMs: 100, history: 3 });
  await given.clock.turn(1_000);
  const times = given.monitor.history().map(({ at }) => Date.parse(at));
  assert.deepEqual(times, [800, 900, 1_000]);
  await given.monitor.close();

  const none = scripted({ intervalMs: 100, history: 0 });
  assert.deepEqual(none.monitor.history(), []);
  await none.clock.turn(1_000);
  assert.equal(none.source.reads, 0);
  await none.monitor.close();
});

Deno.test("monitor: history() keeps of many processes those that matter, iterators give all", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 100, history: 1 });
  source.figures = {
    processes: processesWith(
      Array.from(
        { length: 1_000 },
        (_, pid) => processWith({ pid, cpu: pid % 500, rss: 1_000 - pid }),
      ),
    ),
  };
  const { taken, end } = collect(monitor);
  await clock.turn(100);
  assert.equal(taken[0]?.processes?.list.length, 1_000);
  const [kept] = monitor.history();
  const { list, count } = kept!.processes!;
  assert.equal(count, 1_000);
  const pids = list.map(({ pid }) => pid);
  assert.ok(list.length <= 50);
  for (const pid of [0, 1, 24, 499, 999]) assert.ok(pids.includes(pid), `${pid}`);
  assert.deepEqual(pids, [...pids].sort((a, b) => a - b));
  await monitor.close();
  await end;
});

Deno.test("monitor: a reading that fails reaches who waits, and the next one is made", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 100, history: 10 });
  const failing = monitor[Symbol.asyncIterator]();
  const first = failing.next();
  await clock.turn(100);
  await first;
  source.wait = () => Promise.reject(new Error("gone"));
  const failed = assert.rejects(failing.next(), /gone/);
  await clock.turn(100);
  await failed;
  assert.deepEqual(await failing.next(), { done: true, value: undefined });
  await assert.rejects(monitor.snapshot(), /gone/);
  source.wait = undefined;
  await clock.turn(200);
  assert.equal(monitor.history().length, 3);
  assert.deepEqual(monitor.history().map(({ missed }) => missed), [0, 1, 0]);
  await monitor.close();
});

Deno.test("monitor: close() ends everything, twice is once, and nothing works after it", async () => {
  const { clock, source, monitor } = scripted({
    intervalMs: 100,
    thresholds: [{ metric: "cpu.busy", above: 0.5 }],
  });
  const { end } = collect(monitor);
  const alerts = monitor.alerts()[Symbol.asyncIterator]();
  const waiting = monitor.snapshot();
  const gate = Promise.withResolvers<void>();
  source.wait = () => gate.promise;
  const refused = assert.rejects(waiting, CLOSED);
  const ended = alerts.next();
  await clock.turn(100);
  const closing = monitor.close();
  assert.equal(monitor.close(), closing);
  await settled();
  assert.equal(source.closed, 0, "the source is not closed under a reading");
  gate.resolve();
  await closing;
  await Promise.all([end, refused]);
  assert.equal((await ended).done, true);
  assert.equal(source.closed, 1);
  await clock.turn(1_000);
  assert.equal(clock.timers, 0);
  await monitor[Symbol.asyncDispose]();

  await assert.rejects(monitor.snapshot(), CLOSED);
  await assert.rejects(monitor.prometheus(), CLOSED);
  await assert.rejects(monitor.openTelemetry(), CLOSED);
  assert.throws(() => monitor.history(), CLOSED);
  assert.throws(() => monitor.alerts(), CLOSED);
  assert.throws(() => monitor.record("x", 1, true), CLOSED);
  assert.throws(() => monitor[Symbol.asyncIterator](), CLOSED);
});

Deno.test("monitor: who comes while the reading of those who left is under way starts anew", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 100 });
  const first = monitor[Symbol.asyncIterator]();
  const ready = first.next();
  await clock.turn(100);
  await ready;
  await clock.turn(400);
  const gate = Promise.withResolvers<void>();
  source.wait = () => gate.promise;
  await clock.turn(100);
  await first.return?.();
  source.wait = undefined;
  const { taken, end } = collect(monitor);
  await clock.turn(50);
  gate.resolve();
  await clock.turn(250);
  assert.ok(taken.length >= 2);
  assert.ok(taken.every(({ missed }) => missed === 0), JSON.stringify(taken));
  assert.equal(source.most, 1);
  await monitor.close();
  await end;
});

Deno.test("monitor: an iterator that begins after close() is at its end", async () => {
  const { monitor } = scripted();
  const iterator = monitor[Symbol.asyncIterator]();
  await monitor.close();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

Deno.test("monitor: a signal ends the waiting of snapshot() and of alerts()", async () => {
  const { clock, monitor } = scripted({ thresholds: [{ metric: "self.rss", above: 5 }] });
  const controller = new AbortController();
  const { signal } = controller;
  const snapshot = assert.rejects(monitor.snapshot({ signal }), /enough/);
  const alerts = monitor.alerts({ signal })[Symbol.asyncIterator]();
  const alert = assert.rejects(alerts.next(), /enough/);
  await clock.turn(10);
  controller.abort(new Error("enough"));
  await Promise.all([snapshot, alert]);
  assert.equal(clock.held, 0);
  assert.deepEqual(await alerts.next(), { done: true, value: undefined });
  await assert.rejects(monitor.snapshot({ signal }), /enough/);
  await assert.rejects(monitor.alerts({ signal })[Symbol.asyncIterator]().next(), /enough/);
  await monitor.close();
});

Deno.test("monitor: wrong options are errors that name them", async () => {
  const bad = (options: unknown, pattern: RegExp): void => {
    assert.throws(() => scripted(wrong(options)), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, pattern);
      return true;
    });
  };
  bad({ intervalMs: 99 }, /options.intervalMs must be a whole number of at least 100/);
  bad({ intervalMs: NaN }, /options.intervalMs/);
  bad({ history: -1 }, /options.history/);
  bad({ include: ["cpus"] }, /options.include\[0\] must be "cpu"/);
  bad({ include: "cpu" }, /options.include must be an array/);
  bad({ interval: 1 }, /no field "interval"; did you mean intervalMs\?/);
  bad({ implementation: "fast" }, /options.implementation/);
  const { monitor } = scripted();
  await assert.rejects(
    monitor.snapshot(wrong({ signal: 1 })),
    /options.signal must be an AbortSignal/,
  );
  await assert.rejects(monitor.prometheus(wrong({ processes: -1 })), /options.processes/);
  assert.throws(() => monitor.alerts(), /give createMonitor options.thresholds/);
  await monitor.close();
});

Deno.test("monitor: ten thousand snapshots and consumers leave nothing behind", async () => {
  const { clock, source, monitor } = scripted({ intervalMs: 100, history: 10 });
  await clock.turn(100);
  const { signal } = new AbortController();
  for (let i = 0; i < 10_000; i++) {
    clock.jump(100);
    await monitor.snapshot({ signal });
    if (i % 100 > 0) continue;
    const iterator = monitor[Symbol.asyncIterator]();
    const next = iterator.next();
    await iterator.return?.();
    assert.equal((await next).done, true);
  }
  assert.equal(source.reads, 10_002);
  assert.equal(monitor.history().length, 1, "no tick was let happen");
  assert.equal(clock.timers, 1, "that of the next tick alone");
  assert.equal(clock.held, 0);
  await monitor.close();
});
