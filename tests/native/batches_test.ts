/** Long lists in batches: how they are cut, what is told of progress, and what a caller may do meanwhile. */

import assert from "assertions";
import type { Progress } from "@agent/runtime";
import { batches } from "../../src/native/batches.ts";

const unit = { weigh: (): number => 1 };
const echo = <T>(part: readonly T[]): Promise<readonly T[]> => Promise.resolve(part);

Deno.test("batches() cuts by weight; what is too heavy goes alone", async () => {
  const weigh = (item: number): number => item;
  const parts = await batches([1, 2, 9, 1, 1, 1, 3], {}, { weigh, most: 3, submit: echo });
  assert.deepEqual(parts, [[1, 2], [9], [1, 1, 1], [3]]);
  assert.deepEqual(await batches([], {}, { submit: echo }), []);
});

Deno.test("batches() works on the list as it was", async () => {
  for (const atOnce of [false, true]) {
    const list = [1, 2, 3, 4, 5];
    const work = batches(list, {}, { ...unit, most: 2, atOnce, submit: echo });
    list.length = 1;
    list[0] = 9;
    assert.deepEqual((await work).flat(), [1, 2, 3, 4, 5]);
  }
});

Deno.test("batches() sends one after the other, or all at once", async () => {
  for (const [atOnce, most] of [[false, 1], [true, 3]] as const) {
    let running = 0;
    let peak = 0;
    const submit = async (): Promise<void> => {
      peak = Math.max(peak, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    };
    await batches([1, 2, 3], {}, { ...unit, most: 1, atOnce, submit });
    assert.equal(peak, most);
  }
});

Deno.test("batches() adds up progress, and tells the end once", async () => {
  const told: Progress[] = [];
  const onProgress = (progress: Progress): void => void told.push(progress);
  const piece = (done: number): Uint8Array => new Uint8Array(Uint32Array.of(done, 2).buffer);
  await batches([1, 2, 3, 4], { onProgress }, {
    ...unit,
    most: 2,
    submit: (part, options) => {
      options.onPiece?.(piece(1));
      return echo(part);
    },
  });
  assert.deepEqual(told[0], { done: 1, total: 4 });
  assert.deepEqual(told.filter(({ done }) => done === 4), [{ done: 4, total: 4 }]);
  assert.deepEqual(told.at(-1), { done: 4, total: 4 });
});

Deno.test("batches() passes failures on", async () => {
  const submit = (): Promise<never> => Promise.reject(new RangeError("no"));
  await assert.rejects(batches([1], {}, { submit }), RangeError);
});
