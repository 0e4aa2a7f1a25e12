/** What keeps a program alive, and what ends it: whole programs, each with a queue that nobody closes. */

import assert from "assertions";
import { BUILT, DENO, ROOT, start } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";

const MODULE = new URL("../../src/queue/mod.ts", import.meta.url).href;

/** Runs a program that has a `queue`; what it printed, or "alive" where it had to be ended. */
async function run(implementation: string, body: string): Promise<string> {
  const name = implementation === "native" ? 'name: "exit", ' : "";
  const source = `
    import { createQueue } from ${JSON.stringify(MODULE)};
    const queue = createQueue({ ${name}implementation: ${JSON.stringify(implementation)} });
    const fuse = setTimeout(() => { console.log("alive"); Deno.exit(0); }, 1_500);
    Deno.unrefTimer(fuse);
    ${body}
  `;
  const { code, stdout, stderr } = await start(DENO, [
    "run",
    "--no-prompt",
    "--quiet",
    "--no-check",
    `--config=${ROOT}deno.json`,
    `--allow-read=${ROOT}`,
    `--allow-ffi=${BUILT}`,
    `data:application/typescript,${encodeURIComponent(source)}`,
  ]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

for (const twin of twins("queue").each) {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("queue, whole programs", twin, name, body);

  test("a queue without workers keeps no program alive, whatever waits in it", async () => {
    const body = `
      await queue.add(1);
      await queue.add(2, { delayMs: 3_600_000 });
      await queue.add(3, { repeat: { everyMs: 3_600_000 } });
      console.log("end");
    `;
    assert.equal(await run(twin.name, body), "end");
  });

  test("a worker keeps it alive until it is closed", async () => {
    assert.equal(await run(twin.name, "queue.process(() => 1);"), "alive");
    const body = `
      const worker = queue.process(() => 1);
      console.log(await (await queue.add(1)).result());
      await worker.close();
      await queue.close();
    `;
    assert.equal(await run(twin.name, body), "1");
  });

  test("a death that nobody hears of ends no program", async () => {
    const body = `
      const worker = queue.process(() => { throw new Error("unheard"); });
      await queue.add(1);
      await queue.drain();
      await worker.close();
      console.log("end");
    `;
    assert.equal(await run(twin.name, body), "end");
  });
}
