/** What is kept of long lists of processes. */

import assert from "assertions";
import fc from "fast-check";
import { topProcesses } from "../../src/monitor/history.ts";
import { processWith } from "./scripted.ts";

Deno.test("topProcesses() gives what sorting gives", () => {
  const numbers = fc.array(
    fc.tuple(fc.integer({ min: -1, max: 9 }), fc.integer({ min: 0, max: 9 })),
  );
  const most = fc.record({ byNumber: fc.nat(5), byMemory: fc.nat(5) });
  fc.assert(fc.property(numbers, most, (numbers, most) => {
    const list = numbers.map(([cpu, rss], pid) => processWith({ pid, cpu, rss }));
    const first = (count: number, by: "cpu" | "rss"): number[] =>
      list.toSorted((a, b) => b[by]! - a[by]! || a.pid - b.pid).slice(0, count).map(({ pid }) =>
        pid
      );
    const expected = new Set([...first(most.byNumber, "cpu"), ...first(most.byMemory, "rss")]);
    const pids = topProcesses(list, most, ({ cpu }) => cpu!).map(({ pid }) => pid);
    assert.deepEqual(pids, [...expected].sort((a, b) => a - b));
  }));
});
