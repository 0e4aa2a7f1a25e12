/**
 * A run whose tool gives much, with its journal in a folder; says as JSON what came of it. Where the disk is full, what lies beside
 * the journal is removed then, and the run goes on. Argument: the folder.
 */

import { Runner } from "../../../src/agent/loop/runner.ts";
import { scriptedProvider } from "../../../src/agent/testing/mod.ts";
import type { Tool } from "../../../src/agent/loop/types.ts";
import { AgentError } from "../../../src/shared/errors.ts";

const [folder = ""] = Deno.args;
const ballast = `${folder}/ballast`;
try {
  Deno.writeFileSync(ballast, new Uint8Array(3.5 * 2 ** 20));
} catch {
  // The disk cannot be written at all.
}
const seen: string[] = [];
const tool: Tool = {
  ...{ name: "note", description: "Notes.", input: { type: "object" } },
  run(_, { call }): string {
    seen.push(call.id);
    return "x".repeat(20_000);
  },
};
const turns = Array.from(
  { length: 30 },
  (_, n) => ({ toolCalls: [{ name: "note", input: { n } }] }),
);
const model = scriptedProvider([...turns, "All is noted."]);
const runner = new Runner({
  ...{ models: [model], tools: [tool], budget: { steps: 100 } },
  sessions: { path: `${folder}/journal` },
});
const found: Record<string, unknown> = {};
try {
  await runner.run("Go.", { session: "s" });
} catch (error) {
  if (!AgentError.is(error)) throw error;
  found["code"] = error.code;
  found["message"] = error.message;
}
found["runs"] = seen.length;
found["begun"] = model.requests.length;
if (seen.length > 0) {
  Deno.removeSync(ballast);
  const { finish } = await runner.resume("s");
  // Twice would be an id twice.
  found["resumed"] = new Set(seen).size === seen.length ? finish.reason : "twice";
}
runner.close();
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(found)));
