/** What `run`, `resume`, `chat` and the agent's own commands are granted: by launcher and program alike, and no more than is named. */

import assert from "assertions";
import { agent, direct, documents, permissions, Scratch } from "./helpers.ts";

Deno.test("run permissions: launcher and program print the same", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const script = scratch.file("a script.json", '{ "turns": ["Done."] }');
  const model = ["--model", `script:${script}`];
  const http = (url: string) => ["--model", url, "--model-name", "m"];
  const session = `${scratch.path}/session.db`;
  const calls = [
    ["run", "Do it", ...model, "--folder", docs, "--docs", docs, "--session", session],
    ["run", "Do it", ...http("http://127.0.0.1:11434/v1"), "--key-file", script],
    ["run", "Do it", ...http("https://models.example/v1"), "--key-env", "MY_KEY"],
    ["run", "Do it", ...http("https://models.example/v1"), "--key-env=no-name"],
    ["run", "Do it", ...http("not an address")],
    ["run", `--model=script:${script}`, "--session=s.db"],
    ["chat", ...model, "--tools", "scan_ports,run_code,connections", "--domain=trader"],
    ["chat", ...model, "--tools=system_snapshot", "--domain", "developer", "--session", session],
    ["resume", session, ...model, "--tools", "threats", "--allow-host", "a.example"],
    ["resume", ...model, "s.db", "--allow", "call_1_1"],
    ["status", "--docs", docs],
    ["get_metrics", "--data", docs],
    ["update-domain", "cook", "--description", "x", "--word", "y"],
    ["reload_model", ...model],
    ["security_scan", "127.0.0.1"],
    ["performance-test", "http://127.0.0.1:1/"],
    ["list_containers"],
    ["deploy-container", "data-science"],
    ["text_similarity", "a", "b"],
  ];
  const options = { cwd: scratch.path, env: scratch.env() };
  for (const args of calls) {
    const flags = await permissions(scratch, args, options);
    // Paths reach the program as the launcher resolved them.
    const resolved = args.map((arg) =>
      arg.replace(/^(--session=)?s\.db$/, `$1${scratch.path}/s.db`)
    );
    const printed = await direct(
      scratch,
      ["--allow-env"],
      [...resolved, "--print-permissions"],
      options,
    );
    assert.equal(printed.code, 0, printed.stderr);
    assert.deepEqual(flags, printed.stdout.trimEnd().split("\n"), args.join(" "));
  }
});

Deno.test("run permissions: what a tool needs is granted where it is named, and nowhere else", async () => {
  using scratch = new Scratch();
  const script = scratch.file("s.json", "[]");
  const of = async (...more: string[]): Promise<string[]> =>
    await permissions(scratch, ["run", "x", "--model", `script:${script}`, ...more]);
  const plain = await of();
  for (const kind of ["net", "sys", "run"]) {
    assert.ok(!plain.some((flag) => flag.startsWith(`--allow-${kind}`)), kind);
  }
  assert.ok(!plain.includes("--allow-read=/"));
  const look = await of("--tools", "count_tokens,connections");
  assert.ok(look.includes("--allow-sys") && look.includes("--allow-read=/"));
  const scan = await of("--tools", "scan_ports");
  assert.ok(scan.includes("--allow-net=localhost"));
  assert.ok(scan.includes("--allow-net=127.0.0.1") && !scan.includes("--allow-sys"));
  // The words of the task name no tool.
  assert.deepEqual(await of("--budget", "connections=1"), plain);
  const git = await of("--domain", "developer");
  assert.ok(git.includes("--allow-run=git"));
  const page = await of("--tools", "fetch_page", "--allow-host", "a.example");
  assert.deepEqual(page.filter((flag) => flag.startsWith("--allow-net")), [
    "--allow-net=a.example",
  ]);
});

Deno.test("the agent's commands: counts and domains are kept from one program to the next", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await agent(scratch, [...args, "--json"]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  assert.equal((await json("get-metrics"))["questions"], 0);
  const question = ["ask", "Which port is used by default?", "--docs", docs];
  assert.equal((await json(...question))["cached"], false);
  assert.equal((await json(...question))["cached"], true);
  const metrics = await json("get_metrics");
  assert.deepEqual([metrics["questions"], metrics["answered"], metrics["cached"]], [2, 1, 1]);
  await json("clear-cache", "--docs", docs);
  assert.equal((await json(...question))["cached"], false);
  const unknown = [...question, "--domain", "sailor"];
  assert.equal((await agent(scratch, unknown)).code, 2);
  const domain = await json("update_domain", "sailor", "--description", "Ships", "--word", "port");
  assert.deepEqual(domain["vocabulary"], ["port"]);
  assert.equal((await json(...unknown))["domain"], "sailor");
  const status = await json("status", "--docs", docs);
  assert.equal((status["knowledge"] as { documents: number }).documents, 3);
  assert.ok((status["domains"] as string[]).includes("sailor"));
  assert.equal(status["sessions"], null);
  assert.match((status["unavailable"] as Record<string, string>)["sessions"]!, /without sessions/);
  assert.equal((await json("reset-metrics"))["questions"], 0);
  assert.equal((await json("get-metrics"))["questions"], 0);
  const mode = Deno.statSync(`${scratch.path}/home/.local/share/agent/agent.sqlite`).mode!;
  assert.equal(mode & 0o777, 0o600);
  const file = scratch.file("other/agent.sqlite", "no database");
  const broken = await json("status", "--data", file.slice(0, file.lastIndexOf("/")));
  assert.match((broken["unavailable"] as Record<string, string>)["state"]!, /cannot be read/);
});
