/**
 * Fetches and converts pages, keeps of each its title and a link, and says what is left of them on the JavaScript heap.
 *
 * Arguments: the twin, the server's address, how many pages before the first look, how many before the second. Prints
 * JSON: the bytes that are used at both looks after a collection, and the most that were used between them without one.
 * Needs `--v8-flags=--expose-gc`.
 */

import { createHttpClient } from "@agent/runtime/http";

const [twin = "", base = "", first = "", last = ""] = Deno.args;
const collect = (globalThis as unknown as { gc: () => void }).gc;

function used(): number {
  for (let times = 0; times < 4; times++) collect();
  return Deno.memoryUsage().heapUsed;
}

function* addresses(): Generator<string> {
  for (let page = 0; page < Number(last); page++) yield `${base}/${page}`;
}

await using client = createHttpClient({ allowPrivate: true });
const implementation = twin === "native" ? "native" : "pure";
const kept: string[] = [];
let [pages, tokens, before, peak] = [0, 0, 0, 0];
// A stream: of a list the addresses themselves would be held.
for await (const outcome of client.pages(ReadableStream.from(addresses()), { implementation })) {
  if (!outcome.ok) throw outcome.error;
  tokens += outcome.tokens;
  kept.push(outcome.title, outcome.links[0] ?? "");
  if (++pages === Number(first)) before = used();
  else if (pages > Number(first)) peak = Math.max(peak, Deno.memoryUsage().heapUsed);
}
const text = JSON.stringify({ before, after: used(), peak, pages, tokens, kept: kept.length });
Deno.stdout.writeSync(new TextEncoder().encode(text));
