/**
 * A real model by the three protocols, and real embeddings. What a small model says is poor, so that it is the shape of it that is
 * tested: pieces, usage, JSON by a schema, ends.
 */

import assert from "assertions";
import { openModel } from "../../src/llm/endpoint.ts";
import type { ChatEvent, ChatOptions, OpenModel } from "../../src/llm/types.ts";
import { openaiEmbedder, openKnowledge } from "../../src/knowledge/mod.ts";
import { PROTOCOLS } from "../llm/servers.ts";
import { testNeeding } from "../support/needs.ts";
import { ROOT, start, temporary } from "../support/programs.ts";
import { noEmbeddings, noModel, startEmbeddings, startModel } from "./servers.ts";

const ASKED = [{ role: "user", content: "Once upon a time there was" }] as const;
/** Nothing in it is free to be long, so that a model that rambles ends all the same. */
const SHAPE = {
  type: "object",
  properties: {
    age: { type: "integer", minimum: 0, maximum: 99 },
    likes: { type: "array", items: { enum: ["tea", "coffee"] }, minItems: 1, maxItems: 3 },
  },
  required: ["age", "likes"],
  additionalProperties: false,
} as const;

async function streamed(model: OpenModel, options: ChatOptions): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of model.stream!(ASKED, options)) events.push(event);
  return events;
}

/** Whether a slot of the server works on something. */
async function isBusy(url: string): Promise<boolean> {
  const slots = await (await fetch(`${url}/slots`)).json() as { is_processing: boolean }[];
  return slots.some(({ is_processing }) => is_processing);
}

for (const protocol of PROTOCOLS) {
  testNeeding([noModel], `real model, ${protocol}: streams, shapes, ends`, async () => {
    await using server = await startModel();
    await using model = openModel({ url: server.url, model: "local", protocol, retries: 0 });

    const events = await streamed(model, { maxOutputTokens: 24, temperature: 0 });
    const pieces = events.flatMap((event) => event.type === "text" ? [event.text] : []);
    assert.ok(pieces.length >= 2, `${pieces.length} pieces`);
    const last = events.at(-1)!;
    assert.ok(last.type === "done");
    assert.equal(pieces.join(""), last.reply.text);
    const { inputTokens, outputTokens } = last.reply.usage!;
    assert.ok(inputTokens >= 5 && inputTokens < 200, `${inputTokens} in`);
    assert.ok(outputTokens >= 2 && outputTokens <= 24, `${outputTokens} out`);
    assert.match(last.reply.finishReason!, /^(stop|length)$/);

    const whole = await model.chat(ASKED, { maxOutputTokens: 24, temperature: 0 });
    assert.equal(whole.text, last.reply.text);
    assert.deepEqual(
      [whole.usage!.inputTokens, whole.usage!.outputTokens],
      [inputTokens, outputTokens],
    );

    // Aborted in the middle, the server is told and does no more of it.
    const aborting = new AbortController();
    let seen = 0;
    await assert.rejects(async () => {
      const signal = aborting.signal;
      for await (const { type } of model.stream!(ASKED, { signal, maxOutputTokens: 3_000 })) {
        if (type === "text" && ++seen === 3) aborting.abort(new Error("enough"));
      }
    }, /enough/);
    assert.ok(seen >= 3 && seen < 100, `${seen} pieces`);
    for (const until = Date.now() + 20_000; await isBusy(server.url);) {
      assert.ok(Date.now() < until, "the server goes on with what nobody wants");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
}

// llama.cpp takes a schema by chat completions alone: by responses it says what it likes.
testNeeding([noModel], "real model, openai-chat: JSON of a shape", async () => {
  await using server = await startModel();
  await using model = openModel({ url: server.url, model: "local", retries: 0 });
  const responseSchema = { name: "person", schema: SHAPE };
  // The likeliest words and unlikely ones: it is the grammar that makes them fit.
  for (const temperature of [0, 2]) {
    const asked = [{ role: "user", content: "Describe a person as JSON." }] as const;
    const { text } = await model.chat(asked, {
      ...{ temperature, responseSchema, maxOutputTokens: 300 },
    });
    const { age, likes, ...more } = JSON.parse(text);
    assert.deepEqual(more, {});
    assert.ok(Number.isInteger(age) && age >= 0 && age <= 99, text);
    assert.ok(likes.length >= 1 && likes.length <= 3, text);
    assert.ok(likes.every((one: string) => ["tea", "coffee"].includes(one)), text);
  }
});

testNeeding([noModel], "real model: scripts/agent run streams its words", async () => {
  await using server = await startModel();
  await temporary(async (home) => {
    const { code, stdout, stderr } = await start(`${ROOT}scripts/agent`, [
      ...["run", "Once upon a time there was", "--model", server.url, "--model-name", "local"],
      ...["--tools", "none", "--json", "--session", `${home}/s.db`, "--budget", "time=30s"],
    ], { env: { ...Deno.env.toObject(), XDG_DATA_HOME: home, AGENT_BUILD: "0" } });
    const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const pieces = events.filter(({ type }) => type === "text").map(({ text }) => text);
    assert.ok(pieces.length >= 2, stdout + stderr);
    // Such a model does not always come to an end by itself.
    const { finish, text, usage } = events.at(-1).result;
    assert.match(finish.reason, /^(done|time)$/, stderr);
    assert.equal(code, finish.reason === "done" ? 0 : 1, stderr);
    if (finish.reason === "time") return;
    assert.equal(text, pieces.join(""));
    assert.ok(usage.outputTokens >= 2);
  });
});

testNeeding([noEmbeddings], "real embeddings: what means the same is found", async () => {
  await using server = await startEmbeddings();
  const embedder = openaiEmbedder({
    ...{ url: `${server.url}/v1`, model: "multilingual-e5-small", dimensions: 384 },
  });
  const [a, b, c] = await embedder.embed(
    ["The cat sleeps on the sofa.", "Eine Katze schläft auf dem Sofa.", "Interest rates rose."],
    { kind: "document" },
  );
  const likeness = (x: Float32Array, y: Float32Array): number => {
    const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
    return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  };
  assert.equal(a!.length, 384);
  assert.ok(likeness(a!, b!) > likeness(a!, c!) + 0.05, `${likeness(a!, b!)} ${likeness(a!, c!)}`);
  using knowledge = openKnowledge({ embedder });
  await knowledge.add([
    { document: "rates.md", text: "The central bank raised its interest rates again." },
    { document: "cat.md", text: "Die Katze schläft auf dem Sofa, wenn es draußen regnet." },
  ]);
  const [best] = await knowledge.search("Where does the pet rest?", { limit: 1 });
  assert.equal(best!.document, "cat.md");
});
