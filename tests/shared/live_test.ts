/** Parts of the runtime that are alive are shown while they are, and not kept for that. */

import assert from "assertions";
import { createCache } from "../../src/cache/mod.ts";
import { createHttpClient } from "../../src/http/mod.ts";
import { GrowingTotals, runtimeFigures, runtimeReasons } from "../../src/monitor/runtime_parts.ts";
import { createQueue } from "../../src/queue/mod.ts";
import { announce, liveParts, retire } from "../../src/shared/live.ts";
import { deno, temporary } from "../support/programs.ts";
import { PURE, testOf, twins } from "../support/twins.ts";

for (const twin of twins("cache").each) {
  testOf("live parts", twin, "caches tell what they do until they are closed", () => {
    const before = runtimeFigures().cache?.count ?? 0;
    {
      using cache = createCache({ implementation: twin.name });
      cache.set("a", "1");
      cache.get("a");
      cache.get("a");
      cache.get("b");
      const { count, hits, entries } = runtimeFigures().cache!;
      assert.equal(count, before + 1);
      assert.ok(hits! >= 2 && entries! >= 1);
    }
    assert.equal(runtimeFigures().cache?.count ?? 0, before);
  });

  testOf("live parts", twin, "queues in memory tell how many jobs stand where", async () => {
    const before = runtimeFigures().queue?.waiting ?? 0;
    const queue = createQueue({ implementation: twin.name });
    await queue.addMany([1, 2, 3]);
    assert.equal(runtimeFigures().queue?.waiting, before + 3);
    await queue.close();
    assert.equal(runtimeFigures().queue?.waiting ?? 0, before);
  });
}

testOf(
  "live parts",
  twins("cache").native,
  "views of one shared cache are not counted twice",
  () => {
    using one = createCache({ name: "live-test", implementation: "native" });
    using other = createCache({ name: "live-test", implementation: "native" });
    one.set("a", "1");
    other.get("a");
    one.get("b");
    const { count, entries, hits, misses, hitRatio } = runtimeFigures()["cache:live-test"]!;
    assert.deepEqual([count, entries, hits, misses, hitRatio], [2, 1, 1, 1, 0.5]);
  },
);

Deno.test("live parts: HTTP clients tell what is under way and what waits", async () => {
  const before = runtimeFigures().http?.count ?? 0;
  const gate = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    await gate.promise;
    return new Response("done");
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const client = createHttpClient({ ...PURE, allowPrivate: true, concurrency: 2 });
  const responses = Array.from({ length: 5 }, async () => (await client.fetch(url)).text());
  // Once the first answers can be waited for, the slots are taken.
  for (let i = 0; i < 1_000 && runtimeFigures().http?.inFlight !== 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { count, inFlight, waiting } = runtimeFigures().http!;
  assert.deepEqual([count, inFlight, waiting], [before + 1, 2, 3]);
  gate.resolve();
  await Promise.all(responses);
  assert.equal(runtimeFigures().http?.inFlight, 0);
  await client.close();
  assert.equal(runtimeFigures().http?.count ?? 0, before);
  await server.shutdown();
});

Deno.test("live parts: names beyond the hundredth count with those that have none", () => {
  const parts = Array.from({ length: 150 }, (_, i) => ({ name: `live ${i}` }));
  const before = runtimeFigures().cache?.count ?? 0;
  for (const part of parts) announce("cache", part, () => ({ entries: 1 }), part.name);
  const figures = runtimeFigures();
  const named = Object.keys(figures).filter((key) => key.startsWith("cache:live "));
  assert.ok(named.length <= 100);
  assert.equal(named.length + figures.cache!.count! - before, 150);
  for (const part of parts) retire(part);
});

Deno.test("live parts: nobody keeps a part alive", async () => {
  const program = `
    import { announce, liveParts } from "${new URL("../../src/shared/live.ts", import.meta.url)}";
    const rounds = [];
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 1000; i++) announce("cache", { big: new Array(100).fill(i) }, () => ({}));
      // What a WeakRef was made of lives until the end of its turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      gc();
      rounds.push(liveParts().length);
    }
    console.log(JSON.stringify(rounds));`;
  const { stdout, stderr } = await deno(["eval", "--no-check", "--v8-flags=--expose-gc", program]);
  assert.equal(stderr, "");
  const rounds = JSON.parse(stdout) as number[];
  assert.ok(rounds.every((count) => count < 1_000), stdout);
});

Deno.test("live parts: a part is read when somebody looks, and not before", () => {
  let reads = 0;
  const part = {};
  announce("cache", part, () => ({ entries: ++reads }), "live-read");
  assert.equal(reads, 0);
  const [found] = liveParts().filter(({ name }) => name === "live-read");
  assert.equal(reads, 0);
  assert.deepEqual(found?.read(), { entries: 1 });
  retire(part);
  retire(part);
  assert.equal(liveParts().some(({ name }) => name === "live-read"), false);
});

Deno.test("live parts: totals never fall when a part leaves", () => {
  const totals = new GrowingTotals();
  const hits = (now: number | undefined): number | null | undefined =>
    totals.of(now === undefined ? {} : { cache: { hits: now, entries: 3 } }).cache?.hits;
  assert.equal(hits(100), 100);
  assert.equal(hits(150), 150);
  assert.equal(hits(60), 150, "a cache that was closed took 90 along");
  assert.equal(hits(70), 160);
  assert.equal(hits(undefined), undefined);
  assert.equal(hits(5), 5, "all were gone: it begins anew");
});

Deno.test("live parts: a queue in a file has what stats() said last, with its age, and null before", async () => {
  await temporary(async (folder) => {
    const make = (file: string) =>
      createQueue<number, number>({
        name: "live file",
        store: { file: `${folder}/${file}` },
        ...PURE,
      });
    const key = "queue:live file";
    const queue = make("a.sqlite");
    const before = runtimeFigures();
    assert.deepEqual([before[key]!.count, before[key]!.waiting, before[key]!.ageSeconds], [
      1,
      null,
      null,
    ]);
    assert.match(runtimeReasons(before)[`runtime[${key}]`]!, /stats\(\) was not asked/);
    await queue.addMany([1, 2, 3]);
    await queue.stats();
    await queue.add(4);
    const asked = runtimeFigures();
    assert.equal(asked[key]!.waiting, 3);
    assert.ok(asked[key]!.ageSeconds! >= 0 && asked[key]!.ageSeconds! < 60);
    assert.deepEqual(runtimeReasons(asked)[`runtime[${key}]`], undefined);
    // Two of one name are no views of one thing, and half a sum is none.
    const other = make("b.sqlite");
    assert.deepEqual([runtimeFigures()[key]!.count, runtimeFigures()[key]!.waiting], [2, null]);
    await other.add(5);
    await other.stats();
    assert.equal(runtimeFigures()[key]!.waiting, 4);
    await queue.close();
    await other.close();
    assert.equal(runtimeFigures()[key], undefined);
  });
});
