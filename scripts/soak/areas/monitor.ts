/**
 * The monitor: a look is whole, alerts come and go, operations are counted, the text for Prometheus has them, and a load
 * test of a server of its own misses nothing. One monitor of each twin lives all the time, others come and go.
 */

import { createMonitor, loadTest, memoryInfo, type Monitor } from "@agent/runtime/monitor";
import { type Context, inTurn, type Open, type TwinName, type Work } from "../work.ts";

/** How long a monitor is watched in a step. */
const LOOKS = 3;
const LOAD_EVERY = 5;

function make(implementation: TwinName): Monitor {
  return createMonitor({
    ...{ implementation, intervalMs: 500, history: 50 },
    thresholds: [
      { metric: "self.rss", above: 1, name: "alive" },
      { metric: "operations[odd].failed", above: 0, name: "odd" },
      { metric: "cpu.busy", above: 0.99, forMs: 1_000 },
    ],
  });
}

/** Looks once by this monitor, in each of its ways. */
async function look(context: Context, monitor: Monitor, turn: number): Promise<void> {
  const { did, lost } = context;
  const expect = (what: string, holds: boolean): void => {
    if (!holds) lost(`${what} (${monitor.implementation})`);
    did();
  };
  for (let at = 0; at < 200; at++) monitor.record("work", at % 17, at % 50 !== 0);
  const { operations, processes, self } = await monitor.snapshot();
  expect("operations were not counted", (operations["work"]?.count ?? 0) >= 200);
  expect(
    "this process is not among the processes",
    processes?.list.some(({ pid }) => pid === Deno.pid) ?? false,
  );
  expect("no memory of its own", (self.rss ?? 0) > 1);
  const text = await monitor.prometheus();
  expect("Prometheus is not told of operations", text.includes('operation="work"'));
  if (turn % 2 === 0) expect("history is too long", monitor.history().length <= 50);
}

/** Files of other processes that this one holds: two of each at most for all monitors together. */
function checkFiles({ lost, did }: Context): void {
  let held = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (/^\/proc\/\d/.test(Deno.readLinkSync(`/proc/self/fd/${name}`))) held++;
    } catch {
      // The one by which the folder is read.
    }
  }
  const running = [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).length;
  // Some ended since the last look.
  if (held > 2 * running + 100) lost(`${held} files of ${running} processes are open`);
  did();
}

/** A monitor that is watched and closed. */
async function watched(context: Context, implementation: TwinName): Promise<void> {
  await using monitor = make(implementation);
  let alive = false;
  const alerts = (async () => {
    for await (const { name, state } of monitor.alerts()) {
      alive = name === "alive" && state === "firing";
      if (alive) break;
    }
  })();
  let left = LOOKS;
  for await (const { cpu } of monitor) {
    if (cpu.busy !== null && !(cpu.busy >= 0 && cpu.busy <= 1)) {
      context.lost(`cpu.busy is ${cpu.busy}`);
    }
    if (--left === 0) break;
  }
  await alerts;
  if (!alive) context.lost(`no alert (${implementation})`);
  context.did(LOOKS);
}

const open: Open = (context): Promise<Work> => {
  const { twins, lost, did } = context;
  const monitors = twins.map(make);
  let served = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    served++;
    return new Response("hello");
  });
  let turn = 0;
  return Promise.resolve({
    everyMs: 3_000,
    async step() {
      const implementation = inTurn(twins, turn++);
      for (const monitor of monitors) await look(context, monitor, turn);
      await watched(context, implementation);
      if (Deno.build.os === "linux") checkFiles(context);
      const { total, available } = memoryInfo({ implementation });
      if (!(available > 0 && available <= total)) lost(`${available} of ${total} bytes`);
      if (turn % LOAD_EVERY !== 0) return;
      served = 0;
      const report = await loadTest(`http://127.0.0.1:${server.addr.port}/`, {
        ...{ rate: 100, durationMs: 1_000, implementation },
      });
      if (report.response.count !== served) {
        lost(
          `a load test measured ${report.response.count} of ${served} answers (${implementation})`,
        );
      }
      did(served);
    },
    async close() {
      for (const monitor of monitors) await monitor.close();
      await server.shutdown();
    },
  });
};

export default open;
