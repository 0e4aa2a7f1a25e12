/**
 * The other process of the tests: asks the questions in its arguments and writes the answers as JSON.
 *
 * @module
 */
import { createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";

const [path = ":memory:", ...questions] = Deno.args;
using knowledge = openKnowledge({ path });
await using agent = createAgent({ knowledge });
const answers = [];
for (const question of questions) answers.push(await agent.ask(question));
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(answers)));
