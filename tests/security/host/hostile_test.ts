/** Hosts that are large, odd or made to deceive: floods of sockets and files, names that act, trees that lead astray. */

import assert from "assertions";
import { readConnections } from "../../../src/security/host/connections.ts";
import { readProcesses } from "../../../src/security/host/processes.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { NATIVE, testOf, twins } from "../../support/twins.ts";
import { put, socketLine, withHost } from "./trees.ts";

const both = twins("security");

for (const twin of both.each) {
  const implementation = twin.name;
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("host", twin, name, async () => {
      await body();
      await twin.idle();
    });

  test("ten thousand sockets, each with the owner that has it", async () => {
    const count = 10_000;
    const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");
    const tcp = Array.from(
      { length: count },
      (_, at) => socketLine(`0100007F:${hex(at + 1)}`, `0100007F:${hex(at + 2)}`, "01", at + 1),
    );
    const files = (first: number, step: number): Record<number, string> =>
      Object.fromEntries(
        Array.from({ length: count / step }, (_, at) => [at, `socket:[${first + at * step}]`]),
      );
    const processes = [
      { pid: 10, name: "all", files: files(1, 1) },
      { pid: 11, name: "tenth", files: files(10, 10) },
    ];
    await withHost({ processes, tables: { tcp } }, async (roots) => {
      const found = await readConnections({ implementation }, roots);
      assert.equal(found.length, count);
      for (const { local, remote, owners } of found) {
        assert.equal(remote!.port, local!.port + 1);
        assert.deepEqual(
          owners.map(({ pid }) => pid),
          local!.port % 10 === 0 ? [10, 11] : [10],
        );
      }
    });
  });

  test("names and paths that would act on a terminal do not", async () => {
    const name = "a) R 1\x1b[2J\u202e";
    const unix = ["0: 00000002 00000000 00010000 0001 01 5 /run/\x1b]0;x\x07\u2066"];
    const tcp = [socketLine("0100007F:0050", "00000000:0000", "0A", 1)];
    const processes = [{
      pid: 7,
      name,
      executable: "/opt/\x9b2J (deleted)",
      command: ["--token", "hunter2\x1b[0m", "\u2028"],
      files: { 0: "socket:[1]", 1: "socket:[5]" },
    }];
    await withHost({ processes, tables: { tcp, unix } }, async (roots) => {
      const all = [
        await readConnections({ implementation }, roots),
        await readProcesses({ implementation }, roots),
      ];
      const text = all.flat().flatMap((one) =>
        Object.values(one).filter((value) => typeof value === "string")
      ).join("");
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|hunter2/u);
      assert.deepEqual(all[0]!.map((one) => (one as { pid: number }).pid), [7, 7]);
    });
  });

  test("a container's id below many other groups, and a text of groups that has no end", async () => {
    const id = "c0".repeat(32);
    const deep = `0::${"/a.slice".repeat(300)}/docker-${id}.scope\n`;
    const long = `0::/${"x".repeat(9_000)}/docker-${id}.scope\n`;
    const processes = [{ pid: 5, groups: deep }, { pid: 6, groups: long }];
    await withHost({ processes }, async (roots) => {
      const found = await readProcesses({ implementation }, roots);
      assert.deepEqual(found.map(({ container }) => container?.id ?? null), [id, null]);
    });
  });

  test("only the mount at /proc says whether processes are hidden", async () => {
    const tcp = [socketLine("0100007F:0050", "00000000:0000", "0A", 1)];
    await withHost({ tables: { tcp } }, async (roots) => {
      for (
        const [mounts, reason] of [
          ["proc /mnt/a\\040b/proc proc rw,hidepid=2 0 0", "not found"],
          ["hidepid=2 /proc tmpfs rw 0 0", "not found"],
          ["proc /proc proc rw,hidepid=0 0 0", "not found"],
          ["proc /proc proc rw,gid=4,hidepid=ptraceable 0 0", "denied"],
        ] as const
      ) {
        put(`${roots.proc}/self/mounts`, `${mounts}\n`);
        const [found] = await readConnections({ implementation }, roots);
        assert.equal(found!.reason, reason, mounts);
      }
    });
  });

  test("links in place of folders and files, names that are no numbers", async () => {
    const tcp = [socketLine("0100007F:0050", "00000000:0000", "0A", 1)];
    const processes = [{ pid: 5, files: { 3: "socket:[1]" } }, { pid: 6 }, { pid: 8 }];
    await withHost({ processes, tables: { tcp } }, async (roots) => {
      const { proc } = roots;
      for (const name of ["+1", "007", "x", " 2", "9999999999"]) {
        Deno.symlinkSync("socket:[1]", `${proc}/6/fd/${name}`);
      }
      // One that leads to itself ends, and is no process.
      Deno.symlinkSync("4", `${proc}/4`);
      Deno.symlinkSync("../8", `${proc}/8/fd/loop`);
      for (const name of ["05", "+5", "5 ", "99999999999"]) {
        Deno.symlinkSync("5", `${proc}/${name}`);
      }
      await temporary(async (folder) => {
        Deno.symlinkSync(proc, `${folder}/link`);
        const found = await readConnections({ implementation }, {
          ...roots,
          proc: `${folder}/link`,
        });
        assert.deepEqual(found[0]!.owners.map(({ pid }) => pid), [5]);
      });
    });
  });
}

/** Holds so many UDP sockets, of which every second is closed or not, and one far above the others. */
const FLOOD = `
import os, resource, socket, sys
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
held = []
for _ in range(800):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    held.append(one)
if sys.argv[1] == "gaps":
    for one in held[::2]: one.close()
    held = held[1::2]
os.dup2(held[0].fileno(), 2000)
print(" ".join(str(one.getsockname()[1]) for one in held), flush=True)
sys.stdin.read()
`;

for (const kind of ["dense", "gaps"]) {
  testNeeding(
    [
      both.native.missing,
      Deno.build.os === "linux" ? undefined : "only Linux has /proc",
      programMissing("python3", "python3"),
    ],
    `host (native): every socket of a process with many files (${kind})`,
    async () => {
      const child = new Deno.Command("python3", {
        args: ["-c", FLOOD, kind],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      let text = "";
      while (!text.endsWith("\n")) text += new TextDecoder().decode((await reader.read()).value);
      try {
        const ports = text.trim().split(" ").map(Number);
        const held = (await readConnections(NATIVE)).filter(({ protocol, owners }) =>
          protocol === "udp" && owners.some(({ pid }) => pid === child.pid)
        );
        const ascending = (one: number, other: number): number => one - other;
        assert.deepEqual(
          held.map(({ local }) => local!.port).sort(ascending),
          ports.sort(ascending),
        );
      } finally {
        await child.stdin.close();
        await reader.cancel();
        await child.status;
      }
    },
  );
}
