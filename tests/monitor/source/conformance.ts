/**
 * What a source's figures are, for every twin, out of files that a test writes.
 *
 * Not part of the contract: `at`, and the figures of the program itself.
 */

import assert from "assertions";
import { AgentError } from "../../../src/shared/errors.ts";
import { reasonFor } from "../../../src/monitor/source/reason.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { MACHINE, processFiles, SPACE, type Tree, withSource } from "./trees.ts";

/** The text of a file of the machine, changed. */
export function changed(path: string, from: string | RegExp, to: string): Tree {
  const text = MACHINE[path] as string;
  const after = text.replace(from, to);
  assert.notEqual(after, text, `${path} holds no ${from}`);
  return { [path]: after };
}

/** Registers the suite for one twin. */
export function sourceConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("source", twin, name, body);

  test("CPUs: shares of the window, of each mode and CPU", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { cpu } = await second({
        "proc/stat": [
          "cpu  1100 10 530 8060 110 5 20 0 0 0",
          "cpu0 600 5 250 4000 50 3 10 0 0 0",
          "cpu1 500 5 280 4060 60 2 10 0 0 0",
          "intr 5500 9",
          "ctxt 91000",
          "btime 1700000000",
          "processes 707",
        ].join("\n"),
      });
      assert.deepEqual(cpu.shares, {
        user: 0.5,
        nice: 0,
        system: 0.15,
        idle: 0.3,
        iowait: 0.05,
        irq: 0,
        softirq: 0,
        steal: 0,
      });
      assert.equal(cpu.count, 2);
      assert.ok(Math.abs(cpu.busy! - 0.65) < 1e-9);
      assert.deepEqual(cpu.cores!.map(({ cpu, busy }) => [cpu, busy!.toFixed(6)]), [
        [0, "1.000000"],
        [1, "0.300000"],
      ]);
      assert.equal(cpu.contextSwitches, 1000);
      assert.equal(cpu.interrupts, 500);
    });
  });

  test("load, uptime, memory and swap space as they are written", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const figures = await second(changed("proc/vmstat", "pswpin 100", "pswpin 110"));
      assert.deepEqual(figures.load, { one: 0.5, five: 0.25, fifteen: 0.1 });
      assert.equal(figures.uptimeSeconds, 1000.5);
      assert.deepEqual(figures.memory, {
        total: 8_192_000_000,
        available: 6_144_000_000,
        used: 2_048_000_000,
        free: 1_024_000_000,
        buffers: 204_800_000,
        cached: 3_072_000_000,
        shared: 51_200_000,
        dirty: 409_600,
        hugepages: { size: 2_097_152, total: 4, free: 3 },
      });
      const swap = { total: 1_024_000_000, free: 921_600_000, used: 102_400_000 };
      assert.deepEqual(figures.swap, { ...swap, in: 10 * 4096, out: 0 });
    });
  });

  test("pressure: the kernel's averages as shares, and the window's own", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { pressure } = await second({
        "proc/pressure/cpu":
          "some avg10=1.50 avg60=0.50 avg300=0.25 total=1250000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
      });
      assert.deepEqual(pressure!.cpu!.some, {
        avg10: 0.015,
        avg60: 0.005,
        avg300: 0.0025,
        window: 0.25,
      });
      assert.deepEqual(pressure!.io!.full!.avg10, 0.08);
    });
  });

  test("disks: whole ones that were ever used; network: every interface", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { disks, networks } = await second({
        ...changed(
          "proc/diskstats",
          /sda 100.*$/m,
          "sda 110 5 2100 50 220 6 4400 80 0 1250 130 0 0 0 0 5 6",
        ),
        ...changed(
          "proc/net/dev",
          /eth0:.*$/m,
          "eth0: 1001000 2010 2 4 0 0 0 0 502000 1520 6 8 0 0 0 0",
        ),
      });
      assert.deepEqual(disks, [{
        name: "sda",
        readBytes: 51_200,
        writtenBytes: 204_800,
        reads: 10,
        writes: 20,
        utilization: 0.25,
      }]);
      assert.deepEqual(networks!.map(({ name }) => name), ["lo", "eth0"]);
      assert.deepEqual(networks![1], {
        name: "eth0",
        receivedBytes: 1000,
        sentBytes: 2000,
        receivedPackets: 10,
        sentPackets: 20,
        receiveErrors: 1,
        sendErrors: 3,
        receiveDrops: 2,
        sendDrops: 4,
      });
    });
  });

  test("file systems that hold data, each once", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { filesystems } = await second({});
      const sizes = {
        total: SPACE.blocks * 4096,
        free: SPACE.bfree * 4096,
        available: SPACE.bavail * 4096,
        inodes: 100,
        inodesFree: 60,
      };
      assert.deepEqual(filesystems, [
        { device: "/dev/sda1", mount: "/", type: "ext4", ...sizes, readOnly: false },
        { device: "tmpfs", mount: "/tmp", type: "tmpfs", ...sizes, readOnly: false },
      ]);
    });
  });

  test("processes: their figures, and the sums", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { processes } = await second({
        ...processFiles(42, {
          state: "R",
          threads: 5,
          user: 130,
          system: 70,
          read: 5096,
          written: 10_192,
        }),
        ...processFiles(77, { name: "ne\u0007w\n)", descriptors: 0 }),
        ...changed("proc/stat", "processes 700", "processes 702"),
      });
      const { list, ...sums } = processes!;
      assert.deepEqual(sums, { count: 3, running: 1, blocked: 0, threads: 7, created: 2 });
      assert.deepEqual(list.map(({ pid }) => pid), [1, 42, 77]);
      const { uid, ...rest } = list[1]!;
      assert.equal(uid, Deno.uid());
      assert.deepEqual(rest, {
        pid: 42,
        parent: 1,
        name: "worker",
        state: "R",
        cpu: 0.5,
        cpuSeconds: 2,
        rss: 300 * 4096,
        virtual: 8_192_000,
        threads: 5,
        descriptors: 3,
        readBytes: 1000,
        writtenBytes: 2000,
        startedAt: 1_700_000_000_000 + 42_000,
      });
      assert.equal(list[2]!.name, "ne?w?)");
      assert.equal(list[2]!.cpu, null);
      assert.equal(list[2]!.descriptors, 0);
    });
  });

  test("limits of version 2: the smallest from the group upwards", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { limits } = await second({
        "sys/fs/cgroup/app.slice/one/cpu.stat":
          "usage_usec 2400000\nnr_periods 110\nnr_throttled 15\nthrottled_usec 3500000\n",
      });
      assert.deepEqual({ ...limits, cpuUsed: limits!.cpuUsed!.toFixed(6) }, {
        version: 2,
        path: "/app.slice/one",
        cpus: 0.5,
        cpuUsed: "0.400000",
        throttled: 0.5,
        throttledSeconds: 3.5,
        memory: 100_000_000,
        memoryUsed: 4_000_000,
        swap: 0,
        pids: 64,
        pidsUsed: 7,
        oomKills: 1,
      });
    });
  });

  test("limits of version 1, in a container whose mounts show its own groups only", async () => {
    const group = "/docker/abc";
    const mount = (id: number, place: string, controllers: string): string =>
      `${id} 24 0:3${id} ${group} /sys/fs/cgroup/${place} ro - cgroup cgroup rw,${controllers}`;
    const tree: Tree = {
      ...MACHINE,
      "proc/self/cgroup": ["cpu,cpuacct", "memory", "pids", "name=systemd"]
        .map((name, id) => `${id + 2}:${name}:${group}\n`).join(""),
      "proc/self/mountinfo": [
        "22 1 8:1 / / rw - overlay overlay rw",
        mount(30, "cpu,cpuacct", "cpu,cpuacct"),
        mount(31, "memory", "memory"),
        mount(32, "pids", "pids"),
      ].join("\n"),
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.stat":
        "nr_periods 50\nnr_throttled 5\nthrottled_time 2000000000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpuacct.usage": "7000000000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
      "sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": "536870912\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "100000\n",
      "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 40000\n",
      "sys/fs/cgroup/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
      "sys/fs/cgroup/pids/pids.max": "max\n",
      "sys/fs/cgroup/pids/pids.current": "3\n",
    };
    await withSource(twin.name, tree, async ({ second }) => {
      const { limits } = await second({
        "sys/fs/cgroup/cpu,cpuacct/cpuacct.usage": "8500000000\n",
      });
      assert.deepEqual(limits, {
        version: 1,
        path: group,
        cpus: 1.5,
        cpuUsed: 1.5,
        throttled: 0,
        throttledSeconds: 2,
        memory: 268_435_456,
        memoryUsed: 60_000,
        swap: 268_435_456,
        pids: null,
        pidsUsed: 3,
        oomKills: 2,
      });
    });
  });

  test("sensors: chips, and zones that no chip has", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const { temperatures } = await second({ "sys/class/hwmon/hwmon0/temp1_input": "46000\n" });
      assert.deepEqual(temperatures, [
        { chip: "coretemp", label: "Package id 0", celsius: 46, high: 80, critical: 100 },
        { chip: "acpitz", label: "thermal_zone0", celsius: -5, high: null, critical: 119 },
      ]);
    });
  });

  test("without an earlier reading rates are null, and it is said why", async () => {
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      const now = await read();
      const figures = source.derive(null, now);
      assert.equal(figures.windowMs, null);
      assert.equal(figures.cpu.busy, null);
      assert.equal(figures.networks![0]!.sentBytes, null);
      assert.equal(figures.processes!.list[0]!.cpu, null);
      assert.equal(figures.memory!.total, 8_192_000_000);
      assert.equal(figures.processes!.list[0]!.cpuSeconds, 0.2);
      assert.match(reasonFor(figures.unavailable, "networks[lo].sentBytes")!, /earlier reading/);
      assert.deepEqual(Object.keys(figures.unavailable), ["windowMs"]);
      // The same reading twice is no window either.
      assert.match(source.derive(now, now).unavailable["windowMs"]!, /no time passed/);
    });
  });

  test("totals for exporters are those of the files", async () => {
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      const counters = source.counters(await read());
      assert.equal(counters.cpu![1]!.seconds.irq, 0.02);
      assert.equal(counters.forks, 700);
      assert.equal(counters.bootTimeSeconds, 1_700_000_000);
      assert.equal(counters.pressure!.io!.full, 0.4);
      assert.equal(counters.pagesSwappedOut, 200);
      assert.equal(counters.disks![0]!.writtenBytes, 4000 * 512);
      assert.equal(counters.networks![1]!.sendDrops, 4);
      assert.deepEqual(counters.limits, {
        cpuSeconds: 2,
        periods: 100,
        throttledPeriods: 10,
        throttledSeconds: 3,
      });
      assert.ok(counters.selfCpuSeconds! > 0);
    });
  });

  test("parts that are not wanted are null, and not read", async () => {
    await withSource(twin.name, MACHINE, async ({ second }) => {
      const figures = await second({});
      assert.equal(figures.memory, null);
      assert.equal(figures.swap, null);
      assert.equal(figures.processes, null);
      assert.equal(figures.unavailable["processes"], "not in include");
      assert.ok(figures.networks!.length === 2 && figures.load !== null);
    }, { include: ["networks", "load"] });
  });

  test("a closed source is an error, and closing it again nothing", async () => {
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      await read();
      source.close();
      source.close();
      await assert.rejects(read(), (error) => AgentError.is(error, "CLOSED"));
    });
  });
}
