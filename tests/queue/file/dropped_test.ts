/**
 * Jobs that were added and are worked on elsewhere, or not yet: the queue keeps those that somebody holds or waits for,
 * and nothing of the others. In a program of its own, which can ask V8 to collect.
 */

import assert from "assertions";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { testOf, twins } from "../../support/twins.ts";

const PROGRAM = `
  import { createQueue } from ${JSON.stringify(`${ROOT}src/queue/mod.ts`)};
  const store = { file: Deno.args[0] };
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  await using queue = createQueue({ store, retention: { doneCount: 0 } });
  const add = async (data) => {
    const jobs = [...await queue.addMany(data), await queue.add("alone"), await queue.addFlow({ data: "flow" })];
    for (const job of jobs) registry.register(job);
    return jobs;
  };
  const count = (await add(Array.from({ length: 100 }, (_, n) => "x".repeat(1000) + n))).length;
  const [held] = await add(["held"]);
  // Of this one only its result is waited for.
  const result = (await add(["awaited"]))[0].result();
  for (let tries = 0; tries < 100 && collected < count; tries++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const before = collected >= count;
  queue.process((job) => job.data);
  await queue.drain();
  console.log(JSON.stringify([before, await held.result(), await result]));
`;

for (const twin of twins("queue").each) {
  testOf("queue file", twin, "of jobs that nobody holds nothing is kept", async () => {
    await temporary(async (folder) => {
      const { code, stdout, stderr } = await deno(
        ["eval", "--no-check", "--v8-flags=--expose-gc", PROGRAM, `${folder}/queue.db`],
        { AGENT_IMPLEMENTATION: twin.name },
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), [true, "held", "awaited"]);
    });
  });
}
