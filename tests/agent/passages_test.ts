/** Passages: what is marked, where it stands, how long an answer is. */

import assert from "assertions";
import { createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";
import "../support/default_twin.ts";

const FILLER = "The garden is open from spring to autumn and closed when it snows. ";

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
