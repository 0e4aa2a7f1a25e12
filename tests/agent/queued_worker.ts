/**
 * A worker for runs in a queue, until its standard input ends. Arguments: the folder of the journal, the store as JSON, and of what
 * it is killed: `never`, or the point of {@linkcode crashAfter}. Writes a line to `done` for each work of a tool and to `paid` for
 * each answer of the model.
 */

import { createAgent, processRuns, type QueuedResult, type QueuedRun } from "@agent/runtime/agent";
import { createQueue, type StoreOption } from "@agent/runtime/queue";
import { crashAfter, scriptedProvider } from "@agent/runtime/testing";

/** Steps with a call, before the last. */
export const STEPS = 4;

if (import.meta.main) {
  const [folder = "", store = "", at = ""] = Deno.args;
  const line = (file: string, text: string): void => {
    Deno.writeTextFileSync(`${folder}/${file}`, `${text}\n`, { append: true });
  };
  const script = Array.from(
    { length: STEPS + 1 },
    (_, turn) => (messages: readonly { content: string }[]) => {
      const task = messages.find(({ content }) => content.startsWith("Task"))!.content;
      line("paid", `${task} ${turn}`);
      return turn === STEPS
        ? { text: `${task} is done.`, delayMs: 20 }
        : { toolCalls: [{ name: "work", input: { turn } }], delayMs: 20 };
    },
  );
  const work = {
    name: "work",
    description: "Works.",
    input: { type: "object" },
    run: (_: unknown, { session, call }: { session?: string; call: { id: string } }) => {
      line("done", `${session} ${call.id}`);
      return "ok";
    },
  };
  const model = scriptedProvider(script);
  const crash = at === "never"
    ? undefined
    : crashAfter(2, { at: at as "answer" | "call" | "step", how: "kill" });
  await using agent = createAgent({
    model: crash?.model(model) ?? model,
    tools: crash?.tools([work]) ?? [work],
    sessions: { path: `${folder}/sessions.db` },
  });
  const name = "runs";
  await using queue = createQueue<QueuedRun, QueuedResult>({
    ...{ name, store: JSON.parse(store) as StoreOption, leaseMs: 1_000 },
  });
  await using _worker = processRuns(queue, agent);
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  for await (const _ of Deno.stdin.readable) continue;
}
