/** Runs in a queue: another worker goes on where one was killed, and nothing is paid for or done twice. */

import assert from "assertions";
import {
  type Agent,
  AgentError,
  createAgent,
  enqueueRun,
  processRuns,
  type QueuedResult,
  type QueuedRun,
} from "../../src/agent/mod.ts";
import { scriptedProvider, type ScriptedTurn } from "../../src/agent/testing/mod.ts";
import { createQueue, type Queue, type StoreOption } from "../../src/queue/mod.ts";
import { preloadNative } from "../../src/native/status.ts";
import { testNeeding } from "../support/needs.ts";
import { bareEnvironment, DENO, ROOT, temporary } from "../support/programs.ts";
import { missing, Server } from "../support/redis.ts";
import { wrong } from "../support/values.ts";
import { STEPS } from "./queued_worker.ts";
import "../support/default_twin.ts";

preloadNative();

type Runs = Queue<QueuedRun, QueuedResult>;
const TASKS = ["Task A", "Task B", "Task C"];

async function worker(folder: string, store: StoreOption, at: string): Promise<Deno.ChildProcess> {
  const flags = ["--quiet", "--no-prompt", "--no-check", "--cached-only", "--allow-all"];
  const child = new Deno.Command(DENO, {
    args: [
      "run",
      ...flags,
      `${ROOT}tests/agent/queued_worker.ts`,
      folder,
      JSON.stringify(store),
      at,
    ],
    ...{ clearEnv: true, env: bareEnvironment(), cwd: ROOT },
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

function counts(path: string): Map<string, number> {
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  return new Map(
    Object.entries(Object.groupBy(lines, (line) => line)).map(([k, v]) => [k, v!.length]),
  );
}

/** Two workers; the first is killed in the second step of the first run that it has. */
async function killed(store: StoreOption, folder: string, at: string): Promise<void> {
  await using queue: Runs = createQueue({ name: "runs", store, leaseMs: 1_000 });
  const first = await worker(folder, store, at);
  const jobs = await Promise.all(TASKS.map((task) => enqueueRun(queue, task, { session: task })));
  // It dies by its own hand.
  assert.equal((await first.status).signal, "SIGKILL");
  await first.stdin.abort();
  const second = await worker(folder, store, "never");
  try {
    const results = await Promise.all(jobs.map((job) => job.result()));
    assert.deepEqual(
      results.map(({ text, finish, steps }) => [text, finish.reason, steps]),
      TASKS.map((task) => [`${task} is done.`, "done", STEPS + 1]),
    );
  } finally {
    await second.stdin.close();
    assert.equal((await second.status).code, 0);
  }
  const done = counts(`${folder}/done`);
  assert.ok([...done.values()].every((times) => times === 1), `${[...done]}`);
  assert.equal(done.size, TASKS.length * STEPS);
  const paid = counts(`${folder}/paid`);
  assert.equal(paid.size, TASKS.length * (STEPS + 1));
  // An answer that the first worker had and did not keep is paid for again, no other.
  const twice = [...paid.values()].filter((times) => times > 1);
  assert.deepEqual(twice, at === "answer" ? [2] : []);
}

for (const at of ["answer", "call", "step"]) {
  Deno.test(`runs in a queue, in a file: a worker that is killed (${at}) has a successor`, async () => {
    await temporary((folder) => killed({ file: `${folder}/runs.sqlite` }, folder, at));
  });
}

testNeeding(
  [missing],
  "runs in a queue, on Redis: a worker that is killed has a successor",
  async () => {
    await using server = await Server.start();
    await temporary((folder) => killed({ redis: server.url() }, folder, "call"));
  },
);

async function here(
  turns: readonly ScriptedTurn[],
  body: (queue: Runs, agent: Agent) => Promise<void>,
): Promise<void> {
  await temporary(async (folder) => {
    await using queue: Runs = createQueue();
    const ask = {
      ...{ name: "ask", description: "Asks.", input: { type: "object" } },
      ...{ approval: "always" as const, run: () => "yes" },
    };
    await using agent = createAgent({
      ...{ model: scriptedProvider(turns), tools: [ask] },
      sessions: { path: `${folder}/sessions.db` },
    });
    await using _worker = processRuns(queue, agent);
    await body(queue, agent);
  });
}

Deno.test("runs in a queue: a model that fails is asked again from where the run was", async () => {
  const turns = [
    { toolCalls: [{ name: "nothing" }] },
    { error: { message: "down", times: 2 }, text: "Up again." },
  ];
  await here(turns, async (queue) => {
    const job = await enqueueRun(queue, "Go.", { backoffMs: 1 });
    assert.equal((await job.result()).text, "Up again.");
    assert.equal((await queue.get(job.id))!.attempts, 3);
    const dead = await enqueueRun(queue, "Go.", { retries: 0, domain: "lawyer" });
    assert.equal((await dead.result()).finish.reason, "done");
  });
  await here([{ error: "down" }], async (queue) => {
    const job = await enqueueRun(queue, "Go.", { retries: 1, backoffMs: 1 });
    await assert.rejects(job.result(), { code: "JOB_FAILED", message: /down/ });
  });
});

Deno.test("runs in a queue: one that needs somebody's word ends as waiting, and goes on by resume", async () => {
  await here([{ toolCalls: [{ name: "ask" }] }, "Thanks."], async (queue, agent) => {
    const { finish, session } = await (await enqueueRun(queue, "Go.")).result();
    assert.equal(finish.reason, "waiting");
    assert.deepEqual(finish.pending, [{ id: "call_1_1", name: "ask", arguments: "{}" }]);
    assert.equal((await agent.resume(session, { call_1_1: "allow" })).text, "Thanks.");
  });
});

Deno.test("runs in a queue: bounds hold, a cancelled one stops, a session has one task", async () => {
  await here(
    [{ toolCalls: [{ name: "x" }] }, { delayMs: 3_600_000 }],
    async (queue, agent) => {
      const bounded = await enqueueRun(queue, "Go.", { session: "b", budget: { steps: 1 } });
      assert.equal((await bounded.result()).finish.reason, "steps");
      await assert.rejects(
        (await enqueueRun(queue, "Something else.", {
          session: "b",
          retries: 0,
          budget: { steps: 1 },
        }))
          .result(),
        /another task/,
      );
      const hanging = await enqueueRun(queue, "Hang.", { session: "h" });
      while ((await queue.get(hanging.id))!.state !== "running") {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.equal(await hanging.cancel(), true);
      await assert.rejects(hanging.result(), { code: "CANCELLED" });
      // It is free for whoever goes on with it, as soon as the handler has seen its signal.
      const signal = AbortSignal.abort(new Error("enough"));
      for (;;) {
        try {
          assert.equal((await agent.resume("h", {}, { signal })).finish.reason, "cancelled");
          break;
        } catch (error) {
          if (!AgentError.is(error, "UNAVAILABLE")) throw error;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    },
  );
});

Deno.test("runs in a queue: what is no run is refused", async () => {
  await here([], async (queue) => {
    await assert.rejects(enqueueRun(queue, " "), TypeError);
    await assert.rejects(enqueueRun(queue, wrong(7)), TypeError);
    const bad = [{ session: "s" }, { session: 1, input: "x" }, { input: "x", session: "s", y: 1 }];
    for (const one of bad) {
      await assert.rejects((await queue.add(wrong(one))).result(), { code: "JOB_FAILED" });
    }
  });
});
