/** What words find: identifiers, numbers, spellings, languages, slips of the keyboard. */

import assert from "assertions";
import { openKnowledge } from "@agent/runtime/knowledge";
import "../support/default_twin.ts";

/** Whether a question finds a text beside others by its words. */
async function finds(question: string, text: string): Promise<boolean> {
  using knowledge = openKnowledge({ embedder: "none" });
  await knowledge.add([
    { document: "it", text },
    ...["A pond is home to frogs.", "Trains leave at noon.", "Bread needs salt and time."].map(
      (text, at) => ({ document: `other${at}`, text }),
    ),
  ]);
  return knowledge.searchText(question)[0]?.document === "it";
}

const FOUND: readonly [string, string][] = [
  ["maxOldSpaceSize", "Set maxOldSpaceSize in the file."],
  ["old space size", "Set maxOldSpaceSize in the file."],
  ["lru_cache", "Use functools.lru_cache for that."],
  ["functools.lru_cache", "Use functools.lru_cache for that."],
  ["10000 entries", "It holds 10,000 entries."],
  ["10,000 entries", "It holds 10000 entries."],
  ["colour", "The color can be changed."],
  ["organize", "They organise it well."],
  ["cancelling", "Canceling is possible."],
  ["email", "Write an e-mail to us."],
  ["e-mail", "Write an email to us."],
  ["filesystem", "Each file system is mounted."],
  ["file system", "Each filesystem is mounted."],
  ["index", "All indices are rebuilt."],
  ["children", "One child at a time."],
  ["kept", "They keep it for a week."],
  ["delete a folder", "To remove a directory, ask."],
  ["compresion", "The compression is strong."],
  ["recieve", "They receive it."],
  ["Wie lange brennen die Lampen?", "Die Lampe brannte lange, und sie brennt noch."],
  ["Häuser", "Das Haus und die Häusern der Stadt sind mit der Straße und den Gärten schön."],
  ["les chevaux nationaux", "Le cheval national est dans le pré avec la jument et les poulains."],
  ["las canciones", "La canción es una de las que más se oyen en la radio de la ciudad."],
  ["в каких городах", "В этом городе есть музей, и он открыт для всех, кто хочет его видеть."],
  ["στους δρόμους", "Ο δρόμος είναι κλειστός για τα αυτοκίνητα από το πρωί."],
  ["図書館", "図書館は九時に開きます。"],
];

Deno.test("searchText() finds words however they are written", async () => {
  for (const [question, text] of FOUND) {
    assert.ok(await finds(question, text), `${question} in ${text}`);
  }
});

Deno.test("a dotted number is one word", async () => {
  using knowledge = openKnowledge({ embedder: "none" });
  await knowledge.add([
    { document: "one", text: "Release 2.0.1 fixes the lamp." },
    { document: "two", text: "Release 2.0.2 mends the kettle." },
  ]);
  assert.deepEqual(knowledge.searchText("2.0.2").map(({ document }) => document), ["two"]);
  assert.equal(knowledge.searchText("What does release 2.0.2 fix?")[0]?.document, "two");
});

Deno.test("a heading counts more than the text, a near pair more than words apart", async () => {
  using knowledge = openKnowledge({ embedder: "none" });
  await knowledge.add([
    { document: "text", text: "# Pond\n\nThe kettle is not here.", format: "markdown" },
    { document: "heading", text: "# Kettle\n\nIt boils, and frogs sing.", format: "markdown" },
  ]);
  assert.equal(knowledge.searchText("kettle")[0]?.document, "heading");
  await knowledge.add([
    { document: "near", text: "The tower clock of the town strikes. ".padEnd(300, "and so on ") },
    { document: "apart", text: `The tower is old. ${"And so on. ".repeat(24)} A clock ticks.` },
  ]);
  assert.equal(knowledge.searchText("tower clock")[0]?.document, "near");
});

Deno.test("common words find the chunks that have them together, and those that have one of them", async () => {
  // 3,000 documents: the more of the words, the fewer; the rarest word stands alone.
  const words = (at: number): string[] => [
    "marble",
    ...at % 2 === 0 ? ["copper"] : [],
    ...at % 10 === 0 ? ["walnut"] : [],
    ...at === 1_001 ? ["quartz"] : [],
  ];
  using knowledge = openKnowledge({ embedder: "none" });
  await knowledge.add(
    Array.from({ length: 3_000 }, (_, at) => ({
      document: `${at}`,
      text: `Item ${at} is of ${words(at).join(" beside some ")}.`,
    })),
  );
  const found = (query: string, limit = 80): number[] =>
    knowledge.searchText(query, { limit }).map(({ document }) => Number(document));

  // More than are asked for have all three.
  const all = found("marble copper walnut");
  assert.equal(all.length, 80);
  assert.ok(all.every((at) => at % 10 === 0));
  // 300 have them: those with two come behind them.
  const more = found("marble copper walnut", 400);
  assert.ok(more.slice(0, 300).every((at) => at % 10 === 0));
  assert.ok(more.slice(300).every((at) => at % 2 === 0));
  assert.equal(more.length, 400);
  // One alone has the rarest; what has the others follows.
  const rare = found("quartz copper marble");
  assert.equal(rare[0], 1_001);
  assert.equal(rare.length, 80);
});

Deno.test("a document says in which language it is", async () => {
  using knowledge = openKnowledge({ embedder: "none" });
  await knowledge.add([{ document: "de", text: "Die Katze sitzt auf der Mauer und schläft." }]);
  assert.equal(knowledge.searchText("Katzen")[0]?.language, "de");
});
