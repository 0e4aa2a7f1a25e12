/** The layer over each kind of cache: its own, one of this isolate, one of the process, one in Redis. */

import assert from "assertions";
import { connectCache, createCache } from "../../../src/cache/mod.ts";
import { cacheLayer } from "../../../src/http/cache/mod.ts";
import { FieldList } from "../../../src/http/fields.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { testNeeding } from "../../support/needs.ts";
import { missing, Server } from "../../support/redis.ts";
import { PAGE, Site } from "./support.ts";

// Now, outside of every test's sanitizers.
const core = preloadNative().find(({ library }) => library === "core-utils");
const noNative = core?.state === "loaded" ? undefined : `the native library is ${core?.state}`;

const FRESH = { headers: { "cache-control": "max-age=100, s-maxage=200", "set-cookie": "a=b" } };

Deno.test("its own cache begins empty and ends with it", async () => {
  let asked = 0;
  const layer = cacheLayer({ cache: true });
  const send = layer((request) => {
    asked++;
    return Promise.resolve({
      status: 200,
      headers: new FieldList([["cache-control", "max-age=100"]]),
      url: request.url.href,
      body: new Uint8Array([1]),
      attempts: 1,
      fromCache: false,
    });
  });
  const request = {
    ...{ method: "GET", url: new URL(PAGE), headers: [], body: undefined, signal: undefined },
    wholeBody: true,
  };
  await send(request);
  assert.deepEqual([(await send(request)).fromCache, asked], [true, 1]);
  await layer.close();
  await layer.close();
  // A cache that is closed is one without entries.
  assert.deepEqual([(await send(request)).fromCache, asked], [false, 2]);
});

testNeeding([noNative], "a named cache is one for all, by the rules of shared caches", async () => {
  const open = () => createCache({ codec: "bytes", name: "http-cache-stores-test" });
  await using first = new Site(() => FRESH, { cache: open() });
  await using second = new Site(() => FRESH, { cache: open() });
  await first.ask();
  const got = await second.ask();
  assert.deepEqual([got.fromCache, got.text, got.get("set-cookie")], [true, "answer 1", null]);
  second.later(150);
  assert.equal((await second.ask()).fromCache, true);
  await second.ask(`${PAGE}?auth`, { headers: { authorization: "x" } });
  second.answer = () => ({ headers: { "cache-control": "private, max-age=100" } });
  await second.ask(`${PAGE}?private`);
  assert.equal((await second.ask(`${PAGE}?private`)).fromCache, false);
  await second.ask(PAGE, { method: "DELETE" });
  assert.equal((await first.ask()).fromCache, false);
});

testNeeding(
  [missing],
  "a cache in Redis is one for all machines, and none while it is away",
  async () => {
    await using redis = await Server.start();
    const open = () => connectCache({ codec: "bytes", redis: redis.url(), timeoutMs: 5_000 });
    await using first = new Site(() => FRESH, { cache: await open() });
    await using second = new Site(() => FRESH, { cache: await open() });
    await first.ask();
    const got = await second.ask();
    assert.deepEqual([got.fromCache, got.text, got.get("set-cookie")], [true, "answer 1", null]);
    await redis.kill();
    assert.equal((await first.ask(`${PAGE}?away`)).text, "answer 2");
    assert.equal((await first.ask(`${PAGE}?away`)).text, "answer 3");
  },
);
