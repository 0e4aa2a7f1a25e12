/** Which domain is picked where none is asked for: measured, and the same each time. */

import assert from "assertions";
import { createAgent, type DomainProfile } from "../../../src/agent/mod.ts";
import { BUILT_IN_DOMAINS, GENERAL } from "../../../src/agent/domains.ts";
import { pickDomain } from "../../../src/agent/domains/routing.ts";
import { scriptedProvider } from "../../../src/agent/testing/mod.ts";
import { temporary } from "../../support/programs.ts";
import { wrong } from "../../support/values.ts";
import { ANSWERABLE, HELD_OUT_ANSWERABLE } from "../questions.ts";
import { QUESTIONS } from "./routing_questions.ts";
import { WORDINGS } from "./routing_wording.ts";
import "../../support/default_twin.ts";

type Questions = readonly (readonly [domain: string, question: string])[];

function rightOf(questions: Questions, half: 0 | 1): number {
  return questions.filter(([domain, question], at) =>
    at % 2 === half && pickDomain(question, BUILT_IN_DOMAINS, GENERAL).domain === domain
  ).length;
}

Deno.test("routing: of 50 questions that were looked at and 50 that were not", () => {
  assert.equal(QUESTIONS.length, 100);
  assert.ok(rightOf(QUESTIONS, 0) >= 48, `${rightOf(QUESTIONS, 0)} of 50`);
  assert.ok(rightOf(QUESTIONS, 1) >= 48, `${rightOf(QUESTIONS, 1)} of 50`);
});

Deno.test("routing: of 100 in other wording that were looked at and 100 that were not", () => {
  assert.equal(WORDINGS.length, 200);
  assert.ok(rightOf(WORDINGS, 0) >= 96, `${rightOf(WORDINGS, 0)} of 100`);
  // 71 before the rules were mended.
  assert.ok(rightOf(WORDINGS, 1) >= 84, `${rightOf(WORDINGS, 1)} of 100`);
  // To be of no field is the lesser mistake: what is of one is not taken for another.
  const astray = WORDINGS.filter(([domain, question]) => {
    const picked = pickDomain(question, BUILT_IN_DOMAINS, GENERAL).domain;
    return domain !== GENERAL && picked !== GENERAL && picked !== domain;
  });
  assert.ok(astray.length <= 2, astray.map(([, question]) => question).join("; "));
});

Deno.test("routing: what people ask about house and garden is of no field", () => {
  const everyday = [...ANSWERABLE, ...HELD_OUT_ANSWERABLE]
    .filter(({ document }) => /^(home|garden)\//.test(document));
  assert.ok(everyday.length >= 25);
  const astray = everyday.filter(({ question }) =>
    pickDomain(question, BUILT_IN_DOMAINS, GENERAL).domain !== GENERAL
  );
  assert.ok(astray.length <= 1, astray.map(({ question }) => question).join("; "));
});

const ASKED = "What is the RSI of these closing prices?";

Deno.test("routing: an answer says which domain it is of and why", async () => {
  await using agent = createAgent();
  await agent.knowledge.add([{
    document: "rsi.md",
    text: "The RSI is computed of closing prices.",
  }]);
  const answer = await agent.ask(ASKED);
  assert.equal(answer.domain, "trader");
  assert.match(answer.reasoning, /Answered as trader: .*"rsi"/);
  // One that was asked for is taken as it is, and an unknown one is general.
  const asked = await agent.ask(ASKED, { domain: "lawyer" });
  assert.equal(asked.domain, "lawyer");
  assert.doesNotMatch(asked.reasoning, /Answered as/);
  assert.equal((await agent.ask(ASKED, { domain: "none" })).domain, "general");
  const again = await agent.ask(ASKED);
  assert.equal(again.cached, true);
  assert.equal(again.domain, "trader");
});

Deno.test("routing: a run has the instructions and tools of its domain, and says why", async () => {
  const model = scriptedProvider(["ok", "ok", "ok"]);
  const look = { name: "look", description: "Looks.", input: {}, run: () => 1 };
  const bees: DomainProfile = {
    description: "Bees and hives.",
    vocabulary: ["bee", "hive", "honey"],
    cues: [/\bvarroa\b/i, "queen cell"],
    tools: [look, { ...look, name: "taken", description: "Of the domain." }],
  };
  const own = { ...look, name: "taken", description: "Of the agent." };
  await using agent = createAgent({ model, tools: [own], domains: { bees } });
  const events = await Array.fromAsync(agent.runStream("Is Varroa in the hive?"));
  assert.deepEqual(events[0], {
    type: "domain",
    domain: { name: "bees", reason: '"Varroa", "hive" are of it' },
  });
  const last = events.at(-1)!;
  assert.ok(last.type === "done");
  assert.equal(last.result.domain!.name, "bees");
  const [{ messages, options }] = model.requests as [typeof model.requests[0]];
  assert.match(messages[0]!.content, /Bees and hives/);
  assert.deepEqual(options.tools!.map(({ description }) => description), [
    "Of the agent.",
    "Looks.",
  ]);
  const { domain } = await agent.run("Boil an egg.");
  assert.deepEqual(domain, { name: "general", reason: "no word is of a particular field" });
  const asked = await agent.run("Boil an egg.", { domain: "bees" });
  assert.deepEqual(asked.domain, { name: "bees", reason: "it was asked for" });
  assert.throws(
    () => createAgent({ domains: { bees: { ...bees, cues: wrong([7]) } } }),
    /cues must be words and patterns/,
  );
});

Deno.test("routing: a conversation keeps its domain over processes", async () => {
  await temporary(async (folder) => {
    const open = () =>
      createAgent({
        model: scriptedProvider(["one", "two"]),
        sessions: { path: `${folder}/sessions.db` },
      });
    {
      await using agent = open();
      await agent.run("Which clauses are missing from this lease?", { session: "s" });
    }
    await using agent = open();
    const { domain } = await agent.run("And now in short.", { session: "s" });
    assert.equal(domain!.name, "lawyer");
    assert.equal((await agent.resume("s")).domain!.name, "lawyer");
  });
});

Deno.test("routing: words that only look alike, ties and hostile texts are of no field", () => {
  const pick = (text: string) => pickDomain(text, BUILT_IN_DOMAINS, GENERAL);
  assert.equal(pick("What does severity 1 mean?").domain, GENERAL);
  assert.match(pick("What is an option?").reason, /"option" alone is not enough for trader/);
  assert.match(pick("The drawdown of the lawsuit").reason, /as much speaks for/);
  for (const text of ["", "?!", "\ud800", "a".repeat(1e6)]) {
    assert.equal(pick(text).domain, GENERAL);
  }
  assert.equal(pick("constructor __proto__ toString").domain, "developer");
  // Linear, however often it matches.
  assert.equal(pick("clause ".repeat(1e5)).domain, "lawyer");
  assert.equal(pickDomain("anything", {}, GENERAL).domain, GENERAL);
});
