/**
 * An agent whose run waits for a person's word before it sends anything, and goes on when the word comes, in another
 * process if need be: what was done is in a journal, so nothing is paid for or done twice.
 *
 * deno run --allow-read=. --allow-write=. examples/durable_agent.ts
 * deno run --allow-read=. --allow-write=. examples/durable_agent.ts allow
 */

import { createAgent, type Tool } from "@agent/runtime/agent";
import { scriptedProvider } from "@agent/runtime/testing";

const send: Tool = {
  name: "send_letter",
  description: "Sends a letter.",
  input: {
    type: "object",
    properties: { to: { type: "string" }, text: { type: "string" } },
    required: ["to", "text"],
  },
  approval: "always",
  run: (input) => `sent to ${(input as { to: string }).to}`,
};
// A script in the place of a model, so that this runs without a key: { url, model, apiKey } is a real one.
const model = scriptedProvider([
  { toolCalls: [{ name: "send_letter", input: { to: "Ann", text: "The tea is ready." } }] },
  { text: "The letter is on its way." },
]);
await using agent = createAgent({ model, tools: [send], sessions: { path: "letters.sqlite" } });

const word = Deno.args[0];
if (word === undefined) {
  const { finish } = await agent.run("Tell Ann that the tea is ready.", { session: "ann" });
  for (const call of finish.pending ?? []) {
    console.log(`${finish.reason}: ${call.name} ${call.arguments}`);
  }
  console.log("Run it again with: allow, or: deny");
} else {
  const { pending = [] } = (await agent.resume("ann")).finish;
  const decisions = Object.fromEntries(
    pending.map(({ id }) => [id, word === "allow" ? "allow" as const : { deny: "not today" }]),
  );
  const { text, finish } = await agent.resume("ann", decisions);
  console.log(`${finish.reason}: ${text}`);
}
