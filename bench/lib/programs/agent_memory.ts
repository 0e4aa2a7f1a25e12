/**
 * Says what a thousand runs at once take, and by how much memory grows over many runs one after the other. Argument: how many.
 * Prints JSON: `together`, `growth`, in bytes of resident memory.
 * Needs `--v8-flags=--expose-gc`, so that what is garbage does not count.
 */

import { type ChatProvider, createAgent, type Tool } from "@agent/runtime/agent";

const AT_ONCE = 1_000;
const count = Number(Deno.args[0]);
const tool: Tool = { name: "add", description: "Adds.", input: { type: "object" }, run: () => "2" };

function resident(): number {
  for (let i = 0; i < 5; i++) (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().rss;
}

let gate = Promise.withResolvers<void>();
let asked = 0;
const model: ChatProvider = {
  name: "memory",
  tools: true,
  async chat(messages) {
    asked++;
    if (messages.at(-1)!.role === "tool") {
      await gate.promise;
      return { text: "It is 2.", usage: { inputTokens: 10, outputTokens: 5 } };
    }
    return { text: "", toolCalls: [{ id: "1", name: "add", arguments: "{}" }] };
  },
};
const agent = createAgent({ model, tools: [tool] });

const before = resident();
const runs = Array.from({ length: AT_ONCE }, (_, at) => agent.run(`Add one to ${at}.`));
// All of them stand in their second step.
while (asked < 2 * AT_ONCE) await new Promise((resolve) => setTimeout(resolve, 1));
const together = resident() - before;
gate.resolve();
await Promise.all(runs);

gate = Promise.withResolvers();
gate.resolve();
let half = 0;
for (let at = 0; at < count; at++) {
  await agent.run(`Add one to ${at}.`);
  if (at === count / 2) half = resident();
}
const growth = resident() - half;
await agent.close();
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ together, growth })));
