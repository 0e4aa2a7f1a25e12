/**
 * A question asked before, over HTTP by wrk from a process of its own, beside a plain Deno.serve that says as many bytes: what each
 * answers for a second of the server's processor time.
 *
 * Arguments: seconds of one round. Prints JSON: answers a second of processor time, ours and the plain ones, the median of
 * three rounds in turns.
 */

import { createAgent } from "@agent/runtime/agent";
import { createServer } from "@agent/runtime/server";
import process from "node:process";
import { askRequest, DOCUMENTS, TOKEN } from "../serve_ways.ts";

const ROUNDS = 3;
const [seconds = "3"] = Deno.args;

await using agent = createAgent();
await agent.knowledge.add(DOCUMENTS);
await using server = createServer({ agent, token: TOKEN });
let text = "";
for (let at = 0; at < 3; at++) text = await (await server.fetch(askRequest())).text();
const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
await using ours = Deno.serve(options, (request, info) => server.fetch(request, info));
await using plain = Deno.serve(options, async (request) => {
  await request.json();
  return new Response(text, { headers: { "content-type": "application/json" } });
});

/** Answers a second of processor time. */
async function round(port: number): Promise<number> {
  const { url, headers } = askRequest();
  const before = process.cpuUsage();
  const { success, stdout } = await new Deno.Command("wrk", {
    args: [
      ...["-t1", "-c16", `-d${seconds}s`, "-s", "bench/lib/programs/serve_load.lua"],
      `http://127.0.0.1:${port}${new URL(url).pathname}`,
      ...["--", await askRequest().text(), headers.get("authorization")!],
    ],
    stderr: "inherit",
  }).output();
  const { user, system } = process.cpuUsage(before);
  const said = new TextDecoder().decode(stdout);
  const requests = Number(/(\d+) requests in/.exec(said)?.[1]);
  if (!success || !(requests > 0) || said.includes("Non-2xx")) throw new Error(said);
  return requests / ((user + system) / 1e6);
}

// The first round of each is V8's, which compiles.
for (const { addr } of [ours, plain]) await round(addr.port);
const figures: [number, number][] = [];
for (let at = 0; at < ROUNDS; at++) {
  figures.push([await round(ours.addr.port), await round(plain.addr.port)]);
}
const median = (which: 0 | 1) => figures.map((one) => one[which]).sort((a, b) => a - b)[1];
process.stdout.write(JSON.stringify({ ours: median(0), plain: median(1) }));
