/** `agent scan`: what is open, in every form; what is out of scope; whose word opens it. */

import assert from "assertions";
import { agent, Scratch } from "./helpers.ts";

Deno.test("scan: open ports as a table, JSON, JSONL and nmap's XML", async () => {
  using scratch = new Scratch();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port;
  const run = async (...args: string[]): Promise<string> => {
    const all = ["scan", "localhost", "--ports", String(port), ...args];
    const { code, stdout, stderr } = await agent(scratch, all);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const table = await run();
  assert.match(table, /^ {2}PORT +STATE {2}REASON {4}TIME +SERVICE$/m);
  assert.match(table, new RegExp(`^  ${port}/tcp  open   accepted  [\\d.]+ ms$`, "m"));
  const { reports: [report] } = JSON.parse(await run("--json"));
  assert.deepEqual([report.target, report.counts.open, report.complete], ["localhost", 1, true]);
  const lines = (await run("--format", "jsonl")).trimEnd().split("\n");
  assert.equal(JSON.parse(lines[0]!).port, port);
  assert.match(await run("--format", "nmap-xml"), new RegExp(`portid="${port}"`));
  assert.match(await run("--dry-run"), /: 1 probe would be sent/);
  assert.match(await run("--udp", "9"), /1 open/);
  listener.close();
  assert.match(await run("--all"), new RegExp(`^  ${port}/tcp  closed  refused`, "m"));
});

Deno.test("scan: targets out of scope, networks that are too large, lists that are none", async () => {
  using scratch = new Scratch();
  for (
    const [args, code, words] of [
      [["8.8.8.8"], 1, /8\.8\.8\.8 is not an address of this machine/],
      [["2852039166"], 1, /metadata service/],
      [["127.0.0.0/8"], 1, /16777214 addresses/],
      [["127.0.0.1", "--ports", "90-80"], 2, /Option --ports has a range/],
      [["127.0.0.1", "--ports", ""], 2, /Option --ports is empty/],
      [["127.0.0.1", "--format", "csv"], 2, /must be one of/],
      [["127.0.0.1", "--json", "--format", "jsonl"], 2, /two forms/],
      [["fe80::1%eth0"], 2, /zone/],
      [["127.0.0.1", "--ports", "0"], 2, /ports from 1 to 65535, got 0/],
      [["127.0.0.1", "--ports", "65536"], 2, /ports from 1 to 65535, got 65536/],
      [["127.0.0.1", "--udp", "70-60"], 2, /Option --udp has a range/],
      [["0x08080808"], 1, /0x08080808 \(8\.8\.8\.8\) is not an address of this machine/],
      [["010.010.010.010"], 1, /\(8\.8\.8\.8\)/],
      [["::ffff:8.8.8.8"], 1, /\(8\.8\.8\.8\)/],
      [["64:ff9b::7f00:1"], 1, /behind somebody's gateway/],
      [["8.8.8.8"], 1, /AGENT_SCAN_AUTHORIZATION/],
      [["127.0.0.1:80"], 2, /"127\.0\.0\.1:80" has a port in it/],
      [["[::1]:80"], 2, /has a port in it/],
      [["1::2::3"], 2, /is not a host name or address/],
      [["10.0.0.0/33"], 2, /TARGET must have a prefix from 0 to 32/],
      [["http://127.0.0.1/"], 2, /TARGET must be an address or a network/],
      [["a..b"], 2, /a\.\.b/],
      [["127.0.0.1", "--ports", "none"], 2, /Option --ports is none and --udp too/],
      [[], 2, /A name, an address or a network/],
    ] as const
  ) {
    const { stdout, stderr, ...result } = await agent(scratch, ["scan", ...args]);
    assert.equal(result.code, code, args.join(" "));
    // With --json the mistake is a document on standard output.
    assert.match(stderr + stdout, words);
    if (stdout !== "") assert.equal(JSON.parse(stdout).error.code, "USAGE");
  }
});

Deno.test("scan: an authorisation of the environment opens its networks, and is named", async () => {
  using scratch = new Scratch();
  const word = { scope: ["203.0.113.0/24"], reference: "ticket 7", expires: "2999-01-01" };
  const run = (authorization: string, target: string) =>
    agent(scratch, ["scan", target, "--ports", "80", "--dry-run", "--json"], {
      env: scratch.env({ AGENT_SCAN_AUTHORIZATION: authorization }),
    });
  const allowed = await run(JSON.stringify(word), "203.0.113.9");
  assert.equal(allowed.code, 0, allowed.stderr);
  assert.equal(JSON.parse(allowed.stdout).reports[0].authorization, "ticket 7");
  for (const [text, target] of [[JSON.stringify(word), "8.8.8.8"], ["no JSON", "127.0.0.1"]]) {
    const refused = await run(text!, target!);
    assert.equal(refused.code, 1, refused.stderr);
  }
});

Deno.test("scan: what is done stands in a log, and no argument leads it elsewhere", async () => {
  using scratch = new Scratch();
  const events = (path: string): string[] =>
    Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => {
      const { event, operation, target, at } = JSON.parse(line);
      assert.ok(Date.parse(at) > 0);
      return `${event} ${operation} ${target}`;
    });
  const path = `${scratch.path}/asked.jsonl`;
  const scan = ["scan", "--ports", "9"];
  for (
    const [target, code, ...more] of [
      ["127.0.0.1", 0, "--audit", path],
      ["8.8.8.8", 1, `--audit=${path}`],
      ["localhost", 0, "--dry-run", "--audit", path],
    ] as const
  ) {
    const found = await agent(scratch, [...scan, target, ...more]);
    assert.equal(found.code, code, found.stderr);
  }
  assert.deepEqual(events(path), [
    "start scanHosts 127.0.0.1",
    "end scanHosts 127.0.0.1",
    "refused scanHosts 8.8.8.8",
    "dry-run scanHosts localhost",
  ]);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);

  const set = `${scratch.path}/set.jsonl`;
  const env = scratch.env({ AGENT_SCAN_AUDIT: set });
  const kept = await agent(scratch, [...scan, "127.0.0.1"], { env });
  assert.equal(kept.code, 0, kept.stderr);
  assert.deepEqual(events(set), ["start scanHosts 127.0.0.1", "end scanHosts 127.0.0.1"]);
  const led = await agent(scratch, [...scan, "127.0.0.1", "--audit", path], { env });
  assert.equal(led.code, 2);
  assert.match(led.stderr, /AGENT_SCAN_AUDIT says where the log is/);
  assert.equal(events(path).length, 4);

  // A scan whose line cannot be written is not begun.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nowhere = ["scan", "127.0.0.1", "--ports", `${listener.addr.port}`, "--audit", "/no/such"];
  const refused = await agent(scratch, nowhere);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /nothing is scanned without it/);
});
