/**
 * What a monitor of this machine does, for every twin.
 *
 * Not part of the contract: that two readings of what changes are equal, and what this machine has (PSI, swap, sensors).
 */

import assert from "assertions";
import { createMonitor } from "../../src/monitor/mod.ts";
import { reasonFor } from "../../src/monitor/source/reason.ts";
import { figuresOf } from "../../src/monitor/thresholds/figures.ts";
import { parseMetric } from "../../src/monitor/thresholds/path.ts";
import { SHAPE, type Shape } from "../../src/monitor/thresholds/shape.ts";
import type { Monitor, MonitorOptions } from "../../src/monitor/monitor_types.ts";
import type { Snapshot } from "../../src/monitor/types.ts";
import { createRuntime } from "../../src/runtime.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay } from "../support/values.ts";

/** All paths to numbers, with `[*]` for items, but for processes and what is the program's own. */
function paths(shape: Shape, path = ""): string[] {
  if (shape.kind === "number") return [path];
  if (shape.kind === "map" || shape.kind === "processes") return [];
  const at = shape.kind === "list" ? `${path}[*]` : path;
  return Object.entries(shape.fields).flatMap(([name, field]) =>
    paths(field, at === "" ? name : `${at}.${name}`)
  );
}

/** All paths of numbers that an object has. */
function found(value: unknown, path: string, numbers: Map<string, number>): void {
  if (typeof value === "number") numbers.set(path, value);
  else if (Array.isArray(value)) value.forEach((item) => found(item, `${path}[*]`, numbers));
  else if (typeof value === "object" && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      found(field, path === "" ? name : `${path}.${name}`, numbers);
    }
  }
}

/** Registers the suite for one twin. */
export function monitorConformance(twin: Twin): void {
  const test = (
    name: string,
    body: (make: (options?: MonitorOptions) => Monitor) => Promise<void>,
  ): void =>
    testOf(
      "createMonitor",
      twin,
      name,
      () => body((options) => createMonitor({ ...options, implementation: twin.name })),
    );

  test("a snapshot has numbers, or says why it has none", async (make) => {
    await using monitor = make();
    assert.equal(monitor.implementation, twin.name);
    const snapshot = await monitor.snapshot();
    assert.equal(snapshot.implementation, twin.name);
    assert.ok(snapshot.windowMs! >= 100);
    assert.ok(Math.abs(Date.parse(snapshot.at) - Date.now()) < 3_600_000);
    assert.equal(snapshot.self.pid, Deno.pid);
    assert.ok(snapshot.self.rss > 1_000_000);
    assert.ok(snapshot.memory!.available <= snapshot.memory!.total);
    const all = paths(SHAPE);
    assert.ok(all.length > 90);
    for (const path of all) {
      for (const { metric, value } of figuresOf(parseMetric(path, "path"), snapshot)) {
        if (value !== null) assert.ok(Number.isFinite(value), `${metric} is ${value}`);
        else if (!isUsual(path, snapshot)) {
          assert.ok(reasonFor(snapshot.unavailable, metric), `${metric} is null without a reason`);
        }
      }
    }
    const numbers = new Map<string, number>();
    const { processes: _, ...others } = snapshot;
    found({ ...others, runtime: {}, operations: {} }, "", numbers);
    for (const path of numbers.keys()) assert.ok(all.includes(path), `no path leads to ${path}`);
    assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  });

  test("iterating gives snapshots in their order, with the window since the one before", async (make) => {
    await using monitor = make({ intervalMs: 100, include: ["cpu", "memory"] });
    const taken: Snapshot[] = [];
    for await (const snapshot of monitor) {
      taken.push(snapshot);
      if (taken.length === 4) break;
    }
    const [, ...later] = taken;
    for (const { windowMs } of later) assert.ok(windowMs! >= 50);
    assert.deepEqual(
      taken.map(({ at }) => at),
      taken.map(({ at }) => at).sort(),
    );
    assert.equal(monitor.history().length >= 4, true);
    assert.equal(taken[0]?.networks, null);
    assert.equal(taken[0]?.unavailable.networks, "not in include");
  });

  test("a threshold on a real figure fires and is told", async (make) => {
    await using monitor = make({
      intervalMs: 100,
      include: ["memory"],
      thresholds: [
        { metric: "self.rss", above: 1, name: "alive", severity: "info" },
        { metric: "memory.available / memory.total", below: 0 },
      ],
    });
    for await (const alert of monitor.alerts()) {
      assert.equal(alert.name, "alive");
      assert.equal(alert.state, "firing");
      assert.ok(alert.value! > 1);
      break;
    }
  });

  test("all at once: iterators, snapshots, exporters and close()", async (make) => {
    const monitor = make({ intervalMs: 100, history: 5 });
    const counts = [0, 0];
    const iterators = counts.map(async (_, i) => {
      for await (const _ of monitor) counts[i]! += 1;
    });
    while (counts.some((count) => count < 3)) {
      await Promise.all([monitor.snapshot(), monitor.prometheus(), monitor.snapshot()]);
      monitor.record("round", 1, true);
      await delay(10);
    }
    await monitor.close();
    await Promise.all(iterators);
    await twin.idle();
  });

  test("the runtime's choice of twin holds", async () => {
    await using runtime = createRuntime({ implementation: { monitor: twin.name } });
    await using monitor = runtime.monitor.createMonitor({ include: [] });
    assert.equal(monitor.implementation, twin.name);
  });
}

/** What may be null without a reason: there is no limit, no hot mark, no such thing on this machine. */
function isUsual(path: string, snapshot: Snapshot): boolean {
  if (/^limits\.(cpus|memory|swap|pids)$/.test(path)) return snapshot.limits !== null;
  return /^(temperatures\[\*\]\.(high|critical)|memory\.hugepages\..*|pressure\..*\.full\..*)$/
    .test(path) ||
    (path.startsWith("disks") && snapshot.disks?.length === 0) ||
    (path.startsWith("temperatures") && snapshot.temperatures?.length === 0);
}
