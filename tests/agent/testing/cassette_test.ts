/** Cassettes of models: what was said is said again, mismatches show themselves, and no secret is in the file. */

import assert from "assertions";
import { createAgent } from "../../../src/agent/mod.ts";
import { cassetteProvider, scriptedProvider } from "../../../src/agent/testing/mod.ts";
import type { ChatEvent, ChatOptions, Message } from "../../../src/llm/types.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { temporary } from "../../support/programs.ts";
import { wrong } from "../../support/values.ts";

preloadNative();

function asks(content: string): readonly Message[] {
  return [{ role: "user", content }];
}

const TOOL = {
  name: "look",
  description: "Looks something up.",
  input: { type: "object" },
  run: () => "found",
};
const SCRIPT = [
  { toolCalls: [{ name: "look" }], usage: { inputTokens: 9, outputTokens: 2 } },
  { text: "It was found.", pieceCharacters: 4 },
];

Deno.test("cassetteProvider: a run is recorded, and replayed without its model", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/run.json`;
    const real = scriptedProvider(SCRIPT, { name: "real", price: { input: 1, output: 2 } });
    const run = async (mode: "record" | "replay" | "auto", given = true) => {
      const model = cassetteProvider(given ? real : undefined, { path, mode });
      await using agent = createAgent({ model, tools: [TOOL] });
      const { durationMs: _, ...rest } = (await agent.run("Look."))
        .steps.map(({ durationMs: _, ...step }) => step)
        .reduce(
          (all, step) => ({ ...all, [step.number]: [step.text, step.usage, step.provider] }),
          {
            durationMs: 0,
          },
        );
      return rest;
    };
    const recorded = await run("record");
    assert.equal(real.requests.length, 2);
    assert.deepEqual(await run("replay", false), recorded);
    assert.deepEqual(await run("auto"), recorded);
    assert.equal(real.requests.length, 2);
    assert.equal(Deno.statSync(path).mode! & 0o077, 0);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["run.json"]);
  });
});

Deno.test("cassetteProvider: a stream is replayed in the pieces in which it came", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/stream.json`;
    const real = scriptedProvider(SCRIPT.slice(1));
    const through = async (mode: "record" | "replay"): Promise<ChatEvent[]> =>
      await Array.fromAsync(cassetteProvider(real, { path, mode }).stream!(asks("Go."), {}));
    const recorded = await through("record");
    assert.equal(recorded.length, 5);
    assert.deepEqual(await through("replay"), recorded);
    // What was not streamed when it was recorded comes in one piece.
    await cassetteProvider(real, { path, mode: "record" }).chat(asks("Go."), {});
    assert.deepEqual((await through("replay")).map(({ type }) => type), ["text", "done"]);
  });
});

Deno.test("cassetteProvider: equal requests have their recordings in order, the last one again", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/many.json`;
    let count = 0;
    const real = scriptedProvider([() => `answer ${++count}`]);
    const record = cassetteProvider(real, { path, mode: "record" });
    // At once: the file has all of them.
    await Promise.all(["a", "a", "b"].map((text) => record.chat(asks(text), {})));
    const replay = cassetteProvider(undefined, { path, mode: "replay" });
    const said: string[] = [];
    for (const text of ["a", "a", "a", "b"]) said.push((await replay.chat(asks(text), {})).text);
    assert.deepEqual(said, ["answer 1", "answer 2", "answer 2", "answer 3"]);
  });
});

Deno.test("cassetteProvider: a request that is not recorded is an error that shows the difference", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/difference.json`;
    const record = cassetteProvider(scriptedProvider(["x"]), { path, mode: "record" });
    await record.chat(asks("What is the capital of Portugal?"), { temperature: 0 });
    const cases: readonly [readonly Message[], ChatOptions, RegExp][] = [
      [
        asks("What is the capital of Peru?"),
        { temperature: 0 },
        /messages\[0\]\.content: recorded /,
      ],
      [
        asks("What is the capital of Portugal?"),
        { temperature: 1 },
        /temperature: recorded 0, asked 1/,
      ],
      [
        [...asks("What is the capital of Portugal?"), ...asks("And?")],
        { temperature: 0 },
        /messages\[1\]: recorded nothing/,
      ],
    ];
    for (const [messages, options, message] of cases) {
      const replay = cassetteProvider(undefined, { path, mode: "replay" });
      await assert.rejects(replay.chat(messages, options), { code: "NOT_FOUND", message });
      await assert.rejects(Array.fromAsync(replay.stream!(messages, options)), { message });
    }
  });
});

Deno.test("cassetteProvider: what looks like a secret is not in the file", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/secret.json`;
    const key = ["sk", "proj", "Zk3vQ9xT7LmN2bR8cW5yH1jD4fG6pS0aUe"].join("-");
    const text = `Use Authorization: Bearer ${key} for it`;
    const real = scriptedProvider([{ text, pieceCharacters: 5 }]);
    const record = cassetteProvider(real, { path, mode: "record" });
    const events = await Array.fromAsync(record.stream!(asks(`My api_key is ${key}`), {}));
    assert.equal(events.at(-1)!.type, "done");
    const kept = await Deno.readTextFile(path);
    assert.ok(!kept.includes(key.slice(10, 30)), kept);
    assert.ok(!kept.includes('"Zk3v'));
    // It is found again by the same request, whatever was taken out.
    const replay = cassetteProvider(undefined, { path, mode: "replay" });
    const { text: said } = await replay.chat(asks(`My api_key is ${key}`), {});
    assert.ok(said.startsWith("Use Authorization"));
  });
});

Deno.test("cassetteProvider: failures are not recorded; broken files and wrong options are errors", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/x.json`;
    const down = scriptedProvider([{ error: "down" }]);
    await assert.rejects(cassetteProvider(down, { path }).chat(asks("x"), {}), /down/);
    assert.throws(() => cassetteProvider(undefined, { path, mode: "replay" }), {
      code: "NOT_FOUND",
    });
    for (
      const bad of ["{", "{}", '{"format":"agent-model-cassette","version":2}', "[]", "null"]
        .concat(
          ['{"format":"agent-model-cassette","version":1,"model":{"name":"x"},"recordings":[{}]}'],
          ['{"format":"agent-model-cassette","version":1,"model":{"name":"x"},"recordings":[null]}'],
        )
    ) {
      Deno.writeTextFileSync(path, bad);
      assert.throws(() => cassetteProvider(down, { path }), { code: "CORRUPT" }, bad);
    }
    assert.throws(() => cassetteProvider(down, { path: folder }), { code: "IO" });
    assert.throws(() => cassetteProvider(undefined, { path }), /provider is needed/);
    assert.throws(() => cassetteProvider(down, wrong({ pat: path })), /did you mean path\?/);
    assert.throws(() => cassetteProvider(down, { path, mode: wrong("play") }), RangeError);
    const lost = cassetteProvider(scriptedProvider(["x"]), { path: `${folder}/no/x.json` });
    await assert.rejects(lost.chat(asks("x"), {}), { code: "IO" });
  });
});
