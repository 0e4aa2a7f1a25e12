/** `run` and `resume` as they are typed: steps, a kill in the middle, somebody's word, mistakes, keys. */

import assert from "assertions";
import { noTerminal, testNeeding } from "../support/needs.ts";
import { serving } from "../support/servers.ts";
import { agent, copyCheckout, Scratch } from "./helpers.ts";
import { eventsOf, fiveSteps, started, typed, until, YES } from "./run_helpers.ts";

Deno.test("run: five steps by a script, with no key and no network; words here, steps there", async () => {
  using scratch = new Scratch();
  const { args } = fiveSteps(scratch);
  const { code, stdout, stderr } = await agent(scratch, ["run", "How long?", ...args, ...YES]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "Steep it for three minutes.\n");
  const steps = ["list_files", "read_file", "extract_keywords", "write_file"];
  for (const [at, name] of steps.entries()) {
    assert.match(stderr, new RegExp(`^agent: step ${at + 1}: ${name} `, "m"));
  }
  assert.match(stderr, /^agent: 100 tokens read, 10 written$/m);
  assert.equal(Deno.readTextFileSync(`${scratch.path}/notes/sum.md`), "Three minutes.\n");
});

Deno.test("run: the script of the documentation works in a fresh checkout", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "fresh");
  const args = ["run", "What is there for lawyers?", "--folder", "docs", "--model"];
  const { code, stdout, stderr } = await agent(
    scratch,
    [...args, "script:docs/five_steps.json", "--yes", "list_files,read_file", "--json"],
    { root, cwd: root },
  );
  assert.equal(code, 0, stderr);
  const { result } = eventsOf(stdout).at(-1)! as {
    result: { steps: { calls: { outcome: string }[] }[] };
  };
  assert.deepEqual(result.steps.map(({ calls }) => calls.map(({ outcome }) => outcome).join()), [
    ...["done", "done", "done", "done", ""],
  ]);
});

Deno.test("run --json: a line an event, the last with the result", async () => {
  using scratch = new Scratch();
  const { args } = fiveSteps(scratch);
  const { code, stdout } = await agent(scratch, ["run", "How long?", ...args, ...YES, "--json"]);
  assert.equal(code, 0);
  const events = eventsOf(stdout);
  const count = (type: string) => events.filter((event) => event["type"] === type).length;
  assert.equal(count("step-start"), 5);
  assert.equal(count("step-end"), 5);
  assert.equal(count("tool-result"), 4);
  const { type, result } = events.at(-1)! as { type: string; result: Record<string, unknown> };
  assert.equal(type, "done");
  assert.equal(result["text"], "Steep it for three minutes.");
  assert.deepEqual(result["finish"], { reason: "done" });
});

Deno.test("run: killed in the middle it goes on, and pays for no turn and does no call again", async () => {
  using scratch = new Scratch();
  const session = `${scratch.path}/s.db`;
  for (const [at, goOn] of [["run", "--session", session], ["resume", session]].entries()) {
    for (const end of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(session + end);
      } catch {
        // The first time there is none.
      }
    }
    // The third turn never comes: what is killed waits for it.
    const { args } = fiveSteps(scratch, 2);
    const task = ["run", "How long?", "--session", session, ...args, ...YES, "--json"];
    const child = await started(scratch, task);
    const before = await until(child.stdout, (line) => line.includes('"step-start","step":3'));
    child.kill("SIGKILL");
    await child.stderr.cancel();
    assert.notEqual((await child.status).code, 0);
    assert.ok(before.some((line) => line.includes('"tool-result","step":2')));
    assert.equal(Deno.statSync(session).mode! & 0o777, 0o600);

    // The same line again is not taken for a new task.
    fiveSteps(scratch);
    const again = await agent(scratch, ["run", "How long?", "--session", session, ...args, ...YES]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /was cut off: go on with scripts\/agent resume/);

    const { code, stdout, stderr } = await agent(scratch, [...goOn, ...args, ...YES, "--json"]);
    assert.equal(code, 0, stderr);
    const events = eventsOf(stdout);
    const starts = events.filter(({ type }) => type === "step-start").map(({ step }) => step);
    assert.deepEqual(starts, [3, 4, 5], goOn[0]);
    const { steps } = events.at(-1)!["result"] as { steps: { calls: { outcome: string }[] }[] };
    const outcomes = steps.flatMap(({ calls }) => calls.map(({ outcome }) => outcome));
    assert.deepEqual(outcomes, ["done", "done", "done", "done"], `${at}`);
  }
});

Deno.test("run: Ctrl-C stops it with what was done, and it can go on", async () => {
  using scratch = new Scratch();
  const session = `${scratch.path}/s.db`;
  const { args } = fiveSteps(scratch, 1);
  const child = await started(scratch, ["run", "How long?", "--session", session, ...args, ...YES]);
  // The first step's result is told before the turn that never comes.
  await until(child.stderr, (line) => line.includes("done: "));
  child.kill("SIGINT");
  await child.stdout.cancel();
  assert.equal((await child.status).code, 130);
  fiveSteps(scratch);
  const { code, stdout } = await agent(scratch, ["resume", session, ...args, ...YES]);
  assert.equal(code, 0);
  assert.equal(stdout, "Steep it for three minutes.\n");
});

Deno.test("run: without a terminal a call that needs a word waits, and resume decides it", async () => {
  using scratch = new Scratch();
  const session = `${scratch.path}/s.db`;
  const { args } = fiveSteps(scratch);
  const waiting = await agent(scratch, ["run", "How long?", "--session", session, ...args]);
  assert.equal(waiting.code, 1);
  assert.equal(waiting.stdout, "");
  assert.match(waiting.stderr, /resume .*s\.db --allow call_1_1, or --deny call_1_1=WHY/);
  const still = await agent(scratch, ["resume", session, ...args]);
  assert.equal(still.code, 1);
  const wrong = await agent(scratch, ["resume", session, "--allow", "call_9_9", ...args]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /calls that wait: call_1_1/);
  const both = ["resume", session, "--allow=call_1_1", "--deny=call_1_1=no", ...args];
  assert.equal((await agent(scratch, both)).code, 2);
  const denied = await agent(scratch, [
    ...["resume", session, "--deny", "call_1_1=not today", "--yes", "read_file", ...args, "--json"],
  ]);
  const events = eventsOf(denied.stdout);
  const [first] = events.filter(({ type }) => type === "tool-result");
  assert.equal(first!["outcome"], "denied");
  assert.match(String(first!["result"]), /not today/);
  // read_file was allowed, write_file was not.
  assert.match(denied.stderr, /--allow call_4_1/);
  const { code, stdout } = await agent(scratch, [
    "resume",
    session,
    "--allow",
    "call_4_1",
    ...args,
  ]);
  assert.equal(code, 0);
  assert.equal(stdout, "Steep it for three minutes.\n");
  const without = await agent(scratch, ["run", "How long?", ...args]);
  assert.match(without.stderr, /with --yes list_files, or with --session FILE/);
});

testNeeding(
  [noTerminal],
  "run: on a terminal somebody is asked, once for each call or for all",
  async () => {
    using scratch = new Scratch();
    const { args } = fiveSteps(scratch);
    const asked = await typed(scratch, ["run", "How long?", ...args], [
      [/or say why not: /, "y\r"],
      [/or say why not: /, "a\r"],
      [/or say why not: /, "because of me\r"],
    ]);
    assert.equal(asked.code, 0, asked.screen);
    assert.match(asked.screen, /wants to call list_files with/);
    assert.match(asked.screen, /"path": "sum\.md"/);
    assert.match(asked.screen, /write_file denied: It was not allowed: because of me/);
    assert.match(asked.screen, /Steep it for three minutes\./);
    assert.throws(() => Deno.statSync(`${scratch.path}/notes/sum.md`), Deno.errors.NotFound);
  },
);

Deno.test("run: bounds end it, with the reason", async () => {
  using scratch = new Scratch();
  const { args } = fiveSteps(scratch);
  const { code, stdout, stderr } = await agent(scratch, [
    ...["run", "How long?", ...args, ...YES, "--budget", "steps=2,calls=9"],
  ]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /not finished \(steps\): 2 turns are done/);
});

Deno.test("run: mistakes are told before anything is asked", async () => {
  using scratch = new Scratch();
  const { args, script } = fiveSteps(scratch);
  const model = ["--model", `script:${script}`];
  const usage: [string[], RegExp][] = [
    [["run"], /The task is missing/],
    [["run", "x"], /Give the model's address/],
    [["run", "x", "--model", "ftp://a"], /begins with http/],
    [["run", "x", "--model", "http://127.0.0.1:9/v1"], /--model-name/],
    [["run", "x", "--model", "http://u:hidden@127.0.0.1:9/"], /must not hold a user or a password/],
    [["run", "x", ...model, "--tools", "nonsense"], /--tools must be names of/],
    [["run", "x", ...model, "--tools", "read_file"], /needs --folder/],
    [["run", "x", ...model, "--domain", "developer"], /developer needs --folder/],
    [["run", "x", ...model, "--domain", "cook"], /--domain must be/],
    [["run", "x", ...model, "--budget", "cats=3"], /NAME is one of steps/],
    [["run", "x", ...model, "--budget", "steps=many"], /--budget steps must be a number/],
    [["run", "x", ...args, "--yes", "rm"], /--yes rm: there is no such tool/],
    [["run", "x", ...model, "--apikey", "hidden"], /Option --apikey is unknown/],
  ];
  for (const [words, said] of usage) {
    const { code, stderr, stdout } = await agent(scratch, words);
    assert.equal(code, 2, words.join(" "));
    assert.match(stderr, said);
    assert.equal(stdout, "");
    assert.doesNotMatch(stderr, /hidden/);
  }
  const failed: [string[], RegExp][] = [
    [["run", "x", "--model", "script:nothing.json"], /There is no script/],
    [["run", "x", ...model, "--budget", "usd=1"], /price of demo is not known/],
    [["resume", "nothing.db", ...model], /There is no session in/],
    [["run", "x", "--model", "http://127.0.0.1:9/v1", "--model-name", "m"], /cannot be reached/],
    [
      ["run", "x", "--model", "https://api.openai.com/v1", "--model-name", "m"],
      /OPENAI_API_KEY is not set/,
    ],
  ];
  for (const [words, said] of failed) {
    const { code, stderr } = await agent(scratch, words, { cwd: scratch.path });
    assert.equal(code, 1, words.join(" "));
    assert.match(stderr, said);
  }
  const json = await agent(scratch, ["run", "x", "--model", "script:nothing.json", "--json"]);
  assert.deepEqual(eventsOf(json.stdout).map(({ error }) => (error as { code: string }).code), [
    "NOT_FOUND",
  ]);
});

Deno.test("run: the key comes from a variable or a file, goes to its server, and is shown nowhere", async () => {
  using scratch = new Scratch();
  const key = "sk-very-secret-4711";
  const file = scratch.file("key.txt", `${key}\n`);
  const keys: (string | null)[] = [];
  const answer = (request: Request): Response => {
    keys.push(request.headers.get("authorization"));
    // A server that repeats what it was sent, as some do in their errors.
    if (keys.length > 3) return new Response(`bad key ${keys.at(-1)}`, { status: 401 });
    return Response.json({ choices: [{ message: { content: "Hello." }, finish_reason: "stop" }] });
  };
  await serving(answer, async (address) => {
    const args = [
      "run",
      "Hello?",
      "--model",
      `http://${address}/v1`,
      "--model-name",
      "m",
      "--tools",
      "none",
    ];
    const ways: [string[], Record<string, string>][] = [
      [[], { AGENT_API_KEY: key }],
      [["--key-env", "MY_KEY"], { MY_KEY: key }],
      [["--key-file", file], {}],
      [["--key-file", file], {}],
    ];
    for (const [at, [more, env]] of ways.entries()) {
      const session = ["--session", `${scratch.path}/${at}.db`];
      const words = [...args, ...session, ...more];
      const { code, stdout, stderr } = await agent(scratch, words, { env: scratch.env(env) });
      assert.equal(code, at < 3 ? 0 : 1, stderr);
      assert.equal(keys.at(-1), `Bearer ${key}`);
      assert.ok(!(stdout + stderr).includes(key));
      assert.ok(!new TextDecoder("latin1").decode(Deno.readFileSync(session[1]!)).includes(key));
    }
    // A maker's key goes to that maker alone.
    keys.length = 0;
    const env = scratch.env({ OPENAI_API_KEY: key, ANTHROPIC_API_KEY: key });
    assert.equal((await agent(scratch, args, { env })).code, 0);
    assert.deepEqual(keys, [null]);
    const empty = await agent(scratch, [...args, "--key-file", scratch.file("empty", "\n")]);
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /holds no key/);
    const unset = await agent(scratch, [...args, "--key-env", "MY_KEY"]);
    assert.match(unset.stderr, /MY_KEY is not set/);
  });
});
