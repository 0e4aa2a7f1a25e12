/**
 * The task queue; what is kept in a file and on Redis is in `lib/queue_file.ts` and `lib/queue_redis.ts`. In memory:
 * jobs that do nothing, beside p-queue, and beside fastq, which only limits how many run: it
 * has no priorities, keys, retries, time limits, and copies nothing.
 */

import { createQueue, type Queue, type QueueOptions } from "@agent/runtime/queue";
import { type Area, atLeast, atMost, type Context, type Figures } from "./lib/area.ts";
import type { Group, Row, Twin } from "./lib/group.ts";
import { fileBars, fileGroups } from "./lib/queue_file.ts";
import { queueRedisBars, queueRedisFacts } from "./lib/queue_redis.ts";
import { register } from "./lib/register.ts";

const ONE = "run jobs that do nothing, one at a time";
const SOME = "run jobs that do nothing, 16 at a time";
const SORTED = "run jobs that do nothing, with 100 priorities, 16 at a time";
const ADD = "add jobs to a queue at rest";
const PRIORITIES = 100;
const MANY = 100_000;
/** A size at which p-queue, whose adding looks through what waits, can be measured often. */
const MIDDLE = 10_000;
const BESIDE = "100,000 jobs with priorities, p-queue's time beside ours";
const ROUNDS = 3;

type Numbers = Queue<number, number>;

/** The area. */
export const area: Area = {
  name: "queue",
  tools: [["queue in memory", SOME, 1_000], ["queue with priorities", SORTED, MIDDLE]],
  groups: async (context) => [
    await running(context, ONE, 1_000, 1),
    await running(context, SOME, 1_000, 16),
    await running(context, SORTED, MIDDLE, 16),
    adding(context),
    ...fileGroups(context),
  ],
  facts: async (context) => {
    const times = await manySorted(context);
    return [
      ...(times === undefined ? [] : [{ name: BESIDE, value: times, unit: "x" }]),
      ...await queueRedisFacts(context),
    ];
  },
  bars: (figures) => [
    atLeast("1,000 jobs one at a time, beside p-queue", figures.times(ONE, 1_000, "auto"), 1),
    atLeast("1,000 jobs 16 at a time, beside p-queue", figures.times(SOME, 1_000, "auto"), 1),
    atLeast("100,000 jobs with priorities, beside p-queue", figures.fact(BESIDE), 3),
    atMost(
      "adding to 100,000 with priorities, beside adding to none",
      addingRatio(figures),
      1.5,
      "x",
    ),
    ...fileBars(figures),
    ...queueRedisBars(figures),
  ],
};

function addingRatio(figures: Figures): number | undefined {
  const full = figures.row(ADD, MANY, "to 100,000 with priorities")?.median;
  const none = figures.row(ADD, MANY, "to none")?.median;
  return full === undefined || none === undefined ? undefined : full / none;
}

let names = 0;

function optionsOf(twin: Twin, concurrency: number): QueueOptions {
  // Native memory is for queues with a name; nobody would ask for it without.
  const name = twin === "native" ? { name: `bench ${++names}` } : {};
  return { implementation: twin, concurrency, ...name };
}

async function running(
  { twins, peers }: Context,
  operation: string,
  size: number,
  concurrency: number,
): Promise<Group> {
  const isSorted = operation === SORTED;
  const priority = isSorted
    ? (n: number) => ({ priority: (n * 7_919) % PRIORITIES })
    : () => undefined;
  const numbers = Array.from({ length: size }, (_, n) => n);
  const queues: Numbers[] = [];
  const ours = twins.map((twin): Row => {
    let queue: Numbers | undefined;
    return {
      name: twin,
      role: twin,
      once: async () => {
        if (queue === undefined) {
          queues.push(queue = createQueue(optionsOf(twin, concurrency)));
          queue.process((job) => job.data);
        }
        const there = queue;
        const run = async (n: number) => await (await there.add(n, priority(n))).result();
        return (await Promise.all(numbers.map(run))).length;
      },
    };
  });
  const rows = [...ours];
  const PQueue = await peers.pQueue();
  if (PQueue !== undefined) {
    const queue = new PQueue({ concurrency });
    rows.push({
      name: "p-queue",
      role: "peer",
      once: async () =>
        (await Promise.all(numbers.map((n) => queue.add(() => n, priority(n))))).length,
    });
  }
  const fastq = isSorted ? undefined : await peers.fastq();
  if (fastq !== undefined) {
    const queue = fastq((n) => Promise.resolve(n), concurrency);
    rows.push({
      name: "fastq",
      role: "reference",
      once: async () => (await Promise.all(numbers.map((n) => queue.push(n)))).length,
    });
  }
  return {
    operation,
    size,
    unit: "jobs",
    slow: isSorted,
    front: !isSorted,
    rows,
    async finish(): Promise<void> {
      for (const queue of queues.splice(0)) await queue.close();
    },
  };
}

/** How many times as fast as p-queue 100,000 jobs are: too slow there for a group. */
async function manySorted(context: Context): Promise<number | undefined> {
  if (context.quick) return undefined;
  const PQueue = await context.peers.pQueue();
  if (PQueue === undefined) return undefined;
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    context.note(`queue: 100,000 jobs with priorities, round ${round + 1} of ${ROUNDS}`);
    const theirs = new PQueue({ concurrency: 16 });
    const peer = await timeOf((n) => theirs.add(() => n, { priority: (n * 7_919) % PRIORITIES }));
    await using queue = createQueue<number, number>({ concurrency: 16 });
    queue.process((job) => job.data);
    const ours = await timeOf(async (n) =>
      await (await queue.add(n, { priority: (n * 7_919) % PRIORITIES })).result()
    );
    ratios.push(peer / ours);
  }
  return ratios.sort((a, b) => a - b)[ROUNDS >> 1];
}

async function timeOf(run: (n: number) => Promise<number>): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: MANY }, (_, n) => run(n)));
  return performance.now() - start;
}

/** The milliseconds of adding 1,000 jobs; the queue is made and filled before. */
function adding({ quick }: Context): Group {
  const count = quick ? MANY / 10 : MANY;
  const timed = async (filled: number): Promise<number> => {
    await using queue = createQueue<number, number>({ implementation: "pure" });
    await queue.pause();
    for (let n = 0; n < filled; n++) await queue.add(n, { priority: (n * 7_919) % PRIORITIES });
    const start = performance.now();
    for (let n = 0; n < 1_000; n++) await queue.add(n, { priority: (n * 7_919) % PRIORITIES });
    return performance.now() - start;
  };
  return {
    operation: ADD,
    size: MANY,
    unit: "jobs",
    slow: true,
    per: 1_000,
    rows: [
      { name: "to none", role: "other", ownClock: true, once: async () => await timed(0) },
      {
        name: "to 100,000 with priorities",
        role: "other",
        ownClock: true,
        once: async () => await timed(count),
      },
    ],
  };
}

await register(area, import.meta.url);
