/** The copies of two connections beside each other, tags, and what is in Redis but not ours. */

import assert from "assertions";
import { connectCache, createCache, type SetOptions } from "../../src/cache/mod.ts";
import { CASES } from "../support/arbitraries.ts";
import "../support/default_twin.ts";
import { sharedServer } from "../support/redis.ts";
import { delay, wrong } from "../support/values.ts";
import { eventually, pairOf, redisTest } from "./distributed.ts";

const server = sharedServer();

/** Numbers from 0 on, the same in each run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 0x9e3779b1 + 1 | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

redisTest("a change elsewhere ends the copy here", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  const changes: Record<string, [change: () => Promise<unknown>, after: string | undefined]> = {
    set: [() => there.set("k", "2"), "2"],
    setMany: [() => there.setMany([["k", "3"], ["l", "3"]]), "3"],
    delete: [() => there.delete("k"), undefined],
    clear: [() => there.clear(), undefined],
    deleteByTag: [() => there.deleteByTag("t"), undefined],
    "a shorter life": [() => there.set("k", "5", { ttlMs: 5 }), undefined],
    FLUSHALL: [() => server().command("FLUSHALL"), undefined],
  };
  for (const [what, [change, after]] of Object.entries(changes)) {
    await here.set("k", "1", { tags: ["t"] });
    assert.equal(await here.get("k"), "1");
    const { copyHits } = await here.stats();
    assert.equal(await here.get("k"), "1");
    assert.equal((await here.stats()).copyHits, copyHits + 1, what);
    await change();
    await eventually(() => here.get("k"), (value) => value === after);
  }
});

redisTest("this connection's own changes are seen by its next read", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  for (let i = 0; i < 50; i++) {
    // A read that is under way when the change is sent must not bring the old value back.
    const reads = [here.get("k"), here.getMany(["k", "l"]), here.getOrSet("l", () => "loaded")];
    const changes = [here.set("k", `${i}`, { tags: ["t"] }), here.setMany([["l", `${i}`]])];
    await Promise.all([...reads, ...changes]);
    assert.equal(await here.get("k"), `${i}`);
    assert.deepEqual(await here.getMany(["k", "l"]), [`${i}`, `${i}`]);
    await Promise.all([here.get("k"), here.deleteByTag("t")]);
    assert.equal(await here.get("k"), undefined);
    await Promise.all([here.get("l"), here.clear()]);
    assert.equal(await here.get("l"), undefined);
  }
});

redisTest("what is read while it changes is not kept", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  const name = `tests ${crypto.randomUUID()}`;
  const redis = server().url();
  await using one = await connectCache({ redis, name });
  await using two = await connectCache({ redis, name });
  await using third = await connectCache({ redis, name });
  const random = randomOf(7);
  const keys = Array.from({ length: 6 }, (_, i) => `k${i}`);
  for (let round = 0; round < 40; round++) {
    const under: Promise<unknown>[] = [];
    for (let i = 0; i < 100; i++) {
      const key = keys[random(keys.length)] as string;
      const cache = random(2) === 0 ? one : two;
      const dice = random(100);
      const value = `${round} ${i}`;
      if (dice < 10) under.push(cache.set(key, value, random(2) === 0 ? { tags: ["a"] } : {}));
      else if (dice < 13) under.push(cache.delete(key));
      else if (dice < 15) under.push(cache.deleteByTag("a"));
      else if (dice === 15 && random(4) === 0) under.push(cache.clear());
      else if (dice < 22) under.push(cache.getOrSet(key, () => value, { tags: ["a"] }));
      else if (dice < 30) under.push(cache.getMany(keys));
      else under.push(cache.get(key));
      if (random(10) === 0) await delay(0);
    }
    await Promise.all(under);
    // A reply comes behind every message that was sent before it; the third has read nothing before.
    await Promise.all([one.has("nothing"), two.has("nothing")]);
    const truth = round === 0 ? undefined : await connectCache({ redis, name });
    const expected = await (truth ?? third).getMany(keys);
    await truth?.close();
    assert.deepEqual(await one.getMany(keys), expected);
    assert.deepEqual(await two.getMany(keys), expected);
  }
});

redisTest(
  "any sequence of calls on two connections gives what a cache in this isolate gives",
  async () => {
    const words = ["a", "b", "é", "🙂", "", "a:b"];
    const tags = ["t", "u", "t:u"];
    for (let seed = 0; seed < Math.ceil(CASES / 40); seed++) {
      const random = randomOf(seed);
      const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
      const pair = await pairOf(server());
      using model = createCache({ implementation: "pure" });
      try {
        for (let step = 0; step < 40; step++) {
          const cache = pick(pair);
          const key = pick(words);
          const value = `${step}`;
          const options: SetOptions = {
            tags: tags.filter(() => random(3) === 0),
            ...(random(3) === 0
              ? { ttlMs: 1, graceMs: 1e6 }
              : random(3) === 0
              ? { ttlMs: 1e6 }
              : {}),
          };
          let got: unknown;
          let expected: unknown;
          switch (random(12)) {
            case 0:
              [got, expected] = [await cache.delete(key), model.delete(key)];
              break;
            case 1:
              if (random(3) > 0) break;
              [got, expected] = [await cache.clear(), model.clear()];
              break;
            case 2: {
              const tag = pick(tags);
              [got, expected] = [await cache.deleteByTag(tag), model.deleteByTag(tag)];
              break;
            }
            case 3:
            case 4:
              [got, expected] = [
                await cache.set(key, value, options),
                model.set(key, value, options),
              ];
              break;
            case 5: {
              const entries = words.filter(() => random(2) === 0).map((word) =>
                [word, value] as const
              );
              [got, expected] = [
                await cache.setMany(entries, options),
                model.setMany(entries, options),
              ];
              break;
            }
            case 6:
              [got, expected] = [await cache.getMany(words), model.getMany(words)];
              break;
            case 7:
              [got, expected] = [await cache.has(key), model.has(key)];
              break;
            case 8:
              [got, expected] = [
                await cache.getOrSet(key, () => value, options),
                await model.getOrSet(key, () => value, options),
              ];
              // What was served in its grace is loaded behind.
              await delay(3);
              break;
            case 9:
              [got, expected] = [(await cache.keys()).sort(), model.keys().sort()];
              break;
            case 10:
              [got, expected] = [await cache.size(), model.size];
              break;
            default:
              [got, expected] = [await cache.get(key), model.get(key)];
          }
          assert.deepEqual(got, expected, `seed ${seed}, step ${step}`);
          if (options.ttlMs === 1) await delay(3);
          for (const cache of pair) await cache.has("nothing");
        }
      } finally {
        for (const cache of pair) await cache.close();
      }
    }
  },
);

redisTest("deleteByTag() removes exactly what carries the tag", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  await here.set("a", "1", { tags: ["x"] });
  await here.set("b", "1", { tags: ["x", "y"] });
  await there.set("c", "1", { tags: ["y"] });
  await there.set("d", "1");
  await there.set("e", "1", { tags: ["x"], ttlMs: 10 });
  await there.set("f", "1", { tags: ["x"], ttlMs: 10, graceMs: 60_000 });
  await here.set("g", "1", { tags: ["x"] });
  await there.set("g", "2");
  await delay(30);
  assert.deepEqual(await here.getMany(["a", "b"]), ["1", "1"]);
  assert.deepEqual(await there.getMany(["a", "b"]), ["1", "1"]);
  assert.equal(await there.deleteByTag("x"), 2);
  assert.equal(await there.deleteByTag("x"), 0);
  assert.deepEqual((await there.keys()).sort(), ["c", "d", "g"]);
  await eventually(
    () => here.getMany(["a", "b", "c"]),
    (values) => values[0] === undefined && values[1] === undefined && values[2] === "1",
  );
  assert.equal(await here.getOrSet("f", () => "loaded"), "loaded", "its grace is over too");
  assert.equal(await here.deleteByTag("y"), 1);
});

redisTest("what is kept about tags goes when nothing carries them", async () => {
  await using cache = await connectCache({ redis: server().url("/9") });
  const inRedis = async (): Promise<string[]> => {
    const script = "redis.call('SELECT', 9) return table.concat(redis.call('KEYS', '*'), ' ')";
    const [, names = ""] = (await server().command("EVAL", script, "0")).split("\r\n");
    return names.split(" ").filter((name) => name !== "");
  };
  for (let i = 0; i < 200; i++) await cache.set(`brief ${i}`, "1", { tags: ["often"], ttlMs: 1 });
  await cache.set("k", "1", { tags: ["one"] });
  await cache.set("k", "1", { tags: ["two"] });
  await cache.delete("k");
  await delay(20);
  await cache.set("last", "1", { tags: ["often"] });
  await cache.set("last", "1", { tags: ["often"] });
  const members = await server().command(
    "EVAL",
    "redis.call('SELECT', 9) return redis.call('ZCARD', KEYS[1])",
    "1",
    "agent:cache:{default}:m:often",
  );
  assert.ok(Number(members.slice(1)) <= 200 - 16, `${members.trim()} keys, most of which are gone`);
  const lives = await server().command(
    "EVAL",
    "redis.call('SELECT', 9) return {redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2])}",
    "2",
    "agent:cache:{default}:s:one",
    "agent:cache:{default}:s:two",
  );
  const [one, two] = lives.split("\r\n").slice(1, 3).map((line) => Number(line.slice(1)));
  assert.ok(one! > 0 && two! > 0, "tags that nothing carries end by themselves");
  await cache.clear();
  assert.deepEqual(await inRedis(), []);
});

redisTest("a tag whose traces Redis evicted fails safe", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  const flush = async (kind: string): Promise<void> => {
    await server().command(
      "EVAL",
      "for _, k in ipairs(redis.call('KEYS', '*:' .. ARGV[1] .. ':t')) do redis.call('DEL', k) end",
      "0",
      kind,
    );
  };
  // The stamp is written again by who trusts it, of which Redis tells nothing.
  await here.set("a", "0", { tags: ["t"], ttlMs: 60_000 });
  assert.equal(await here.get("a"), "0");
  await here.set("b", "0", { tags: ["t"] });
  await flush("m");
  await there.deleteByTag("t");
  await eventually(() => here.get("a"), (value) => value === undefined);
  await here.setMany([["a", "1"], ["b", "1"]], { tags: ["t"] });
  assert.deepEqual(await there.getMany(["a", "b"]), ["1", "1"]);
  await flush("m");
  await here.deleteByTag("t");
  assert.equal(await here.get("a"), undefined);
  await eventually(() => there.get("a"), (value) => value === undefined);
  await here.setMany([["a", "2"], ["b", "2"]], { tags: ["t"] });
  assert.deepEqual(await there.getMany(["a", "b"]), ["2", "2"]);
  await flush("s");
  await eventually(
    () => there.getMany(["a", "b"]),
    (values) => values.every((v) => v === undefined),
  );
  await here.set("a", "3", { tags: ["t"] });
  await eventually(() => there.getMany(["a", "b"]), (values) => values[0] === "3");
  assert.equal((await there.getMany(["a", "b"]))[1], undefined);
});

redisTest("what is not ours is no entry, whatever it is", async () => {
  const name = "not ours";
  const redis = server().url();
  const random = randomOf(3);
  for (const codec of ["text", "bytes", "json"] as const) {
    await using writer = await connectCache({ redis, name, codec: codec as "json" });
    const fresh = codec === "bytes" ? wrong(new TextEncoder().encode("value")) : "value";
    await writer.set("k", fresh, { tags: ["t"] });
    const prefix = `agent:cache:{${name}}:`;
    // Cuts and changes of a real entry, made in Redis so that all bytes are possible.
    const change =
      "local s = redis.call('GET', KEYS[1]) local cut, at, byte = tonumber(ARGV[1]), " +
      "tonumber(ARGV[2]), tonumber(ARGV[3]) if at < #s then s = string.sub(s, 1, at) .. " +
      "string.char(byte) .. string.sub(s, at + 2) end " +
      "redis.call('SET', KEYS[2], string.sub(s, 1, cut)) return 1";
    for (let i = 0; i < 300; i++) {
      const [cut, at] = i < 120 ? [i, 999] : [200, random(110)];
      const reply = await server().command(
        ...[
          "EVAL",
          change,
          "2",
          `${prefix}v:k`,
          `${prefix}v:x`,
          `${cut}`,
          `${at}`,
          `${random(256)}`,
        ],
      );
      assert.equal(reply, ":1\r\n");
      const value: unknown = await writer.get("x");
      assert.ok(value === undefined || typeof value === "string" || value instanceof Uint8Array);
      await writer.has("x");
      await writer.keys();
      if (i % 3 === 0) await writer.delete("x");
      else if (i % 3 === 1) await writer.set("x", fresh, { tags: ["t"] });
    }
    await writer.clear();
  }
  await using cache = await connectCache({ redis, name });
  const prefix = `agent:cache:{${name}}:`;
  for (const kind of ["v:k", "l:k", "s:t", "m:t", "g"]) {
    for (const other of [["RPUSH", "x"], ["HSET", "f", "x"], ["SET", "text"], ["SET", ""]]) {
      await server().command("DEL", `${prefix}${kind}`);
      const [command, ...args] = other as [string, ...string[]];
      await server().command(command, `${prefix}${kind}`, ...args);
      assert.equal(await cache.get("k"), undefined, `${kind} ${command}`);
      await cache.keys();
      await cache.deleteByTag("t");
      assert.equal(await cache.getOrSet("k", () => "1", { tags: ["t"] }), "1");
      await server().command("DEL", `${prefix}l:k`);
      await cache.set("k", "2", { tags: ["t"] });
      assert.equal(await cache.get("k"), "2", `${kind} ${command}`);
      await cache.delete("k");
      await cache.clear();
    }
  }
});
