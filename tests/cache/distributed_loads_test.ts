/** One load at a time for a key over connections and processes, and loads that are overtaken. */

import assert from "assertions";
import { setImmediate } from "node:timers";
import { connectCache } from "../../src/cache/mod.ts";
import { codecOf } from "../../src/cache/codec.ts";
import {
  DistributedSingleFlight,
  type LeaseReply,
} from "../../src/cache/distributed/single_flight.ts";
import type { LoadRequest } from "../../src/cache/options.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { deno, denoDirectory, ROOT } from "../support/programs.ts";
import { sharedServer } from "../support/redis.ts";
import { delay } from "../support/values.ts";
import { eventually, pairOf, redisTest } from "./distributed.ts";

const server = sharedServer();
const PROGRAM = `${ROOT}tests/cache/distributed_program.ts`;

/** A loader that waits until it is told what to do. */
function held(): {
  load: () => Promise<string>;
  /** Resolves when it was called. */
  begun: Promise<void>;
  give: (value: string) => void;
  fail: (error: Error) => void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const load = (): Promise<string> => {
    begun.resolve();
    return promise;
  };
  return { load, begun: begun.promise, give: resolve, fail: reject };
}

redisTest("many ask on two connections, one loads", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  for (let round = 0; round < 20; round++) {
    let loads = 0;
    const load = async (): Promise<string> => {
      loads++;
      await delay(round % 4);
      return `${round}`;
    };
    const asked = Array.from(
      { length: 50 },
      (_, i) => (i % 2 ? here : there).getOrSet(`k${round}`, load),
    );
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([`${round}`]));
    assert.equal(loads, 1, `round ${round}`);
  }
});

redisTest("many ask in three processes, one loads", async () => {
  const name = `tests ${crypto.randomUUID()}`;
  const { port } = server();
  const outcomes = await Promise.all([1, 2, 3].map(() =>
    deno([
      ...["run", "--no-prompt", "--no-check", `--allow-net=127.0.0.1:${port}`, PROGRAM],
      ...[server().url(), name, "load"],
    ])
  ));
  const results = outcomes.map(({ stdout, stderr }) => {
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as { loads: number; values: string[] };
  });
  assert.equal(results.reduce((sum, { loads }) => sum + loads, 0), 1, JSON.stringify(results));
  assert.equal(new Set(results.flatMap(({ values }) => values)).size, 1);
});

redisTest("a load that was overtaken returns its value but never stores it", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  for (const other of [here, there]) {
    const changes: Record<string, [() => Promise<unknown>, string | undefined]> = {
      set: [() => other.set("k", "set"), "set"],
      setMany: [() => other.setMany([["j", "1"], ["k", "set"]]), "set"],
      delete: [() => other.delete("k"), undefined],
      clear: [() => other.clear(), undefined],
      deleteByTag: [() => other.deleteByTag("t"), undefined],
      "deleteByTag of another": [() => other.deleteByTag("u"), "loaded"],
    };
    for (const [what, [change, after]] of Object.entries(changes)) {
      await here.delete("k");
      const { load, begun, give } = held();
      const loading = here.getOrSet("k", load, { tags: ["t"] });
      await begun;
      await change();
      give("loaded");
      assert.equal(await loading, "loaded", what);
      assert.equal(await here.get("k"), after, what);
      assert.equal(await other.peek("k"), after, what);
    }
  }
});

redisTest("what ends an entry in its grace ends the load of its successor", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  for (const evicted of [false, true]) {
    await here.set("k", "old", { ttlMs: 5, graceMs: 60_000, tags: ["t"] });
    await delay(20);
    const { load, begun, give } = held();
    assert.equal(await here.getOrSet("k", load), "old");
    await begun;
    if (evicted) {
      const script = "for _, k in ipairs(redis.call('KEYS', '*:m:t')) do redis.call('DEL', k) end";
      await server().command("EVAL", script, "0");
    }
    await there.deleteByTag("t");
    give("loaded");
    await delay(20);
    assert.equal(await here.get("k"), undefined);
    assert.equal(await there.getOrSet("k", () => "newer"), "newer");
    await there.delete("k");
    await here.has("nothing");
  }
});

redisTest("who asks after a change loads anew and does not join the load before it", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  for (const other of [here, there]) {
    await here.delete("k");
    const before = held();
    const first = here.getOrSet("k", before.load);
    await before.begun;
    await other.delete("k");
    await here.has("nothing"); // behind the message, if there is one
    assert.equal(await here.getOrSet("k", () => "after"), "after");
    before.give("before");
    assert.equal(await first, "before");
    assert.equal(await other.get("k"), "after");
  }
  // The change is sent while the one who loads is still asking for the lease, sooner or later.
  for (let i = 0; i < 60; i++) {
    const key = `race ${i}`;
    const before = held();
    const first = here.getOrSet(key, before.load);
    for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
    await here.set(key, "set");
    const after = here.getOrSet(key, () => "never");
    await delay(1);
    before.give("before");
    assert.equal(await after, "set", `after ${i} turns`);
    await first;
    assert.equal(await there.get(key), "set");
  }
});

redisTest("a loader's error reaches those who wait here; elsewhere another loads", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  const failure = new Error("no such page");
  const { load, begun, fail } = held();
  const waiting = [1, 2, 3].map(() => assert.rejects(here.getOrSet("k", load), failure));
  await begun;
  let loads = 0;
  const elsewhere = there.getOrSet("k", () => {
    loads++;
    return "second";
  });
  await delay(10);
  assert.equal(loads, 0);
  const before = performance.now();
  fail(failure);
  await Promise.all(waiting);
  assert.equal(await elsewhere, "second");
  assert.ok(performance.now() - before < 3_000, "long before the lease ended by time");
  assert.equal(loads, 1);
  await assert.rejects(
    here.getOrSet("j", () => {
      throw failure;
    }),
    failure,
  );
  assert.equal(await here.getOrSet("j", () => "fine"), "fine");
});

redisTest("a load that takes too long is stopped, and its lease is given back", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  let reason: unknown;
  const loading = here.getOrSet("k", (signal) => {
    signal.addEventListener("abort", () => reason = signal.reason);
    return new Promise(() => {});
  }, { loadTimeoutMs: 50 });
  await assert.rejects(loading, (error) => AgentError.is(error, "TIMEOUT"));
  assert.ok(AgentError.is(reason, "TIMEOUT"));
  assert.equal(await there.getOrSet("k", () => "next"), "next");
  // Who waits for another's load waits no longer than for one of its own.
  const { load, begun, give } = held();
  const long = here.getOrSet("j", load);
  await begun;
  await assert.rejects(
    there.getOrSet("j", () => "never", { loadTimeoutMs: 60 }),
    (error) => AgentError.is(error, "TIMEOUT"),
  );
  give("in the end");
  assert.equal(await long, "in the end");
  assert.equal(await there.getOrSet("j", () => "never"), "in the end");
});

redisTest("closing gives leases back; a machine that crashed loses them by time", async () => {
  const name = `tests ${crypto.randomUUID()}`;
  const redis = server().url();
  await using cache = await connectCache({ redis, name });
  const other = await connectCache({ redis, name });
  const { load, begun } = held();
  const loading = assert.rejects(
    other.getOrSet("k", load),
    (error) => AgentError.is(error, "CLOSED"),
  );
  await begun;
  const waiting = cache.getOrSet("k", () => "mine");
  await other.close();
  await loading;
  assert.equal(await waiting, "mine");
  await cache.delete("k");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", `--allow-net=127.0.0.1:${server().port}`, PROGRAM],
      ...[redis, name, "crash"],
    ],
    clearEnv: true,
    env: { NO_COLOR: "1", HOME: "/nonexistent", DENO_DIR: denoDirectory() },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
  assert.equal(await cache.getOrSet("k", () => "after the crash"), "after the crash");
});

redisTest("a load outlives the connection over which its lease was had", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  const { load, begun, give } = held();
  const loading = here.getOrSet("k", load);
  await begun;
  await server().command("CLIENT", "KILL", "TYPE", "normal");
  await eventually(() => here.get("x").catch(() => "away"), (value) => value === undefined);
  give("loaded");
  assert.equal(await loading, "loaded");
  await eventually(() => there.get("k").catch(() => "away"), (value) => value === "loaded");
});

Deno.test("DistributedSingleFlight: a lease asked for before a change is not joined after it", async () => {
  const asked: ((entered: LeaseReply) => void)[] = [];
  const loads = new DistributedSingleFlight<string>(codecOf("text"), {
    read: () => Promise.resolve(undefined),
    acquire: () => new Promise((resolve) => asked.push(resolve)),
    publish: () => Promise.resolve(),
    release: () => Promise.resolve(),
    kept: () => undefined,
    fits: () => true,
  }, { onError: undefined, fallback: false });
  const request = (load: () => Promise<string>): LoadRequest<string> => ({
    key: "k",
    load,
    timeoutMs: 10_000,
    signal: undefined,
    life: { ttlMs: Infinity, graceMs: 0, tags: undefined },
  });
  const before = held();
  const first = loads.get(request(before.load));
  const joined = loads.get(request(() => Promise.resolve("never")));
  await delay(0);
  loads.forget("k");
  asked[0]?.({ state: "acquired" });
  await delay(0);
  const second = loads.get(request(() => Promise.resolve("after")));
  await delay(0);
  assert.equal(
    asked.length,
    2,
    "who asked before is joined by who asked before, and by nobody else",
  );
  asked[1]?.({ state: "acquired" });
  assert.deepEqual(await second, { value: "after", loaded: true });
  before.give("before");
  assert.deepEqual(await first, { value: "before", loaded: true });
  assert.deepEqual(await joined, { value: "before", loaded: true });
  await loads.close();
});
