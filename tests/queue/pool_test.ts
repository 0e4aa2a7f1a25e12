/** Workers that run handlers which compute. */

import assert from "assertions";
import { createQueue, workerPool } from "../../src/queue/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { deno, temporary } from "../support/programs.ts";
import { testOf, type TwinName, twins } from "../support/twins.ts";
import { until, wrong } from "../support/values.ts";
import type { Filling, Order } from "./pool_module.ts";

const NO_HANDLER = "data:text/javascript,export const a = 1";
const MODULE = import.meta.resolve("./pool_module.ts");

/** Registers a test of a pool that works for a queue, on the store of each twin. */
function testOnEach(
  name: string,
  body: (twin: { readonly implementation: TwinName }) => Promise<void>,
): void {
  for (const twin of twins("queue").each) {
    testOf("pool", twin, name, () => body({ implementation: twin.name }));
  }
}

testOnEach("jobs of a queue are run in Workers, as many at once as there are", async (twin) => {
  await using pool = workerPool<Order, number>(MODULE, { size: 2 });
  await using queue = createQueue<Order, number>({ ...twin, concurrency: 2 });
  queue.process(pool.handler);
  const jobs = await queue.addMany([1, 2, 3, 4, 5].map((n) => ({ do: "square", n } as const)));
  assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), [1, 4, 9, 16, 25]);
  assert.equal(pool.busy, 0);
  assert.equal(pool.size, 2);
});

testOnEach("what a handler throws fails its job, with the message", async (twin) => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1 });
  await using queue = createQueue<Order, number>(twin);
  queue.process(pool.handler);
  const job = await queue.add({ do: "throw", message: "too far" });
  await assert.rejects(job.result(), { code: "JOB_FAILED", message: /: too far$/ });
  await assert.rejects(pool.run({ do: "throw", message: "again" }), {
    name: "RangeError",
    message: "again",
  });
  await assert.rejects(pool.run({ do: "odd" }), { message: /could not be cloned/ });
  await assert.rejects(pool.run(() => 1), { name: "DataCloneError" });
  assert.equal(await pool.run<Order, number>({ do: "square", n: 3 }), 9);
});

Deno.test("pool: a Worker that fails outside of its handler is replaced", async () => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1 });
  const crashed = pool.run({ do: "crash" });
  const next = pool.run<Order, number>({ do: "square", n: 4 });
  await assert.rejects(crashed, { message: /outside of its handler: .*outside/ });
  assert.equal(await next, 16);
});

for (const how of ["close", "exit", "process"] as const) {
  testOnEach(`a handler that ends its Worker (${how}) fails its job at once`, async (twin) => {
    await using pool = workerPool<Order, number>(MODULE, { size: 1 });
    await using queue = createQueue<Order, number>(twin);
    queue.process(pool.handler);
    const job = await queue.add({ do: "end", how });
    const next = await queue.add({ do: "square", n: 7 });
    await assert.rejects(job.result(), {
      code: "JOB_FAILED",
      message: /The Worker of a pool ended before .* close\(\) or Deno\.exit\(\); let the/,
    });
    assert.equal(await next.result(), 49);
    await assert.rejects(pool.run({ do: "end", how }), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.deepEqual(error.details, { job: "", attempts: 1, error: error.message });
      return true;
    });
  });
}

Deno.test("pool: what a Worker said before it ended counts", async () => {
  for (let round = 0; round < 5; round++) {
    await using pool = workerPool<Order, string>(MODULE, { size: 1 });
    assert.equal(await pool.run({ do: "last words" }), "said");
  }
});

testOnEach("a handler that does not heed its signal is ended after the grace", async (twin) => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1, graceMs: 20 });
  await using queue = createQueue<Order, number>({ ...twin, concurrency: 1 });
  queue.process(pool.handler);
  const stuck = await queue.add({ do: "hang" }, { timeoutMs: 200 });
  const next = await queue.add({ do: "square", n: 5 });
  await assert.rejects(stuck.result(), { message: /not finished within 200 ms/ });
  assert.equal(await next.result(), 25);
});

Deno.test("pool: a handler that computes without a pause sees that it is not wanted", async () => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1, graceMs: 60_000 });
  assert.equal(await pool.run<Order, number>({ do: "square", n: 1 }), 1);
  const controller = new AbortController();
  const spinning = pool.run({ do: "spin" }, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(spinning, { message: "enough" });
  assert.equal(await pool.run<Order, number>({ do: "square", n: 2 }), 4);
});

Deno.test("pool: a handler that heeds its signal keeps its Worker", async () => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1, graceMs: 60_000 });
  const controller = new AbortController();
  const waiting = pool.run({ do: "wait" }, { signal: controller.signal });
  const queued = pool.run({ do: "wait" }, { signal: controller.signal });
  await until(() => pool.busy === 1);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  await assert.rejects(queued, { message: "enough" });
  await assert.rejects(pool.run({ do: "wait" }, { signal: controller.signal }), {
    message: "enough",
  });
  assert.equal(await pool.run<Order, number>({ do: "square", n: 6 }), 36);
});

testOnEach("progress comes through, and so do ids and tries", async (twin) => {
  await using pool = workerPool<Order, string>(MODULE, { size: 1 });
  await using queue = createQueue<Order, string>(twin);
  await queue.pause();
  const job = await queue.add({ do: "report" });
  const seen: unknown[] = [];
  job.onProgress((value) => seen.push(value));
  queue.process(pool.handler);
  await queue.resume();
  assert.equal(await job.result(), job.id);
  assert.deepEqual(seen, [{ attempt: 1 }]);
});

Deno.test("pool: bytes are handed over, not copied", async () => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1 });
  const bytes = new Uint8Array(1 << 20);
  const order: Filling = { do: "fill", bytes };
  const filled = await pool.run<Filling, Uint8Array>(order, { transfer: [bytes.buffer] });
  assert.equal(bytes.byteLength, 0);
  assert.equal(filled.byteLength, 1 << 20);
  assert.equal(filled[12_345], 7);
});

Deno.test("pool: a module that cannot be had fails what waits for it", async () => {
  for (
    const [module, expected] of [
      [NO_HANDLER, { name: "TypeError", message: /^module must export a function as default/ }],
      ["data:text/javascript,let", { name: "TypeError", message: /^module must be one that can/ }],
      ["data:text/javascript,throw new Error('no')", { name: "TypeError", message: /: no$/ }],
      ["data:text/javascript,Deno.exit();await new Promise(() => {})", {
        name: "TypeError",
        message: /Worker .* ended/,
      }],
      [import.meta.resolve("./no_such_module"), { code: "NOT_FOUND", message: /no_such_module/ }],
    ] as const
  ) {
    await using pool = workerPool<Order, number>(module, { size: 1 });
    await assert.rejects(pool.run({ do: "hang" }), expected);
    await assert.rejects(pool.ready(), expected);
  }
});

Deno.test("pool: a module whose file is not there is an error at once", () => {
  assert.throws(() => workerPool(import.meta.resolve("./no_such_module.ts")), (error) => {
    assert.ok(AgentError.is(error, "NOT_FOUND"));
    assert.match(error.details.what, /no_such_module\.ts$/);
    return true;
  });
});

testOnEach("no job dies of a module that cannot be loaded", async (twin) => {
  await temporary(async (folder) => {
    for (const store of ["memory", { file: `${folder}/queue.db` }] as const) {
      await using pool = workerPool<number, number>(NO_HANDLER, { size: 1 });
      await using queue = createQueue<number, number>({ ...twin, store });
      await queue.add(1);
      const unheard = Promise.withResolvers<unknown>();
      const hear = (event: PromiseRejectionEvent): void => {
        event.preventDefault();
        unheard.resolve(event.reason);
      };
      globalThis.addEventListener("unhandledrejection", hear);
      try {
        const worker = queue.process(pool.handler);
        assert.match(String(await unheard.promise), /^TypeError: module must export a function/);
        assert.equal(worker.running, 0);
        await assert.rejects(worker.close(), { name: "TypeError" });
      } finally {
        globalThis.removeEventListener("unhandledrejection", hear);
      }
      const { waiting, dead } = await queue.stats();
      assert.deepEqual([waiting, dead], [1, 0]);
    }
  });
});

testOnEach("a queue that is closed while the module is loaded begins no work", async (twin) => {
  await using pool = workerPool<Order, number>(MODULE, { size: 1 });
  const queue = createQueue<Order, number>(twin);
  const worker = queue.process(pool.handler);
  await queue.close();
  await pool.ready();
  await worker.close();
  assert.equal(worker.running, 0);
});

Deno.test("pool: closing ends what is under way", async () => {
  const pool = workerPool<Order, number>(MODULE, { size: 1 });
  const running = pool.run({ do: "hang" });
  const waiting = pool.run({ do: "hang" });
  await until(() => pool.busy === 1);
  await pool.close();
  await pool.close();
  for (const ended of [running, waiting, pool.run({ do: "hang" }), pool.ready()]) {
    await assert.rejects(ended, (error) => AgentError.is(error, "CLOSED"));
  }
});

Deno.test("pool: wrong arguments are refused", () => {
  assert.throws(() => workerPool("not a url"), { name: "TypeError", message: /^module must/ });
  assert.throws(() => workerPool(wrong(5)), { name: "TypeError" });
  assert.throws(() => workerPool(MODULE, { size: 0 }), { name: "RangeError" });
  assert.throws(() => workerPool(MODULE, { graceMs: -1 }), { name: "RangeError" });
  assert.throws(() => workerPool(MODULE, { permissions: wrong("all") }), { name: "TypeError" });
});

Deno.test("pool: modules that may not be read are an error at once, with the flags", async () => {
  await temporary(async (folder) => {
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(
      program,
      `import { workerPool } from ${JSON.stringify(import.meta.resolve("../../src/queue/mod.ts"))};
      try {
        workerPool("file:///srv/handler.ts");
      } catch (error) {
        console.log(error.code, error.message);
      }`,
    );
    const { code, stdout } = await deno(["run", "--no-prompt", program]);
    assert.equal(code, 0);
    assert.match(stdout, /^PERMISSION .*--allow-read=\/srv\/handler\.ts,\S*\/src\/ /);
  });
});
