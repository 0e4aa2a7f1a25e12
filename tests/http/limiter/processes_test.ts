/** Limiters in processes of their own: with what permissions, and killed. */

import assert from "assertions";
import { createLimiter } from "../../../src/http/limiter/mod.ts";
import { testNeeding } from "../../support/needs.ts";
import { bareEnvironment, BUILT, DENO, deno, ROOT } from "../../support/programs.ts";
import { missing, Server } from "../../support/redis.ts";
import { testOf, twins } from "../../support/twins.ts";
import { uniqueName, Watched } from "./support.ts";

const PROGRAM = `${ROOT}tests/http/limiter/program.ts`;
const LIMITS = { tokensPerMinute: 10 };

async function run(flags: string[], options: object): Promise<unknown> {
  const { code, stdout, stderr } = await deno([
    "run",
    "--no-prompt",
    ...flags,
    PROGRAM,
    "once",
    JSON.stringify({ ...LIMITS, ...options }),
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

Deno.test("limiter permissions: none are needed for one of the isolate's own", async () => {
  const own = { implementation: "pure", shared: false, tokensLeft: 8 };
  assert.deepEqual(await run([], {}), own);
  assert.deepEqual(await run([], { name: "x", shared: "preferred" }), own);
  assert.deepEqual(
    await run([], { name: "x" }),
    { code: "NATIVE_REQUIRED", library: "core-utils", state: "denied" },
  );
});

testOf(
  "limiter permissions",
  twins("http").native,
  "the library's for one of all Workers",
  async () => {
    const flags = [`--allow-ffi=${BUILT}`, `--allow-read=${BUILT}`];
    assert.deepEqual(await run(flags, { name: "x" }), {
      implementation: "native",
      shared: true,
      tokensLeft: 8,
    });
  },
);

testNeeding([missing], "limiter permissions: the server's for one of all machines", async () => {
  await using server = await Server.start();
  const options = { name: "x", redis: server.url() };
  const target = `127.0.0.1:${server.port}`;
  assert.deepEqual(await run([`--allow-net=${target}`], options), {
    implementation: "pure",
    shared: true,
    tokensLeft: 8,
  });
  assert.deepEqual(await run([], options), { code: "PERMISSION", permission: "net", target });
});

testNeeding([missing], "limiter in Redis: a user that may do no more than it needs", async () => {
  const commands = ["hello", "ping", "eval", "evalsha", "time", "hmget", "hget", "hset", "hdel"];
  commands.push("hincrby", "zadd", "zrem", "zcard", "zscore", "zrange", "zremrangebyscore");
  commands.push("pexpire", "select");
  const user = ["--user", "limiter", "on", ">hunter2", "resetkeys", "~agent:limiter:*", "-@all"];
  await using server = await Server.start(...user, ...commands.map((name) => `+${name}`));
  const limiter = createLimiter({
    redis: server.url("/2", "limiter:hunter2@"),
    name: "x",
    concurrency: 1,
    ...LIMITS,
  });
  const first = await limiter.reserve(3);
  await limiter.observe(
    new Headers({ "x-ratelimit-remaining-tokens": "4", "x-ratelimit-limit-tokens": "60" }),
  );
  const next = new Watched(limiter.reserve(2));
  await first.settle(1);
  await next.given();
  assert.ok((await limiter.stats()).tokensLeft < 10);
  await limiter.close();
});

testNeeding(
  [missing],
  "limiter in Redis: a process that is killed holds nobody up for long",
  async () => {
    await using server = await Server.start();
    const options = { name: uniqueName(), redis: server.url(), concurrency: 1, leaseMs: 1_000 };
    const child = new Deno.Command(DENO, {
      args: [
        ...["run", "--no-prompt", `--allow-net=127.0.0.1:${server.port}`],
        ...[PROGRAM, "hold", JSON.stringify(options)],
      ],
      clearEnv: true,
      env: bareEnvironment(),
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const limiter = createLimiter(options);
    const next = new Watched(limiter.reserve());
    assert.equal(next.state, "waiting");
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await next.given();
    assert.equal((await limiter.stats()).active, 1);
    await limiter.close();
  },
);
