/**
 * A process that takes one job of a queue in a file, writes "took ID", and leaves a file beside it. When its input ends it
 * completes the job; its exit code is 3 if that was refused.
 */

import { open } from "./support.ts";

const [file, twin, leaseMs] = Deno.args as [string, "native" | "pure", string];
const store = open(file, twin, { leaseMs: Number(leaseMs) });
const stop = store.watch(() => {});
let [job] = await store.take(1);
while (job === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  [job] = await store.take(1);
}
Deno.writeTextFileSync(`${file}.took`, job.id);
Deno.stdout.writeSync(new TextEncoder().encode(`took ${job.id}\n`));
for await (const _ of Deno.stdin.readable);
const accepted = await store.complete(job.id, job.token, '"too late"');
stop();
await store.close();
Deno.exit(accepted ? 0 : 3);
