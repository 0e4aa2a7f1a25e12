/** Answers that are handed out a few in each turn of the event loop. */

import assert from "assertions";
import { setImmediate } from "node:timers";
import { Turns } from "../../../src/queue/redis/turns.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What comes in one go: notes the order, and how many each turn hands out. */
function handOut(turns: Turns, count: number, order: number[], from = 0): Promise<void>[] {
  return Array.from({ length: count }, async (_, i) => {
    if (turns.mustWait()) await turns.wait();
    order.push(from + i);
  });
}

async function countByTurn(turns: Turns, count: number): Promise<number[]> {
  const order: number[] = [];
  const all = Promise.all(handOut(turns, count, order));
  const counts: number[] = [];
  let before = 0;
  // Bounded: one that is never handed out fails below, and does not hang.
  for (let looks = 0; looks < 50 && before < count; looks++) {
    // Those of this turn, which go on as soon as nothing else runs.
    await Promise.resolve();
    if (order.length > before) counts.push(order.length - before);
    before = order.length;
    await turn();
  }
  assert.equal(before, count);
  await all;
  assert.deepEqual(order, Array.from({ length: count }, (_, i) => i));
  return counts;
}

Deno.test("turns: a few are handed out at once", async () => {
  assert.deepEqual(await countByTurn(new Turns(), 4), [4]);
});

Deno.test("turns: more are handed out in several turns, in their order", async () => {
  const counts = await countByTurn(new Turns(), 16);
  assert.ok(counts.length > 1, `${counts}`);
  assert.ok(counts.every((count) => count <= 4), `${counts}`);
});

Deno.test("turns: however many come, a few turns are enough for them", async () => {
  const counts = await countByTurn(new Turns(), 4_000);
  assert.ok(counts[0]! <= 4, `${counts}`);
  // Each turn hands out a quarter of what is left: half of them within three.
  const afterThree = counts.slice(1, 4).reduce((sum, count) => sum + count, 0);
  assert.ok(afterThree >= 2_000, `${counts}`);
});

Deno.test("turns: what comes later does not overtake, and is handed out as well", async () => {
  const turns = new Turns();
  const order: number[] = [];
  const all: Promise<void>[] = [];
  for (let burst = 0; burst < 20; burst++) {
    all.push(...handOut(turns, 7, order, burst * 7));
    await turn();
  }
  await Promise.all(all);
  assert.deepEqual(order, Array.from({ length: 140 }, (_, i) => i));
});

Deno.test("turns: after a pause the first ones wait for nothing", async () => {
  const turns = new Turns();
  for (let round = 0; round < 3; round++) {
    await Promise.all(handOut(turns, 9, []));
    await turn();
    await turn();
    assert.equal(turns.mustWait(), false);
    await turn();
    await turn();
  }
});
