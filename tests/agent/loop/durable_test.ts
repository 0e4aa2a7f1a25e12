/** Sessions: what was done is kept, nothing is paid for or done twice, whatever happens to the process. */

import assert from "assertions";
import { Runner } from "../../../src/agent/loop/runner.ts";
import type { LoopOptions, RunResult, Tool } from "../../../src/agent/loop/types.ts";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { task, TURNS } from "./crash_program.ts";
import { asks, call, type Said, says, scripted } from "./scripted.ts";

const PROGRAM = `${ROOT}tests/agent/loop/crash_program.ts`;
/** Processes at once. */
const AT_ONCE = 3;

async function crash(folder: string, at: number): Promise<boolean> {
  const flags = ["run", "--quiet", "--no-prompt", "--no-check", "--cached-only"];
  const { code, stderr } = await deno(
    [...flags, `--allow-read`, `--allow-write=${folder}`, "--allow-run", PROGRAM, folder, `${at}`],
    { AGENT_IMPLEMENTATION: "pure" },
  );
  if (code === 0) return false;
  assert.equal(stderr, "", `${at}`);
  return true;
}

function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}

function count(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Goes on in this process, and holds the whole against what may and what must not be. */
async function checkResumed(folder: string, at: number): Promise<void> {
  const { script, tools } = task(folder, () => {});
  const runner = new Runner({
    models: [scripted(script)],
    tools,
    budget: { steps: 50 },
    sessions: { path: `${folder}/journal` },
  });
  let result: RunResult;
  try {
    // It may have ended before anything was kept.
    const isKept = runner.sessions().includes("s");
    result = isKept ? await runner.resume("s") : await runner.run("Do it.", { session: "s" });
  } finally {
    runner.close();
  }
  assert.equal(result.finish.reason, "done", `${at}`);
  assert.equal(result.text, "All is done.");
  assert.equal(result.steps.length, TURNS + 1);
  const done = count(linesOf(`${folder}/done`));
  let unknown = 0;
  for (const { calls } of result.steps) {
    for (const { call, outcome } of calls) {
      const times = done.get(`${call.name} ${call.id}`) ?? 0;
      if (call.name === "once") assert.ok(times <= 1, `${at}: ${call.id} was done ${times} times`);
      if (outcome === "unknown") unknown++;
      else assert.ok(outcome === "done" && times >= 1, `${at}: ${call.id} ${outcome} ${times}`);
    }
  }
  assert.ok(unknown <= 1, `${at}: ${unknown} calls are unknown`);
  // A turn whose answer was kept is not paid for again; one that was not kept may be, once.
  const paid = count(linesOf(`${folder}/paid`));
  const twice = [...paid.values()].filter((times) => times > 1);
  assert.ok(twice.length <= 1 && twice.every((times) => times === 2), `${at}: ${[...paid]}`);
}

/** Waits for all, also where one has failed, so that nothing goes on behind the test. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(work)) {
    if (one.status === "rejected") throw one.reason;
  }
}

Deno.test("sessions: killed at any point, a run goes on where it was", async () => {
  await temporary(async (folder) => {
    assert.equal(await crash(folder, 0), false);
    const points = Number(Deno.readTextFileSync(`${folder}/points`));
    assert.ok(points >= 200, `${points} points`);
    const waiting = Array.from({ length: points }, (_, at) => at + 1);
    await settled(Array.from({ length: AT_ONCE }, async () => {
      for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
        const own = `${folder}/${at}`;
        await Deno.mkdir(own);
        assert.equal(await crash(own, at), true, `${at}`);
        await checkResumed(own, at);
      }
    }));
  });
});

const INPUT = { type: "object" };

function runnerIn(
  folder: string,
  script: readonly Said[],
  more: Partial<LoopOptions> = {},
): Runner {
  return new Runner({
    ...{ models: [scripted(script)], tools: [], sessions: { path: `${folder}/journal` } },
    ...more,
  });
}

Deno.test("sessions: somebody's word comes later, from another process, and binds to the call", async () => {
  await temporary(async (folder) => {
    const ran: unknown[] = [];
    const wipe: Tool = {
      ...{ name: "wipe", description: "Wipes.", approval: "always" },
      input: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
      run: (input) => ran.push(input),
    };
    const script = [
      asks(call("wipe", { path: "/a" }, "x"), call("wipe", { path: "/b" }, "y")),
      says("ok"),
    ];
    const first = runnerIn(folder, script, { tools: [wipe] });
    const waiting = await first.run("Go.", { session: "s" });
    assert.deepEqual(waiting.finish.pending!.map(({ id }) => id), ["x", "y"]);
    await assert.rejects(first.run("More.", { session: "s" }), {
      code: "UNAVAILABLE",
      message: /resume/,
    });
    first.close();
    const later = runnerIn(folder, script, { tools: [wipe] });
    await assert.rejects(later.resume("s", { z: "allow" }), /calls that wait: x, y/);
    // One word is there, the other is not.
    const half = await later.resume("s", { x: { deny: "no" } });
    assert.deepEqual(half.finish.pending!.map(({ id }) => id), ["y"]);
    await assert.rejects(later.resume("s", { x: "allow" }), /calls that wait: y/);
    const end = await later.resume("s", { y: { allow: { path: "/c" } } });
    later.close();
    assert.equal(end.finish.reason, "done");
    assert.deepEqual(end.steps[0]!.calls.map(({ outcome }) => outcome), ["denied", "done"]);
    assert.deepEqual(ran, [{ path: "/c" }]);
  });
});

Deno.test("sessions: other input than the model's is judged as the model's is", async () => {
  await temporary(async (folder) => {
    let runs = 0;
    const tool: Tool = {
      ...{ name: "count", description: "Counts.", approval: "always" },
      input: { type: "object", properties: { n: { type: "number" } } },
      run: () => ++runs,
    };
    const runner = runnerIn(folder, [asks(call("count", { n: 1 })), says("ok")], { tools: [tool] });
    await runner.run("Go.", { session: "s" });
    const { steps } = await runner.resume("s", { "count-1": { allow: { n: "x" } } });
    runner.close();
    assert.equal(steps[0]!.calls[0]!.outcome, "invalid");
    assert.equal(runs, 0);
  });
});

Deno.test("sessions: one run at a time has one, in this process and in others", async () => {
  await temporary(async (folder) => {
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const script: Said[] = [async () => {
      begun.resolve();
      await held.promise;
      return says("ok");
    }];
    const [one, other] = [runnerIn(folder, script), runnerIn(folder, script)];
    const run = one.run("Go.", { session: "s" });
    await begun.promise;
    for (const runner of [one, other]) {
      await assert.rejects(runner.run("Go.", { session: "s" }), { code: "UNAVAILABLE" });
      await assert.rejects(runner.resume("s"), {
        code: "UNAVAILABLE",
        message: /in use by another run/,
      });
    }
    held.resolve();
    assert.equal((await run).finish.reason, "done");
    assert.equal((await other.resume("s")).text, "ok");
    one.close();
    other.close();
  });
});

Deno.test("sessions: a conversation goes on, and its bounds are of the whole", async () => {
  await temporary(async (folder) => {
    const script = [says("one"), says("two"), says("three")];
    const runner = runnerIn(folder, script, { budget: { steps: 2 } });
    await runner.run("First.", { session: "s" });
    const second = await runner.run("Second.", { session: "s" });
    assert.deepEqual(second.messages.map(({ content }) => content), [
      "First.",
      "one",
      "Second.",
      "two",
    ]);
    assert.equal(second.usage.inputTokens, 20);
    assert.equal((await runner.run("Third.", { session: "s" })).finish.reason, "steps");
    assert.equal((await runner.resume("s", {}, { budget: { steps: 3 } })).text, "three");
    assert.deepEqual(runner.sessions(), ["s"]);
    runner.close();
  });
});

Deno.test("sessions: only their user reads the files", async () => {
  await temporary(async (folder) => {
    const runner = runnerIn(folder, [says("x")]);
    let mode: number | null | undefined;
    for await (const { type } of runner.runStream("Go.")) {
      // Locks are there as long as the run is.
      if (type === "step-start") mode = Deno.statSync(`${folder}/journal-sessions`).mode;
    }
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile) continue;
      assert.equal(Deno.statSync(`${folder}/${name}`).mode! & 0o077, 0, name);
    }
    assert.equal(mode! & 0o077, 0);
    runner.close();
  });
});

Deno.test("sessions: a journal that is none, or cannot be written, is an error and nothing is asked", async () => {
  await temporary(async (folder) => {
    Deno.writeTextFileSync(`${folder}/journal`, "this is no database at all, is it? ".repeat(50));
    const model = scripted([says("x")]);
    const run = () => runnerIn(folder, [], { models: [model] }).run("Go.");
    await assert.rejects(run, { code: "CORRUPT" });
    Deno.removeSync(`${folder}/journal`);
    Deno.mkdirSync(`${folder}/journal`);
    await assert.rejects(run, { code: "IO" });
    assert.equal(model.asked.length, 0);
  });
});

Deno.test("sessions: where the disk is full, nothing is done that could not be kept", async () => {
  await temporary(async (folder) => {
    const { Journal } = await import("../../../src/agent/loop/journal.ts");
    let runs = 0;
    const tool: Tool = { name: "do", description: "Does.", input: INPUT, run: () => ++runs };
    const take = Journal.prototype.take;
    try {
      Journal.prototype.take = function (name) {
        const session = take.call(this, name);
        return {
          ...session,
          write(...entries): void {
            if (entries.some(({ kind }) => kind === "call-begun")) {
              throw new Error("database or disk is full");
            }
            session.write(...entries);
          },
        };
      };
      const runner = runnerIn(folder, [asks(call("do")), says("ok")], { tools: [tool] });
      await assert.rejects(runner.run("Go.", { session: "s" }), /disk is full/);
      runner.close();
    } finally {
      Journal.prototype.take = take;
    }
    assert.equal(runs, 0);
    const runner = runnerIn(folder, [asks(call("do")), says("ok")], { tools: [tool] });
    assert.equal((await runner.resume("s")).finish.reason, "done");
    assert.equal(runs, 1);
    runner.close();
  });
});
