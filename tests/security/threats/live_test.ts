/** Situations made for real, by processes of the tests' own, and found on this machine. */

import assert from "assertions";
import { findThreats } from "../../../src/security/threats/detect.ts";
import type { Threat } from "../../../src/security/threats/types.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { NATIVE, twins } from "../../support/twins.ts";
import { until } from "../../support/values.ts";

const { native } = twins("security");
const needs = [
  native.missing,
  Deno.build.os === "linux" ? undefined : "only Linux has /proc",
  programMissing("sleep", "coreutils"),
];

/** Where the program that is copied lies. */
const SLEEP = ["/usr/bin/sleep", "/bin/sleep"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}) ?? "";

/** What one rule finds of one process. */
async function seen(rule: string, pid: number): Promise<Threat[]> {
  return (await findThreats({ ...NATIVE, rules: [rule] })).filter((threat) => threat.pid === pid);
}

/** Runs a body while a process lasts. */
async function during(
  program: string,
  options: Deno.CommandOptions,
  body: (pid: number) => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(program, { stdout: "null", stderr: "null", ...options }).spawn();
  try {
    await body(child.pid);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

testNeeding(
  needs,
  "threats (live): an executable in a temporary folder, then removed",
  async () => {
    await temporary(async (folder) => {
      const copy = `${folder}/worker`;
      await Deno.copyFile(SLEEP, copy);
      await during(copy, { args: ["60"] }, async (pid) => {
        // The process is there a moment before it has become the other program.
        await until(async () => (await seen("executable-in-temporary-folder", pid)).length === 1);
        assert.deepEqual(await seen("deleted-executable", pid), []);
        await Deno.remove(copy);
        const [threat] = await seen("deleted-executable", pid);
        assert.equal(threat!.evidence["executable"], copy);
      });
    });
  },
);

testNeeding(needs, "threats (live): anybody may write the executable", async () => {
  await temporary(async (folder) => {
    const copy = `${folder}/worker`;
    await Deno.copyFile(SLEEP, copy);
    await Deno.chmod(copy, 0o757);
    await during(copy, { args: ["60"] }, async (pid) => {
      await until(async () => (await seen("executable-writable-by-others", pid)).length === 1);
    });
  });
});

testNeeding(
  needs,
  "threats (live): LD_PRELOAD is told, and nothing else of the environment",
  async () => {
    const env = { LD_PRELOAD: "/nonexistent/hunter2.so", PASSWORD: "hunter3" };
    await during(SLEEP, { args: ["60"], env }, async (pid) => {
      await until(async () => (await seen("library-preloaded", pid)).length === 1);
      assert.doesNotMatch(JSON.stringify(await seen("library-preloaded", pid)), /hunter/);
    });
  },
);

testNeeding(
  [...needs, programMissing("python3", "python3")],
  "threats (live): a shell that reads from a connection",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const script = "import socket,subprocess,sys\n" +
      `s=socket.create_connection(('127.0.0.1',${listener.addr.port}))\n` +
      "p=subprocess.Popen(['/bin/sh'],stdin=s,stdout=s,stderr=s)\ns.close()\np.wait()";
    const child = new Deno.Command("python3", { args: ["-c", script] }).spawn();
    const connection = await listener.accept();
    try {
      const found = async (): Promise<Threat[]> =>
        (await findThreats({ ...NATIVE, rules: ["shell-on-socket"] })).filter(({ evidence }) =>
          evidence["peer"] === `127.0.0.1 ${listener.addr.port}`
        );
      await until(async () => (await found()).length === 1);
      const [threat] = await found();
      assert.equal(threat!.evidence["streams"], "0,1,2");
      assert.equal(threat!.severity, "critical");
    } finally {
      // At the end of its input the shell ends, and with it the program.
      connection.close();
      await child.status;
    }
  },
);

/** Copies of a harmless program under names and in places that are odd. */
for (
  const [rule, name, severity] of [
    ["hidden-name", ".worker", "medium"],
    ["miner-process", "xmrig", "high"],
    ["name-and-executable-disagree", "sshd", "high"],
  ] as const
) {
  testNeeding(needs, `threats (live): ${rule}`, async () => {
    await temporary(async (folder) => {
      const copy = `${folder}/${name}`;
      await Deno.copyFile(SLEEP, copy);
      await during(copy, { args: ["60"] }, async (pid) => {
        await until(async () => (await seen(rule, pid)).length === 1);
        const [threat] = await seen(rule, pid);
        assert.deepEqual([threat!.severity, threat!.evidence["executable"]], [severity, copy]);
      });
      // The same program in its own place is none.
      await during(SLEEP, { args: ["60"] }, async (pid) => {
        assert.deepEqual(await seen(rule, pid), []);
      });
    });
  });
}

testNeeding(
  [...needs, programMissing("bash", "bash")],
  "threats (live): a program that calls itself like a thread of the kernel",
  async () => {
    const args = ["-c", `exec -a '[kworker/0:0]' ${SLEEP} 60`];
    await during("bash", { args }, async (pid) => {
      await until(async () => (await seen("kernel-thread-look-alike", pid)).length === 1);
    });
  },
);

const noRoot = Deno.uid() === 0 ? undefined : "only the superuser has such sockets";
for (
  const [rule, socket] of [
    ["raw-socket", "socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP"],
    ["packet-socket", "socket.AF_PACKET, socket.SOCK_RAW, 0x0300"],
  ] as const
) {
  testNeeding(
    [...needs, noRoot, programMissing("python3", "python3")],
    `threats (live): ${rule}`,
    async () => {
      const script = `import socket,time\ns=socket.socket(${socket})\ntime.sleep(60)`;
      await during("python3", { args: ["-c", script] }, async (pid) => {
        await until(async () => (await seen(rule, pid)).length === 1);
      });
    },
  );
}

testNeeding(
  [...needs, programMissing("python3", "python3")],
  "threats (live): a program that runs from memory, and one that is traced",
  async () => {
    const memory = "import os\n" +
      `fd=os.memfd_create('x',0)\nos.write(fd,open('${SLEEP}','rb').read())\n` +
      "os.execv(f'/proc/self/fd/{fd}',['sleep','60'])";
    await during("python3", { args: ["-c", memory] }, async (pid) => {
      await until(async () => (await seen("memfd-executable", pid)).length === 1);
    });
    // PTRACE_TRACEME, then another program, at which it stops until its parent lets it go on.
    const traced = "import ctypes,os,time\npid=os.fork()\n" +
      "if pid==0:\n ctypes.CDLL(None).ptrace(0,0,0,0)\n" +
      ` os.execv('${SLEEP}',['sleep','60'])\n` +
      "try: time.sleep(60)\nfinally: os.kill(pid,9)";
    await during("python3", { args: ["-c", traced] }, async (parent) => {
      const found = async (): Promise<Threat[]> =>
        (await findThreats({ ...NATIVE, rules: ["traced-process"] }))
          .filter(({ evidence }) => evidence["tracer"] === parent);
      await until(async () => (await found()).length === 1);
      // Killed before its tracer, which is then killed itself.
      Deno.kill((await found())[0]!.pid!, "SIGKILL");
    });
  },
);

testNeeding(
  needs,
  "threats (live): a set-uid program in a folder for temporary files",
  async () => {
    await temporary(async (folder) => {
      const copy = `${folder}/worker`;
      await Deno.copyFile(SLEEP, copy);
      const found = async (): Promise<Threat[]> =>
        (await findThreats({ ...NATIVE, rules: ["set-uid-in-writable-folder"] }))
          .filter(({ evidence }) => evidence["path"] === copy);
      assert.deepEqual(await found(), []);
      await Deno.chmod(copy, 0o4755);
      assert.equal((await found()).length, 1);
    });
  },
);
