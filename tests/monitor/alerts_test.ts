/** How alerts reach their consumers. */

import assert from "assertions";
import { WaitingAlerts } from "../../src/monitor/streams.ts";
import type { Alert } from "../../src/monitor/monitor_types.ts";
import { figuresWith, scripted } from "./scripted.ts";

const { cpu } = figuresWith();
const busy = (value: number | null) => ({ cpu: { ...cpu, busy: value } });

/** Takes all alerts into an array. */
function collect(alerts: AsyncIterable<Alert>): { taken: Alert[]; end: Promise<void> } {
  const taken: Alert[] = [];
  const run = async (): Promise<void> => {
    for await (const alert of alerts) taken.push(alert);
  };
  return { taken, end: run() };
}

Deno.test("alerts: all consumers get all of them, one that comes late what is firing", async () => {
  const { clock, source, monitor } = scripted({
    intervalMs: 100,
    thresholds: [{ metric: "cpu.busy", above: 0.5, name: "busy" }],
  });
  const [first, second] = [collect(monitor.alerts()), collect(monitor.alerts())];
  source.figures = busy(0.4);
  await clock.turn(300);
  source.figures = busy(0.9);
  await clock.turn(300);
  const late = collect(monitor.alerts());
  await clock.turn(100);
  assert.deepEqual(late.taken, first.taken);
  source.figures = busy(0.1);
  await clock.turn(100);
  const later = collect(monitor.alerts());
  await clock.turn(100);
  for (const { taken } of [first, second, late]) {
    assert.deepEqual(taken.map(({ state }) => state), ["firing", "resolved"]);
  }
  assert.deepEqual(later.taken, []);
  assert.equal(clock.held, 1, "who waits for an alert keeps the program alive");
  await monitor.close();
  await Promise.all([first.end, second.end, late.end, later.end]);
});

Deno.test("alerts: thresholds are watched from the beginning, and keep no program alive", async () => {
  const { clock, source, monitor } = scripted({
    intervalMs: 100,
    thresholds: [{ metric: "cpu.busy", above: 0.5, forMs: 1_000 }],
  });
  source.figures = busy(1);
  await clock.turn(1_100);
  assert.equal(clock.held, 0);
  const alerts = monitor.alerts()[Symbol.asyncIterator]();
  const { value } = await alerts.next();
  assert.equal(value?.state, "firing");
  assert.equal(value?.since, "1970-01-01T00:00:00.100Z");
  await alerts.return?.();
  await monitor.close();
});

Deno.test("alerts: what was waiting can still be taken after close()", async () => {
  const { clock, source, monitor } = scripted({
    intervalMs: 100,
    thresholds: [{ metric: "cpu.busy", above: 0.5 }],
  });
  const alerts = monitor.alerts()[Symbol.asyncIterator]();
  source.figures = busy(1);
  await clock.turn(100);
  source.figures = busy(0);
  await clock.turn(100);
  await monitor.close();
  assert.equal((await alerts.next()).value?.state, "firing");
  assert.equal((await alerts.next()).value?.state, "resolved");
  assert.equal((await alerts.next()).done, true);
});

Deno.test("alerts: a wall clock that is set does not matter", async () => {
  const { clock, source, monitor } = scripted({
    intervalMs: 100,
    thresholds: [{ metric: "cpu.busy", above: 0.5, forMs: 500 }],
  });
  const { taken, end } = collect(monitor.alerts());
  for (const at of ["2026-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]) {
    source.figures = { ...busy(1), at };
    await clock.turn(200);
  }
  assert.equal(taken.length, 1, "600 ms of the clock that is never set");
  assert.equal(taken[0]?.since, "2026-01-01T00:00:00Z");
  await monitor.close();
  await end;
});

Deno.test("alerts: of too many that wait the latest of each is kept, and the number of the others", () => {
  const alert = (metric: string, value: number): Alert => ({
    name: "n",
    metric,
    severity: "info",
    state: "firing",
    value,
    threshold: 0,
    since: "",
    at: "",
    message: "",
    missed: 0,
  });
  const store = new WaitingAlerts([alert("rare", -1)]);
  for (let i = 0; i < 5_000; i++) store.put(alert("often", i));
  const taken: Alert[] = [];
  for (let next; (next = store.take()) !== undefined;) taken.push(next);
  assert.equal(taken.length, 1_000);
  assert.equal(taken[0]?.metric, "rare");
  assert.equal(taken.at(-1)?.value, 4_999);
  assert.equal(
    taken.reduce((sum, { missed }) => sum + 1 + missed, 0),
    5_001,
    "none is lost silently",
  );
});
