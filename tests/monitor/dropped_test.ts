/**
 * Monitors and iterators that are dropped without being closed are collected, and those that somebody waits for are not.
 * In programs of their own, which can ask V8 to collect.
 */

import assert from "assertions";
import { deno, ROOT } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";

/** What each program begins with. */
const COMMON = `
  import { createMonitor } from ${JSON.stringify(`${ROOT}/src/monitor/mod.ts`)};
  const thresholds = [{ metric: "load.one", above: 1e9 }];
  const options = { intervalMs: 100, include: ["load", "processes"], thresholds };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const collect = async () => {
    gc();
    await pause(20);
  };
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
`;

async function run(program: string, twin: string): Promise<unknown> {
  const { code, stdout, stderr } = await deno(
    ["eval", "--no-check", "--v8-flags=--expose-gc", COMMON + program],
    { AGENT_IMPLEMENTATION: twin },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

for (const twin of twins("monitor").each) {
  testOf("monitor", twin, "dropped without close(), 10,000 leave nothing behind", async () => {
    const program = `
      const heaps = [];
      let descriptors = 0;
      for (let round = 0; round < 10; round++) {
        for (let i = 0; i < 1_000; i++) {
          const monitor = createMonitor({
            ...options,
            // Some read while they are dropped; the others wait for their first time or were never asked.
            include: i % 100 === 0 ? options.include : ["load"],
          });
          if (i % 3 === 0) monitor.alerts()[Symbol.asyncIterator]();
          if (i % 3 === 1) monitor.history();
          registry.register(monitor, 0);
          if (i % 100 === 0) await pause(5);
        }
        for (let i = 0; i < 400 && collected < (round + 1) * 1_000 - 10; i++) await collect();
        // What still reads makes garbage all the time: of several looks, each right after a collection, the least one.
        let least = Infinity;
        for (let i = 0; i < 100 && (i < 5 || least > 1.4 * heaps[1]); i++) {
          await collect();
          gc();
          least = Math.min(least, Deno.memoryUsage().heapUsed);
        }
        heaps.push(least);
        descriptors = Math.max(descriptors, open());
      }
      console.log(JSON.stringify({ collected, heaps, descriptors }));
    `;
    const seen = await run(program, twin.name) as {
      collected: number;
      heaps: number[];
      descriptors: number;
    };
    // The last ones may still be in a register.
    assert.ok(seen.collected >= 9_990, JSON.stringify(seen));
    assert.ok(seen.heaps.at(-1)! < seen.heaps[1]! * 1.5, JSON.stringify(seen));
    assert.ok(seen.descriptors < 1_000, JSON.stringify(seen));
  });

  testOf("monitor", twin, "one that somebody waits for goes on, whoever holds it", async () => {
    const program = `
      const snapshots = async (most) => {
        const seen = [];
        for await (const { at } of createMonitor({ ...options, thresholds: [] })) {
          if (seen.push(at) === most) return seen.length;
        }
      };
      const alerts = async () => {
        const always = [{ metric: "load.one", above: -1, forMs: 300 }];
        for await (const { state } of createMonitor({ ...options, thresholds: always }).alerts()) {
          return state;
        }
      };
      const seen = [snapshots(4), alerts()];
      const isOver = Promise.all(seen).then(() => true);
      let over = false;
      isOver.then(() => over = true);
      while (!over) await collect();
      console.log(JSON.stringify(await Promise.all(seen)));
    `;
    assert.deepEqual(await run(program, twin.name), [4, "firing"]);
  });

  testOf(
    "monitor",
    twin,
    "dropped iterators are forgotten, and end the reading for them",
    async () => {
      const program = `
      const monitor = createMonitor(options);
      const drop = async (isAsked) => {
        registry.register(monitor.alerts()[Symbol.asyncIterator](), 0);
        const snapshots = monitor[Symbol.asyncIterator]();
        registry.register(snapshots, 0);
        if (isAsked) await snapshots.next();
      };
      for (let i = 0; i < 1_000; i++) await drop(i % 200 === 0);
      for (let i = 0; i < 200 && collected < 2_000; i++) await collect();
      await monitor.close();
      console.log(JSON.stringify(collected));
    `;
      assert.equal(await run(program, twin.name), 2_000);
    },
  );
}
