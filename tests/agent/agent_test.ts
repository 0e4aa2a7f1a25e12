/** Answers from documents: fields, citations, the cache, streams, errors, other processes. */

import assert from "assertions";
import {
  type Agent,
  AgentError,
  type Answer,
  type AnswerEvent,
  createAgent,
} from "@agent/runtime/agent";
import { createCache } from "@agent/runtime/cache";
import { openKnowledge } from "@agent/runtime/knowledge";
import { temporary } from "../support/programs.ts";
import "../support/default_twin.ts";

const DOCUMENTS = [
  {
    document: "lamp.md",
    text:
      "# The lamp\n\nThe lamp burns for nine hours on one charge. It takes two hours to charge.",
  },
  {
    document: "kettle.md",
    text:
      "# The kettle\n\nThe kettle boils a litre in three minutes.\n\n## Cleaning\n\nRinse it with citric acid.",
  },
  {
    document: "clock.txt",
    text: "The clock on the tower was built in 1871 and strikes every hour.",
  },
];
const QUESTION = "How long does the lamp burn?";

/** Works with an agent on the documents, and closes both. */
async function withAgent(
  work: (agent: Agent) => Promise<void>,
  options: Parameters<typeof createAgent>[0] = {},
): Promise<void> {
  using knowledge = options.knowledge ?? openKnowledge();
  await knowledge.add(DOCUMENTS);
  await using agent = createAgent({ ...options, knowledge });
  await work(agent);
}

/** Checks that an answer has all its fields, of the right kind. */
function checkFields(answer: Answer): void {
  const fields = [
    "answer",
    "domain",
    "confidence",
    "sources",
    "reasoning",
    "keywords",
    "timestamp",
    "cached",
  ];
  for (const field of fields) assert.ok(Object.hasOwn(answer, field), field);
  assert.ok(Object.keys(answer).every((field) => fields.includes(field) || field === "error"));
  assert.ok(answer.answer.length > 0 && answer.reasoning.length > 0 && answer.domain.length > 0);
  assert.ok(answer.confidence >= 0 && answer.confidence <= 1);
  assert.equal(new Date(answer.timestamp).toISOString(), answer.timestamp);
  assert.equal(typeof answer.cached, "boolean");
  assert.ok(answer.keywords.every((word) => typeof word === "string"));
  for (const source of answer.sources) {
    assert.ok(source.score > 0 && source.score <= 1);
    assert.equal(source.end - source.start, source.quote.length);
  }
}

Deno.test("ask() answers with sentences of the documents and their places", () =>
  withAgent(async (agent) => {
    const answer = await agent.ask(QUESTION);
    checkFields(answer);
    assert.equal(
      answer.answer,
      "The lamp burns for nine hours on one charge. It takes two hours to charge. [1]",
    );
    assert.equal(answer.domain, "general");
    assert.equal(answer.cached, false);
    assert.equal(answer.error, undefined);
    assert.ok(answer.confidence > 0.5);
    assert.match(answer.reasoning, /said 0\.\d\d, few .*alike .*fit/);
    assert.ok(answer.keywords.includes("lamp"));
    const [source] = answer.sources;
    assert.deepEqual([source?.document, source?.title], ["lamp.md", "The lamp"]);
    assert.equal(agent.knowledge.text("lamp.md")?.slice(source!.start, source!.end), source!.quote);
  }));
Deno.test("ask() says so when the documents do not answer", () =>
  withAgent(async (agent) => {
    for (
      const question of ["Who invented printing?", "How much does the lamp weigh?", "いくらですか"]
    ) {
      const answer = await agent.ask(question);
      checkFields(answer);
      assert.equal(answer.answer, "The documents do not answer this question.");
      assert.deepEqual(answer.sources, []);
      assert.ok(answer.confidence < 0.3, question);
      assert.equal(answer.error, undefined);
    }
    assert.match(
      (await agent.ask("How much does the lamp weigh?")).reasoning,
      /Not in any document: .*weigh/,
    );
  }));
Deno.test("ask() on no documents at all says so", async () => {
  await using agent = createAgent();
  const answer = await agent.ask(QUESTION);
  checkFields(answer);
  assert.deepEqual([answer.sources, answer.confidence, answer.error], [[], 0, undefined]);
});

Deno.test("ask() answers a question without words with an error in the answer", () =>
  withAgent(async (agent) => {
    for (const question of ["", "  ", "???", "😀", "\0", undefined, null, 7, {}]) {
      const answer = await agent.ask(question as string);
      checkFields(answer);
      assert.equal(answer.error?.code, "INVALID_QUERY");
      assert.deepEqual([answer.sources, answer.confidence, answer.cached], [[], 0, false]);
    }
  }));

Deno.test("ask() takes hostile questions for words", () =>
  withAgent(async (agent) => {
    const questions = [
      '" OR *',
      "lamp) AND (",
      "NEAR(lamp burn)",
      "'; DROP TABLE chunks; --",
      "\ud800 lamp",
      "lamp\0burn",
    ];
    for (const question of [...questions, "lamp ".repeat(50_000), "x".repeat(1_000_000)]) {
      const answer = await agent.ask(question);
      checkFields(answer);
      assert.equal(answer.error, undefined, question.slice(0, 40));
    }
  }));

Deno.test("ask() gives a failure of the store as an error in the answer", () =>
  withAgent(async (agent) => {
    await agent.ask(QUESTION);
    agent.knowledge.close();
    const answer = await agent.ask(QUESTION);
    checkFields(answer);
    assert.equal(answer.error?.code, "CLOSED");
    assert.match(answer.answer, /could not be answered/);
    assert.deepEqual(answer.sources, []);
  }));

Deno.test("ask() again gives the same answer from the cache, with the first time", () =>
  withAgent(async (agent) => {
    const first = await agent.ask(QUESTION);
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const same of [QUESTION, "how long  does the LAMP burn", ` ${QUESTION}?! `]) {
      const again = await agent.ask(same);
      checkFields(again);
      assert.deepEqual(again, { ...first, cached: true });
    }
    assert.equal((await agent.ask("How long does the lamp glow?")).cached, false);
    assert.equal((await agent.ask(QUESTION, { domain: "developer" })).cached, false);
    assert.equal(
      (await agent.ask(QUESTION, { domain: "unknown" })).cached,
      true,
      "unknown is general",
    );
    assert.equal((await agent.ask("Who invented printing?")).cached, false);
    assert.equal(
      (await agent.ask("Who invented printing?")).cached,
      true,
      "not knowing is an answer",
    );
  }));

Deno.test("ask() answers anew when a document has changed", () =>
  withAgent(async (agent) => {
    await agent.ask(QUESTION);
    await agent.knowledge.add([DOCUMENTS[0]!]);
    assert.equal((await agent.ask(QUESTION)).cached, true, "the same content");
    await agent.knowledge.add([{ document: "lamp.md", text: "The lamp burns for ten hours." }]);
    const answer = await agent.ask(QUESTION);
    assert.equal(answer.cached, false);
    assert.equal(answer.sources[0]?.quote, "The lamp burns for ten hours.");
    agent.knowledge.remove("lamp.md");
    assert.deepEqual((await agent.ask(QUESTION)).sources, []);
  }));

Deno.test("a second process gives the answer of the first from the cache", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    using knowledge = openKnowledge({ path });
    await withAgent(async (agent) => {
      const first = await agent.ask(QUESTION);
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--no-check",
          `--allow-read=${folder}`,
          `--allow-write=${folder}`,
          new URL("./child.ts", import.meta.url).pathname,
          path,
          QUESTION,
          "When was the clock built?",
        ],
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const answers: Answer[] = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual(answers[0], { ...first, cached: true });
      assert.equal(answers[1]?.cached, false);
      assert.deepEqual(await agent.ask("When was the clock built?"), {
        ...answers[1],
        cached: true,
      });
    }, { knowledge });
  }));

Deno.test("native that was asked for and cannot be had is an error in the answer", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "--allow-env=AGENT_IMPLEMENTATION",
      new URL("./child.ts", import.meta.url).pathname,
      ":memory:",
      QUESTION,
    ],
    env: { AGENT_IMPLEMENTATION: "native" },
  }).output();
  const [answer]: Answer[] = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(answer !== undefined, new TextDecoder().decode(stderr));
  checkFields(answer);
  assert.equal(answer.error?.code, "NATIVE_REQUIRED");
});

Deno.test("cache: false keeps nothing", () =>
  withAgent(async (agent) => {
    await agent.ask(QUESTION);
    assert.equal((await agent.ask(QUESTION)).cached, false);
    assert.equal(agent.knowledge.derived.size, 0);
    assert.equal((await agent.status()).cache, "off");
  }, { cache: false }));

Deno.test("a cache of the caller's holds the answers, by store and revision", async () => {
  using cache = createCache({ maxEntries: 100 });
  await withAgent(async (agent) => {
    const first = await agent.ask(QUESTION);
    assert.deepEqual(await agent.ask(QUESTION), { ...first, cached: true });
    assert.equal(agent.knowledge.derived.size, 0);
    assert.equal(cache.size, 1);
    await withAgent(async (other) => {
      assert.equal((await other.ask(QUESTION)).cached, false, "another store in memory");
    }, { cache });
    await agent.knowledge.add([{ document: "new", text: "Something new." }]);
    assert.equal((await agent.ask(QUESTION)).cached, false);
  }, { cache });
  const broken = { get: () => "no JSON", set: () => {}, clear: () => {} };
  await withAgent(async (agent) => {
    assert.equal((await agent.ask(QUESTION)).sources.length, 1);
  }, { cache: broken });
});

Deno.test("an answer that cannot be kept is still given", () =>
  withAgent(async (agent) => {
    const answer = await agent.ask(QUESTION);
    assert.equal(answer.sources.length, 1);
    assert.equal(answer.error, undefined);
    assert.match(answer.reasoning, /was not kept: no room/);
  }, {
    cache: {
      get: () => undefined,
      set: () => {
        throw new Error("no room");
      },
      clear: () => {},
    },
  }));

Deno.test("a domain decides what an ambiguous word means", async () => {
  const contract =
    "An option is a contract on a share, with a strike price, an expiry and a premium for the seller.";
  const flag =
    "An option is an argument of the command that changes what the program does by default.";
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "contract", text: contract }, { document: "flag", text: flag }]);
  await using agent = createAgent({
    knowledge,
    domains: { opposite: { description: "Sellers.", vocabulary: ["seller", "strike"], weight: 4 } },
  });
  const ask = async (domain: string) =>
    (await agent.ask("What is an option?", { domain })).sources[0]?.document;
  assert.equal(await ask("trader"), "contract");
  assert.equal(await ask("developer"), "flag");
  assert.equal(await ask("opposite"), "contract");
  const unknown = await agent.ask("What is an option?", { domain: "no such domain" });
  checkFields(unknown);
  assert.equal(unknown.domain, "general");
  for (const domain of ["toString", "__proto__", "constructor"]) {
    assert.equal((await agent.ask("What is an option?", { domain })).domain, "general");
  }
});

Deno.test("context counts as documents, for one question", () =>
  withAgent(async (agent) => {
    const context = [{
      document: "page",
      title: "News",
      text: "The bridge was opened in 1932 by the mayor.",
    }];
    const question = "When was the bridge opened?";
    const answer = await agent.ask(question, { context });
    checkFields(answer);
    const [source] = answer.sources;
    assert.deepEqual([source?.document, source?.title], ["page", "News"]);
    assert.equal(context[0]!.text.slice(source!.start, source!.end), source!.quote);
    assert.equal((await agent.ask(question, { context })).cached, true);
    assert.deepEqual((await agent.ask(question)).sources, []);
    assert.equal(agent.knowledge.stats().documents, DOCUMENTS.length);
    const wrong = await agent.ask(question, { context: [{ document: "", text: "a" }] });
    checkFields(wrong);
    assert.equal(wrong.error?.code, "INVALID_QUERY");
    await using empty = createAgent();
    assert.equal((await empty.ask(question, { context })).sources[0]?.document, "page");
  }));

Deno.test("sentences that say the same are quoted once", async () => {
  using knowledge = openKnowledge();
  await knowledge.add(
    ["a", "b", "c"].map((document, i) => ({
      document,
      text: `The lamp burns for nine hours on one charge${".!?"[i]}`,
    })),
  );
  await using agent = createAgent({ knowledge });
  const answer = await agent.ask(QUESTION);
  assert.equal(answer.sources.length, 1);
});

Deno.test("stream() gives the sources, the text in pieces, and the whole answer", () =>
  withAgent(async (agent) => {
    for (const round of ["new", "cached"]) {
      const events: AnswerEvent[] = await Array.fromAsync(
        agent.stream("What does the lamp or the kettle do?"),
      );
      const last = events.at(-1);
      assert.ok(last?.type === "done", round);
      checkFields(last.answer);
      assert.equal(last.answer.cached, round === "cached");
      assert.ok(events[0]?.type === "sources");
      assert.deepEqual(events[0].sources, last.answer.sources);
      const text = events.map((event) => event.type === "text" ? event.text : "").join("");
      assert.equal(text, last.answer.answer);
    }
  }));

Deno.test("stream() can be left early", () =>
  withAgent(async (agent) => {
    for await (const event of agent.stream(QUESTION)) {
      assert.equal(event.type, "sources");
      break;
    }
    assert.equal((await agent.ask(QUESTION)).sources.length, 1);
  }));

Deno.test("an aborted question rejects with the signal's reason", () =>
  withAgent(async (agent) => {
    const reason = new Error("changed my mind");
    await assert.rejects(agent.ask(QUESTION, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const asked = agent.ask("What is the kettle?", { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(asked, reason);
    assert.equal(
      (await agent.ask("What is the kettle?")).cached,
      false,
      "an aborted answer is not kept",
    );
  }));

Deno.test("a closed agent says so, and closing twice is harmless", async () => {
  const agent = createAgent();
  await agent.close();
  await agent.close();
  await agent[Symbol.asyncDispose]();
  const calls = [
    () => agent.ask(QUESTION),
    () => Array.fromAsync(agent.stream(QUESTION)),
    () => agent.command("get_metrics"),
    () => agent.status(),
  ];
  for (const call of calls) {
    await assert.rejects(call, (error) => AgentError.is(error, "CLOSED"));
  }
  assert.throws(
    () => agent.knowledge.stats(),
    (error) => AgentError.is(error, "CLOSED"),
    "its own store",
  );
  using knowledge = openKnowledge();
  await createAgent({ knowledge }).close();
  assert.equal(knowledge.stats().documents, 0, "the caller's store stays open");
});

Deno.test("createAgent() refuses what it does not do", () => {
  const wrong: unknown[] = [
    { tools: [{}] },
    { budget: { step: 3 } },
    { approve: true },
    { sessions: "here" },
    { modell: {} },
    { model: {} },
    { model: "name" },
    { cache: 7 },
    { cache: {} },
    { implementation: "fast" },
    { domains: { a: {} } },
    { domains: { a: { description: "a", vocabulary: [7] } } },
  ];
  for (const options of wrong) {
    assert.throws(
      () => createAgent(options as Parameters<typeof createAgent>[0]),
      TypeError,
      JSON.stringify(options),
    );
  }
  const domains = { a: { description: "a", vocabulary: [], weight: 9 } };
  assert.throws(() => createAgent({ domains }), RangeError);
});

Deno.test("status() tells how the agent is set up and what it did", () =>
  withAgent(async (agent) => {
    await agent.ask(QUESTION);
    await agent.ask(QUESTION);
    await agent.ask("Who invented printing?", { domain: "trader" });
    await agent.ask("");
    const status = await agent.status();
    assert.deepEqual([status.path, status.model, status.cache], [":memory:", null, "knowledge"]);
    assert.equal(status.knowledge.documents, 3);
    assert.deepEqual(status.domains, ["general", "developer", "trader", "lawyer"]);
    const { p50Ms, p95Ms, ...counts } = status.metrics;
    assert.deepEqual(counts, {
      questions: 4,
      answered: 1,
      abstained: 1,
      cached: 1,
      failed: 1,
      byDomain: { general: 3, trader: 1 },
    });
    assert.ok(p50Ms !== null && p95Ms !== null && p50Ms <= p95Ms);
  }));

Deno.test("command() does what its name says", () =>
  withAgent(async (agent) => {
    await agent.ask(QUESTION);
    const metrics = await agent.command("get_metrics");
    assert.equal(metrics.ok, true);
    assert.equal(metrics.data.questions, 1);
    assert.equal((await agent.command("reset_metrics")).ok, true);
    assert.equal((await agent.status()).metrics.questions, 0);
    assert.equal((await agent.command("clear_cache")).ok, true);
    assert.equal((await agent.ask(QUESTION)).cached, false);
    await temporary(async (folder) => {
      await Deno.writeTextFile(`${folder}/bridge.md`, "The bridge was opened in 1932.");
      const indexed = await agent.command("index_folder", { folder });
      assert.deepEqual([indexed.ok, indexed.data.added], [true, 1]);
      assert.equal((await agent.ask("When was the bridge opened?")).sources.length, 1);
      const removed = await agent.command("remove_documents", {
        documents: [`${folder}/bridge.md`, "none"],
      });
      assert.deepEqual(removed, { command: "remove_documents", ok: true, data: { removed: 1 } });
      const gone = await agent.command("index_folder", { folder: `${folder}/none` });
      assert.deepEqual([gone.ok, gone.error?.code], [false, "NOT_FOUND"]);
    });
    const wrong: [string, Record<string, unknown>?][] = [
      ["no_such_command"],
      ["toString"],
      ["get_metrics", { since: 0 }],
      ["index_folder"],
      ["index_folder", { folder: 7 }],
      ["remove_documents", { documents: "a" }],
    ];
    for (const [name, parameters] of wrong) {
      const result = await agent.command(name, parameters);
      assert.deepEqual([result.command, result.ok, result.data], [name, false, {}]);
      assert.equal(result.error?.code, "INVALID_COMMAND");
    }
  }));

Deno.test("a long run of marks in a document or a question is no more work than other text", () =>
  // Put into order mark by mark, this would take an hour.
  withAgent(async (agent) => {
    const marks = `a${"\u0301\u0316".repeat(1_000_000)}`;
    using knowledge = openKnowledge();
    await knowledge.add([{ document: "marks.txt", text: marks }]);
    assert.equal((await knowledge.searchText(marks)).length, 1);
    const { error } = await agent.ask(`${QUESTION} ${marks}`);
    assert.equal(error, undefined);
  }));
