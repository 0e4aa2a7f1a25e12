/**
 * A process that fills its queue file until there is no room, works on while there is none, and again when there is:
 * the parent makes room after the line "full". It writes what it found as JSON at its end.
 */

import { createQueue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { until } from "../../support/values.ts";

const [file, implementation] = Deno.args as [string, "native" | "pure"];
const queue = createQueue<string, number>({
  implementation,
  store: { file, synchronous: "full" },
  retention: { doneMs: Infinity, doneCount: Infinity },
});
const say = (line: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
};
const added: string[] = [];
let refused: unknown;
while (refused === undefined) {
  try {
    added.push((await queue.add("x".repeat(20_000))).id);
  } catch (error) {
    refused = error;
  }
}
const ran: string[] = [];
const worker = queue.process((job) => ran.push(job.id), { concurrency: 2 });
say("full");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
await lines.read();
await until(async () => (await queue.stats()).done === added.length);
const last = await queue.add("room");
await last.result();
await worker.close();
say(JSON.stringify({
  code: AgentError.is(refused) ? refused.code : String(refused),
  message: (refused as Error).message,
  added: added.length,
  isDone: added.every((id) => ran.includes(id)),
}));
await queue.close();
Deno.exit(0);
