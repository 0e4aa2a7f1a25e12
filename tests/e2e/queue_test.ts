/** `agent queue`: a queue in a file and one on Redis, passwords that nobody sees, the live view. */

import assert from "assertions";
import { preloadNative } from "../../src/native/status.ts";
import { createQueue, type Queue, type QueueOptions } from "../../src/queue/mod.ts";
import { noTerminal, testNeeding } from "../support/needs.ts";
import { DENO, type Finished, ROOT, start } from "../support/programs.ts";
import { missing, Server } from "../support/redis.ts";
import { agent, permissions, Scratch } from "./helpers.ts";

// A library that a test opens stays open.
preloadNative();

const PASSWORD = "open-sesame";

/** Three that are done, three that are dead, one for later. */
async function fill(options: QueueOptions): Promise<void> {
  await using queue: Queue<number, number> = createQueue<number, number>(options);
  queue.process((job) => {
    if (job.data % 2 === 1) throw new Error(`odd ${job.data}\x1b[2J`);
    return job.data;
  });
  await queue.addMany([1, 2, 3, 4, 5, 6]);
  await queue.add(7, { delayMs: 3_600_000, priority: 5 });
  await queue.drain();
}

/** What the commands say of such a queue, wherever it is. */
async function everyCommand(run: (...args: string[]) => Promise<Finished>): Promise<void> {
  const stats = await run("stats");
  assert.equal(stats.code, 0, stats.stderr);
  assert.match(stats.stdout, /^delayed +1\n/m);
  assert.match(stats.stdout, /^done +3\n/m);
  assert.match(stats.stdout, /^dead +3\n/m);
  const counts = JSON.parse((await run("stats", "--json")).stdout);
  assert.equal(counts.dead, 3);
  assert.equal(counts.paused, false);

  const list = await run("list");
  assert.equal(list.code, 0);
  const lines = list.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^\w+ {2}\d{4}-\d\d-\d\dT[\d:.]+Z, 1 try {2}1 {2}odd 1\?\[2J$/);
  const { jobs } = JSON.parse(
    (await run("list", "--json", "--limit", "1", "--offset", "1")).stdout,
  );
  assert.equal(jobs.length, 1);
  assert.equal(jobs[0].data, 3);
  const delayed = await run("list", "--state", "delayed");
  assert.match(delayed.stdout, /priority 5 {2}7\n$/);
  assert.match((await run("list", "--state", "running")).stderr, /no running jobs/);

  const one = await run("retry", jobs[0].id);
  assert.equal(one.stdout, "1 job put back\n");
  const unknown = await run("retry", "nobody", "--json");
  assert.equal(unknown.code, 1);
  assert.deepEqual(JSON.parse(unknown.stdout), { retried: 0 });
  assert.equal((await run("retry")).stdout, "2 jobs put back\n");
  assert.equal(JSON.parse((await run("stats", "--json")).stdout).waiting, 3);

  assert.equal(
    (await run("purge", "--state", "done", "--older-than", "1d")).stdout,
    "0 done jobs removed\n",
  );
  assert.equal((await run("purge", "--state", "done")).stdout, "3 done jobs removed\n");
  const purged = await run("purge", "--state", "done", "--json");
  assert.deepEqual(JSON.parse(purged.stdout), { state: "done", purged: 0 });
}

Deno.test("queue: a file, from stats to purge", async () => {
  using scratch = new Scratch();
  const file = `${scratch.path}/the jobs.sqlite`;
  await fill({ name: "mail", store: { file } });
  const rest = ["--file", file, "--name", "mail"];
  await everyCommand((...args) => agent(scratch, ["queue", ...args, ...rest]));
});

testNeeding([missing], "queue: Redis, from stats to purge", async () => {
  using scratch = new Scratch();
  await using server = await Server.start();
  await fill({ name: "mail", store: { redis: server.url() } });
  const rest = ["--redis", server.url(), "--name", "mail"];
  await everyCommand((...args) => agent(scratch, ["queue", ...args, ...rest]));
});

testNeeding(
  [missing],
  "queue: a name that Redis does not have is an error, and stays so",
  async () => {
    using scratch = new Scratch();
    await using server = await Server.start();
    await fill({ name: "mail", store: { redis: server.url() } });
    const rest = ["--redis", server.url()];
    for (
      const args of [
        ["stats"],
        ["stats", "--name", "mial"],
        ["stats", "--watch", "--name", "mial"],
        ["list", "--name", "mial"],
        ["retry", "--name", "mial"],
        ["purge", "--name", "mial", "--state", "done"],
        ["stats", "--name", "mial"],
      ]
    ) {
      const { code, stdout, stderr } = await agent(scratch, ["queue", ...args, ...rest]);
      assert.deepEqual([code, stdout], [1, ""], args.join(" "));
      const name = args.includes("--name") ? "mial" : "default";
      assert.match(stderr, new RegExp(`Redis at 127.* has no queue of the name "${name}" .--name`));
    }
    // One that was paused before it had jobs is one.
    {
      await using queue = createQueue({ name: "paused", store: { redis: server.url() } });
      await queue.pause();
    }
    const paused = await agent(scratch, ["queue", "stats", "--name", "paused", ...rest]);
    assert.equal(paused.code, 0, paused.stderr);
  },
);

Deno.test("queue: mistakes in the command line", async () => {
  using scratch = new Scratch();
  for (
    const [args, message] of [
      [["stats"], /Give --file PATH or --redis URL, or set AGENT_REDIS_URL/],
      [["stats", "--file", "a", "--redis", "redis://b"], /two places/],
      [["stats", "--redis", "http://b"], /Option --redis must be a URL .* with another scheme/],
      [["stats", "--redis", "redis://127.0.0.1", "--name", "a:b"], /Option --name must be without/],
      [["stats", "--every", "2", "--redis", "redis://b"], /--every goes with --watch/],
      [["stats", "--watch", "--json", "--redis", "redis://b"], /--watch goes with no --json/],
      [["list", "--state", "lost", "--redis", "redis://b"], /--state must be one of waiting/],
      [["purge", "--redis", "redis://b"], /Give the state/],
      [["purge", "--state", "waiting", "--redis", "redis://b"], /must be one of done, dead/],
      [["purge", "--state", "done", "--older-than", "5", "--redis", "redis://b"], /as in 7d/],
    ] as [string[], RegExp][]
  ) {
    const { code, stderr, stdout } = await agent(scratch, ["queue", ...args]);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
    assert.match(stderr, new RegExp(`scripts/agent queue ${args[0]} --help shows how\n`));
    if (!args.includes("--json")) assert.equal(stdout, "");
  }
  const gone = await agent(scratch, ["queue", "stats", "--file", `${scratch.path}/none`]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /There is no queue file/);
});

Deno.test("queue: a name that a file does not have is an error with those that it has", async () => {
  using scratch = new Scratch();
  const file = `${scratch.path}/jobs.sqlite`;
  for (const name of ["mail", "pages"]) await fill({ name, store: { file } });
  const before = await Deno.stat(file);
  for (
    const [args, message] of [
      [["stats"], /has no queue of the name "default" \(--name\); there are: "mail", "pages"\n/],
      [["stats", "--name", "mial"], /the name "mial" \(--name\); there are: "mail", "pages"\n/],
      [["list", "--name", "x", "--json"], /there are: "mail", "pages"/],
      [["retry", "--name", "x"], /there are: "mail", "pages"/],
      [["purge", "--name", "x", "--state", "done"], /there are: "mail", "pages"/],
      [["stats", "--name", "x", "--implementation", "pure"], /there are: "mail", "pages"/],
    ] as [string[], RegExp][]
  ) {
    const { code, stderr } = await agent(scratch, ["queue", ...args, "--file", file]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
  }
  assert.equal((await Deno.stat(file)).mtime!.getTime(), before.mtime!.getTime());
  await Deno.writeTextFile(`${scratch.path}/text`, "no queue file ".repeat(100));
  const other = await agent(scratch, ["queue", "stats", "--file", `${scratch.path}/text`]);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /is no SQLite database, not a queue file/);
});

Deno.test("queue: no more is granted than the server or the file", async () => {
  using scratch = new Scratch();
  const granted = async (args: string[], env: Record<string, string> = {}): Promise<string[]> =>
    (await permissions(scratch, ["queue", "stats", ...args], { env: scratch.env(env) }))
      .filter((flag) => /--allow-(net|write)/.test(flag));
  const secret = { AGENT_REDIS_URL: `redis://u:${PASSWORD}@10.1.2.3/4` };
  assert.deepEqual(await granted(["--redis", `redis://u:${PASSWORD}@127.0.0.1:7/1`]), [
    "--allow-net=127.0.0.1:7",
  ]);
  assert.deepEqual(await granted(["--redis=rediss://[::1]"]), ["--allow-net=[::1]:6379"]);
  assert.deepEqual(await granted(["--redis", "redis://localhost:99"]), ["--allow-net=localhost"]);
  assert.deepEqual(await granted([], secret), ["--allow-net=10.1.2.3:6379"]);
  assert.deepEqual(await granted(["--redis", "unix:///run/r.sock?db=2"]), [
    "--allow-write=/run/r.sock",
    "--allow-net=unix:/run/r.sock",
  ]);
  assert.deepEqual(await granted([]), []);
  const file = `${scratch.path}/j.sqlite`;
  assert.deepEqual(
    await granted(["--file", file], secret),
    ["", "-wal", "-shm", "-held"].map((end) => `--allow-write=${file}${end}`),
  );
});

/** Starts a live view and returns once it has written something. */
async function watching(
  scratch: Scratch,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ child: Deno.ChildProcess; first: string; rest: Promise<string> }> {
  const child = new Deno.Command(`${ROOT}scripts/agent`, {
    args: ["queue", ...args, "--watch", "--every", "0.1"],
    clearEnv: true,
    env: scratch.env(env),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: first = "" } = await reader.read();
  const rest = (async () => {
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += value;
    }
  })();
  return { child, first, rest };
}

testNeeding([missing], "queue: a password is seen in no list of processes", async () => {
  using scratch = new Scratch();
  await using server = await Server.start("--requirepass", PASSWORD);
  const url = server.url("", `:${PASSWORD}@`);
  await fill({ name: "mail", store: { redis: url } });
  const { child, first, rest } = await watching(scratch, [
    ...["stats", "--redis", url, "--name", "mail"],
  ]);
  assert.match(first, /^\S+Z {2}waiting 0 {2}delayed 1 .* dead 3 /);
  if (Deno.build.os === "linux") {
    const { stdout: shown } = await start("cat", [`/proc/${child.pid}/cmdline`]);
    assert.match(shown, /main\.ts/);
    assert.ok(!shown.includes(PASSWORD), shown);
  }
  child.kill("SIGINT");
  assert.equal((await child.status).code, 130);
  await rest;
  const stderr = await new Response(child.stderr).text();
  assert.equal(stderr, "agent: stopped\n");

  const byVariable = await agent(scratch, ["queue", "stats", "--name", "mail", "--json"], {
    env: scratch.env({ AGENT_REDIS_URL: url }),
  });
  assert.equal(JSON.parse(byVariable.stdout).dead, 3);
  const wrong = await agent(scratch, ["queue", "stats", "--redis", server.url("", ":no-way@")]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /let nobody in/);
  assert.ok(!wrong.stderr.includes("no-way"));
});

testNeeding([missing, noTerminal], "queue: the live view on a terminal", async () => {
  using scratch = new Scratch();
  await using server = await Server.start();
  await fill({ store: { redis: server.url() } });
  const command = `${ROOT}scripts/agent queue stats --redis ${server.url()} --watch --every 0.1`;
  for (const env of [{}, { NO_COLOR: "1" }] as Record<string, string>[]) {
    const child = new Deno.Command("script", {
      args: ["-qec", command, "/dev/null"],
      cwd: scratch.path,
      clearEnv: true,
      env: { ...scratch.env(env), SHELL: "/bin/sh", TERM: "xterm" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    let screen = "";
    let stopped = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      screen += text;
      if (stopped || screen.split("\x1b[8A").length < 4) continue;
      stopped = true;
      await writer.write(new TextEncoder().encode("\x03"));
    }
    await writer.close().catch(() => {});
    assert.equal((await child.status).code, 130);
    assert.match(screen, /queue, \d\d:\d\d:\d\d \(Ctrl-C ends\)/);
    assert.match(screen, /agent: stopped/);
    assert.doesNotMatch(screen, /Deno requests|Allow\?/);
    // deno-lint-ignore no-control-regex
    assert.equal(/\x1b\[33mdead/.test(screen), !("NO_COLOR" in env));
  }
});

testNeeding(
  [missing, noTerminal],
  "queue: a program asks nothing of the person at a terminal",
  async () => {
    using scratch = new Scratch();
    await using server = await Server.start();
    const program = scratch.file(
      "asks.ts",
      `import { createQueue } from "${ROOT}src/queue/mod.ts";
     await using queue = createQueue({ store: { redis: "${server.url()}" } });
     queue.process((job) => job.data);
     const job = await queue.add({ n: 1 });
     console.log(JSON.stringify(await job.result()));`,
    );
    const net = `--allow-net=127.0.0.1:${server.port}`;
    for (const more of [[], ["--allow-env"], ["--ignore-env"], ["--allow-env=HOME"]]) {
      const run = [DENO, "run", "--quiet", "--config", `${ROOT}deno.json`, net, ...more, program];
      const quoted = run.map((word) => `'${word}'`).join(" ");
      const { code, stdout } = await start("script", ["-qec", quoted, "/dev/null"], {
        env: { ...scratch.env(), SHELL: "/bin/sh", TERM: "xterm" },
      });
      assert.equal(stdout.trim(), '{"n":1}', more.join(" "));
      assert.equal(code, 0);
    }
  },
);
