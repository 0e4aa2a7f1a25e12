/** The evaluation set: how many questions are answered right, and how many are rightly not. */

import assert from "assertions";
import { type Agent, createAgent } from "@agent/runtime/agent";
import { type Knowledge, openKnowledge } from "@agent/runtime/knowledge";
import {
  ANSWERABLE,
  type Answerable,
  HELD_OUT_ANSWERABLE,
  HELD_OUT_UNANSWERABLE,
  UNANSWERABLE,
} from "./questions.ts";
import "../support/default_twin.ts";

const FOLDER = await Deno.realPath(new URL("./documents", import.meta.url));

interface Score {
  /** Questions whose document is among the first three that the search finds. */
  found: number;
  /** Questions whose first quote is from the right document and holds the fact. */
  right: number;
  /** Questions that were wrongly said not to be answered. */
  missed: number;
  /** Unanswerable questions that were said not to be answered. */
  abstained: number;
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

async function evaluate(
  knowledge: Knowledge,
  agent: Agent,
  answerable: readonly Answerable[],
  unanswerable: readonly string[],
): Promise<Score> {
  const score: Score = { found: 0, right: 0, missed: 0, abstained: 0 };
  for (const { question, document, holds, domain } of answerable) {
    const path = `${FOLDER}/${document}`;
    const documents = new Set(knowledge.searchText(question).map((hit) => hit.document));
    if ([...documents].slice(0, 3).includes(path)) score.found++;
    const answer = await agent.ask(question, domain === undefined ? {} : { domain });
    assert.equal(answer.error, undefined, question);
    for (const { document, start, end, quote } of answer.sources) {
      assert.equal(knowledge.text(document)?.slice(start, end), quote, question);
    }
    const [source] = answer.sources;
    if (source === undefined) score.missed++;
    else if (source.document === path && flat(source.quote).includes(holds)) score.right++;
  }
  for (const question of unanswerable) {
    const answer = await agent.ask(question);
    if (answer.sources.length > 0) continue;
    score.abstained++;
    assert.ok(answer.confidence < 0.25, question);
  }
  return score;
}

Deno.test("questions on the documents are answered, others are not", async () => {
  using knowledge = openKnowledge();
  const report = await knowledge.addFolder(FOLDER);
  assert.equal(report.added, 25);
  await using agent = createAgent({ knowledge });
  const tuned = await evaluate(knowledge, agent, ANSWERABLE, UNANSWERABLE);
  assert.deepEqual([ANSWERABLE.length, UNANSWERABLE.length], [53, 20]);
  assert.deepEqual(tuned, { found: 53, right: 50, missed: 2, abstained: 20 });
  const heldOut = await evaluate(knowledge, agent, HELD_OUT_ANSWERABLE, HELD_OUT_UNANSWERABLE);
  assert.deepEqual([HELD_OUT_ANSWERABLE.length, HELD_OUT_UNANSWERABLE.length], [30, 15]);
  assert.deepEqual(heldOut, { found: 30, right: 27, missed: 1, abstained: 13 });
});

Deno.test("answers do not depend on where else there is something", async () => {
  using knowledge = openKnowledge();
  await knowledge.addFolder(`${FOLDER}/home`);
  await using agent = createAgent({ knowledge });
  const question = "How often should a piano be tuned?";
  const before = await agent.ask(question);
  assert.ok(flat(before.answer).includes("A piano should be tuned twice a year"));
  await knowledge.addFolder(`${FOLDER}/garden`);
  const after = await agent.ask(question);
  assert.equal(after.cached, false);
  assert.equal(after.sources[0]?.quote, before.sources[0]?.quote);
});

Deno.test("scripts and styles of a page are in no answer", async () => {
  using knowledge = openKnowledge();
  await knowledge.addFolder(FOLDER);
  await using agent = createAgent({ knowledge });
  const answer = await agent.ask("What is the secret visitor number of tracking?");
  assert.deepEqual(answer.sources, []);
  assert.deepEqual(knowledge.searchText("secret visitor tracking"), []);
});
