/** What each set of permissions gives, asked by programs of their own; nothing prompts, and no permission is gone round. */

import assert from "assertions";

import { BUILT, deno, ROOT } from "../../support/programs.ts";
import { testNeeding } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";
import type { Figures } from "../../../src/monitor/source/types.ts";

/** Two readings with these permissions. */
async function figuresWith(implementation: string, flags: readonly string[]): Promise<Figures> {
  const program = `${ROOT}tests/monitor/source/program.ts`;
  const { code, stdout, stderr } = await deno(
    ["run", "--no-prompt", "--no-check", ...flags, program, "figures", implementation],
    { AGENT_NATIVE_DIR: BUILT },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const nativeMissing = twins("monitor").native.missing;
const isLinux = Deno.build.os === "linux" ? undefined : "only Linux has /proc";

Deno.test("source permissions (pure): without any only the program itself is told", async () => {
  const { self, cpu, unavailable, uptimeSeconds, memory, load, filesystems, networks, processes } =
    await figuresWith("pure", []);
  assert.ok(self.rss > 0 && self.cpu !== null && cpu.count > 0);
  assert.deepEqual([uptimeSeconds, memory, load, filesystems, networks, processes], [
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.equal(unavailable["cpu"], "needs --allow-sys=cpus");
  assert.equal(unavailable["memory"], "needs --allow-sys=systemMemoryInfo");
  assert.equal(unavailable["filesystems"], "needs --allow-sys=statfs and --allow-read");
});

testNeeding([isLinux], "source permissions (pure): --allow-sys gives what Deno tells", async () => {
  const { cpu, unavailable, uptimeSeconds, memory, load, filesystems, networks } =
    await figuresWith("pure", ["--allow-sys", "--allow-read"]);
  assert.ok(cpu.busy !== null && cpu.busy >= 0 && cpu.busy <= 1);
  assert.equal(cpu.shares, null);
  assert.ok(uptimeSeconds! > 0 && memory!.total > memory!.available && load !== null);
  assert.deepEqual(filesystems!.map(({ mount, device }) => [mount, device]), [["/", null]]);
  assert.ok(filesystems![0]!.total! > 0);
  assert.equal(networks, null);
  for (
    const part of ["pressure", "disks", "networks", "processes", "limits", "temperatures"] as const
  ) {
    assert.equal(unavailable[part], "needs --allow-all or the native library");
  }
});

testNeeding([isLinux], "source permissions (pure): --allow-all gives all", async () => {
  const { cpu, processes, networks, disks, unavailable } = await figuresWith("pure", ["-A"]);
  assert.ok(cpu.shares !== null && networks !== null && disks !== null);
  assert.ok(processes!.list.some(({ pid }) => pid === 1));
  assert.equal(unavailable["processes"], undefined);
});

testNeeding(
  [isLinux, nativeMissing],
  "source permissions (native): without --allow-sys it tells no more than the pure twin",
  async () => {
    const flags = ["--allow-read", "--allow-env", `--allow-ffi=${BUILT}`];
    const figures = await figuresWith("native", flags);
    assert.equal(figures.implementation, "native");
    assert.equal(figures.networks, null);
    assert.equal(figures.processes, null);
    assert.equal(figures.unavailable["networks"], "needs --allow-sys");
    assert.equal(figures.unavailable["processes"], "needs --allow-sys and --allow-read");
    // A part of the permission is not the whole of it.
    const part = await figuresWith("native", [...flags, "--allow-sys=loadavg"]);
    assert.equal(part.unavailable["networks"], "needs --allow-sys");
    assert.ok(part.load !== null && part.memory === null);
    // Where the library may tell nothing, auto has no use for it.
    assert.equal((await figuresWith("auto", flags)).implementation, "pure");
  },
);

testNeeding(
  [isLinux, nativeMissing],
  "source permissions (native): other processes and mounts need --allow-read as a whole",
  async () => {
    const flags = ["--allow-sys", "--allow-env", `--allow-ffi=${BUILT}`, `--allow-read=${ROOT}`];
    const { cpu, networks, processes, filesystems, unavailable, limits } = await figuresWith(
      "native",
      flags,
    );
    assert.ok(cpu.shares !== null && networks !== null && limits !== null);
    assert.equal(processes, null);
    assert.equal(filesystems, null);
    assert.equal(unavailable["processes"], "needs --allow-sys and --allow-read");
    const denied = await figuresWith("native", [
      "--allow-sys",
      "--allow-env",
      `--allow-ffi=${BUILT}`,
      "--allow-read",
      "--deny-read=/etc/shadow",
    ]);
    assert.equal(denied.processes, null);
    const all = await figuresWith("auto", [
      "--allow-sys",
      "--allow-env",
      `--allow-ffi=${BUILT}`,
      "--allow-read",
    ]);
    assert.equal(all.implementation, "native");
    assert.ok(all.processes!.count > 0 && all.filesystems!.length > 0);
  },
);
