/**
 * A disk that is full: what was acknowledged is kept, the error says what it is, and all goes on when there is room. Once
 * on a small file system of the test's own, and once by a limit on the size of files, which needs no rights.
 */

import assert from "assertions";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { bareEnvironment, DENO, temporary } from "../../support/programs.ts";
import { twins } from "../../support/twins.ts";
import { linesOf } from "./support.ts";

const PROGRAM = new URL("full_program.ts", import.meta.url).pathname;

/** Runs the program under a shell's words, and makes room once it says that there is none. */
async function run(
  shell: string,
  args: string[],
  makeRoom: (program: Deno.ChildProcess) => Promise<void>,
): Promise<{ code: string; message: string; added: number; isDone: boolean }> {
  const program = new Deno.Command("sh", {
    args: [
      "-c",
      `${shell} exec "$0" "$@"`,
      DENO,
      "run",
      "-A",
      "--quiet",
      "--no-check",
      PROGRAM,
      ...args,
    ],
    env: { ...bareEnvironment(), PATH: Deno.env.get("PATH") ?? "" },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(program.stderr).text();
  const writer = program.stdin.getWriter();
  let last = "";
  for await (const line of linesOf(program)) {
    last = line;
    if (line !== "full") continue;
    await makeRoom(program);
    await writer.write(new TextEncoder().encode("room\n"));
  }
  assert.equal(await errors, "");
  await program.status;
  await writer.close().catch(() => {});
  return JSON.parse(last);
}

const noMount: string | undefined = (() => {
  const missing = programMissing("unshare", "util-linux") ?? programMissing("mount", "mount");
  if (missing !== undefined) return missing;
  const { success } = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", "mount -t tmpfs none /mnt"],
    stderr: "null",
  }).outputSync();
  return success ? undefined : "mounting a file system is not allowed here";
})();

for (const twin of twins("queue").each) {
  const needs = [twin.missing, programMissing("prlimit", "util-linux")];
  testNeeding(needs, `queue file (${twin.name}): files that may not grow`, async () => {
    await temporary(async (folder) => {
      // Without the signal, which would end the process, the system says so.
      const shell = `trap "" XFSZ; ulimit -S -f 4000;`;
      const found = await run(shell, [`${folder}/queue.db`, twin.name], async ({ pid }) => {
        const args = ["--pid", String(pid), "--fsize=unlimited"];
        assert.ok((await new Deno.Command("prlimit", { args }).output()).success);
      });
      assert.equal(found.code, "IO");
      assert.match(found.message, /Nothing of this call was stored/);
      assert.ok(found.added > 10 && found.isDone);
    });
  });

  testNeeding([twin.missing, noMount], `queue file (${twin.name}): a full disk`, async () => {
    await temporary(async (folder) => {
      // The mount is seen by the program alone and goes with it; room is made by removing what lies there.
      const shell = `if [ -z "$IN" ]; then IN=1 exec unshare -m sh -c '` +
        `mount -t tmpfs -o size=24m none ${folder} && head -c 20000000 /dev/zero > ${folder}/ballast && ` +
        `(while ! [ -e ${folder}-room ]; do sleep 0.02; done; rm ${folder}/ballast ${folder}-room) & ` +
        `sleep 0.3; exec "$0" "$@"' "$0" "$@"; fi;`;
      const found = await run(shell, [`${folder}/queue.db`, twin.name], async () => {
        await Deno.writeTextFile(`${folder}-room`, "");
        while (await Deno.stat(`${folder}-room`).then(() => true, () => false)) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });
      assert.equal(found.code, "IO");
      assert.match(found.message, /is full; make room/);
      assert.ok(found.added > 10 && found.isDone);
    });
  });
}
