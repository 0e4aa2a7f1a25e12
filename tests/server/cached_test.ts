/** Questions that were asked before: the kept answer, and never one whose documents have changed. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import { recall } from "../../src/agent/recall.ts";
import { openKnowledge } from "../../src/knowledge/mod.ts";
import { preloadNative } from "../../mod.ts";
import { temporary } from "../support/programs.ts";
import { chat, QUESTION, served } from "./support.ts";

preloadNative();

const STEEP = "Green tea steeps for";

Deno.test("recall() gives what ask() gives, counted, frozen, the same object each time", async () => {
  await using agent = createAgent();
  await agent.knowledge.add([{ document: "tea.md", text: `${STEEP} two minutes.` }]);
  assert.equal(recall(agent, QUESTION), undefined, "nobody has asked yet");
  await agent.ask(QUESTION);
  const asked = await agent.ask(QUESTION);
  const kept = recall(agent, QUESTION);
  assert.deepEqual(kept, asked);
  assert.equal(recall(agent, QUESTION), kept);
  assert.equal(recall(agent, QUESTION, "lawyer"), undefined, "another field was not asked");
  assert.throws(() => (kept!.sources as unknown[]).push(1), TypeError);
  asked.answer = "changed by its owner";
  assert.notEqual(recall(agent, QUESTION)!.answer, asked.answer);
  const { questions, cached } = (await agent.status()).metrics;
  assert.deepEqual([questions, cached], [5, 4]);
});

Deno.test("what is kept goes with documents, domains and clearCache()", async () => {
  await using agent = createAgent();
  const tell = async (time: string): Promise<void> => {
    await agent.knowledge.add([{ document: "tea.md", text: `${STEEP} ${time}.` }]);
  };
  await tell("two minutes");
  const twice = async (): Promise<void> => {
    await agent.ask(QUESTION);
    assert.match(recall(agent, QUESTION)!.answer, /minutes/);
  };
  await twice();
  await tell("three minutes");
  assert.equal(recall(agent, QUESTION), undefined);
  await twice();
  assert.match(recall(agent, QUESTION)!.answer, /three/);
  agent.updateDomain("general", { vocabulary: ["tea"] });
  assert.equal(recall(agent, QUESTION), undefined);
  await twice();
  agent.clearCache();
  assert.equal(recall(agent, QUESTION), undefined);
});

Deno.test("what another program does to the file is seen", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/knowledge.sqlite`;
    using knowledge = openKnowledge({ path });
    await using agent = createAgent({ knowledge });
    using other = openKnowledge({ path });
    await other.add([{ document: "tea.md", text: `${STEEP} two minutes.` }]);
    await agent.ask(QUESTION);
    assert.match(recall(agent, QUESTION)!.answer, /two/);
    const { revision } = knowledge;
    await other.add([{ document: "tea.md", text: `${STEEP} nine minutes.` }]);
    assert.equal(knowledge.revision, revision + 1);
    assert.equal(recall(agent, QUESTION), undefined);
    assert.match((await agent.ask(QUESTION)).answer, /nine/);
    assert.match(recall(agent, QUESTION)!.answer, /nine/);
    other.derived.clear();
    assert.equal(recall(agent, QUESTION), undefined);
  });
});

Deno.test("more questions than are remembered, and one with a cache of the caller's", async () => {
  const kept = new Map<string, string>();
  await using agent = createAgent({
    cache: {
      get: (key) => kept.get(key),
      set: (key, text) => void kept.set(key, text),
      clear: () => kept.clear(),
    },
  });
  await agent.knowledge.add([{ document: "tea.md", text: `${STEEP} two minutes.` }]);
  await agent.ask(QUESTION);
  assert.ok(recall(agent, QUESTION));
  for (let at = 0; at < 1_000; at++) await agent.ask(`Tea ${at}`);
  assert.equal(recall(agent, QUESTION), undefined);
  assert.equal((await agent.ask(QUESTION)).cached, true);
  assert.ok(recall(agent, QUESTION));
  kept.clear();
  assert.equal(recall(agent, QUESTION), undefined);
});

Deno.test("over HTTP a kept answer is the first one with its own id; chat, responses and the command agree", async () => {
  await served(async ({ post }) => {
    const read = async (path: string, body: unknown) => await (await post(path, body)).json();
    const completions = [];
    for (let at = 0; at < 4; at++) {
      completions.push(await read("/v1/chat/completions", chat(QUESTION)));
    }
    assert.equal(new Set(completions.map(({ id }) => id)).size, 4);
    const [first, ...later] = completions.map(({ id: _id, created: _created, ...rest }) => rest);
    for (const one of later) {
      assert.deepEqual(one, { ...first, agent: { ...first.agent, cached: true } });
    }
    const short = await read("/v1/chat/completions", chat(QUESTION, { max_tokens: 2 }));
    assert.equal(short.choices[0].finish_reason, "length");
    const bare = chat(QUESTION.replace("?", ""));
    for (let at = 0; at < 2; at++) {
      const { usage } = await read("/v1/chat/completions", bare);
      assert.equal(usage.prompt_tokens, first.usage.prompt_tokens - 1, "its own words are counted");
    }
    const command = await read("/api/commands/ask", { question: QUESTION });
    assert.equal(command.answer, first.choices[0].message.content);
    assert.deepEqual(await read("/api/commands/ask", { question: QUESTION }), command);
    const response = await read("/v1/responses", { model: "agent", input: QUESTION });
    assert.equal(response.output[0].content[0].text, command.answer);
  });
});
