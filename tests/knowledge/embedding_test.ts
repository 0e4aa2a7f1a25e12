/** Vectors: the default embedder and one of the caller's, what they find, and embedders that fail. */

import assert from "assertions";
import { AgentError } from "@agent/runtime/errors";
import { defaultEmbedder, type Embedder, openKnowledge } from "@agent/runtime/knowledge";
import { Database } from "../../src/knowledge/database.ts";
import { PureVectorList } from "../../src/knowledge/embedding/pure.ts";
import { VectorTable } from "../../src/knowledge/vector_table.ts";
import { temporary } from "../support/programs.ts";
import "../support/default_twin.ts";
import { writeFiles } from "./support.ts";

const TEXTS = [
  { document: "dog", text: "The puppy barked at the postman all morning." },
  { document: "bank", text: "Interest on savings is paid at the end of the year." },
  { document: "rain", text: "Heavy showers are expected along the coast." },
];

/** Embeds by the number of letters a, b and c. */
class Letters implements Embedder {
  readonly id: string;
  readonly dimensions = 3;
  calls = 0;
  fail: (() => Promise<Float32Array[]>) | undefined;

  constructor(id = "letters") {
    this.id = id;
  }

  embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.calls++;
    if (this.fail !== undefined) return this.fail();
    return Promise.resolve(
      texts.map((text) => Float32Array.from(["a", "b", "c"], (x) => text.split(x).length - 1)),
    );
  }
}

Deno.test("search() finds what is meant without a word of it", async () => {
  using knowledge = openKnowledge();
  await knowledge.add(TEXTS);
  assert.equal(knowledge.stats().embedder, "minilm-256-2");
  const find = async (query: string) => (await knowledge.search(query))[0];
  assert.equal((await find("weather forecast storm"))?.document, "rain");
  assert.equal((await find("noisy pet animals"))?.document, "dog");
  assert.equal((await find("money deposit account"))?.document, "bank");
  assert.ok((await find("weather forecast storm"))!.similarity! > 0);
  assert.deepEqual(knowledge.searchText("weather forecast storm"), []);
});

Deno.test("defaultEmbedder() gives the vectors of the default, of length 1", async () => {
  const embedder = defaultEmbedder();
  const kind = "document";
  const texts = [
    "The puppy barked.",
    "noisy pet animals",
    "Interest on savings",
    "",
    "?!",
    "日本 🙂",
  ];
  const vectors = await embedder.embed(texts, { kind });
  const lengths = vectors.map((vector) => Math.hypot(...vector).toFixed(4));
  assert.deepEqual(lengths, ["1.0000", "1.0000", "1.0000", "0.0000", "0.0000", "1.0000"]);
  assert.ok(vectors.every((vector) => vector.length === embedder.dimensions));
  const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  assert.ok(cosine(vectors[0]!, vectors[1]!) > cosine(vectors[0]!, vectors[2]!));
  assert.deepEqual(await defaultEmbedder().embed(texts.slice(1), { kind }), vectors.slice(1));
  assert.deepEqual(await embedder.embed([], { kind }), []);

  await assert.rejects(embedder.embed(["a", 1 as unknown as string], { kind }), {
    name: "TypeError",
    message: /texts\[1\] must be a string/,
  });
  await assert.rejects(embedder.embed("a" as unknown as string[], { kind }), TypeError);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(embedder.embed(texts, { kind, signal }), /enough/);
  // Long work gives way, and then sees that nobody waits for it any more.
  const later = new AbortController();
  setTimeout(() => later.abort(new Error("later")), 1);
  const long = Array(100_000).fill("Words of some length, again and again.");
  await assert.rejects(embedder.embed(long, { kind, signal: later.signal }), /later/);
});

Deno.test("defaultEmbedder() is what a store uses by default, and hits are the same", () =>
  temporary(async (folder) => {
    const path = `${folder}/knowledge.sqlite`;
    using first = openKnowledge({ path });
    await first.add(TEXTS);
    const hits = await first.search("weather forecast storm");
    using second = openKnowledge({ path, embedder: defaultEmbedder() });
    assert.deepEqual(await second.search("weather forecast storm"), hits);
    assert.equal(second.stats().embedder, first.stats().embedder);
  }));

Deno.test("another embedder that comes in between is told, and nothing goes round for ever", () =>
  temporary(async (folder) => {
    const path = `${folder}/knowledge.sqlite`;
    const first = new Letters("first");
    using knowledge = openKnowledge({ path, embedder: first });
    using other = openKnowledge({ path, embedder: new Letters("second") });
    const { embed } = Letters.prototype;
    first.embed = async function (texts) {
      const vectors = await embed.call(this, texts);
      // Each time it has made some, the other one makes the file its own, and fails.
      const second = new Letters("second");
      second.fail = () => Promise.reject(new Error("gone"));
      using last = openKnowledge({ path, embedder: second });
      await assert.rejects(last.search("a"), /gone/);
      return vectors;
    };
    await assert.rejects(
      knowledge.add(TEXTS),
      (error) =>
        AgentError.is(error, "UNAVAILABLE") &&
        /embedder second, this one uses first/.test(error.message),
    );
    await other.add(TEXTS);
    assert.equal((await other.search("c")).length > 0, true);
  }));

Deno.test("documents are embedded anew when the embedder changes, and only then", () =>
  temporary(async (folder) => {
    const path = `${folder}/knowledge.sqlite`;
    const first = new Letters();
    {
      using knowledge = openKnowledge({ path, embedder: first });
      await knowledge.add(TEXTS);
      await knowledge.search("a");
    }
    assert.equal(first.calls, 2);
    const again = new Letters();
    {
      using knowledge = openKnowledge({ path, embedder: again });
      await knowledge.search("a");
    }
    assert.equal(again.calls, 1, "the question alone");
    const other = new Letters("others");
    using knowledge = openKnowledge({ path, embedder: other });
    await knowledge.search("a");
    assert.equal(other.calls, 2, "documents and question");
    assert.equal(knowledge.stats().embedder, "others");
    assert.equal(knowledge.remove("dog"), 1);
    assert.ok((await knowledge.search("puppy")).every(({ document }) => document !== "dog"));
  }));

Deno.test("an embedder that fails or lies is told, and nothing is lost", async () => {
  const embedder = new Letters();
  using knowledge = openKnowledge({ embedder });
  const failures: [() => Promise<Float32Array[]>, RegExp][] = [
    [() => Promise.reject(new Error("away")), /away/],
    [() => Promise.resolve([]), /no list of as many/],
    [() => Promise.resolve(TEXTS.map(() => new Float32Array(2))), /vectors of 3 numbers/],
  ];
  for (const [fail, message] of failures) {
    embedder.fail = fail;
    await assert.rejects(knowledge.add(TEXTS), message);
    assert.equal(knowledge.stats().documents, 3);
    assert.equal(knowledge.searchText("puppy")[0]?.document, "dog");
  }
  embedder.fail = () => new Promise(() => {});
  const signal = AbortSignal.timeout(20);
  await assert.rejects(knowledge.search("puppy", { signal }), { name: "TimeoutError" });
  embedder.fail = undefined;
  assert.equal((await knowledge.search("puppy"))[0]?.document, "dog");
});

Deno.test("an embedder that fails half way through a folder: all files are there, it is told once, what was done stays", () =>
  temporary(async (folder) => {
    // Documents of a batch and more each, in several portions.
    const word = (at: number): string => `${"abc"[at % 3]} ${"word ".repeat(200)}\n\n`;
    const files = Array.from({ length: 12 }, (_, at): [string, string] => [
      `${at}.md`,
      Array.from({ length: 300 }, (_, line) => word(line)).join(""),
    ]);
    await writeFiles(folder, Object.fromEntries(files));
    const embedder = new Letters();
    let texts = 0;
    const embed = embedder.embed.bind(embedder);
    let limit = 2;
    embedder.embed = async (batch) => {
      if (embedder.calls >= limit) {
        embedder.calls++;
        throw new Error("away");
      }
      texts += batch.length;
      return await embed(batch);
    };
    using knowledge = openKnowledge({ embedder });
    await assert.rejects(knowledge.addFolder(folder), /away/);
    const { documents, chunks } = knowledge.stats();
    assert.equal(documents, 12, "every file is there");
    assert.equal(embedder.calls, 3, "it was not asked again after its failure");
    assert.ok(texts > 0 && texts < chunks, `${texts} of ${chunks}`);
    limit = Infinity;
    const report = await knowledge.addFolder(folder);
    assert.equal(report.unchanged, 12);
    // A document whose second batch failed is embedded anew, no other one.
    const most = Math.max(...knowledge.documents().map(({ chunks }) => chunks));
    assert.ok(texts >= chunks && texts <= chunks + most, `${texts} of ${chunks}`);
    assert.ok((await knowledge.search("word")).length > 0);
  }));

Deno.test("an embedder that never answers is given up after its time", async () => {
  const database = Database.open(":memory:");
  const embedder = new Letters();
  embedder.fail = () => new Promise(() => {});
  using table = new VectorTable(
    database,
    embedder,
    (dimensions, room) => new PureVectorList(dimensions, room),
    20,
  );
  await assert.rejects(table.query("a"), (error) => AgentError.is(error, "TIMEOUT"));
  embedder.fail = undefined;
  assert.equal((await table.query("a")).length, 3);
  database.close();
});

Deno.test("openKnowledge() checks an embedder when it is used", async () => {
  for (const dimensions of [0, 4_097, 1.5]) {
    using knowledge = openKnowledge({ embedder: Object.assign(new Letters(), { dimensions }) });
    await assert.rejects(knowledge.search("a"), RangeError);
  }
});
