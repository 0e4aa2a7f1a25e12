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
