/** `ask()` with `quality: "high"`: which windows and sentences the re-ranker is given, and what comes of what it says. */

import assert from "assertions";
import { createAgent } from "@agent/runtime/agent";
import { type Knowledge, openKnowledge, type Reranker } from "@agent/runtime/knowledge";
import { preloadNative } from "../../src/native/status.ts";

preloadNative();

const TITLE = "Lamps";
const PLACES = "attic barn cellar den entry foyer garage hall inn jetty kitchen loft".split(" ");
/** One section a place; each but the last sentence is about something else. */
const TEXT = `# ${TITLE}\n\n${
  PLACES.map((place, at) =>
    `## The ${place}\n\nThe lamp of the ${place} was made by a smith in the year ${1800 + at}. ` +
    `Its glass is cleaned with vinegar. `.repeat(9) +
    `The lamp of the ${place} burns for ${at + 3} hours.\n\n`
  ).join("")
}`;
const QUESTION = "How many hours does the lamp burn?";

/** Remembers what it is given, and likes what holds a phrase. */
class Recorder implements Reranker {
  readonly id = "recorder";
  readonly given: string[][] = [];
  liked: RegExp;
  constructor(liked: RegExp) {
    this.liked = liked;
  }
  rank(_query: string, passages: readonly string[]): Promise<number[]> {
    this.given.push([...passages]);
    return Promise.resolve(passages.map((text) => this.liked.test(text) ? 1 : 0));
  }
}

async function stored(reranker: Reranker): Promise<Knowledge> {
  const knowledge = openKnowledge({ reranker });
  await knowledge.add([{ document: "lamps.md", text: TEXT }]);
  return knowledge;
}

Deno.test("windows are read below what they stand under, then the sentences of the best; both are few and short", async () => {
  const reranker = new Recorder(/kitchen/);
  using knowledge = await stored(reranker);
  await using agent = createAgent({ knowledge, cache: false });
  await agent.ask(QUESTION, { quality: "high" });
  const [windows, sentences] = reranker.given;
  assert.equal(reranker.given.length, 2, "asked twice, and not for each hit");
  assert.ok(windows!.length > 4 && windows!.length <= 12, `${windows!.length} windows`);
  for (const window of windows!) {
    const [name, text] = window.split("\n");
    assert.match(name!, /^Lamps - The [a-z]+$/);
    assert.ok(text!.length <= 420 && window.split("\n").length === 2, window);
  }
  assert.equal(new Set(windows).size, windows!.length, "none is read twice");
  assert.ok(windows!.some((window) => /burns for \d+ hours/.test(window)));
  assert.ok(sentences!.length > 0 && sentences!.every((text) => text.length <= 240));
  assert.ok(
    sentences!.every((text) => windows!.some((window) => window.includes(text))),
    "a sentence is of a window that was read",
  );
});

Deno.test("the answer is the window that the re-ranker likes, quoted exactly with its heading and mark", async () => {
  for (const place of ["kitchen", "garage"]) {
    const reranker = new Recorder(new RegExp(`the ${place} burns`));
    using knowledge = await stored(reranker);
    await using agent = createAgent({ knowledge, cache: false });
    const { answer, confidence, sources } = await agent.ask(QUESTION, { quality: "high" });
    assert.ok(answer.length <= 800, `${answer.length}`);
    const [first] = sources;
    assert.deepEqual(first?.heading, [TITLE, `The ${place}`]);
    const { start, end } = first!.mark!;
    const hours = PLACES.indexOf(place) + 3;
    assert.equal(TEXT.slice(start, end), `The lamp of the ${place} burns for ${hours} hours.`);
    for (const { start, end, quote, mark } of sources) {
      assert.equal(TEXT.slice(start, end), quote);
      assert.ok(mark!.start >= start && mark!.end <= end);
    }
    assert.ok(confidence > 0.5, `${confidence}`);
  }
});

Deno.test("what the re-ranker finds nowhere is given less confidence, or no answer", async () => {
  const sure = new Recorder(/burns for/);
  const unsure = new Recorder(/nowhere/);
  const ask = async (reranker: Recorder, question: string) => {
    using knowledge = await stored(reranker);
    await using agent = createAgent({ knowledge, cache: false });
    return await agent.ask(question, { quality: "high" });
  };
  const found = await ask(sure, QUESTION);
  const doubted = await ask(unsure, QUESTION);
  assert.ok(found.sources.length > 0);
  assert.ok(doubted.confidence < found.confidence, `${doubted.confidence} ${found.confidence}`);
  const absent = await ask(unsure, "Which airline flies to Reykjavik on Mondays?");
  assert.deepEqual(absent.sources, []);
  assert.ok(absent.confidence <= 0.2);
});

Deno.test("a model is given the sections in the order of close reading", async () => {
  const reranker = new Recorder(/the loft burns/);
  using knowledge = await stored(reranker);
  const prompts: string[] = [];
  await using agent = createAgent({
    knowledge,
    cache: false,
    model: {
      name: "listener",
      chat: (messages) => {
        prompts.push(messages.map(({ content }) => content).join("\n"));
        return Promise.resolve({ text: "The lamp of the loft burns for 14 hours [1]." });
      },
    },
  });
  const { sources } = await agent.ask(QUESTION, { quality: "high" });
  assert.match(prompts[0]!, /\[1\] Lamps[^\n]*The loft/);
  assert.deepEqual(sources[0]?.heading, [TITLE, "The loft"]);
});

Deno.test("texts given along are read closely beside the documents", async () => {
  const reranker = new Recorder(/the shed burns/);
  using knowledge = await stored(reranker);
  await using agent = createAgent({ knowledge, cache: false });
  const text = "The lamp of the shed burns for forty hours. It stands on a shelf.";
  const { sources: [source] } = await agent.ask(QUESTION, {
    quality: "high",
    context: [{ document: "note", text }],
  });
  assert.equal(source?.document, "note");
  assert.equal(source?.quote.includes("forty hours"), true);
});
