/**
 * A run with a tool that fetches, traced as Deno exports it. Arguments: how `tracing` is set, as JSON; the address that the tool
 * fetches; whether it streams.
 */

import { createAgent } from "@agent/runtime/agent";
import { scriptedProvider } from "@agent/runtime/testing";

const [tracing = "", url = "", streamed = ""] = Deno.args;
const model = scriptedProvider([
  {
    text: "SECRET-THOUGHT",
    toolCalls: [{ name: "look", input: { word: "SECRET-INPUT" } }, { name: "fail" }],
    usage: { inputTokens: 30, outputTokens: 7, cachedInputTokens: 10 },
  },
  { text: "SECRET-ANSWER", usage: { inputTokens: 50, outputTokens: 9 } },
], { model: "model-1" });
await using agent = createAgent({
  model,
  tracing: JSON.parse(tracing),
  tools: [
    {
      ...{ name: "look", description: "Looks.", input: { type: "object" } },
      run: async () => await (await fetch(url)).text(),
    },
    {
      ...{ name: "fail", description: "Fails.", input: { type: "object" } },
      run(): void {
        throw new Error("SECRET-FAILURE");
      },
    },
  ],
});
if (streamed === "streamed") await Array.fromAsync(agent.runStream("SECRET-TASK"));
else await agent.run("SECRET-TASK");
try {
  const down = scriptedProvider([{ error: "SECRET-ERROR" }], { name: "down" });
  await using other = createAgent({ model: down, tracing: JSON.parse(tracing) });
  await Array.fromAsync(other.runStream("Go."));
} catch {
  // It is in the trace.
}
