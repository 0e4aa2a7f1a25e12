/**
 * A process that works on the jobs of a queue in a file, each as many milliseconds as its data says, by a clock that is
 * set by the lines of its input ("set MS": so far from the machine's). Writes "ready", then "began ID TRY" and "ended ID";
 * "set" answers a line. Ends with its input, after what runs.
 */

import { createQueueIn } from "../../../src/queue/create.ts";
import { steppedClock } from "./support.ts";

const [file, implementation, leaseMs] = Deno.args as [string, "native" | "pure", string];

const encoder = new TextEncoder();
const say = (line: string): void => {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
};

const clock = steppedClock();
const queue = createQueueIn<number, number>({ clock, random: () => 0.5 }, {
  name: "clocks",
  implementation,
  store: { file, synchronous: "normal" },
  leaseMs: Number(leaseMs),
  retention: { doneMs: Infinity },
});
queue.process(async (job) => {
  say(`began ${job.id} ${job.attempt}`);
  await new Promise((resolve) => setTimeout(resolve, job.data));
  say(`ended ${job.id}`);
  return Deno.pid;
}, { concurrency: 3, onError: (error) => say(`error ${error}`) });
await queue.stats();
say("ready");
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    clock.offset = Number(line.replace("set ", ""));
    say("set");
  }
}
await queue.close();
