/** What goes wrong while a machine is watched: each gives null and a reason, or what is still true, never an error or an invented number. */

import assert from "assertions";
import { reasonFor } from "../../../src/monitor/source/reason.ts";
import type { Figures } from "../../../src/monitor/source/types.ts";
import { testOf, twins } from "../../support/twins.ts";
import { changed } from "./conformance.ts";
import { MACHINE, processFiles, SPACE, type Tree, withSource } from "./trees.ts";

for (const twin of twins("monitor").each) {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("source faults", twin, name, body);

  const second = (tree: Tree, changes: Tree): Promise<Figures> =>
    withSource(twin.name, tree, ({ second }) => second(changes));

  const network = (bytes: number): Tree =>
    changed("proc/net/dev", /eth0:.*$/m, `eth0: ${bytes} 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0`);

  test("a counter of 32 bits that passes its end goes on", async () => {
    const figures = await second(
      { ...MACHINE, ...network(2 ** 32 - 1000) },
      network(500),
    );
    assert.equal(figures.networks![1]!.receivedBytes, 1500);
  });

  test("a disk's milliseconds of 32 bits do too", async () => {
    const busy = (ms: number): Tree =>
      changed("proc/diskstats", /sda 100.*$/m, `sda 100 5 2000 50 200 6 4000 80 0 ${ms} 130`);
    const figures = await second({ ...MACHINE, ...busy(2 ** 32 - 100) }, busy(150));
    assert.ok(Math.abs(figures.disks![0]!.utilization! - 0.25) < 1e-6);
  });

  test("a counter that goes back is null with the reason", async () => {
    for (const [before, after] of [[5000, 4000], [2 ** 40, 7], [2 ** 31, 2 ** 30]] as const) {
      const figures = await second({ ...MACHINE, ...network(before) }, network(after));
      assert.equal(figures.networks![1]!.receivedBytes, null);
      assert.match(figures.unavailable["networks[eth0].receivedBytes"]!, /went back/);
      assert.equal(figures.networks![1]!.sentBytes, 0);
    }
  });

  test("idle and waiting time may go back a little without an invented share", async () => {
    const { cpu } = await second(MACHINE, {
      "proc/stat": "cpu  1090 10 510 8000 90 5 20 0\ncpu0 540 5 250 4000 50 3 10 0\n",
    });
    assert.equal(cpu.shares!.iowait, 0);
    assert.equal(cpu.busy, 1);
  });

  test("a CPU that is taken offline, and one that comes", async () => {
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      const both = await read();
      const one = await read({
        "proc/stat": "cpu  1060 10 500 8040 100 5 20 0\ncpu0 560 5 250 4040 50 3 10 0\n",
      });
      const off = source.derive(both, one);
      assert.deepEqual(off.cpu.cores!.map(({ cpu, busy }) => [cpu, busy]), [[0, 0.6]]);
      assert.equal(off.cpu.count, 1);
      const again = source.derive(one, await read({ "proc/stat": MACHINE["proc/stat"]! }));
      assert.equal(again.cpu.cores![1]!.busy, null);
      assert.match(reasonFor(again.unavailable, "cpu.cores[1].busy")!, /off or not there/);
    });
  });

  test("a disk that vanishes, a disk and an interface that appear", async () => {
    const figures = await second(MACHINE, {
      ...changed("proc/diskstats", "sda 100", "sdb 100"),
      "sys/block/sda/": null,
      "sys/block/sdb/size": "1\n",
      ...changed("proc/net/dev", "eth0", "wlan0"),
    });
    assert.deepEqual(figures.disks!.map(({ name, reads }) => [name, reads]), [["sdb", null]]);
    assert.match(figures.unavailable["disks[sdb].reads"]!, /not there at the earlier/);
    assert.deepEqual(figures.networks!.map(({ name, sentBytes }) => [name, sentBytes]), [
      ["lo", 0],
      ["wlan0", null],
    ]);
    assert.match(figures.unavailable["networks[wlan0].sentBytes"]!, /not there at the earlier/);
  });

  test("a process whose number is given to another is another process", async () => {
    const { processes, unavailable } = await second(MACHINE, processFiles(42, { start: 99_000 }));
    assert.equal(processes!.list[1]!.cpu, null);
    assert.match(reasonFor(unavailable, "processes.list[1].cpu")!, /1 of 2: it began/);
    assert.equal(processes!.list[0]!.cpu, 0);
  });

  test("a process that ends while it is read is not there, one without its files has reasons", async () => {
    const { processes, unavailable } = await second(
      { ...MACHINE, ...processFiles(50), ...processFiles(51) },
      { "proc/50/stat": null, "proc/51/io": null, "proc/51/fd/": null },
    );
    assert.deepEqual(processes!.list.map(({ pid }) => pid), [1, 42, 51]);
    const { readBytes, descriptors, cpu } = processes!.list[2]!;
    assert.deepEqual([readBytes, descriptors, cpu], [null, null, 0]);
    assert.match(unavailable["processes.list[].descriptors"]!, /^of 1 of 3: /);
    assert.equal(unavailable["processes.list"], undefined);
  });

  test("what is in no process's stat is said, and the others stay", async () => {
    const { processes, unavailable } = await second(
      { ...MACHINE, ...processFiles(50) },
      { "proc/50/stat": "50 (worker) S garbage\n" },
    );
    assert.equal(processes!.count, 2);
    assert.match(unavailable["processes.list"]!, /^1 processes are not in it/);
  });

  test("/proc mounted with hidepid is said", async () => {
    const { processes, unavailable } = await second({
      ...MACHINE,
      ...changed("proc/self/mountinfo", "proc proc rw", "proc proc rw,hidepid=invisible"),
    }, {});
    assert.equal(processes!.count, 2);
    assert.match(unavailable["processes.list"]!, /hidepid=invisible/);
  });

  test("a clock that is set back and a machine that slept change no rate", async () => {
    const figures = await second(MACHINE, {
      // The machine slept for a day; its clock was set back by two.
      "proc/uptime": "87400.50 1900.00\n",
      ...changed("proc/stat", "btime 1700000000", "btime 1699827200"),
      ...network(3000),
    });
    assert.equal(figures.windowMs, 1000);
    assert.equal(figures.uptimeSeconds, 87_400.5);
    assert.equal(figures.processes!.list[1]!.cpu, 0);
    assert.equal(figures.networks![0]!.sentBytes, 0);
  });

  test("a file system that fails, and one that does not answer, hold up nothing", async () => {
    const waiting = Promise.withResolvers<typeof SPACE>();
    let asked = 0;
    const askSpace = (mount: string): Promise<typeof SPACE> => {
      if (mount === "/") return Promise.reject(new Error("Stale file handle"));
      asked++;
      return waiting.promise;
    };
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      for (const expected of [/no answer in/, /not answered an earlier/]) {
        const { filesystems, unavailable } = source.derive(null, await read());
        assert.deepEqual(filesystems!.map(({ total }) => total), [null, null]);
        assert.match(reasonFor(unavailable, "filesystems[/].total")!, /Stale/);
        assert.match(reasonFor(unavailable, "filesystems[/tmp].total")!, expected);
      }
      assert.equal(asked, 1);
      waiting.resolve(SPACE);
      await waiting.promise;
      await read();
      assert.equal(asked, 2);
    }, { askSpace });
  });

  test("files that are not there: each part has its reason", async () => {
    await withSource(twin.name, { "proc/self/": "" }, async ({ source, read }) => {
      const { cpu, self, processes, unavailable, ...figures } = source.derive(null, await read());
      assert.equal(cpu.shares, null);
      assert.ok(cpu.count >= 1 && self.rss > 0);
      assert.deepEqual(processes!.list, []);
      for (
        const part of [
          "load",
          "pressure",
          "memory",
          "swap",
          "disks",
          "filesystems",
          "networks",
          "limits",
          "temperatures",
          "uptimeSeconds",
        ] as const
      ) {
        assert.equal(figures[part], null, part);
        assert.match(unavailable[part]!, /this system does not tell it/, part);
      }
      assert.match(reasonFor(unavailable, "cpu.busy")!, /does not tell it: \/proc\/stat/);
    });
  });

  test("a sensor that gives nothing is left out with the reason", async () => {
    const { temperatures, unavailable } = await second(MACHINE, {
      "sys/class/hwmon/hwmon0/temp1_input": "N/A\n",
    });
    assert.deepEqual(temperatures!.map(({ chip }) => chip), ["acpitz"]);
    assert.match(unavailable["temperatures[coretemp/Package id 0]"]!, /does not hold/);
  });

  test("a program that is moved to another group, and a chip that is plugged in, are followed", async () => {
    const figures = await second(MACHINE, {
      "proc/self/cgroup": "0::/app.slice\n",
      "sys/class/hwmon/hwmon1/name": "nvme\n",
      "sys/class/hwmon/hwmon1/temp1_input": "30000\n",
    });
    const { limits, temperatures, unavailable } = figures;
    assert.deepEqual([limits!.path, limits!.cpus, limits!.cpuUsed], ["/app.slice", null, null]);
    assert.match(unavailable["limits.cpuUsed"]!, /not there at the earlier/);
    assert.deepEqual(temperatures!.map(({ chip }) => chip), ["coretemp", "nvme", "acpitz"]);
  });

  test("a group outside of what is mounted is said to be", async () => {
    const { limits, unavailable } = await second({
      ...MACHINE,
      "proc/self/cgroup": "0::/../other\n",
    }, {});
    assert.equal(limits, null);
    assert.match(unavailable["limits"]!, /not mounted below/);
  });

  test("ten thousand readings hold nothing", async () => {
    await withSource(twin.name, MACHINE, async ({ source, read }) => {
      let before = await read();
      const round = async (count: number): Promise<number> => {
        for (let i = 0; i < count; i++) {
          const now = await read({}, 1);
          assert.equal(source.derive(before, now).windowMs, 1);
          before = now;
        }
        return Deno.memoryUsage().rss;
      };
      const first = await round(2_000);
      assert.ok(await round(10_000) < first + 48 * 2 ** 20);
    }, { include: ["cpu", "networks", "pressure"] });
  });
}
