/**
 * Answers questions from the documents of a folder; the index is kept, so that a second run reads only what changed.
 *
 * deno run --allow-read --allow-write=answers.sqlite,answers.sqlite-journal examples/folder_answers.ts docs "How are permissions given?"
 */

import { createAgent, openKnowledge } from "@agent/runtime";

const [folder, ...questions] = Deno.args;
if (folder === undefined || questions.length === 0) {
  console.error("Usage: folder_answers.ts FOLDER QUESTION...");
  Deno.exit(2);
}
using knowledge = openKnowledge({ path: "answers.sqlite" });
const { added, updated, removed, skipped } = await knowledge.addFolder(folder);
console.error(`${added} read, ${updated} read anew, ${removed} gone, ${skipped.length} left out`);

await using agent = createAgent({ knowledge });
for (const question of questions) {
  const { answer, confidence, sources } = await agent.ask(question);
  console.log(`${question}\n${answer}\n`);
  for (const { document, heading } of sources) {
    console.log(`  ${[document, ...heading ?? []].join(" > ")}`);
  }
  console.log(`  confidence ${confidence.toFixed(2)}\n`);
}
