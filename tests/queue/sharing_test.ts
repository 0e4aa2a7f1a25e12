/** Queues that all Workers of the process share, and what becomes of jobs whose Worker ends. */

import assert from "assertions";
import { createQueue } from "../../src/queue/mod.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";
import { until, wrong } from "../support/values.ts";
import { AgentError } from "../../src/shared/errors.ts";
import type { Command } from "./sharing_worker.ts";

const { pure, native } = twins("queue");
let names = 0;

/** A Worker with its answers. */
class Helper implements Disposable {
  readonly heard: unknown[] = [];
  readonly #worker = new Worker(import.meta.resolve("./sharing_worker.ts"), { type: "module" });

  constructor() {
    this.#worker.onmessage = ({ data }) => void this.heard.push(data);
  }

  /** Tells it something and waits for an answer that is what is expected. */
  async tell(command: Command, answer: unknown): Promise<void> {
    this.#worker.postMessage(command);
    await this.hears(answer);
  }

  send(command: Command): void {
    this.#worker.postMessage(command);
  }

  async hears(answer: unknown): Promise<void> {
    const wanted = JSON.stringify(answer);
    await until(
      () => this.heard.some((heard) => JSON.stringify(heard) === wanted),
      () => `${wanted} was not said, but ${JSON.stringify(this.heard)}`,
    );
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

const test = (name: string, body: (place: string) => Promise<void>): void =>
  testOf("shared queue", native, name, async () => {
    const before = heldBy("queue").handles();
    await body(`shared ${++names}`);
    await native.idle();
    await until(() => heldBy("queue").handles() === before, "a handle is left");
  });

test("a Worker does what is added here, and the result comes back", async (name) => {
  await using queue = createQueue<number, string>({ name });
  using helper = new Helper();
  await helper.tell({ do: "open", name }, "native");
  await helper.tell({ do: "process", holdMs: 0 }, "processing");
  const jobs = await queue.addMany([1, 2, 3]);
  assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), [
    "there 1",
    "there 2",
    "there 3",
  ]);
  await helper.tell({ do: "close" }, "closed");
});

test("what a Worker adds is done here", async (name) => {
  await using queue = createQueue<number, string>({ name, concurrency: 8 });
  using helper = new Helper();
  await helper.tell({ do: "open", name }, "native");
  queue.process((job) => `here ${job.data}`);
  await helper.tell({ do: "add", count: 50 }, Array.from({ length: 50 }, (_, i) => `here ${i}`));
  await helper.tell({ do: "close" }, "closed");
});

test("a delayed job that another adds wakes who waits", async (name) => {
  await using queue = createQueue<number, string>({ name });
  using helper = new Helper();
  await helper.tell({ do: "open", name }, "native");
  await helper.tell({ do: "process", holdMs: 0 }, "processing");
  const job = await queue.add(5, { delayMs: 30 });
  assert.equal(await job.result(), "there 5");
  await helper.tell({ do: "close" }, "closed");
});

test("cancelling here aborts the handler there", async (name) => {
  await using queue = createQueue<number, string>({ name });
  using helper = new Helper();
  await helper.tell({ do: "open", name }, "native");
  await helper.tell({ do: "process", holdMs: 3_600_000 }, "processing");
  const job = await queue.add(9);
  await helper.hears({ began: 9 });
  assert.equal(await job.cancel(), true);
  await helper.hears({ aborted: 9 });
  await assert.rejects(job.result(), (error) => AgentError.is(error, "CANCELLED"));
  await helper.tell({ do: "close" }, "closed");
});

test("a Worker that ends in the middle gives its jobs back, untried", async (name) => {
  await using queue = createQueue<number, string>({ name });
  const job = await queue.add(1);
  {
    using helper = new Helper();
    await helper.tell({ do: "open", name }, "native");
    await helper.tell({ do: "process", holdMs: 3_600_000 }, "processing");
    await helper.hears({ began: 1 });
    assert.equal((await queue.get(job.id))!.state, "running");
  }
  queue.process((job) => `here, try ${job.attempt}`);
  assert.equal(await job.result(), "here, try 1");
});

test("a Worker that blocks its event loop keeps its job", async (name) => {
  const leaseMs = 100;
  await using queue = createQueue<number, string>({ name, leaseMs });
  using helper = new Helper();
  await helper.tell({ do: "open", name }, "native");
  await helper.tell({ do: "process", holdMs: 10 }, "processing");
  const job = await queue.add(1);
  await helper.hears({ began: 1 });
  const worker = queue.process(() => "stolen");
  await helper.tell({ do: "spin", ms: 3 * leaseMs }, "spun");
  assert.equal(await job.result(), "there 1");
  assert.equal((await queue.get(job.id))!.attempts, 1);
  await worker.close();
  await helper.tell({ do: "close" }, "closed");
});

test("one name has one set of options", async (name) => {
  await using queue = createQueue({ name, retention: { doneCount: 5 } });
  assert.equal(queue.shared, true);
  for (
    const [retention, field] of [
      [{ doneCount: 6 }, "doneCount"],
      [{ doneCount: 5, doneMs: 7 }, "doneMs"],
    ] as const
  ) {
    assert.throws(() => createQueue({ name, retention }), {
      name: "RangeError",
      message: new RegExp(`^options.retention.${field} must be \\d+ as wherever the queue`),
    });
  }
  await using other = createQueue({ name, concurrency: 9, retention: { doneCount: 5 } });
  assert.equal(other.implementation, "native");
});

testOf(
  "shared queue",
  pure,
  "a name without native code is an error, or a queue of this isolate",
  async () => {
    const name = "mine";
    assert.throws(
      () => createQueue({ name, implementation: "pure" }),
      (error) =>
        AgentError.is(error, "NATIVE_REQUIRED") && /"mine" is for all Workers/.test(error.message),
    );
    const preferred = { name, implementation: "pure", shared: "preferred" } as const;
    await using one = createQueue<number, number>({ ...preferred, retention: { doneMs: 50 } });
    assert.equal(one.shared, false);
    assert.throws(() => createQueue(preferred), { message: /doneMs must be 50/ });
    assert.throws(() => createQueue({ shared: "preferred" }), { message: /^options.name must/ });
    assert.throws(() => createQueue({ name: "" }), { name: "RangeError" });
    assert.throws(() => createQueue({ store: wrong("disk") }), { message: /^options.store must/ });
    assert.throws(() => createQueue({ store: wrong({}) }), { message: /^options.store must/ });
    assert.throws(() => createQueue({ leaseMs: 1 }), { message: /^options.leaseMs must/ });
  },
);

testOf("queue", pure, "without a name it is this isolate's own", async () => {
  await using one = createQueue<number, number>({ implementation: "pure" });
  await using two = createQueue<number, number>({ implementation: "pure" });
  await one.add(1);
  assert.equal((await two.stats()).waiting, 0);
  assert.equal(one.name, undefined);
});
