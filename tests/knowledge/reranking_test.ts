/** `quality: "high"`: re-rankers of the caller's, behind an endpoint, and the model of the package. */

import assert from "assertions";
import { createAgent } from "@agent/runtime/agent";
import { AgentError } from "@agent/runtime/errors";
import { endpointReranker, openKnowledge, type Reranker } from "@agent/runtime/knowledge";
import { isUsable, requireLibrary } from "../../src/native/load.ts";
import { preloadNative } from "../../src/native/status.ts";
import { DefaultReranker } from "../../src/knowledge/reranking/default.ts";
import { NativeEncoder } from "../../src/knowledge/reranking/encoder.ts";
import { reranked } from "../../src/knowledge/reranking/rerank.ts";
import { finish } from "../support/programs.ts";
import { testNeeding } from "../support/needs.ts";
import { startChild } from "./support.ts";

preloadNative();
const MISSING = isUsable("core-utils") ? undefined : "the native library";
// The setting keeps preloading from it, and the tests of the model ask for it all the same.
if (MISSING === undefined) void requireLibrary("core-utils").symbols;

const DOCUMENTS = [
  { document: "a", text: "Tea is a drink. Tea, tea and more tea, as the song says." },
  { document: "b", text: "Tea is steeped for four minutes in water that has just boiled." },
  { document: "c", text: "The tea room is open on Sundays." },
];

/** Prefers passages that hold a word. */
function prefers(word: string): Reranker {
  return {
    id: "words",
    rank: (_query, passages) => Promise.resolve(passages.map((text) => +text.includes(word))),
  };
}

Deno.test("quality: high orders the best hits by a re-ranker, and keeps all of them", async () => {
  using knowledge = openKnowledge({ reranker: prefers("Sundays") });
  await knowledge.add(DOCUMENTS);
  const fast = await knowledge.search("tea");
  const high = await knowledge.search("tea", { quality: "high" });
  assert.equal(high[0]?.document, "c");
  assert.deepEqual(high.map(({ chunk }) => chunk).sort(), fast.map(({ chunk }) => chunk).sort());
  assert.ok(high.every(({ score }, at) => at === 0 || score <= high[at - 1]!.score));
  assert.deepEqual((await knowledge.search("tea", { quality: "high", limit: 1 })).length, 1);
  assert.deepEqual(await knowledge.search("", { quality: "high" }), []);
  await assert.rejects(knowledge.search("tea", { quality: "best" as "high" }), RangeError);
});

Deno.test("relevance() says what the re-ranker does of any texts, within 0 and 1", async () => {
  const given: string[][] = [];
  const reranker: Reranker = {
    id: "lengths",
    rank: (query, texts) => {
      given.push([query, ...texts]);
      return Promise.resolve(texts.map((text) => text.length - 2));
    },
  };
  using knowledge = openKnowledge({ reranker });
  assert.deepEqual([...await knowledge.relevance("q", ["a", "to", "one"])], [0, 0, 1]);
  assert.deepEqual([...await knowledge.relevance("q", [])], []);
  assert.deepEqual(given, [["q", "a", "to", "one"]], "nothing is asked of no texts");
  await assert.rejects(knowledge.relevance(1 as never, []), TypeError);
  await assert.rejects(knowledge.relevance("q", [1 as never]), TypeError);
});

Deno.test("ask() with quality: high quotes the sentence that the re-ranker prefers", async () => {
  const text = "The lamp burns for nine hours on oil. The lamp burns for six hours on gas.";
  const marked = async (word: string) => {
    using knowledge = openKnowledge({ reranker: prefers(word) });
    await knowledge.add([{ document: "lamp", text }]);
    await using agent = createAgent({ knowledge, cache: false });
    const { sources } = await agent.ask("How long does the lamp burn?", { quality: "high" });
    const mark = sources[0]?.mark;
    return mark === undefined ? undefined : text.slice(mark.start, mark.end);
  };
  assert.equal(await marked("oil"), "The lamp burns for nine hours on oil.");
  assert.equal(await marked("gas"), "The lamp burns for six hours on gas.");
});

Deno.test("hits behind the best 24 stay behind them, in their order", async () => {
  const hits = Array.from({ length: 30 }, (_, at) => ({
    document: `${at}`,
    chunk: at === 20 ? "wanted" : at === 28 ? "wanted, too late" : "other",
    score: 30 - at,
    format: "text" as const,
    language: "en" as const,
    start: 0,
    end: 5,
  }));
  const found = await reranked(prefers("wanted"), "x", hits);
  assert.equal(found[0]?.document, "20");
  assert.deepEqual(
    found.slice(24).map(({ document }) => document),
    ["24", "25", "26", "27", "28", "29"],
  );
  assert.ok(found.every(({ score }, at) => at === 0 || score <= found[at - 1]!.score));
});

Deno.test("a re-ranker that lies, fails or hangs is told", async () => {
  let rank: Reranker["rank"] = () => Promise.resolve([1]);
  using knowledge = openKnowledge({
    reranker: { id: "odd", rank: (...all) => rank(...all) },
  });
  await knowledge.add(DOCUMENTS);
  const search = (signal?: AbortSignal) => knowledge.search("tea", { quality: "high", signal });
  await assert.rejects(search(), { code: "UNAVAILABLE" });
  rank = () => Promise.resolve([1, NaN, 0]);
  await assert.rejects(search(), { code: "UNAVAILABLE" });
  rank = () => Promise.reject(new Error("away"));
  await assert.rejects(search(), /away/);
  rank = () => new Promise(() => {});
  await assert.rejects(search(AbortSignal.timeout(20)), { name: "TimeoutError" });
  await using agent = createAgent({ knowledge, cache: false });
  rank = () => Promise.reject(new Error("away"));
  assert.match((await agent.ask("How long is tea steeped?", { quality: "high" })).answer, /away/);
  assert.equal((await agent.ask("How long is tea steeped?")).error, undefined);
});

Deno.test("ask() with quality: high is another question to the cache than without", async () => {
  using knowledge = openKnowledge({ reranker: prefers("Sundays") });
  await knowledge.add(DOCUMENTS);
  await using agent = createAgent({ knowledge });
  const question = "How long is tea steeped?";
  assert.equal((await agent.ask(question)).cached, false);
  assert.equal((await agent.ask(question, { quality: "fast" })).cached, true);
  assert.equal((await agent.ask(question, { quality: "high" })).cached, false);
  assert.equal((await agent.ask(question, { quality: "high" })).cached, true);
});

Deno.test("endpointReranker() asks the endpoint, takes logits, and tells what it refuses", async () => {
  let answer: (documents: string[]) => Response = (documents) =>
    Response.json({
      results: documents.map((text, index) => ({
        index,
        relevance_score: text.includes("minutes") ? 5 : -5,
      })).reverse(),
    });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      assert.equal(new URL(request.url).pathname, "/v1/rerank");
      assert.equal(request.headers.get("authorization"), "Bearer secret");
      const { model, query, documents, top_n } = await request.json();
      assert.deepEqual([model, query, top_n], ["small", "tea", documents.length]);
      return answer(documents);
    },
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}/v1/`;
    const reranker = endpointReranker({ url, model: "small", apiKey: "secret" });
    using knowledge = openKnowledge({ reranker });
    await knowledge.add(DOCUMENTS);
    const search = () => knowledge.search("tea", { quality: "high" });
    assert.equal((await search())[0]?.document, "b");
    for (
      const wrong of [
        () => new Response("no such model", { status: 404 }),
        () => new Response("no JSON"),
        () => Response.json({ results: [{ index: 0, relevance_score: 1 }] }),
      ]
    ) {
      answer = wrong;
      await assert.rejects(search(), { code: "UNAVAILABLE" });
    }
  } finally {
    await server.shutdown();
  }
  assert.throws(() => endpointReranker({ url: "here", model: "m" }), TypeError);
  assert.throws(() => endpointReranker({ url: "http://h", model: 1 as never }), TypeError);
});

Deno.test("without the native library quality: high is NATIVE_REQUIRED, and nothing else changes", async () => {
  const { stdout, stderr } = await finish(startChild([], ["high"]));
  const { code, details } = JSON.parse(stdout);
  assert.deepEqual([code, details?.library], ["NATIVE_REQUIRED", "core-utils"], stderr);
  using knowledge = openKnowledge({ implementation: "pure" });
  await knowledge.add(DOCUMENTS);
  await assert.rejects(knowledge.search("tea", { quality: "high" }), { code: "NATIVE_REQUIRED" });
  await using agent = createAgent({ knowledge });
  const answer = await agent.ask("How long is tea steeped?", { quality: "high" });
  assert.deepEqual([answer.error?.code, answer.sources], ["NATIVE_REQUIRED", []]);
});

testNeeding(
  [MISSING],
  "the model of the package tells what answers from what has the words",
  async () => {
    using knowledge = openKnowledge({ implementation: "native" });
    await knowledge.add(DOCUMENTS);
    const hits = await knowledge.search("For how long should tea brew?", { quality: "high" });
    assert.equal(hits[0]?.document, "b");
    using reranker = await DefaultReranker.load("native");
    const passages = [
      "",
      " ",
      "Der Zug fährt um neun Uhr ab.",
      "汉字没有空格",
      "🙂".repeat(3_000),
      "word ".repeat(500_000),
      "x".repeat(1_000_000),
      "The train leaves at nine.",
      "\ud800 half a pair",
    ];
    const scores = await reranker.rank("When does the train leave?", passages);
    assert.equal(scores.length, passages.length);
    assert.ok(scores.every((score) => score >= -1 && score <= 1));
    assert.equal(scores.indexOf(Math.max(...scores)), 7);
    const alone = await reranker.rank("When does the train leave?", [passages[7]!]);
    assert.equal(alone[0], scores[7], "neighbours change nothing");
    // As the model's own tokenizer cuts them.
    assert.deepEqual(
      [...reranker.piecesOf("Hello, wörld! 日本")],
      [101, 7592, 1010, 2088, 999, 1864, 1876, 102],
    );
    assert.deepEqual(
      [...reranker.piecesOf("re-read the file_name at 3.14 (naïve)")],
      [
        101,
        2128,
        1011,
        3191,
        1996,
        5371,
        1035,
        2171,
        2012,
        1017,
        1012,
        2403,
        1006,
        15743,
        1007,
        102,
      ],
    );
    const signal = AbortSignal.abort();
    await assert.rejects(reranker.rank("a", passages, { signal }), { name: "AbortError" });
  },
);

testNeeding(
  [MISSING],
  "weights that are none are CORRUPT, and said to be",
  async () => {
    for (
      const bytes of [
        new Uint8Array(0),
        new Uint8Array(1_000),
        crypto.getRandomValues(new Uint8Array(5_000)),
      ]
    ) {
      const error = await NativeEncoder.open("damaged", () => Promise.resolve(bytes)).then(
        () => undefined,
        (error) => error,
      );
      assert.ok(AgentError.is(error, "CORRUPT"), `${error}`);
    }
  },
);
