/** What a monitor tells Prometheus: read by the format's grammar, and by Prometheus' own tool. */

import assert from "assertions";
import fc from "fast-check";
import { createMonitor } from "../../src/monitor/mod.ts";
import { Exposition } from "../../src/monitor/prometheus/text.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
import { start } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";
import { parseExposition } from "./exposition.ts";
import { processesWith, processWith, scripted } from "./scripted.ts";

const noPromtool = programMissing("promtool", "prometheus");

/** What Prometheus' tool has to say, but for what node_exporter's own names are. */
async function complaints(text: string): Promise<string[]> {
  const { stdout, stderr, code } = await start("promtool", ["check", "metrics"], { stdin: text });
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
  // 3 says that there are only such lines, 1 that it is no metrics at all.
  assert.ok(code === 0 || code === 3, lines.join("\n"));
  const known = /^node_memory_\w+ metric names should be written in 'snake_case' not 'camelCase'$/;
  return lines.filter((line) => !known.test(line));
}

const seconds = {
  user: 1.5,
  nice: 0,
  system: 2,
  idle: 30,
  iowait: 0.25,
  irq: 0,
  softirq: 0.5,
  steal: 0,
};
const disk = { readBytes: 512, writtenBytes: 1_024, reads: 1, writes: 2, busySeconds: 0.5 };
const network = {
  receivedBytes: 10,
  sentBytes: 20,
  receivedPackets: 1,
  sentPackets: 2,
  receiveErrors: 3,
  sendErrors: 4,
  receiveDrops: 5,
  sendDrops: 6,
};
const pressure = { some: 1.25, full: null };
const filesystem = {
  device: "/dev/sda1",
  type: "ext4",
  total: 100,
  free: 50,
  available: 40,
  inodes: 10,
  inodesFree: 5,
  readOnly: true,
};

/** A monitor of a machine of which everything is known. */
function whole() {
  const parts = scripted();
  parts.source.figures = {
    uptimeSeconds: 100,
    load: { one: 1, five: 5, fifteen: 15 },
    memory: {
      total: 1_000,
      available: 600,
      used: 400,
      free: 500,
      buffers: 10,
      cached: 20,
      shared: 30,
      dirty: 1,
      hugepages: { size: 2_097_152, total: 4, free: 3 },
    },
    swap: { total: 10, free: 5, used: 5, in: null, out: null },
    filesystems: [{ ...filesystem, mount: "/" }, { ...filesystem, mount: "/" }],
    processes: processesWith([
      processWith({ pid: 1, name: "init", rss: 5, cpuSeconds: 9 }),
      processWith({ pid: 2, name: 'od"d\n\\', rss: 50, cpuSeconds: 0 }),
      processWith({ pid: 3, name: "small", rss: 1, cpuSeconds: 1 }),
    ]),
    limits: {
      version: 2,
      path: "/",
      cpus: 1.5,
      cpuUsed: null,
      throttled: null,
      throttledSeconds: 1,
      memory: 2_000,
      memoryUsed: 1_000,
      swap: null,
      pids: null,
      pidsUsed: 7,
      oomKills: 0,
    },
    temperatures: [{ chip: "k10temp", label: "Tctl", celsius: 55.5, high: 90, critical: null }],
    unavailable: { windowMs: "rates need an earlier reading", "pressure.cpu.full": "not told" },
  };
  parts.source.counted = {
    cpu: [{ cpu: 0, seconds }, { cpu: 3, seconds }],
    contextSwitches: 7,
    interrupts: 8,
    forks: 9,
    bootTimeSeconds: 1_700_000_000,
    pressure: { cpu: pressure, memory: { some: 2, full: 1 }, io: null },
    pagesSwappedIn: 11,
    pagesSwappedOut: 12,
    disks: [{ name: "sda", ...disk }],
    networks: [{ name: "eth0", ...network }],
    limits: { cpuSeconds: 1, periods: 10, throttledPeriods: 5, throttledSeconds: 0.5 },
    selfCpuSeconds: 3.5,
  };
  return parts;
}

/** The value of a series, by its name and labels. */
function read(text: string): (name: string, labels?: Record<string, string>) => number | undefined {
  const samples = [...parseExposition(text).values()].flatMap(({ samples }) => samples);
  return (name, labels = {}) => {
    const found = samples.filter((sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
    );
    assert.ok(found.length <= 1, `${found.length} series ${name}`);
    return found[0]?.value;
  };
}

Deno.test("prometheus(): names, labels and values are node_exporter's", async () => {
  const { monitor } = whole();
  monitor.record("pay", 3, true);
  monitor.record("pay", 70, false);
  monitor.record("pay", 20_000, true);
  const text = await monitor.prometheus();
  const value = read(text);
  assert.equal(value("node_cpu_seconds_total", { cpu: "3", mode: "softirq" }), 0.5);
  assert.equal(value("node_load15"), 15);
  assert.equal(value("node_memory_MemAvailable_bytes"), 600);
  assert.equal(value("node_memory_SwapFree_bytes"), 5);
  assert.equal(value("node_memory_Hugepagesize_bytes"), 2_097_152);
  assert.equal(value("node_vmstat_pswpin"), 11);
  assert.equal(value("node_disk_io_time_seconds_total", { device: "sda" }), 0.5);
  assert.equal(value("node_network_receive_drop_total", { device: "eth0" }), 5);
  const mount = { device: "/dev/sda1", fstype: "ext4", mountpoint: "/" };
  assert.equal(value("node_filesystem_avail_bytes", mount), 40);
  assert.equal(value("node_filesystem_readonly", mount), 1);
  assert.equal(value("node_pressure_memory_stalled_seconds_total"), 1);
  assert.equal(value("node_pressure_io_waiting_seconds_total"), undefined, "it cannot be read");
  assert.equal(value("node_hwmon_temp_celsius", { chip: "k10temp", sensor: "Tctl" }), 55.5);
  assert.equal(value("node_hwmon_temp_crit_celsius"), undefined);
  assert.equal(value("process_cpu_seconds_total"), 3.5);
  assert.equal(value("agent_limit_cpus"), 1.5);
  assert.equal(value("agent_limit_pids"), undefined, "there is no limit");
  assert.equal(value("agent_process_resident_memory_bytes", { pid: "2", name: 'od"d\n\\' }), 50);
  const bucket = (le: string) =>
    value("agent_operation_duration_seconds_bucket", { operation: "pay", le });
  assert.deepEqual(["0.0025", "0.005", "0.05", "0.1", "10", "+Inf"].map(bucket), [
    0,
    1,
    1,
    2,
    2,
    3,
  ]);
  assert.equal(value("agent_operation_duration_seconds_sum"), 20.073);
  assert.equal(value("agent_operation_failures_total", { operation: "pay" }), 1);
  assert.equal(value("agent_monitor_unavailable_figures"), 1);
  await monitor.close();
});

testNeeding([noPromtool], "prometheus(): Prometheus' own tool has nothing to say", async () => {
  const { monitor } = whole();
  monitor.record("pay", 3, true);
  assert.deepEqual(await complaints(await monitor.prometheus()), []);
  await monitor.close();
  assert.notDeepEqual(await complaints("# TYPE x counter\nx 1\n"), [], "it would say something");
});

for (const twin of twins("monitor").each) {
  testOf("prometheus()", twin, "what this machine says can be read", async () => {
    await using monitor = createMonitor({ implementation: twin.name });
    monitor.record("test", 1, true);
    const families = parseExposition(await monitor.prometheus());
    const own = families.get("process_resident_memory_bytes");
    assert.ok(own!.samples[0]!.value > 1_000_000);
    const memory = families.get("node_memory_MemTotal_bytes");
    assert.ok(memory!.samples[0]!.value > 1_000_000);
    assert.equal(families.get("agent_operation_duration_seconds")?.type, "histogram");
  });
  testNeeding(
    [twin.missing, noPromtool],
    `prometheus() (${twin.name}): Prometheus' own tool takes what this machine says`,
    async () => {
      await using monitor = createMonitor({ implementation: twin.name });
      assert.deepEqual(await complaints(await monitor.prometheus()), []);
    },
  );
}

Deno.test("prometheus(): nothing on the machine can flood who stores the series", async () => {
  const { monitor, source } = whole();
  source.counted.networks = Array.from({ length: 5_000 }, (_, i) => ({
    name: `veth${i}`,
    ...network,
  }));
  source.figures.processes = processesWith(
    Array.from(
      { length: 5_000 },
      (_, pid) => processWith({ pid, rss: pid, cpuSeconds: 5_000 - pid }),
    ),
  );
  const text = await monitor.prometheus();
  const value = read(text);
  const families = parseExposition(text);
  assert.equal(families.get("node_network_receive_bytes_total")?.samples.length, 200);
  assert.equal(value("agent_monitor_dropped_items", { list: "networks" }), 4_800);
  const pids = families.get("agent_process_threads")!.samples.map(({ labels }) => labels.pid);
  assert.equal(pids.length, 20);
  assert.ok(pids.includes("0") && pids.includes("4999"));
  assert.equal(value("agent_monitor_dropped_items", { list: "processes" }), 4_980);
  const none = parseExposition(await monitor.prometheus({ processes: 0 }));
  assert.equal(none.has("agent_process_threads"), false);
  const three = parseExposition(await monitor.prometheus({ processes: 3 }));
  assert.equal(three.get("agent_process_threads")?.samples.length, 3);
  await monitor.close();
});

Deno.test("prometheus(): any label and any number come through", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true }),
      fc.string(),
      (label, number, help) => {
        const out = new Exposition();
        out.family("x", "gauge", help, (add) => add({ label }, number));
        const { samples, help: text } = parseExposition(out.toString()).get("x")!;
        assert.equal(samples[0]?.labels.label, label.toWellFormed());
        assert.equal(samples[0]?.value, number + 0);
        assert.equal(text, help);
      },
    ),
  );
});
