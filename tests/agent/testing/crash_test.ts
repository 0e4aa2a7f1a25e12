/** Simulated crashes end a run as a death of the process would, at the point that was asked for. */

import assert from "assertions";
import { createAgent, type Tool } from "../../../src/agent/mod.ts";
import { crashAfter, type CrashOptions, scriptedProvider } from "../../../src/agent/testing/mod.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { wrong } from "../../support/values.ts";

preloadNative();

const STEPS = 3;

function task(done: string[]) {
  const tool: Tool = {
    name: "note",
    description: "Notes.",
    input: { type: "object" },
    run: (_, { call }) => done.push(call.id),
  };
  const script = Array.from({ length: STEPS }, () => ({ toolCalls: [{ name: "note" }] }));
  return { tool, model: scriptedProvider([...script, "All is noted."]) };
}

for (const at of ["answer", "call", "step"] as const) {
  for (const streamed of [false, true]) {
    Deno.test(`crashAfter: ${at}${streamed ? ", streamed" : ""}: nothing behind it is kept`, async () => {
      await temporary(async (folder) => {
        const done: string[] = [];
        const { tool, model } = task(done);
        const sessions = { path: `${folder}/sessions.db` };
        const crash = crashAfter(2, { at });
        {
          await using agent = createAgent({
            ...{ model: crash.model(model), tools: crash.tools([tool]), sessions },
          });
          await assert.rejects(
            streamed
              ? Array.fromAsync(agent.runStream("Go.", { session: "s" }))
              : agent.run("Go.", { session: "s" }),
            { name: "SimulatedCrash", message: new RegExp(`after step 2 \\(${at}\\)`) },
          );
          assert.equal(crash.crashed, true);
        }
        assert.deepEqual(done, at === "answer" ? ["call_1_1"] : ["call_1_1", "call_2_1"]);
        const before = model.requests.length;
        await using agent = createAgent({ model, tools: [tool], sessions });
        const { text, steps } = await agent.resume("s");
        assert.equal(text, "All is noted.");
        assert.deepEqual(
          steps.map(({ calls }) => calls.map(({ outcome }) => outcome)),
          [["done"], [at === "call" ? "unknown" : "done"], ["done"], []],
        );
        // Only a turn whose answer was lost is paid for again.
        assert.deepEqual(
          model.requests.slice(before).map(({ turn }) => turn),
          at === "answer" ? [1, 2, 3] : [2, 3],
        );
        assert.equal(done.length, STEPS);
      });
    });
  }
}

Deno.test("crashAfter: it comes once, and not at all where the run ends before", async () => {
  const { tool, model } = task([]);
  const crash = crashAfter(1);
  await using agent = createAgent({ model: crash.model(model), tools: crash.tools([tool]) });
  await assert.rejects(agent.run("Go."), /simulated crash/i);
  assert.equal((await agent.run("Go.")).finish.reason, "done");
  const never = crashAfter(STEPS + 1);
  await using other = createAgent({ model: never.model(model), tools: never.tools([tool]) });
  assert.equal((await other.run("Go.")).finish.reason, "done");
  assert.equal(never.crashed, false);
});

Deno.test("crashAfter: kill ends the process itself", async () => {
  const module = (path: string) => JSON.stringify(new URL(`file://${ROOT}${path}`).href);
  const program = `
    const { createAgent } = await import(${module("src/agent/mod.ts")});
    const { crashAfter, scriptedProvider } = await import(${module("src/agent/testing/mod.ts")});
    const crash = crashAfter(1, { how: "kill" });
    const model = crash.model(scriptedProvider([{ toolCalls: [{ name: "x" }] }, "never"]));
    await createAgent({ model }).run("Go.");
    console.log("alive");`;
  const flags = ["--quiet", "--no-prompt", "--no-check", "--cached-only", "--allow-run"];
  const { signal, stdout } = await deno([
    "run",
    ...flags,
    `data:text/javascript,${encodeURIComponent(program)}`,
  ]);
  assert.deepEqual([signal, stdout], ["SIGKILL", ""]);
});

Deno.test("crashAfter: wrong arguments are refused", () => {
  assert.throws(() => crashAfter(0), RangeError);
  assert.throws(() => crashAfter(1.5), RangeError);
  assert.throws(() => crashAfter(1, wrong({ at: "middle" }) as CrashOptions), RangeError);
  assert.throws(() => crashAfter(1, wrong({ haw: "kill" })), /did you mean how\?/);
});
