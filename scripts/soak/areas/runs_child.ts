/**
 * Begins a run, or goes on with it, until it is done or killed. Arguments: the sessions' file, the log, the session.
 * Writes to the log at once: "paid TURN" for each answer of the model, "done CALL" for each work of the tool.
 */

import { AgentError, createAgent } from "@agent/runtime/agent";
import { scriptedProvider } from "@agent/runtime/testing";
import { DONE, STEPS, THINKS_MS } from "./runs_names.ts";

const [path = "", log = "", session = ""] = Deno.args;
const line = (text: string): void => Deno.writeTextFileSync(log, `${text}\n`, { append: true });
const script = Array.from({ length: STEPS + 1 }, (_, turn) => () => {
  line(`paid ${turn}`);
  return turn === STEPS
    ? { text: DONE, delayMs: THINKS_MS }
    : { toolCalls: [{ name: "work", input: { turn } }], delayMs: THINKS_MS };
});
await using agent = createAgent({
  model: scriptedProvider(script),
  sessions: { path },
  tools: [{
    ...{ name: "work", description: "Works.", input: { type: "object" } },
    run: (input) => {
      line(`done ${(input as { turn: number }).turn}`);
      return "ok";
    },
  }],
});
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
let result;
try {
  result = await agent.resume(session);
} catch (error) {
  if (!AgentError.is(error, "NOT_FOUND")) throw error;
  result = await agent.run("Do it.", { session });
}
if (result.text !== DONE || result.finish.reason !== "done") {
  throw new Error(JSON.stringify(result.finish));
}
line("finished");
