/** Benchmarks of functions, by a clock that the functions themselves move: no figure depends on this machine. */

import assert from "assertions";
import { benchmarkBy } from "../../src/monitor/benchmark/benchmark.ts";
import type { Clock } from "../../src/monitor/benchmark/clock.ts";
import type { BenchmarkOptions, BenchmarkReport } from "../../src/monitor/benchmark/types.ts";
import { benchmark } from "../../src/monitor/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { SeededRandom } from "../../src/shared/random.ts";
import "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** A clock that stands still until it is moved; each reading is a step of a nanosecond. */
class FakeClock implements Clock {
  time = 0;

  now(): number {
    return this.time += 1e-6;
  }

  /** A function that takes so many milliseconds, by turns if there are several. */
  taking(...ms: readonly number[]): () => number {
    let calls = 0;
    return () => this.time += ms[calls++ % ms.length]!;
  }

  /** A function that takes about so long, give or take a share. */
  noisy(ms: number, share: number, seed: number): () => number {
    const random = new SeededRandom(seed);
    return () => this.time += ms * (1 + share * (random.below(2_001) / 1_000 - 1));
  }
}

const SETTINGS = { rounds: 20, warmupMs: 0, sampleMs: 0 } as const;

function by(
  clock: FakeClock,
  subject: () => unknown,
  options: BenchmarkOptions = {},
): Promise<BenchmarkReport> {
  return benchmarkBy(clock, subject, { ...SETTINGS, ...options });
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual / expected - 1) < 1e-3, `${actual} is not ${expected}`);
}

Deno.test("benchmark: the times of a function that always takes as long", async () => {
  const clock = new FakeClock();
  const { subject, against, ratio, verdict, valid, resolution } = await by(clock, clock.taking(4));
  assert.deepEqual([against, ratio, verdict, valid], [null, null, null, true]);
  for (const time of ["min", "p25", "p50", "p75", "p95", "p99", "max", "mean"] as const) {
    near(subject.times[time], 4);
  }
  assert.equal(subject.kind, "function");
  assert.equal(subject.samples.length, 20);
  assert.equal(subject.cpu, null);
  assert.ok(resolution < 1e-3);
});

Deno.test("benchmark: quantiles are those of the samples, none of which is dropped", async () => {
  const clock = new FakeClock();
  // The first call of all looks whether it is a promise, the second one warms.
  const ms = [1, 1, ...Array.from({ length: 19 }, (_, at) => at + 1), 1_000];
  const { subject } = await by(clock, clock.taking(...ms));
  near(subject.times.min, 1);
  near(subject.times.max, 1_000);
  near(subject.times.p50, 10.5);
  near(subject.times.mean, (190 + 1_000) / 20);
  assert.equal(subject.outliers, 1);
});

Deno.test("benchmark: the ratio is the other one's time in the subject's", async () => {
  const clock = new FakeClock();
  const report = await by(clock, clock.taking(2), { against: clock.taking(6) });
  near(report.ratio!.value, 3);
  assert.equal(report.ratio!.confidence, 0.95);
  assert.equal(report.verdict, "faster");
  const turned = await by(clock, clock.taking(6), { against: clock.taking(2) });
  near(turned.ratio!.value, 1 / 3);
  assert.equal(turned.verdict, "slower");
  const same = await by(clock, clock.taking(5), { against: clock.taking(5) });
  assert.equal(same.verdict, "even");
  assert.ok(same.valid);
});

Deno.test("benchmark: what slows all rounds down alike is not in the ratio", async () => {
  const clock = new FakeClock();
  let calls = 0;
  // Each call finds a machine that is slower than before.
  const drifting = (ms: number) => () => clock.time += ms * (1 + calls++ / 10);
  const { ratio } = await by(clock, drifting(1), { against: drifting(2), rounds: 41 });
  assert.ok(ratio!.low > 1.8 && ratio!.high < 2.2, JSON.stringify(ratio));
});

Deno.test("benchmark: noise that hides the difference asked makes it not valid, and says so", async () => {
  const clock = new FakeClock();
  const report = await by(clock, clock.noisy(10, 0.5, 1), {
    against: clock.noisy(10, 0.5, 2),
    difference: 0.01,
  });
  assert.equal(report.valid, false);
  assert.match(
    report.invalidReason!,
    /too noisy: the ratio is known to \d.* only, and 1.0 % was asked/,
  );
  assert.ok(report.resolution > 0.01);
  const alone = await by(clock, clock.noisy(10, 0.5, 1), { difference: 0.01 });
  assert.match(alone.invalidReason!, /the median is known to/);
});

Deno.test("benchmark: the same noise is no matter where the difference is beyond it", async () => {
  const clock = new FakeClock();
  const report = await by(clock, clock.noisy(10, 0.5, 1), { against: clock.noisy(40, 0.5, 2) });
  assert.ok(report.resolution > 0.05);
  assert.deepEqual([report.valid, report.verdict], [true, "faster"]);
  assert.equal("invalidReason" in report, false);
});

Deno.test("benchmark: the interval holds the true ratio of noisy functions nearly always", async () => {
  let held = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const clock = new FakeClock();
    const { ratio } = await by(clock, clock.noisy(10, 0.3, seed), {
      against: clock.noisy(20, 0.3, seed + 1_000),
      rounds: 15,
      seed,
    });
    if (ratio!.low <= 2 && ratio!.high >= 2) held++;
  }
  // 95 % of 60 are 57; what is random may be three standard deviations below that.
  assert.ok(held >= 51, `${held} of 60`);
});

Deno.test("benchmark: a fast function is called until the clock can tell", async () => {
  const clock = new FakeClock();
  const { subject } = await by(clock, clock.taking(0.001), { sampleMs: 2 });
  assert.ok(subject.calls >= 2_000 && subject.calls < 10_000, `${subject.calls}`);
  near(subject.times.p50, 0.001);
  const slow = await by(clock, clock.taking(50), { sampleMs: 2 });
  assert.equal(slow.subject.calls, 1);
});

Deno.test("benchmark: the warm-up is run and does not count", async () => {
  const clock = new FakeClock();
  const times = [...Array.from({ length: 10 }, () => 100), 1];
  let at = 0;
  const warming = () => clock.time += times[Math.min(at++, times.length - 1)]!;
  const { subject } = await by(clock, warming, { warmupMs: 900 });
  near(subject.times.max, 1);
});

Deno.test("benchmark: the order of a seed is always the same, and changes between rounds", async () => {
  const order = async (seed: number): Promise<string> => {
    const clock = new FakeClock();
    let said = "";
    const saying = (word: string) => () => {
      said += word;
      return clock.time += 1;
    };
    await by(clock, saying("a"), { against: saying("b"), seed });
    // Two calls of each come before the rounds.
    return said.slice(4);
  };
  const first = await order(7);
  assert.equal(first, await order(7));
  assert.notEqual(first, await order(8));
  assert.equal(first.length, 40);
  for (let round = 0; round < 20; round++) {
    assert.equal([...first.slice(2 * round, 2 * round + 2)].sort().join(""), "ab");
  }
  assert.ok(first.includes("aa") && first.includes("bb"));
});

Deno.test("benchmark: reports of the same samples are the same", async () => {
  const report = (): Promise<BenchmarkReport> => {
    const clock = new FakeClock();
    return by(clock, clock.noisy(3, 0.2, 5), { against: clock.noisy(4, 0.2, 6) });
  };
  assert.deepEqual(await report(), await report());
});

Deno.test("benchmark: asynchronous functions are waited for, within what is measured", async () => {
  const clock = new FakeClock();
  const { subject } = await by(clock, async () => {
    await Promise.resolve();
    clock.time += 7;
  });
  assert.equal(subject.kind, "async function");
  near(subject.times.p50, 7);
});

Deno.test("benchmark: results are kept, so that each call is really made", async () => {
  let calls = 0;
  const { subject } = await benchmark(() => ++calls, { rounds: 6, warmupMs: 0, sampleMs: 0 });
  assert.ok(calls >= subject.calls * 6 + 2, `${calls} of ${subject.calls} a sample`);
});

Deno.test("benchmark: what takes no longer than the clock's step is not valid", async () => {
  const still: Clock = { now: () => 5 };
  const { valid, invalidReason } = await benchmarkBy(still, Math.random, {
    ...SETTINGS,
  });
  assert.equal(valid, false);
  assert.match(invalidReason!, /random takes no longer than the clock's step/);
});

Deno.test("benchmark: names are given or found", async () => {
  const clock = new FakeClock();
  const named = await by(clock, function sorting() {
    clock.time += 1;
  }, { against: () => clock.time += 1, againstName: "the other" });
  assert.deepEqual([named.subject.name, named.against!.name], ["sorting", "the other"]);
});

Deno.test("benchmark: progress is told, at its end exactly once", async () => {
  const clock = new FakeClock();
  const seen: [number, number][] = [];
  await by(clock, clock.taking(1), {
    against: clock.taking(1),
    onProgress: ({ done, total }) => seen.push([done, total]),
  });
  assert.deepEqual(seen[0], [0, 40]);
  assert.deepEqual(seen.filter(([done, total]) => done === total), [[40, 40]]);
});

Deno.test("benchmark: what the function throws, and the signal's reason, come out", async () => {
  const clock = new FakeClock();
  const fault = new Error("mine");
  await assert.rejects(
    by(clock, () => {
      throw fault;
    }),
    fault,
  );
  await assert.rejects(by(clock, () => Promise.reject(fault)), fault);
  const stop = new AbortController();
  let calls = 0;
  const reason = new Error("enough");
  const work = by(clock, () => {
    if (++calls === 5) stop.abort(reason);
    return clock.time += 1;
  }, { signal: stop.signal });
  await assert.rejects(work, reason);
  assert.equal(calls, 5);
});

const NEVER = (): Promise<never> => new Promise(() => {});

Deno.test("benchmark: a promise that never settles ends at the limit, at the first call and later", async () => {
  const limit = { rounds: 6, warmupMs: 0, sampleMs: 0, timeoutMs: 40 } as const;
  const late = (code: unknown): boolean => AgentError.is(code, "TIMEOUT");
  await assert.rejects(benchmark(NEVER, limit), (error: unknown) => {
    assert.ok(AgentError.is(error, "TIMEOUT"));
    assert.match(error.message, /A call of "NEVER" was not finished within 40 ms/);
    assert.equal(error.details.timeoutMs, 40);
    return true;
  });
  await assert.rejects(benchmark(() => 0, { ...limit, against: NEVER }), late);
  let calls = 0;
  const fails = (): Promise<unknown> => ++calls < 5 ? Promise.resolve() : NEVER();
  await assert.rejects(benchmark(fails, limit), late);
  assert.equal(calls, 5);
  const neverThen = { then: () => {} };
  await assert.rejects(benchmark(() => neverThen, limit), late);
});

Deno.test("benchmark: a signal ends the wait for a promise at once, and no call comes after it", async () => {
  const options = { rounds: 6, warmupMs: 0, sampleMs: 0 } as const;
  const reason = new Error("enough");
  for (const at of [1, 4]) {
    const stop = new AbortController();
    const waits: (() => void)[] = [];
    let calls = 0;
    const work = benchmark(() => {
      if (++calls < at) return Promise.resolve();
      setTimeout(() => stop.abort(reason), 5);
      return new Promise<void>((resolve) => waits.push(resolve));
    }, { ...options, signal: stop.signal });
    await assert.rejects(work, reason);
    for (const settle of waits) settle();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(calls, at);
  }
  let isCalled = false;
  const before = benchmark(() => isCalled = true, { signal: AbortSignal.abort(reason) });
  await assert.rejects(before, reason);
  assert.equal(isCalled, false);
});

Deno.test("benchmark: the limit is of each call, so that many that go on are no hang", async () => {
  let calls = 0;
  const short = (): Promise<void> => {
    calls++;
    return new Promise((resolve) => setTimeout(resolve, 10));
  };
  const options = { rounds: 6, warmupMs: 0, sampleMs: 400, timeoutMs: 200 } as const;
  const { subject } = await benchmark(short, options);
  assert.ok(subject.calls > 1 && calls > 6);
});

Deno.test("benchmark: wrong arguments are told by name", async () => {
  const nothing = (): number => 0;
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => benchmark(wrong("ls")), /subject must be a function, or a command/],
    [() => benchmark([]), /subject must begin with the name of a program/],
    [() => benchmark(["a", wrong(1)]), /subject\[1\] must be a string/],
    [() => benchmark(["a\0b"]), /subject\[0\] must be without NUL/],
    [() => benchmark(nothing, { against: wrong(1) }), /options\.against must be a function/],
    [() => benchmark(nothing, { rounds: 5 }), /options\.rounds must be .* at least 6/],
    [() => benchmark(nothing, { rounds: 1.5 }), /options\.rounds/],
    [() => benchmark(nothing, { difference: 0 }), /options\.difference must be a share/],
    [() => benchmark(nothing, { difference: 1 }), /options\.difference/],
    [() => benchmark(nothing, { warmupMs: -1 }), /options\.warmupMs/],
    [() => benchmark(nothing, { sampleMs: NaN }), /options\.sampleMs/],
    [() => benchmark(nothing, { timeoutMs: 0 }), /options\.timeoutMs/],
    [() => benchmark(nothing, { seed: -1 }), /options\.seed/],
    [() => benchmark(nothing, { name: wrong(1) }), /options\.name must be a string/],
    [() => benchmark(nothing, { exitCodes: [256] }), /options\.exitCodes\[0\]/],
    [() => benchmark(nothing, wrong({ round: 9 })), /no field "round"; did you mean rounds\?/],
    [() => benchmark(nothing, { implementation: wrong("rust") }), /options\.implementation/],
  ];
  for (const [call, message] of cases) {
    await assert.rejects(call, (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});
