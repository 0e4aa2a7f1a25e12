/** Answers that a model words: what it is asked, and how far it is believed. */

import assert from "assertions";
import { type ChatMessage, type ChatProvider, createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";
import "../support/default_twin.ts";

const DOCUMENTS = [
  { document: "lamp.md", text: "# The lamp\n\nThe lamp burns for nine hours on one charge." },
  {
    document: "care.md",
    text: "# Care of the lamp\n\nCharge the lamp with the cable that came with it.",
  },
];
const QUESTION = "How long does the lamp burn?";

/** A model that always says the same, and remembers what it was asked. */
function parrot(words: string): ChatProvider & { heard: ChatMessage[] } {
  const heard: ChatMessage[] = [];
  return {
    name: "parrot",
    heard,
    chat(messages) {
      heard.push(...messages);
      return Promise.resolve({ text: words });
    },
  };
}

async function ask(model: ChatProvider, question = QUESTION) {
  using knowledge = openKnowledge();
  await knowledge.add(DOCUMENTS);
  await using agent = createAgent({ knowledge, model });
  const answer = await agent.ask(question);
  for (const { document, start, end, quote } of answer.sources) {
    assert.equal(knowledge.text(document)?.slice(start, end), quote);
  }
  return { answer, again: await agent.ask(question) };
}

Deno.test("a model sees the numbered sources and the question, and its citations become sources", async () => {
  const model = parrot("The lamp burns nine hours on a charge [1].");
  const { answer, again } = await ask(model);
  assert.equal(answer.answer, "The lamp burns nine hours on a charge [1].");
  assert.deepEqual(answer.sources.map(({ document }) => document), ["lamp.md"]);
  assert.match(answer.reasoning, /Worded by parrot; 1\.00/);
  assert.equal(again.cached, true);
  assert.deepEqual(model.heard.map(({ role }) => role), ["system", "user"]);
  assert.ok(
    model.heard[1]!.content.includes("[1] The lamp") && model.heard[1]!.content.includes(QUESTION),
  );
});

Deno.test("what a model says counts only as far as its citations hold", async () => {
  const half = await ask(
    parrot("The lamp burns nine hours on a charge [1]. It was invented on the moon by robots [1]."),
  );
  assert.match(half.answer.reasoning, /Worded by parrot; 0\.50/);
  const whole = await ask(parrot("The lamp burns nine hours on a charge [1]."));
  assert.ok(half.answer.confidence < whole.answer.confidence);
  const foreign = await ask(parrot("The lamp burns for nine hours on one charge [2] [7]."));
  assert.ok(!foreign.answer.answer.includes("[7]"));
  for (
    const words of [
      "It burns nine hours.",
      "Nine [9].",
      "",
      "Robots from the moon invented cheese [1].",
    ]
  ) {
    const { answer } = await ask(parrot(words));
    assert.equal(answer.answer, "The lamp burns for nine hours on one charge. [1]", words);
    assert.match(answer.reasoning, /parrot said has no support/);
  }
});

Deno.test("citations are numbered anew in the order of their first use", async () => {
  const { answer } = await ask(
    parrot(
      "Charge the lamp with the cable that came with it. [2] The lamp burns for nine hours on one charge. [1]",
    ),
  );
  assert.equal(
    answer.answer,
    "Charge the lamp with the cable that came with it. [1] The lamp burns for nine hours on one charge. [2]",
  );
  assert.deepEqual(answer.sources.map(({ document }) => document), ["care.md", "lamp.md"]);
});

Deno.test("a model may say that the sources do not answer", async () => {
  const { answer } = await ask(parrot("NOT IN THE DOCUMENTS"));
  assert.deepEqual(answer.sources, []);
  assert.ok(answer.confidence <= 0.2);
  assert.equal(answer.error, undefined);
});

Deno.test("a model is not asked what the documents do not answer", async () => {
  const model = parrot("Anything [1].");
  const { answer } = await ask(model, "Who invented printing?");
  assert.deepEqual(answer.sources, []);
  assert.deepEqual(model.heard, []);
});

Deno.test("a model that fails leaves the extracted answer, with the error, and is asked again", async () => {
  let calls = 0;
  const failing: ChatProvider = {
    name: "broken",
    chat: () => Promise.reject(new Error(`line is dead (${++calls})`)),
  };
  const { answer, again } = await ask(failing);
  assert.equal(answer.answer, "The lamp burns for nine hours on one charge. [1]");
  assert.equal(answer.error?.code, "MODEL");
  assert.match(answer.error!.message, /broken failed: line is dead \(1\)/);
  assert.equal(again.cached, false);
  assert.equal(calls, 2);
  const mute = { name: "mute", chat: () => Promise.resolve({} as { text: string }) };
  assert.equal((await ask(mute)).answer.error?.code, "MODEL");
  const thrower = {
    name: "thrower",
    chat: () => {
      throw new Error("at once");
    },
  };
  assert.equal((await ask(thrower)).answer.error?.code, "MODEL");
});

Deno.test("an abort ends the wait for a model that does not listen", async () => {
  using knowledge = openKnowledge();
  await knowledge.add(DOCUMENTS);
  const started = Promise.withResolvers<void>();
  const deaf: ChatProvider = {
    name: "deaf",
    chat: () => {
      started.resolve();
      return new Promise(() => {});
    },
  };
  await using agent = createAgent({ knowledge, model: deaf });
  const controller = new AbortController();
  const reason = new Error("enough");
  const asked = agent.ask(QUESTION, { signal: controller.signal });
  await started.promise;
  controller.abort(reason);
  await assert.rejects(asked, reason);
});
