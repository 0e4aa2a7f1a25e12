/** Slots: caps, turns, pauses, and the cap of a host that is asked too much. */

import assert from "assertions";
import { Slots } from "../../src/http/client/slots.ts";

const never = (): () => void => () => {};

/** Waits for a slot and notes whose turn it was. */
function waiting(slots: Slots, host: string, turns: string[]): Promise<void> {
  return slots.wait(host, undefined, never).then(() => void turns.push(host));
}

Deno.test("turns go round over the hosts that wait, in a host by arrival", async () => {
  const slots = new Slots({ concurrency: 1, perHost: 1, perSecond: undefined });
  assert.equal(slots.tryAcquire("first", undefined), true);
  assert.equal(slots.tryAcquire("first", undefined), false);
  const turns: string[] = [];
  const all = ["a", "a", "a", "b", "c", "b"].map((host) => waiting(slots, host, turns));
  slots.release("first", undefined);
  for (const expected of [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "a"]]) {
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(turns, expected);
    slots.release(turns.at(-1)!, undefined);
  }
  await all[5];
  assert.deepEqual(turns, ["a", "b", "c", "a", "b"]);
  slots.release("b", undefined);
  await all[2];
  slots.release("a", undefined);
  slots.close();
});

Deno.test("who gives up waiting takes no slot, and keeps none from others", async () => {
  const slots = new Slots({ concurrency: 1, perHost: 1, perSecond: undefined });
  assert.ok(slots.tryAcquire("a", undefined));
  let giveUp: (reason: unknown) => void = () => {};
  let stopped = 0;
  const lost = slots.wait("a", undefined, (fail) => {
    giveUp = fail;
    return () => stopped++;
  });
  const turns: string[] = [];
  const kept = waiting(slots, "a", turns);
  giveUp(new Error("enough"));
  await assert.rejects(lost, /enough/);
  assert.equal(stopped, 1);
  slots.release("a", undefined);
  await kept;
  slots.release("a", undefined);
  assert.ok(slots.tryAcquire("a", undefined));
  slots.release("a", undefined);
});

Deno.test("a host that is asked too much is asked half as much, then little by little more", () => {
  const slots = new Slots({ concurrency: 100, perHost: 16, perSecond: undefined });
  const take = (): number => {
    let taken = 0;
    while (slots.tryAcquire("h", undefined)) taken++;
    return taken;
  };
  const give = (count: number): void => {
    for (let i = 0; i < count; i++) slots.release("h", undefined);
  };
  assert.equal(take(), 16);
  // All of these answers are about the same moment: it is halved once.
  for (let i = 0; i < 16; i++) slots.throttled("h", 0);
  give(16);
  assert.equal(take(), 8);
  give(8);
  const caps: number[] = [];
  for (let answers = 0; answers < 200; answers++) {
    slots.answered("h");
    const taken = take();
    give(taken);
    caps.push(taken);
  }
  assert.equal(caps[0], 8);
  assert.equal(caps[8], 9);
  assert.equal(caps.at(-1), 16);
  for (let i = 1; i < caps.length; i++) assert.ok(caps[i]! - caps[i - 1]! <= 1);
});

Deno.test("a pause holds one host alone, and ends by itself", async () => {
  const slots = new Slots({ concurrency: 10, perHost: 10, perSecond: undefined });
  slots.throttled("busy", 60);
  assert.equal(slots.tryAcquire("busy", undefined), false);
  assert.equal(slots.tryAcquire("free", undefined), true);
  const begun = performance.now();
  await slots.wait("busy", undefined, never);
  assert.ok(performance.now() - begun > 40);
  slots.release("busy", undefined);
  slots.release("free", undefined);
});

Deno.test("a pace is even, whoever asks", async () => {
  const slots = new Slots({ concurrency: 10, perHost: 10, perSecond: 100 });
  const begun = performance.now();
  for (let i = 0; i < 6; i++) {
    if (!slots.tryAcquire(`h${i % 2}`, undefined)) await slots.wait(`h${i % 2}`, undefined, never);
    slots.release(`h${i % 2}`, undefined);
  }
  assert.ok(performance.now() - begun > 40, "5 steps of 10 ms took less");
  slots.close();
});
