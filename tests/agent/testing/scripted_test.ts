/** Scripted models: turns, calls, failures, files. */

import assert from "assertions";
import { createAgent, type Tool } from "../../../src/agent/mod.ts";
import { loadScript, scriptedProvider, type ScriptedTurn } from "../../../src/agent/testing/mod.ts";
import type { ChatEvent, Message } from "../../../src/llm/types.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { temporary } from "../../support/programs.ts";
import { wrong } from "../../support/values.ts";

preloadNative();

const ASK: readonly Message[] = [{ role: "user", content: "Go." }];
const ADD: Tool = {
  name: "add",
  description: "Adds one.",
  input: { type: "object" },
  run: (input) => (input as { n: number }).n + 1,
};

Deno.test("scriptedProvider: a conversation goes through the script, whoever asks", async () => {
  const turns: readonly ScriptedTurn[] = [
    { toolCalls: [{ name: "add", input: { n: 1 } }, { name: "add", input: { n: 5 } }] },
    "It is two.",
  ];
  const model = scriptedProvider(turns);
  await using agent = createAgent({ model, tools: [ADD] });
  // Two runs at once have each their own place in it.
  const both = await Promise.all([agent.run("Go."), agent.run("Go.")]);
  for (const { text, steps } of both) {
    assert.equal(text, "It is two.");
    assert.deepEqual(steps[0]!.calls.map(({ call, result }) => [call.id, result]), [
      ["call_1_1", "2"],
      ["call_1_2", "6"],
    ]);
  }
  // Another one goes on from the same words.
  const other = scriptedProvider(turns);
  assert.equal((await other.chat(both[0].messages.slice(0, -1), {})).text, "It is two.");
  assert.deepEqual(model.requests.map(({ turn }) => turn).sort(), [0, 0, 1, 1]);
  // The oldest turns may be gone from a long conversation; the calls say where it is.
  const cut = both[0].messages.slice(1, -1);
  assert.equal((await scriptedProvider(["unused", ...turns]).chat(cut, {})).toolCalls?.length, 2);
  assert.equal((await model.chat(cut, {})).text, "It is two.");
});

Deno.test("scriptedProvider: the end of the script is a failure that says so", async () => {
  await using agent = createAgent({ model: scriptedProvider([]) });
  const { finish } = await agent.run("Go.");
  assert.equal(finish.reason, "failed");
  assert.equal(finish.detail, "The script of scripted has 0 turns, and turn 1 was asked for");
});

Deno.test("scriptedProvider: a stream has the pieces of the reply, and no pair is cut in two", async () => {
  const model = scriptedProvider([{
    text: "ab😀cd",
    toolCalls: [{ name: "add", arguments: "{ broken" }],
    pieceCharacters: 3,
    usage: { inputTokens: 3, outputTokens: 4 },
  }]);
  const events = await Array.fromAsync(model.stream(ASK, {}));
  const of = (type: ChatEvent["type"]): string[] =>
    events.flatMap((event) => event.type === type && "text" in event ? [event.text] : []);
  assert.deepEqual(of("text"), ["ab😀", "cd"]);
  assert.deepEqual(of("tool-call-arguments"), ["{ b", "rok", "en"]);
  const last = events.at(-1)!;
  assert.ok(last.type === "done");
  assert.deepEqual(last.reply, await model.chat(ASK, {}));
  assert.equal(last.reply.finishReason, "tool-calls");
});

Deno.test("scriptedProvider: failures: always, some times, in the middle of a stream, an error of yours", async () => {
  const always = scriptedProvider([{ error: "down" }]);
  for (let i = 0; i < 3; i++) {
    await assert.rejects(always.chat(ASK, {}), { code: "UNAVAILABLE", message: "down" });
  }
  const twice = scriptedProvider([{ error: { message: "busy", times: 2 }, text: "ok" }]);
  await assert.rejects(twice.chat(ASK, {}), /busy/);
  await assert.rejects(Array.fromAsync(twice.stream(ASK, {})), /busy/);
  assert.equal((await twice.chat(ASK, {})).text, "ok");
  const half = scriptedProvider([{
    text: "0123456789",
    error: { message: "reset", afterCharacters: 4 },
  }]);
  let seen = "";
  await assert.rejects(async () => {
    for await (const event of half.stream(ASK, {})) if (event.type === "text") seen += event.text;
  }, /reset/);
  assert.equal(seen, "0123");
  const own = new SyntaxError("mine");
  await assert.rejects(scriptedProvider([{ error: own }]).chat(ASK, {}), own);
});

Deno.test("scriptedProvider: a signal ends a delay, and leaves no timer", async () => {
  const model = scriptedProvider([{ text: "late", delayMs: 3_600_000 }, {
    text: "soon",
    delayMs: 1,
  }]);
  const stop = new AbortController();
  const chat = model.chat(ASK, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(chat, /enough/);
  await assert.rejects(model.chat(ASK, { signal: stop.signal }), /enough/);
  assert.equal((await model.chat([...ASK, { role: "assistant", content: "x" }], {})).text, "soon");
});

Deno.test("scriptedProvider: a function looks at what was asked", async () => {
  const model = scriptedProvider([
    (messages, { tools }) => `${messages.length} messages, ${tools?.length ?? 0} tools`,
    () => Promise.resolve({ text: "second" }),
  ]);
  assert.equal((await model.chat(ASK, {})).text, "1 messages, 0 tools");
  assert.equal((await model.chat([...ASK, { role: "assistant", content: "" }], {})).text, "second");
  const bad = scriptedProvider([() => wrong({ word: "x" })]);
  await assert.rejects(bad.chat(ASK, {}), /turns\[0\]\(\) has no field "word"/);
});

Deno.test("scriptedProvider: wrong scripts are refused, and the field is named", () => {
  const bad: readonly [unknown, RegExp][] = [
    ["text", /turns must be a list/],
    [[7], /turns\[0\] must be/],
    [[{ txt: "" }], /did you mean text\?/],
    [[{ text: 1 }], /turns\[0\]\.text/],
    [["a", { toolCalls: [{}] }], /turns\[1\]\.toolCalls\[0\]\.name/],
    [[{ toolCalls: [{ name: "a", input: 1, arguments: "1" }] }], /one of both/],
    [[{ delayMs: -1 }], /delayMs/],
    [[{ pieceCharacters: 0 }], /pieceCharacters/],
    [[{ usage: { inputTokens: 1 } }], /usage\.outputTokens/],
    [[{ finishReason: "end" }], /finishReason/],
    [[{ error: { times: 1 } }], /error\.message/],
  ];
  for (const [turns, message] of bad) assert.throws(() => scriptedProvider(wrong(turns)), message);
  assert.throws(() => scriptedProvider([], wrong({ nam: "x" })), /did you mean name\?/);
});

Deno.test("loadScript: a file is a script, or the error says what is wrong", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/script.json`;
    const load = async (value: unknown) => {
      await Deno.writeTextFile(path, typeof value === "string" ? value : JSON.stringify(value));
      return await loadScript(path);
    };
    assert.equal((await (await load(["Hi."])).chat(ASK, {})).text, "Hi.");
    const named = await load({ name: "n", price: { input: 1, output: 2 }, turns: [{ text: "x" }] });
    assert.equal(named.name, "n");
    assert.deepEqual(named.price, { input: 1, output: 2 });
    for (const bad of ["{", {}, { turn: [] }, [{ toolCalls: {} }]]) {
      await assert.rejects(load(bad), { code: "CORRUPT", message: /script\.json is no script: / });
    }
    await assert.rejects(loadScript(`${folder}/none.json`), { code: "NOT_FOUND" });
    await assert.rejects(loadScript(folder), { code: "IO" });
  });
});
