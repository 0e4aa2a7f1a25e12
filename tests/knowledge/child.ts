/**
 * The other process of the tests: opens a data file and does what its arguments say, as one line
 * of JSON.
 *
 * @module
 */
import { AgentError, openKnowledge } from "@agent/runtime/knowledge";

const [action, path = ":memory:", folder = ""] = Deno.args;

async function run(): Promise<unknown> {
  using knowledge = openKnowledge({ path });
  if (action === "index") {
    const { added, updated, unchanged, removed, skipped } = await knowledge.addFolder(folder);
    return { added, updated, unchanged, removed, skipped, stats: knowledge.stats() };
  }
  if (action === "search") return knowledge.searchText(folder);
  if (action === "high") return await knowledge.search("a", { quality: "high" });
  return knowledge.stats();
}

let result: unknown;
try {
  result = await run();
} catch (error) {
  if (!(error instanceof AgentError)) throw error;
  result = { code: error.code, message: error.message, details: error.details };
}
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(result)));
