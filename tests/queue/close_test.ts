/** What is left of a queue once it is closed: nothing, whatever it waited for. */

import assert from "assertions";
import { createQueue, type QueueOptions } from "../../src/queue/mod.ts";
import { temporary } from "../support/programs.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";

const { native } = twins("queue");

async function closed(options: QueueOptions): Promise<void> {
  const held = heldBy("queue");
  const queue = createQueue<number, number>({ implementation: "native", ...options });
  queue.process((job) => job.data);
  const job = await queue.add(1);
  job.onProgress(() => {});
  assert.equal(await job.result(), 1);
  assert.ok(held.inFlight() > 0, "it waits for what others do");
  await queue.close();
  assert.equal(held.inFlight(), 0);
  await queue.close();
}

testOf("queue, closing", native, "no operation outlives a queue in memory", () => closed({}));

testOf("queue, closing", native, "nor one in a file", () =>
  temporary(async (folder) => {
    await closed({ store: { file: `${folder}/queue.db` } });
  }));

testOf("queue, closing", native, "two closes at once wait for the same", async () => {
  const queue = createQueue<number, number>({ implementation: "native" });
  const worker = queue.process((job) => job.data);
  await Promise.all([queue.close(), worker.close(), queue.close({ graceMs: 0 })]);
  assert.equal(heldBy("queue").inFlight(), 0);
});
