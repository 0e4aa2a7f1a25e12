/** The same random calls at the same times on both memory stores: equal answers, states, orders and tellings. */

import assert from "assertions";
import fc from "fast-check";
import type { Clock } from "../../src/queue/clock.ts";
import { NativeStore } from "../../src/queue/memory/native/store.ts";
import { PureStore } from "../../src/queue/memory/pure/store.ts";
import { JobToAdd } from "../../src/queue/new_job.ts";
import type { ResolvedJob, ResolvedQueue } from "../../src/queue/options.ts";
import { type QueueStore, STATES, type StoredJob, type TakenJob } from "../../src/queue/store.ts";
import { CASES, checkAsync } from "../support/arbitraries.ts";
import { testOfBoth, twins } from "../support/twins.ts";
import { until } from "../support/values.ts";

const both = twins("queue");

/** A clock that stands until it is told to go; timers fire as it passes them. */
class StandingClock implements Clock {
  #now = 1_700_000_000_000;
  #timers = new Map<object, { at: number; call: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + ms, call });
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, or steps it back. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [first] = due.sort(([, a], [, b]) => a.at - b.at);
      if (first === undefined) break;
      this.#timers.delete(first[0]);
      this.#now = Math.max(this.#now, first[1].at);
      first[1].call();
    }
    this.#now = end;
  }
}

const NONE: ResolvedJob = {
  priority: 0,
  delayMs: 0,
  retries: 0,
  backoffMs: 5,
  timeoutMs: 0,
  key: "",
  group: "",
  repeat: undefined,
};

/** A store with two views, and what is known of it. Ids differ between the twins, so jobs go by number. */
class Side {
  readonly clock = new StandingClock();
  readonly views: QueueStore[];
  readonly ids: string[] = [];
  readonly told: string[] = [];
  readonly held: TakenJob[][] = [[], []];

  constructor(make: (clock: Clock) => QueueStore) {
    this.views = [make(this.clock), make(this.clock)];
    for (const [number, view] of this.views.entries()) {
      view.onRevoked((id) => this.told.push(`revoked from ${number}: ${this.nameOf(id)}`));
    }
  }

  nameOf(id: string): string {
    const number = this.ids.indexOf(id);
    return number < 0 ? "?" : `job ${number}`;
  }

  /** Texts with ids in them, for both alike. */
  plain(text: string | undefined): string | undefined {
    return text?.replace(/\b[0-9a-z]{30,40}\b/g, (id) => this.nameOf(id));
  }

  record(job: StoredJob): unknown {
    return { ...job, id: this.nameOf(job.id), error: this.plain(job.error) };
  }

  taken({ id, data, attempt, failed, priority, key, group, childResults, retries }: TakenJob) {
    const results = childResults.map(([id, result]) => [this.nameOf(id), result]);
    return {
      job: this.nameOf(id),
      data,
      attempt,
      failed,
      priority,
      key,
      group,
      results,
      retries,
    };
  }

  close(): void {
    for (const view of this.views) view.close();
  }
}

/** One call: what it is, and what it gives on a side. */
type Step = readonly [name: string, run: (side: Side) => unknown];

const view = fc.constantFrom(0, 1);
/** One of the jobs there are, or none. */
const number = fc.nat(40);
const options = fc.record({
  priority: fc.constantFrom(0, 0, 0, 5, -5, 1_000_000),
  delayMs: fc.constantFrom(0, 0, 0, 3, 50),
  key: fc.constantFrom("", "", "k", "l"),
  group: fc.constantFrom("", "", "a", "b\n🙂"),
  repeat: fc.constantFrom("", "", "", '{"every":1}'),
});

function step<A extends unknown[]>(
  weight: number,
  args: fc.Arbitrary<A>,
  name: string,
  run: (side: Side, ...args: A) => unknown,
): fc.WeightedArbitrary<Step> {
  return {
    weight,
    arbitrary: args.map((a): Step => [`${name}(${fc.stringify(a)})`, (side) => run(side, ...a)]),
  };
}

function add(side: Side, on: number, jobs: JobToAdd[]): unknown {
  for (const job of jobs) {
    side.ids.push(job.id);
  }
  const ids = side.views[on]!.add(jobs) as string[];
  return ids.map((id) => side.nameOf(id));
}

/** A flow of three generations at most: a tree given as the parents of its jobs. */
function flow(side: Side, parents: readonly number[], tolerant: boolean, key: string): JobToAdd[] {
  const jobs: JobToAdd[] = [];
  const places = [-1, ...parents.map((parent, i) => parent % (i + 1))];
  for (const [i, parent] of places.entries()) {
    const place = {
      parent: parent < 0 ? "" : jobs[parent]!.id,
      children: places.filter((other) => other === i).length,
      tolerant: tolerant && i % 2 === 0,
    };
    const job = { ...NONE, key: i === 0 ? key : "" };
    jobs.push(new JobToAdd(`"flow ${i} of ${side.ids.length}"`, job, 0, place, ""));
  }
  return jobs;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  step(8, fc.tuple(view, options), "add", (side, on, { repeat, ...given }) => {
    const at = given.delayMs === 0 ? 0 : side.clock.now() + given.delayMs;
    const job = new JobToAdd(
      `"é ${side.ids.length}"`,
      { ...NONE, ...given },
      at,
      undefined,
      repeat,
    );
    return add(side, on, [job]);
  }),
  step(2, fc.tuple(view, fc.nat(6)), "addMany", (side, on, count) => {
    const jobs = Array.from(
      { length: count },
      (_, i) => new JobToAdd(`${i}`, { ...NONE, priority: i % 2 }, 0, undefined, ""),
    );
    return add(side, on, jobs);
  }),
  step(
    3,
    fc.tuple(view, fc.array(fc.nat(5), { maxLength: 5 }), fc.boolean(), fc.constantFrom("", "k")),
    "addFlow",
    (side, on, parents, tolerant, key) => add(side, on, flow(side, parents, tolerant, key)),
  ),
  step(10, fc.tuple(view, fc.integer({ min: 1, max: 4 })), "take", (side, on, most) => {
    const taken = side.views[on]!.take(most) as TakenJob[];
    // The pure store's are the jobs themselves: what changes of them is read now.
    side.held[on]!.push(...taken.map((job) => ({ ...job, id: job.id, token: job.token })));
    return taken.map((job) => side.taken(job));
  }),
  step(8, fc.tuple(view, number), "complete", (side, on, which) => {
    const [job] = side.held[on]!.splice(which % 5, 1);
    return job && side.views[on]!.complete(job.id, job.token, `"result of ${side.nameOf(job.id)}"`);
  }),
  step(
    5,
    fc.tuple(view, number, fc.constantFrom(undefined, 0, 4, 40)),
    "fail",
    (side, on, which, pause) => {
      const [job] = side.held[on]!.splice(which % 5, 1);
      const at = pause === undefined ? undefined : side.clock.now() + pause;
      return job && side.views[on]!.fail(job.id, job.token, `no ${side.nameOf(job.id)}`, at);
    },
  ),
  step(2, fc.tuple(view, number), "release", (side, on, which) => {
    const [job] = side.held[on]!.splice(which % 5, 1);
    return job && side.views[on]!.release(job.id, job.token);
  }),
  step(1, fc.tuple(view, number), "report", (side, on, which) => {
    const job = side.held[on]![which % 5];
    return job && side.views[on]!.report(job.id, job.token, `${which}`);
  }),
  step(3, fc.tuple(view, number), "cancel", (side, on, which) => {
    return side.views[on]!.cancel(side.ids[which] ?? "none");
  }),
  step(2, fc.tuple(view, number), "onSettled", (side, on, which) => {
    side.views[on]!.onSettled(side.ids[which] ?? "none", (job) => {
      side.told.push(`${which} settled: ${job?.state} ${job?.result} ${side.plain(job?.error)}`);
    });
  }),
  step(1, fc.tuple(view, number), "onProgress", (side, on, which) => {
    const id = side.ids[which] ?? "none";
    side.views[on]!.onProgress(id, (value) => side.told.push(`${which} reported ${value}`));
  }),
  step(4, fc.tuple(fc.constantFrom(1, 3, 10, 60, -20)), "pass", (side, ms) => {
    if (ms > 0) return side.clock.pass(ms);
    // A clock that is set back: nothing is lost, and both do the same.
    side.clock.pass(ms);
  }),
  step(1, fc.tuple(view, fc.boolean()), "setPaused", (side, on, paused) => {
    side.views[on]!.setPaused(paused);
    return side.views[1 - on]!.isPaused();
  }),
  step(2, fc.tuple(view, fc.array(number, { maxLength: 3 }), fc.boolean()), "retry", (
    side,
    on,
    which,
    all,
  ) => {
    return side.views[on]!.retry(
      all ? undefined : which.map((number) => side.ids[number] ?? "none"),
    );
  }),
  step(1, fc.tuple(view, fc.constantFrom("done", "dead", "cancelled"), fc.nat(20)), "purge", (
    side,
    on,
    state,
    age,
  ) => {
    return side.views[on]!.purge(state as "done", side.clock.now() - age);
  }),
);

const kept = fc.record({
  doneMs: fc.constantFrom(Infinity, 30, 0),
  doneCount: fc.constantFrom(Infinity, 3, 0),
});

let names = 0;

function sides({ doneMs, doneCount }: { doneMs: number; doneCount: number }): [Side, Side] {
  const name = `differential ${++names}`;
  const options: ResolvedQueue = {
    name,
    shared: "preferred",
    concurrency: 1,
    leaseMs: 1_000,
    doneMs,
    doneCount,
  };
  return [
    new Side((clock) => new PureStore(options, clock)),
    new Side((clock) => new NativeStore(options, clock)),
  ];
}

/** All that can be seen of a store. */
function seen(side: Side): unknown {
  const [first, second] = side.views;
  return {
    counts: first!.counts(),
    jobs: STATES.map((state) =>
      (second!.list(state, 0, 1_000) as StoredJob[]).map((job) => side.record(job))
    ),
    some: (first!.list("waiting", 1, 2) as StoredJob[]).map((job) => side.record(job)),
  };
}

testOfBoth("queue stores", both, "the same calls have the same effects", async () => {
  await checkAsync(
    fc.asyncProperty(kept, fc.array(steps, { maxLength: 60 }), async (options, calls) => {
      const [pure, native] = sides(options);
      try {
        for (const [name, run] of calls) {
          const expected = run(pure);
          const got = run(native);
          assert.deepEqual(got, expected, name);
          assert.deepEqual(seen(native), seen(pure), `after ${name}`);
        }
        // What one view is told of another's doing comes with the ring.
        await until(
          () => native.told.length >= pure.told.length,
          () => `${native.told} instead of ${pure.told}`,
        );
        assert.deepEqual(native.told.sort(), pure.told.sort());
        assert.deepEqual(drained(native), drained(pure));
      } finally {
        pure.close();
        native.close();
      }
      await both.native.idle();
    }),
    CASES / 10,
  );
});

/** The order in which all that is left comes. */
function drained(side: Side): unknown {
  side.views[0]!.setPaused(false);
  side.clock.pass(10_000);
  const order: unknown[] = [];
  for (;;) {
    const taken = side.views[1]!.take(3) as TakenJob[];
    if (taken.length === 0) return order;
    for (const job of taken) {
      order.push(side.taken(job));
      side.views[1]!.complete(job.id, job.token, "1");
    }
  }
}
