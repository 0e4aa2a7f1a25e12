/** The harness, on rows with a clock of their own: rounds, what a sample is made of, and that groups are let go. */

import assert from "assertions";
import type { Group, Row } from "../../bench/lib/group.ts";
import { isAsync, ladder, sizeOf, twinRows } from "../../bench/lib/group.ts";
import { type Effort, measure } from "../../bench/lib/harness.ts";

const EFFORT: Effort = { sampleMs: 0, warmMs: 0, rowMs: 0, rounds: 15, again: 2 };

/** A row that says itself how long it took. */
const clocked = (name: string, ms: number, more: Partial<Row> = {}): Row => ({
  name,
  role: "other",
  ownClock: true,
  once: () => ms,
  ...more,
});

const group = (rows: Row[], more: Partial<Group> = {}): Group => ({
  operation: "work",
  size: 1,
  unit: "texts",
  slow: true,
  rows,
  ...more,
});

Deno.test("bench: a row's own clock, its scale and the operations in a call make the time of one", async () => {
  const result = await measure(
    group([clocked("plain", 2), clocked("a tenth", 3, { scale: 10 })], { per: 100 }),
    EFFORT,
    1,
  );
  assert.equal(result.rounds, 15);
  assert.deepEqual(result.rows.map(({ median }) => median), [2e4, 3e5]);
});

Deno.test("bench: every round has inputs of its own, the same in each run", async () => {
  const seen: number[][] = [];
  for (let run = 0; run < 2; run++) {
    const inputs: number[] = [];
    const rounds: number[] = [];
    let finished = 0;
    await measure(
      group([clocked("row", 1)], {
        prepare(random, round): void {
          inputs.push(random.next());
          rounds.push(round);
        },
        finish: () => void finished++,
      }),
      EFFORT,
      5,
    );
    assert.deepEqual(rounds, Array.from({ length: 16 }, (_, i) => i));
    assert.equal(new Set(inputs).size, 16);
    assert.equal(finished, 1);
    seen.push(inputs);
  }
  assert.deepEqual(seen[0], seen[1]);
});

Deno.test("bench: a group is let go when a row fails, and asynchronous rows are awaited", async () => {
  let finished = false;
  const failing = group([{ ...clocked("row", 1), once: () => Promise.reject(new Error("no")) }], {
    finish: () => void (finished = true),
  });
  failing.rows[0]!.once = async () => await Promise.reject(new Error("no"));
  await assert.rejects(measure(failing, EFFORT, 1), /no/);
  assert.ok(finished);
  const waiting = clocked("row", 0, { once: async () => await Promise.resolve(4) });
  assert.equal((await measure(group([waiting]), EFFORT, 1)).rows[0]?.median, 4e6);
});

Deno.test("bench: a choice that looks bad is measured again, twice at most", async () => {
  const rows = [
    clocked("pure", 4, { role: "pure" }),
    clocked("native", 1, { role: "native" }),
    clocked("auto", 3, { role: "auto" }),
  ];
  assert.equal((await measure(group(rows), EFFORT, 1)).rounds, 45);
});

Deno.test("bench: twins are rows, ladders are groups, and sizes are words", () => {
  const rows = twinRows(["pure", "auto"], ({ implementation }) => () => implementation.length);
  assert.deepEqual(rows.map(({ name, role }) => [name, role]), [["pure", "pure"], [
    "auto",
    "auto",
  ]]);
  const groups = ladder([1, 10], [10], (size) => ({ ...group([]), size }));
  assert.deepEqual(groups.map(({ size, front }) => [size, front]), [[1, false], [10, true]]);
  assert.equal(sizeOf({ size: 1, unit: "texts" }), "1 text");
  assert.equal(sizeOf({ size: 12_000, unit: "texts" }), "12,000 texts");
  assert.equal(sizeOf({ size: 0, unit: "" }), "");
  assert.ok(isAsync(async () => {}) && !isAsync(() => {}) && !isAsync(undefined));
});
