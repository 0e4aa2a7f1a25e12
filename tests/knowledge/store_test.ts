/** Searching: words, scripts, order, limits; documents that are added, changed and removed. */

import assert from "assertions";
import fc from "fast-check";
import { type DocumentInput, openKnowledge } from "@agent/runtime/knowledge";
import { assertAgentError } from "./errors.ts";
import "../support/default_twin.ts";

Deno.test("search() finds a chunk by its words, with its place in the document", async () => {
  using knowledge = openKnowledge();
  const text = "# Lamp\n\nIntro.\n\n## Light\n\nIt burns for nine hours. 😀 And then it is dark.\n";
  await knowledge.add([
    { document: "lamp.md", text },
    { document: "kettle", text: "It boils water.", title: "The kettle" },
  ]);
  const [hit, ...others] = knowledge.searchText("how many HOURS does it burn");
  assert.ok(hit !== undefined);
  assert.deepEqual(others, []);
  assert.equal(hit.document, "lamp.md");
  assert.equal(hit.title, "Lamp");
  assert.equal(hit.heading, "Lamp > Light");
  assert.equal(hit.format, "markdown");
  assert.equal(hit.chunk, text.slice(hit.start, hit.end));
  assert.ok(hit.chunk.startsWith("## Light") && hit.chunk.endsWith("dark."));
  assert.ok(hit.score > 0);
  const [kettle] = knowledge.searchText("boil");
  assert.equal(kettle?.title, "The kettle");
  assert.equal(kettle?.heading, undefined);
});

Deno.test("search() ranks rarer words higher and obeys its limit", async () => {
  using knowledge = openKnowledge();
  await knowledge.add(
    Array.from({ length: 50 }, (_, i) => ({ document: `d${i}`, text: `common word${i} text` })),
  );
  assert.equal(knowledge.searchText("common word7")[0]?.document, "d7");
  assert.equal(knowledge.searchText("common").length, 10);
  assert.equal(knowledge.searchText("common", { limit: 33 }).length, 33);
  const scores = knowledge.searchText("common word7 text", { limit: 50 }).map((hit) => hit.score);
  assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
    assert.throws(() => knowledge.searchText("common", { limit }), RangeError);
  }
});

Deno.test("search() ignores case, accents, endings and irregular forms", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{
    document: "a",
    text: "The café keeps configurations that ADMINS wrote.",
  }]);
  for (const query of ["CAFE", "cafés", "kept", "configured", "admin", "written", "write"]) {
    assert.equal(knowledge.searchText(query).length, 1, query);
  }
  assert.equal(knowledge.searchText("tea").length, 0);
});

Deno.test("search() finds words in scripts without spaces", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([
    { document: "zh", text: "这个数据库系统的设计很简单。" },
    { document: "ja", text: "図書館は午前九時に開きます。カメラは禁止です。" },
    { document: "ko", text: "도서관에서는 조용히 하십시오." },
    { document: "th", text: "ห้องสมุดเปิดเวลาเก้าโมง" },
  ]);
  assert.equal(knowledge.searchText("数据库")[0]?.document, "zh");
  assert.equal(knowledge.searchText("図書館")[0]?.document, "ja");
  assert.equal(knowledge.searchText("カメラ")[0]?.document, "ja");
  assert.equal(knowledge.searchText("도서관")[0]?.document, "ko");
  assert.equal(knowledge.searchText("ห้องสมุด")[0]?.document, "th");
});

Deno.test("search() takes any string as words, never as operators", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "near", text: "near and or not body heading, column: a-b" }]);
  const nothing = ["", " ", '"', '""', "*", "(", ")", "^", "-", "\0", "😀", "\ud800", "'; --"];
  for (const query of nothing) {
    assert.deepEqual(knowledge.searchText(query), [], JSON.stringify(query));
  }
  const found = [
    '"near',
    "NEAR(body heading)",
    "body:near",
    "nea* body",
    "near AND",
    "NOT body",
    "a\0b body",
  ];
  for (const query of found) assert.equal(knowledge.searchText(query).length, 1, query);
  assert.equal(knowledge.searchText("and or not").length, 1, "stop words alone are looked for");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (query) => {
      assert.ok(knowledge.searchText(query).length <= 1);
    }),
    { numRuns: 500, seed: 20 },
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '"',
          "(",
          ")",
          "*",
          "^",
          "NEAR",
          "AND",
          "OR",
          "NOT",
          "{",
          "}",
          ":",
          "near",
          " ",
        ),
        {
          maxLength: 20,
        },
      ),
      (parts) => assert.ok(knowledge.searchText(parts.join("")).length <= 1),
    ),
    { numRuns: 500, seed: 21 },
  );
});

Deno.test("search() is not slowed down without bound by a pasted page", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "a", text: "needle in a haystack" }]);
  const page = Array.from({ length: 200_000 }, (_, i) => `w${i}`).join(" ");
  assert.equal(knowledge.terms(page).length, 64);
  assert.equal(knowledge.searchText(`needle ${page}`).length, 1);
  assert.equal(knowledge.searchText("x".repeat(5_000_000)).length, 0);
});

Deno.test("search() refuses what is no string", () => {
  using knowledge = openKnowledge();
  for (const query of [undefined, null, 7, {}]) {
    assert.throws(() => knowledge.searchText(query as unknown as string), TypeError);
  }
});

Deno.test("terms() weighs rarer words higher", async () => {
  using knowledge = openKnowledge();
  assert.deepEqual(knowledge.terms("anything"), [
    { term: "anything", forms: ["anyth"], alike: [], chunks: 0, weight: 0 },
  ]);
  await knowledge.add([
    { document: "a", text: "red apple" },
    { document: "b", text: "red pear" },
    { document: "c", text: "red plum" },
  ]);
  const terms = knowledge.terms("the RED Äpple, red pear?");
  assert.deepEqual(terms.map(({ term, chunks }) => [term, chunks]), [["red", 3], ["apple", 1], [
    "pear",
    1,
  ]]);
  assert.equal(terms[1]?.weight, Math.log(1 + 2.5 / 1.5));
  assert.ok(terms[0]!.weight < terms[1]!.weight);
});

Deno.test("add() replaces what has changed and leaves the rest alone", async () => {
  using knowledge = openKnowledge();
  const first = await knowledge.add([
    { document: "a", text: "alpha" },
    { document: "b", text: "beta" },
  ]);
  assert.deepEqual(first, { added: 2, updated: 0, unchanged: 0, chunks: 2, revision: 1 });
  const second = await knowledge.add([
    { document: "a", text: "alpha" },
    { document: "b", text: "gamma" },
  ]);
  assert.deepEqual(second, { added: 0, updated: 1, unchanged: 1, chunks: 1, revision: 2 });
  assert.deepEqual(knowledge.searchText("beta"), []);
  assert.equal(knowledge.searchText("gamma").length, 1);
  const third = await knowledge.add([{ document: "a", text: "alpha" }]);
  assert.equal(third.revision, 2, "nothing changed");
  assert.equal(knowledge.stats().documents, 2);
});

Deno.test("add() lets the last of two documents with one name count", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "a", text: "one" }, { document: "a", text: "two" }]);
  assert.equal(knowledge.text("a"), "two");
  assert.equal(knowledge.stats().documents, 1);
});

Deno.test("add() keeps every text, offsets included, whatever is in it", async () => {
  using knowledge = openKnowledge();
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\n\n", "# h\n", "```\n", "- a\n", ". ", "\0", "\ud800", "😀", "\r\n", "---\n"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join("")),
      fc.constantFrom("text" as const, "markdown" as const),
      async (text, format) => {
        await knowledge.add([{ document: "d", text, format }]);
        const kept = text.toWellFormed().replaceAll("\0", "\ufffd");
        assert.equal(knowledge.text("d"), kept);
        assert.equal(knowledge.documents()[0]?.length, text.length);
        for (const hit of knowledge.searchText("h a", { limit: 1000 })) {
          assert.equal(kept.slice(hit.start, hit.end), hit.chunk);
        }
      },
    ),
    { numRuns: 150, seed: 22 },
  );
});

Deno.test("add() cuts huge documents without a line end", async () => {
  using knowledge = openKnowledge();
  const words = "lorem ipsum dolor sit amet. ".repeat(100_000);
  const nothing = "x".repeat(1_000_000);
  const pairs = "😀".repeat(100_000);
  await knowledge.add([
    { document: "words", text: words },
    { document: "nothing", text: nothing },
    { document: "pairs", text: pairs },
    { document: "stops", text: ".".repeat(1_000_000) },
    { document: "empty", text: "" },
    { document: "space", text: " \n".repeat(100_000) },
  ]);
  assert.equal(knowledge.text("words"), words);
  assert.equal(knowledge.text("nothing"), nothing);
  assert.equal(knowledge.text("pairs"), pairs);
  assert.equal(knowledge.text("empty"), "");
  const hits = knowledge.searchText("ipsum", { limit: 1000 });
  assert.equal(hits.length, 1000);
  for (const hit of hits) {
    assert.ok(hit.chunk.length <= 1500);
    assert.equal(words.slice(hit.start, hit.end), hit.chunk);
  }
});

Deno.test("add() refuses documents that are none, and then changes nothing", async () => {
  using knowledge = openKnowledge();
  const good = { document: "good", text: "good" };
  const bad: unknown[] = [
    undefined,
    null,
    "text",
    {},
    { document: "", text: "a" },
    { document: "a\0b", text: "a" },
    { document: "\ud800", text: "a" },
    { document: 7, text: "a" },
    { document: "a" },
    { document: "a", text: 7 },
    { document: "a", text: "a", title: 7 },
    { document: "a", text: "a", format: "pdf" },
  ];
  for (const document of bad) {
    await assert.rejects(
      knowledge.add([good, document as DocumentInput]),
      (error: Error) => error instanceof TypeError && error.message.includes("documents[1]"),
      JSON.stringify(document),
    );
  }
  await assert.rejects(knowledge.add(good as unknown as DocumentInput[]), TypeError);
  assert.equal(knowledge.stats().documents, 0);
  assert.equal(knowledge.stats().revision, 0);
});

Deno.test("add() that is aborted rejects with the reason and changes nothing", async () => {
  using knowledge = openKnowledge();
  const reason = new Error("enough");
  await assert.rejects(
    knowledge.add([{ document: "a", text: "a" }], { signal: AbortSignal.abort(reason) }),
    reason,
  );
  const controller = new AbortController();
  const documents = Array.from({ length: 100 }, (_, i) => ({ document: `d${i}`, text: "text" }));
  await assert.rejects(
    knowledge.add(documents, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    }),
    reason,
  );
  assert.equal(knowledge.stats().documents, 0);
});

Deno.test("add() reports its progress up to the end", async () => {
  using knowledge = openKnowledge();
  const seen: number[] = [];
  const documents = Array.from({ length: 30 }, (_, i) => ({ document: `d${i}`, text: "text" }));
  await knowledge.add(documents, {
    onProgress: ({ done, total }) => {
      assert.equal(total, 30);
      seen.push(done);
    },
  });
  assert.equal(seen.at(-1), 30);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
});

Deno.test("remove() drops documents by name", async () => {
  using knowledge = openKnowledge();
  await knowledge.add(
    ["a", "b", "c"].map((document) => ({ document, text: `text of ${document}` })),
  );
  assert.equal(knowledge.remove("a"), 1);
  assert.equal(knowledge.remove(["a", "b", "none"]), 1);
  assert.equal(knowledge.remove([]), 0);
  assert.deepEqual(knowledge.documents().map(({ document }) => document), ["c"]);
  assert.equal(knowledge.searchText("text").length, 1);
  assert.equal(knowledge.text("a"), undefined);
  assert.equal(knowledge.stats().revision, 3, "one for add, one for each call that removed");
});

Deno.test("stats() counts documents, chunks and characters", async () => {
  using knowledge = openKnowledge();
  assert.deepEqual({ ...knowledge.stats(), bytes: 0 }, {
    documents: 0,
    chunks: 0,
    characters: 0,
    revision: 0,
    embedder: null,
    bytes: 0,
  });
  await knowledge.add([{
    document: "a",
    text: "# One\n\ntext\n\n# Two\n\ntext",
    format: "markdown",
  }]);
  const { documents, chunks, characters, bytes } = knowledge.stats();
  assert.deepEqual([documents, chunks, characters], [1, 2, 24]);
  assert.ok(bytes > 0);
});

Deno.test("derived keeps texts until the documents change", async () => {
  using knowledge = openKnowledge();
  const { revision } = await knowledge.add([{ document: "a", text: "a" }]);
  assert.equal(knowledge.derived.get("key"), undefined);
  assert.equal(knowledge.derived.set("key", "value", revision), true);
  assert.equal(knowledge.derived.set("key", "value 2", revision), true);
  assert.equal(knowledge.derived.get("key"), "value 2");
  assert.equal(knowledge.derived.size, 1);
  await knowledge.add([{ document: "a", text: "a" }]);
  assert.equal(knowledge.derived.get("key"), "value 2", "nothing has changed");
  await knowledge.add([{ document: "b", text: "b" }]);
  assert.equal(knowledge.derived.get("key"), undefined);
  assert.equal(
    knowledge.derived.set("key", "late", revision),
    false,
    "computed from the old state",
  );
  assert.equal(knowledge.derived.get("key"), undefined);
  assert.equal(knowledge.derived.set("long", "x".repeat(1_000_001), revision + 1), false);
  knowledge.derived.set("key", "value", revision + 1);
  assert.equal(knowledge.derived.clear(), 1);
  assert.equal(knowledge.derived.size, 0);
});

Deno.test("a closed store says so, and closing twice is harmless", async () => {
  const knowledge = openKnowledge();
  knowledge.close();
  knowledge.close();
  knowledge[Symbol.dispose]();
  const calls: (() => unknown)[] = [
    () => knowledge.searchText("a"),
    () => knowledge.terms("a"),
    () => knowledge.stats(),
    () => knowledge.documents(),
    () => knowledge.text("a"),
    () => knowledge.remove("a"),
    () => knowledge.derived.get("a"),
    () => knowledge.derived.set("a", "b", 0),
    () => knowledge.derived.clear(),
    () => knowledge.derived.size,
    () => knowledge.add([{ document: "a", text: "a" }]),
    () => knowledge.add([]),
    () => knowledge.addFolder("."),
  ];
  for (const call of calls) await assertAgentError(call, "CLOSED", "closed");
});

Deno.test("an uneven mix of changes leaves the same index as building it at once", async () => {
  using changed = openKnowledge();
  using fresh = openKnowledge();
  const words = ["oak", "elm", "ash", "fir", "yew"];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.nat(5), fc.array(fc.constantFrom(...words), { maxLength: 6 }), fc.boolean()),
        {
          maxLength: 25,
        },
      ),
      async (steps) => {
        changed.remove(changed.documents().map(({ document }) => document));
        fresh.remove(fresh.documents().map(({ document }) => document));
        const state = new Map<string, string>();
        for (const [name, text, drop] of steps) {
          const document = `d${name}`;
          if (drop) {
            assert.equal(changed.remove(document), state.delete(document) ? 1 : 0);
          } else {
            state.set(document, text.join(" "));
            await changed.add([{ document, text: text.join(" ") }]);
          }
        }
        await fresh.add([...state].map(([document, text]) => ({ document, text })));
        for (const word of words) {
          const found = (store: typeof changed) =>
            store.searchText(word).map(({ document, score }) => `${document} ${score.toFixed(6)}`)
              .sort();
          assert.deepEqual(found(changed), found(fresh), word);
        }
      },
    ),
    { numRuns: 60, seed: 23 },
  );
});
