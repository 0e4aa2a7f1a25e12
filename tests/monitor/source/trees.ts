/** Folders with `proc` and `sys` as a machine has them: what a test changes of one is all that it says. */

import { temporary } from "../../support/programs.ts";
import { openSource, type Place } from "../../../src/monitor/source/mod.ts";
import type { Figures, Reading, Source, SourceOptions } from "../../../src/monitor/source/types.ts";
import type { Space } from "../../../src/monitor/source/filesystems.ts";
import type { TwinName } from "../../support/twins.ts";

/** Files by path, folders with a slash at their end; null for what is not there. */
export type Tree = Readonly<Record<string, string | Uint8Array | null>>;

/** What stands in a process's `stat`. */
export interface FakeProcess {
  name?: string;
  state?: string;
  parent?: number;
  user?: number;
  system?: number;
  threads?: number;
  start?: number;
  virtual?: number;
  rss?: number;
  read?: number;
  written?: number;
  descriptors?: number;
}

/** The files of a process. */
export function processFiles(pid: number, process: FakeProcess = {}): Tree {
  const { name = "worker", state = "S", parent = 1, user = 100, system = 50 } = process;
  const { threads = 1, start = 100 * pid, virtual = 8192_000, rss = 300 } = process;
  const { read = 4096, written = 8192, descriptors = 3 } = process;
  const files: Record<string, string> = {
    [`proc/${pid}/fd/`]: "",
    [`proc/${pid}/stat`]:
      `${pid} (${name}) ${state} ${parent} ${pid} ${pid} 0 -1 4194560 1 2 3 4 ` +
      `${user} ${system} 5 6 20 0 ${threads} 0 ${start} ${virtual} ${
        rss + 7
      } 18446744073709551615 1 1\n`,
    [`proc/${pid}/statm`]: `2000 ${rss} 100 1 0 200 0\n`,
    [`proc/${pid}/io`]:
      `rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: ${read}\nwrite_bytes: ${written}\ncancelled_write_bytes: 0\n`,
  };
  for (let file = 0; file < descriptors; file++) files[`proc/${pid}/fd/${file}`] = "";
  return files;
}

/** A machine with two CPUs, a disk, two interfaces, version 2 of control groups and two sensors. */
export const MACHINE: Tree = {
  "proc/stat": [
    "cpu  1000 10 500 8000 100 5 20 0 0 0",
    "cpu0 500 5 250 4000 50 3 10 0 0 0",
    "cpu1 500 5 250 4000 50 2 10 0 0 0",
    "intr 5000 1 2 3",
    "ctxt 90000",
    "btime 1700000000",
    "processes 700",
    "procs_running 2",
    "procs_blocked 0",
    "softirq 1 2 3",
    "",
  ].join("\n"),
  "proc/uptime": "1000.50 1900.00\n",
  "proc/loadavg": "0.50 0.25 0.10 2/150 4242\n",
  "proc/meminfo": [
    "MemTotal:        8000000 kB",
    "MemFree:         1000000 kB",
    "MemAvailable:    6000000 kB",
    "Buffers:          200000 kB",
    "Cached:          3000000 kB",
    "SwapTotal:       1000000 kB",
    "SwapFree:         900000 kB",
    "Dirty:               400 kB",
    "Shmem:             50000 kB",
    "HugePages_Total:       4",
    "HugePages_Free:        3",
    "Hugepagesize:       2048 kB",
    "",
  ].join("\n"),
  "proc/vmstat": "nr_free_pages 1\npswpin 100\npswpout 200\noom_kill 0\n",
  "proc/pressure/cpu":
    "some avg10=1.50 avg60=0.50 avg300=0.25 total=1000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  "proc/pressure/memory":
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  "proc/pressure/io":
    "some avg10=10.00 avg60=5.00 avg300=2.00 total=500000\nfull avg10=8.00 avg60=4.00 avg300=1.00 total=400000\n",
  "proc/diskstats": [
    "   8       0 sda 100 5 2000 50 200 6 4000 80 0 1000 130 0 0 0 0 5 6",
    "   8       1 sda1 90 5 1800 40 180 6 3600 70 0 900 110",
    "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0",
    "",
  ].join("\n"),
  "proc/net/dev": [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:    5000      50    0    0    0     0          0         0     5000      50    0    0    0     0       0          0",
    "  eth0: 1000000    2000    1    2    0     0          0         0   500000    1500    3    4    0     0       0          0",
    "",
  ].join("\n"),
  "proc/self/smaps":
    "00400000-00401000 r--p 00000000 08:01 1 /bin/x\nSize: 4 kB\nKernelPageSize:        4 kB\n",
  "proc/self/cgroup": "0::/app.slice/one\n",
  "proc/self/mountinfo": [
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "23 22 0:21 / /proc rw,nosuid - proc proc rw",
    "24 22 0:22 / /sys rw - sysfs sysfs rw",
    "25 24 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate",
    "26 22 0:24 / /run rw - tmpfs tmpfs rw,size=1k",
    "27 22 8:1 /home /srv/my\\040files ro - ext4 /dev/sda1 rw",
    "28 22 0:25 / /tmp rw - tmpfs tmpfs rw",
    "",
  ].join("\n"),
  "sys/block/sda/size": "1000\n",
  "sys/block/loop0/size": "0\n",
  "sys/fs/cgroup/app.slice/one/cpu.max": "50000 100000\n",
  "sys/fs/cgroup/app.slice/one/cpu.stat":
    "usage_usec 2000000\nuser_usec 1\nsystem_usec 1\nnr_periods 100\nnr_throttled 10\nthrottled_usec 3000000\n",
  "sys/fs/cgroup/app.slice/one/memory.max": "max\n",
  "sys/fs/cgroup/app.slice/one/memory.current": "5000000\n",
  "sys/fs/cgroup/app.slice/one/memory.stat": "anon 1\nfile 2\ninactive_file 1000000\n",
  "sys/fs/cgroup/app.slice/one/memory.swap.max": "0\n",
  "sys/fs/cgroup/app.slice/one/memory.events": "low 0\noom 1\noom_kill 1\n",
  "sys/fs/cgroup/app.slice/one/pids.max": "max\n",
  "sys/fs/cgroup/app.slice/one/pids.current": "7\n",
  "sys/fs/cgroup/app.slice/cpu.max": "max 100000\n",
  "sys/fs/cgroup/app.slice/cpu.stat":
    "usage_usec 9000000\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n",
  "sys/fs/cgroup/app.slice/memory.max": "100000000\n",
  "sys/fs/cgroup/app.slice/memory.swap.max": "max\n",
  "sys/fs/cgroup/app.slice/pids.max": "64\n",
  "sys/class/hwmon/hwmon0/name": "coretemp\n",
  "sys/class/hwmon/hwmon0/temp1_input": "45500\n",
  "sys/class/hwmon/hwmon0/temp1_label": "Package id 0\n",
  "sys/class/hwmon/hwmon0/temp1_max": "80000\n",
  "sys/class/hwmon/hwmon0/temp1_crit": "100000\n",
  "sys/class/hwmon/hwmon0/fan1_input": "1200\n",
  "sys/class/thermal/thermal_zone0/type": "acpitz\n",
  "sys/class/thermal/thermal_zone0/temp": "-5000\n",
  "sys/class/thermal/thermal_zone0/trip_point_0_type": "critical\n",
  "sys/class/thermal/thermal_zone0/trip_point_0_temp": "119000\n",
  "sys/class/thermal/thermal_zone1/type": "coretemp\n",
  "sys/class/thermal/thermal_zone1/temp": "45000\n",
  ...processFiles(1, { name: "init", parent: 0, user: 10, system: 10 }),
  ...processFiles(42, { threads: 4, state: "R" }),
};

/** The space of every file system of a tree. */
export const SPACE: Space = {
  bsize: 4096,
  blocks: 1000,
  bfree: 500,
  bavail: 400,
  files: 100,
  ffree: 60,
};

/** Writes files of a tree, or removes those that are null. */
export function put(folder: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    const whole = `${folder}/${path}`;
    if (text === null) {
      Deno.removeSync(whole, { recursive: true });
      continue;
    }
    Deno.mkdirSync(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    if (path.endsWith("/")) continue;
    if (typeof text === "string") Deno.writeTextFileSync(whole, text);
    else Deno.writeFileSync(whole, text);
  }
}

/** A source over a tree, whose clock stands until it is set. */
export interface Bench {
  readonly folder: string;
  readonly source: Source;
  /** Changes files, lets time pass and reads. */
  read(changes?: Tree, passedMs?: number): Promise<Reading>;
  /** Figures of a second in which files changed. */
  second(changes: Tree): Promise<Figures>;
}

/** Runs a body with a source over a tree. */
export function withSource<T>(
  twin: TwinName,
  tree: Tree,
  body: (bench: Bench) => Promise<T>,
  options: SourceOptions & Place = {},
): Promise<T> {
  return temporary(async (folder) => {
    put(folder, tree);
    let now = 5_000;
    const { include, ...place } = options;
    const source = openSource({ implementation: twin, include }, {
      root: folder,
      clock: () => now,
      askSpace: () => Promise.resolve(SPACE),
      ...place,
    });
    const read = (changes: Tree = {}, passedMs = 1000): Promise<Reading> => {
      put(folder, changes);
      now += passedMs;
      return source.read();
    };
    const second = async (changes: Tree): Promise<Figures> => {
      const before = await read();
      return source.derive(before, await read(changes));
    };
    try {
      return await body({ folder, source, read, second });
    } finally {
      source.close();
    }
  });
}

/** Figures without what differs from one reading to the next by itself, or names the twin. */
export function comparable(figures: Figures): Omit<Figures, "at" | "self" | "implementation"> {
  const { at: _at, self: _self, implementation: _twin, ...rest } = figures;
  return rest;
}
