/** Passages: what is marked, where it stands, how long an answer is. */

import assert from "assertions";
import { createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";
import "../support/default_twin.ts";

const FILLER = "The garden is open from spring to autumn and closed when it snows. ";

Deno.test("a question may say how it is meant", async () => {
  using knowledge = openKnowledge({ implementation: "pure" });
  await knowledge.add([{
    document: "notes.md",
    text: "# Notes\n\nBackups are kept for 30 days in the vault.\n\nThe pump starts at six.\n",
  }]);
  await using agent = createAgent({ knowledge, cache: false });
  for (const how of ["", " exactly", " precisely", " usually", " actually, approximately"]) {
    const { answer, confidence } = await agent.ask(`How long${how} are backups kept?`);
    assert.match(answer, /30 days/, how);
    assert.ok(confidence > 0.8, `${how}: ${confidence}`);
  }
});

Deno.test("a source is a passage with the sentence that answers marked, and its headings", async () => {
  using knowledge = openKnowledge();
  const text = `# Garden\n\n## Bees\n\n${FILLER}A hive makes twelve kilos of honey. ${FILLER}`;
  await knowledge.add([{ document: "garden.md", text }]);
  await using agent = createAgent({ knowledge });
  const { answer, sources: [source] } = await agent.ask(
    "How many kilos of honey does a hive make?",
  );
  assert.equal(text.slice(source!.start, source!.end), source!.quote);
  const { start, end } = source!.mark!;
  assert.equal(text.slice(start, end), "A hive makes twelve kilos of honey.");
  assert.ok(start >= source!.start && end <= source!.end && end - start < source!.quote.length);
  assert.deepEqual(source!.heading, ["Garden", "Bees"]);
  assert.ok(answer.startsWith("Bees: "), "a passage says what it stands under");
});

Deno.test("an answer has at most 800 characters, whatever the documents hold", async () => {
  using knowledge = openKnowledge();
  const long = `Honey of the hive ${"and honey of the hive ".repeat(200)}`;
  await knowledge.add([
    { document: "one", text: `${long}. ${FILLER.repeat(40)}` },
    {
      document: "two",
      text: `Honey. ${FILLER.repeat(20)} The hive has honey. ${FILLER.repeat(20)}`,
    },
    { document: "three", text: `\`\`\`\n${"honey = hive()\n".repeat(300)}\`\`\`` },
  ]);
  await using agent = createAgent({ knowledge });
  const { answer, sources } = await agent.ask("Where is the honey of the hive?");
  assert.ok(sources.length > 0);
  assert.ok(answer.length <= 800, `${answer.length}`);
  for (const { document, start, end, quote, mark } of sources) {
    assert.equal(knowledge.text(document)?.slice(start, end), quote);
    assert.ok(mark!.start >= start && mark!.end <= end && mark!.start < mark!.end);
  }
});

/** A page that describes options, each a term and what it is for. */
const OPTIONS = `<main><h1>gate</h1><p>${FILLER}</p><dl>${
  [
    ["-k, --keys=FILE", "File with the keys of the garden (default gate.keys)."],
    ["-p, --port=PORT", "Number of the port to listen on (default 4711)."],
    ["-q, --quiet", "Say nothing when somebody comes in or goes out."],
  ].map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join("")
}</dl></main>`;

Deno.test("a term is answered with its description, each on a line of its own", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "gate.html", text: OPTIONS }]);
  await using agent = createAgent({ knowledge });
  const { answer, sources: [source] } = await agent.ask("What is the default port of gate?");
  const { start, end } = source!.mark!;
  assert.equal(
    knowledge.text("gate.html")?.slice(start, end),
    "-p, --port=PORT\n- Number of the port to listen on (default 4711).",
  );
  assert.match(answer, /^-p, --port=PORT\n- Number of the port to listen on \(default 4711\)\.$/m);
});

Deno.test("passages are paragraphs; code in an answer ends before the number of its source", async () => {
  using knowledge = openKnowledge();
  const code = `\`\`\`sh\n${"gate --open --for bees\n".repeat(40)}\`\`\``;
  await knowledge.add([
    { document: "one.md", text: `# Bees\n\nThe gate opens for bees like this:\n\n${code}\n` },
    { document: "two.md", text: `# Birds\n\nBees find the gate open. ${FILLER.repeat(3)}` },
  ]);
  await using agent = createAgent({ knowledge });
  const { answer } = await agent.ask("How does the gate open for bees?");
  assert.equal((answer.match(/^`{3}/gm)?.length ?? 0) % 2, 0, answer);
  assert.doesNotMatch(answer, /`{3} \[/);
  assert.match(answer, /^`{3}\n\[1\]$/m);
});
