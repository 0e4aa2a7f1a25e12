/** What is held so that V8 looks after bodies in time, and how a transport is chosen by the size of bodies. */

import assert from "assertions";
import { gaveAll, gaveOut } from "../../src/http/client/relief.ts";
import { Sizes } from "../../src/http/transport/sizes.ts";
import type { IncomingResponse } from "../../src/http/transport/types.ts";

const MIB = 1024 * 1024;

Deno.test("what is held for V8 has a bound, and goes with the batch", () => {
  const { external: before } = Deno.memoryUsage();
  const seen = Array.from({ length: 200 }, () => {
    gaveOut(MIB);
    return Deno.memoryUsage().external - before;
  });
  // Enough to make a difference, and never more than V8 puts up with by itself.
  assert.ok(Math.max(...seen) > 16 * MIB, `${Math.max(...seen)}`);
  assert.ok(Math.max(...seen) < 64 * MIB, `${Math.max(...seen)}`);
  gaveAll();
  const left = Deno.memoryUsage().external - before;
  assert.ok(left < MIB, `${left}`);
  gaveAll();
});

function answered(body: IncomingResponse["body"]): Promise<IncomingResponse> {
  const headers = { get: () => null, entries: () => [] };
  return Promise.resolve({ status: 200, headers, url: "", body, attempts: 1, fromCache: false });
}

Deno.test("the size of an origin's bodies follows what comes", async () => {
  const sizes = new Sizes();
  assert.equal(sizes.of("http://a"), 0);
  const learn = async (origin: string, size: number, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) sizes.learn(origin, answered(new Uint8Array(size)));
    await Promise.resolve();
  };
  await learn("http://a", 1_000, 1);
  assert.equal(sizes.of("http://a"), 1_000);
  await learn("http://a", 100_000, 400);
  assert.ok(sizes.of("http://a") > 99_000);
  await learn("http://a", 10, 400);
  assert.ok(sizes.of("http://a") < 1_000);
  // Failures and streams say nothing.
  sizes.learn("http://b", Promise.reject(new Error("it failed")));
  sizes.learn("http://b", answered(new ReadableStream()));
  await Promise.resolve();
  assert.equal(sizes.of("http://b"), 0);
});

Deno.test("origins beyond a bound are forgotten, the oldest first", async () => {
  const sizes = new Sizes();
  for (let i = 0; i < 257; i++) sizes.learn(`http://${i}`, answered(new Uint8Array(5)));
  await Promise.resolve();
  assert.deepEqual([0, 1, 256].map((i) => sizes.of(`http://${i}`)), [0, 5, 5]);
});
