/** Sources on this machine: known loads, other users' processes, control groups, and many readings. */

import assert from "assertions";
import type { ProcessFigures } from "../../../src/monitor/types.ts";
import type { Figures } from "../../../src/monitor/source/types.ts";
import { statfsSync } from "node:fs";
import { inNamespace, noNamespace } from "../../support/namespaces.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import {
  bareEnvironment,
  DENO,
  type Finished,
  ROOT,
  start,
  temporary,
} from "../../support/programs.ts";
import { twins } from "../../support/twins.ts";

const PROGRAM = "tests/monitor/source/program.ts";
const TMPFS = 0x0102_1994;

/** Where Debian, Docker and most others mount the first version. */
const GROUPS = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpuacct"] as const;
const noGroup = GROUPS.every((folder) =>
    Deno.build.os === "linux" &&
    new Deno.Command("test", {
      args: ["-w", `${folder}/cpu.cfs_quota_us`, "-o", "-w", `${folder}/cpuacct.usage`],
    })
      .outputSync().success
  )
  ? undefined
  : "the first version of control groups is not mounted, or not to be written";
const isRoot = Deno.uid() === 0 ? undefined : "needs to be root";
const noSetpriv = programMissing("setpriv", "util-linux");

function result<T>({ code, stdout, stderr }: Finished): T {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Runs the program behind lines of shell, by default as it is. */
async function run<T>(args: readonly string[], shell = 'exec "$@"'): Promise<T> {
  return result(
    await start("sh", [
      "-ec",
      shell,
      "sh",
      DENO,
      "run",
      "--no-check",
      "--no-lock",
      "-A",
      ROOT + PROGRAM,
      ...args,
    ]),
  );
}

for (const twin of twins("monitor").each) {
  const test = (name: string, needs: (string | undefined)[], body: () => Promise<void>): void =>
    testNeeding([twin.missing, ...needs], `source live (${twin.name}): ${name}`, body);

  const noDisk = statfsSync(Deno.env.get("TMPDIR") ?? "/tmp").type === TMPFS
    ? "the folder for temporary files lies in memory"
    : undefined;

  test(
    "figures are within 2 % of what known loads count themselves",
    [noNamespace, noDisk],
    async () => {
      // A load is a program of Deno's, which opens a file or writes of its own now and then, and other programs that want the
      // processor come between a look and what it is compared with: what is wrong is so each time.
      for (let round = 1;; round++) {
        try {
          return await temporary(isWithin);
        } catch (error) {
          if (round === 3) throw error;
        }
      }

      async function isWithin(folder: string): Promise<void> {
        const seen = result<Record<string, { own: number; seen: number }>>(
          await inNamespace(PROGRAM, ["accuracy", twin.name, folder]),
        );
        for (const kind of ["cpu", "disk", "sent"] as const) {
          const { own, seen: found } = seen[kind]!;
          assert.ok(Math.abs(found - own) <= own * 0.02, `${kind}: ${found}, by itself ${own}`);
        }
        for (const kind of ["threads", "descriptors"] as const) {
          assert.equal(seen[kind]!.seen, seen[kind]!.own, kind);
        }
      }
    },
  );

  test("many readings with processes that come and go hold nothing", [], async () => {
    const count = twin.name === "native" ? 2_000 : 300;
    const { first, last, processes } = await run<{
      first: { descriptors: number; rss: number };
      last: { descriptors: number; rss: number };
      processes: number;
    }>(["soak", twin.name, String(count)]);
    // Two are kept of each process that idles, and how many these are changes meanwhile.
    assert.ok(
      last.descriptors <= first.descriptors + 100,
      `${first.descriptors}, ${last.descriptors}`,
    );
    assert.ok(last.descriptors <= 2 * processes + 150, `${last.descriptors} for ${processes}`);
    assert.ok(last.rss < first.rss + 64 * 2 ** 20, `${first.rss}, ${last.rss}`);
  });

  test("what others do to a process that does nothing is seen", [], async () => {
    type Pair = [known: ProcessFigures, fresh: ProcessFigures];
    const { parent, seen, gone } = await run<
      { parent: number; seen: Pair[]; gone?: ProcessFigures }
    >(["idlers", twin.name]);
    for (const [known, fresh] of seen) assert.deepEqual(known, fresh);
    const parents = seen.map(([known]) => known.parent === parent);
    assert.deepEqual(parents, [true, true, true, false, false, false]);
    assert.deepEqual(seen.map(([{ state }]) => state), ["S", "S", "S", "S", "T", "S"]);
    assert.ok(gone === undefined || gone.state === "Z");
  });

  test("of another user's processes what may not be seen is null with the reason", [
    isRoot,
    noSetpriv,
  ], async () => {
    await asNobody(async (become) => {
      const { processes, unavailable } = await run<Figures>(["figures", twin.name], become);
      const first = processes!.list.find(({ pid }) => pid === 1)!;
      assert.equal(first.readBytes, null);
      assert.ok(first.cpu !== null && first.uid === 0);
      assert.match(unavailable["processes.list[].readBytes"]!, /into whose processes .* may not/);
      const own = processes!.list.find(({ uid }) => uid === 65534)!;
      assert.ok(own.descriptors! > 0);
    });
  });

  test("hidepid hides other users' processes, and it is said", [isRoot, noSetpriv], async () => {
    await asNobody(async (become) => {
      const hide = `exec unshare --mount sh -ec 'mount -t proc -o hidepid=2 proc /proc; ${
        become.replaceAll("'", `'"'"'`)
      }' sh "$@"`;
      const { processes, unavailable } = await run<Figures>(["figures", twin.name], hide);
      assert.ok(processes!.list.length > 0 && processes!.list.every(({ uid }) => uid === 65534));
      assert.match(unavailable["processes.list"]!, /hidepid=/);
    });
  });

  test("this program's own control group: its limit, what it used, how it was throttled", [
    noGroup,
  ], async () => {
    const name = `agent-test-${Deno.pid}-${twin.name}`;
    const { limits } = await run<Figures>(["limited", twin.name], inGroup(name));
    assert.equal(limits!.version, 1);
    assert.equal(limits!.cpus, 0.05);
    assert.ok(limits!.path.endsWith(name), limits!.path);
    assert.ok(limits!.throttled! > 0 && limits!.throttled! <= 1, `${limits!.throttled}`);
    assert.ok(limits!.throttledSeconds! > 0);
    assert.ok(limits!.cpuUsed! > 0 && limits!.cpuUsed! < 0.3, `${limits!.cpuUsed}`);
  });
}

/** Lines of shell that run a program in a control group of version 1 that may use a twentieth of a CPU, and remove that. */
function inGroup(name: string): string {
  const folders = GROUPS.map((folder) => `${folder}/${name}`).join(" ");
  return `
    trap 'rmdir ${folders} 2>/dev/null' EXIT
    mkdir -p ${folders}
    echo 5000 > ${GROUPS[0]}/${name}/cpu.cfs_quota_us
    sh -ec 'for folder in ${folders}; do echo $$ > $folder/cgroup.procs; done; exec "$@"' sh "$@"`;
}

/** Runs a body with what makes a program nobody's, in a folder for Deno's own files that it may write. */
async function asNobody(body: (become: string) => Promise<void>): Promise<void> {
  await temporary(async (folder) => {
    Deno.chmodSync(folder, 0o777);
    const environment = Object.entries({ ...bareEnvironment(), DENO_DIR: folder })
      .map(([name, value]) => `${name}=${value}`).join(" ");
    await body(
      `exec setpriv --reuid 65534 --regid 65534 --clear-groups env ${environment} "$@"`,
    );
  });
}
