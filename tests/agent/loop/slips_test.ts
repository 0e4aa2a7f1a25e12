/** What models, tools and callers get wrong, and what would stop every later try if it were kept. */

import assert from "assertions";
import { Runner } from "../../../src/agent/loop/runner.ts";
import type { Approve, Decision, Tool } from "../../../src/agent/loop/types.ts";
import type { ChatReply } from "../../../src/llm/types.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { temporary } from "../../support/programs.ts";
import { asks, call, says, scripted } from "./scripted.ts";

// Before the sanitizers look.
preloadNative();

function doing(run: Tool["run"], more: Partial<Tool> = {}): Tool {
  return { name: "do", description: "Does.", input: { type: "object" }, run, ...more };
}

Deno.test("run: input that is nested without end is told to the model, and the session goes on", async () => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    const nested = (depth: number) => `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    await temporary(async (folder) => {
      let runs = 0;
      const runner = new Runner({
        models: [
          scripted([
            asks(call("do", nested(100_000), "far")),
            asks(call("do", nested(150), "near")),
            says("ok"),
          ]),
        ],
        tools: [doing(() => ++runs)],
        sessions: { path: `${folder}/journal` },
      });
      const { finish, steps } = await runner.run("Go.", { session: "s" });
      assert.equal(finish.reason, "done");
      assert.deepEqual(steps.flatMap(({ calls }) => calls.map(({ outcome }) => outcome)), [
        "invalid",
        "done",
      ]);
      assert.match(steps[0]!.calls[0]!.result, /nested more than 200 deep/);
      assert.equal(runs, 1);
      runner.close();
    });
  }
});

Deno.test("run: whatever names a model gives its calls, each is run once and has its answer", async () => {
  const lists = [
    ["a_1_2", "a", "a"],
    ["call_1_1", "", "", "call_1_1"],
    ["", "call_1_0", "call_1_0_1_2", "call_1_0"],
    ["__proto__", "__proto__", "constructor"],
  ];
  for (const ids of lists) {
    const ran: number[] = [];
    const runner = new Runner({
      models: [scripted([asks(...ids.map((id, n) => call("do", { n }, id))), says("ok")])],
      tools: [doing((input) => ran.push((input as { n: number }).n))],
    });
    const { finish, steps } = await runner.run("Go.");
    assert.equal(finish.reason, "done", JSON.stringify(ids));
    assert.deepEqual(ran, ids.map((_, n) => n));
    assert.equal(new Set(steps[0]!.calls.map(({ call }) => call.id)).size, ids.length);
  }
});

Deno.test("run: what is no reply ends the run with words for its maker, and is not kept", async () => {
  const replies: readonly [unknown, RegExp][] = [
    [null, /it must be an object, got null/],
    [{ toolCalls: [] }, /text must be a string, got undefined/],
    [{ text: "", toolCalls: "do" }, /toolCalls must be a list/],
    [{ text: "", toolCalls: [null] }, /toolCalls\[0\]\.id must be a string/],
    [
      { text: "", toolCalls: [{ id: "1", name: "do", arguments: { n: 1 } }] },
      /toolCalls\[0\]\.arguments must be a string, got an object/,
    ],
  ];
  for (const [reply, message] of replies) {
    await temporary(async (folder) => {
      const settings = { tools: [doing(() => 1)], sessions: { path: `${folder}/journal` } };
      const broken = new Runner({ models: [scripted([reply as ChatReply])], ...settings });
      const { finish } = await broken.run("Go.", { session: "s" });
      assert.equal(finish.reason, "failed");
      assert.match(finish.detail!, message);
      broken.close();
      const mended = new Runner({ models: [scripted([says("ok")])], ...settings });
      assert.equal((await mended.resume("s")).finish.reason, "done");
      mended.close();
    });
  }
});

Deno.test("run: a bound of tokens ends a run whose turns do not say what they took", async () => {
  for (const inputTokens of [undefined, NaN, -1e9, Infinity, "9"] as number[]) {
    const odd = { ...asks(call("do", { n: 1 })), usage: { inputTokens, outputTokens: 1 } };
    for (const budget of [{ inputTokens: 10 }, { outputTokens: 10 }, {}]) {
      const runner = new Runner({
        models: [scripted([odd, says("ok")])],
        tools: [doing(() => 1)],
        budget,
      });
      const { finish, steps } = await runner.run("Go.");
      assert.equal(finish.reason, Object.keys(budget).length === 0 ? "done" : "tokens");
      assert.equal(steps[0]!.usage, null);
    }
  }
});

Deno.test("run: promises of any make are waited for, and errors of any make are told", async () => {
  const odd = Object.defineProperty(new Error("x"), "message", { value: 7 });
  const later = { then: (resolve: (value: string) => void) => void setTimeout(resolve, 1, "late") };
  const never = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("no")) };
  const told: string[] = [];
  const runs: Tool["run"][] = [
    () => later,
    () => never,
    () => {
      throw odd;
    },
  ];
  for (const run of runs) {
    const runner = new Runner({
      models: [scripted([asks(call("do")), says("ok")])],
      tools: [doing(run)],
    });
    const { outcome, result } = (await runner.run("Go.")).steps[0]!.calls[0]!;
    told.push(`${outcome} ${result}`);
  }
  assert.deepEqual(told, ["done late", "failed no", "failed 7"]);
});

Deno.test("sessions: what is no decision is neither a yes nor a no, and the call goes on waiting", async () => {
  const slips: readonly unknown[] = [
    ...["Allow", true, null, [], {}, { allow: undefined }, { allow: { n: 1n } }],
    { allow: {}, deny: "both" },
  ];
  await temporary(async (folder) => {
    let runs = 0;
    const runner = new Runner({
      models: [scripted([asks(call("do", {}, "c")), says("ok")])],
      tools: [doing(() => ++runs, { approval: "always" })],
      sessions: { path: `${folder}/journal` },
    });
    assert.equal((await runner.run("Go.", { session: "s" })).finish.reason, "waiting");
    for (const slip of slips) {
      await assert.rejects(runner.resume("s", { c: slip as Decision }), {
        name: "TypeError",
        message: /^decisions\.c/,
      });
    }
    await assert.rejects(runner.resume("s", null as unknown as Record<string, Decision>), {
      message: /^decisions must be an object/,
    });
    assert.equal(runs, 0);
    assert.equal((await runner.resume("s", { c: "allow" })).finish.reason, "done");
    assert.equal(runs, 1);
    runner.close();
  });
});

Deno.test("sessions: a word for one call is never taken for another of the same name", async () => {
  await temporary(async (folder) => {
    const sent: unknown[] = [];
    const runner = new Runner({
      models: [
        scripted([
          asks(call("do", { to: "Ann" }, "c")),
          asks(call("do", { to: "Eve" }, "c")),
          says("ok"),
        ]),
      ],
      tools: [doing((input) => void sent.push(input), { approval: "always" })],
      sessions: { path: `${folder}/journal` },
    });
    await runner.run("Go.", { session: "s" });
    const { finish, messages } = await runner.resume("s", { c: "allow" });
    assert.equal(finish.reason, "waiting");
    // The same word once more, by somebody who saw the first call only.
    await assert.rejects(runner.resume("s", { c: "allow" }), { name: "RangeError" });
    assert.deepEqual(sent, [{ to: "Ann" }]);
    assert.equal(messages.filter(({ role }) => role === "tool").length, 1);
    const [second] = finish.pending!;
    await runner.resume("s", { [second!.id]: "allow" });
    assert.deepEqual(sent, [{ to: "Ann" }, { to: "Eve" }]);
    runner.close();
  });
});

Deno.test("run: what approve gives and is no decision allows nothing, and its maker is told", async () => {
  for (const given of [true, "yes", { allow: 1n }, () => "allow"]) {
    let runs = 0;
    const runner = new Runner({
      models: [scripted([asks(call("do")), says("ok")])],
      tools: [doing(() => ++runs, { approval: "always" })],
      approve: (() => given) as unknown as Approve,
    });
    const { outcome, result } = (await runner.run("Go.")).steps[0]!.calls[0]!;
    assert.equal(outcome, "denied");
    assert.match(result, /what approve gives(\.allow)? must be/);
    assert.equal(runs, 0);
  }
});

Deno.test("sessions: names that begin alike, or hold halves of characters, are not taken for one", async () => {
  await temporary(async (folder) => {
    const names = ["1", "2"].map((end) => "n".repeat(150) + end);
    const runner = new Runner({
      models: [scripted([() => new Promise((done) => setTimeout(done, 20, says("ok")))])],
      tools: [],
      sessions: { path: `${folder}/journal` },
    });
    const ends = await Promise.all(names.map((session) => runner.run("Go.", { session })));
    assert.deepEqual(ends.map(({ finish }) => finish.reason), ["done", "done"]);
    const inMemory = new Runner({ models: [], tools: [], sessions: { path: ":memory:" } });
    assert.throws(() => inMemory.sessions(), { name: "RangeError", message: /^sessions\.path/ });
    await assert.rejects(runner.run("Go.", { session: "\ud800" }), { name: "RangeError" });
    assert.deepEqual(runner.sessions().sort(), names);
    runner.close();
  });
});
