/** Agents of both twins give equal answers. */

import assert from "assertions";
import { type Answer, createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";
import { testOfBoth, twins } from "../support/twins.ts";
import { ANSWERABLE, HELD_OUT_ANSWERABLE, UNANSWERABLE } from "./questions.ts";

const FOLDER = new URL("./documents", import.meta.url).pathname;

testOfBoth("agent", twins("text"), "equal answers", async () => {
  using knowledge = openKnowledge();
  await knowledge.addFolder(FOLDER);
  // Near doubles, so that sentences are compared.
  await knowledge.add(["a", "b"].map((document) => ({
    document,
    text: `The piano of room ${document} should be tuned twice a year, in spring and autumn.`,
  })));
  await using native = createAgent({ knowledge, cache: false, implementation: "native" });
  await using pure = createAgent({ knowledge, cache: false, implementation: "pure" });
  const timeless = ({ timestamp: _, ...answer }: Answer) => answer;
  for (
    const { question } of [
      ...ANSWERABLE,
      ...HELD_OUT_ANSWERABLE,
      ...UNANSWERABLE.map((question) => ({ question })),
    ]
  ) {
    assert.deepEqual(
      timeless(await native.ask(question)),
      timeless(await pure.ask(question)),
      question,
    );
  }
  assert.equal((await native.status()).implementation, "native");
});
