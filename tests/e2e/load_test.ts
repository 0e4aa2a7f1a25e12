/** `agent load`: the report in every form, exit codes, what is out of scope, whose word opens it. */

import assert from "assertions";
import { serving } from "../support/servers.ts";
import { agent, Scratch } from "./helpers.ts";

Deno.test("load: a report as text, JSON and picture, and what has to hold", async () => {
  using scratch = new Scratch();
  await serving(() => new Response("hello"), async (address, requests) => {
    const run = (...args: string[]) =>
      agent(scratch, ["load", `http://${address}/a`, "--requests", "40", ...args]);
    const svg = `${scratch.path}/load.svg`;
    const json = await run("--json", "--svg", svg, "--header", "X-One: two");
    const report = JSON.parse(json.stdout);
    assert.equal(requests.length, 40);
    assert.deepEqual([report.succeeded, report.statuses], [40, { 200: 40 }]);
    // On a busy machine the generator may have been late, and says so.
    assert.equal(json.code, report.valid ? 0 : 1);
    assert.match(await Deno.readTextFile(svg), /^<svg [\s\S]*<\/svg>\n$/);
    const text = await run("--threshold", "errors < 1 %", "--threshold", "rate > 1000000000");
    assert.equal(text.code, 1);
    assert.match(text.stdout, /^40 requests, [\d.k]+ a second, none failed$/m);
    assert.match(text.stdout, /^ok {3}errors < 1 % \(0\.00 %\)$/m);
    assert.match(text.stdout, /^NOT {2}rate > 1000000000/m);
    assert.match(text.stdout, /^response +[\d.]+ (µs|ms|s)/m);
  });
});

Deno.test("load: targets out of scope and options that are none", async () => {
  using scratch = new Scratch();
  const here = "http://127.0.0.1:9/";
  for (
    const [args, code, words] of [
      [["http://8.8.8.8/"], 1, /8\.8\.8\.8 is not an address of this machine/],
      [["http://2852039166/"], 1, /metadata service/],
      [
        [here, "--connections", "51"],
        2,
        /Option --connections must be at most 50, which --over-limits raises/,
      ],
      [[here, "--duration", "1h"], 2, /Option --duration must be from 1 to 30000/],
      [[here, "--duration", "soon"], 2, /Option --duration must be a number/],
      [[here, "--header", "novalue"], 2, /Option --header must be such as/],
      [[here, "--threshold", "p98 < 5 ms"], 2, /Option --threshold must be such as/],
      [[here, "--threshold", "p99 < 5 ms", "--threshold", "p50 > 9 ms"], 2, /cannot both hold/],
      [[here, "--streams", "2"], 2, /Option --streams is of HTTP\/2/],
      [["127.0.0.1"], 2, /url must be an address/],
      [[], 2, /The address of a web server/],
    ] as const
  ) {
    const { stdout, stderr, ...result } = await agent(scratch, ["load", ...args]);
    assert.equal(result.code, code, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr + stdout, words);
  }
});

Deno.test("load: an authorisation of the environment is asked for its networks and its end", async () => {
  using scratch = new Scratch();
  const word = { scope: ["203.0.113.0/24"], reference: "ticket 7", expires: "2001-01-01" };
  for (
    const [text, words] of [[JSON.stringify(word), /ticket 7 ended/], [
      "no JSON",
      /is no JSON/,
    ]] as const
  ) {
    const { code, stderr } = await agent(scratch, ["load", "http://203.0.113.9/"], {
      env: scratch.env({ AGENT_LOAD_AUTHORIZATION: text }),
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
  }
});
