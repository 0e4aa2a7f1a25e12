/**
 * What is done to a process that works on a queue file for which there is no room, for the tests and for the long soak:
 * once on a small file system of its own, and once by a limit on the size of files, which needs no rights.
 */

import assert from "assertions";
import { programMissing } from "../../support/needs.ts";
import { bareEnvironment, DENO } from "../../support/programs.ts";
import type { TwinName } from "../../support/twins.ts";
import { linesOf } from "./support.ts";

const PROGRAM = new URL("full_program.ts", import.meta.url).pathname;

/** What a process found. */
interface Found {
  readonly code: string;
  readonly message: string;
  readonly added: number;
  readonly isDone: boolean;
}

/** Why no limit can be lifted; undefined if one can. */
export const noLimit: string | undefined = programMissing("prlimit", "util-linux");

/** Runs the program under a shell's words, and makes room once it says that there is none. */
async function run(
  shell: string,
  args: string[],
  makeRoom: (program: Deno.ChildProcess) => Promise<void>,
): Promise<Found> {
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

/** Why no file system can be mounted; undefined if one can. */
export const noMount: string | undefined = (() => {
  const missing = programMissing("unshare", "util-linux") ?? programMissing("mount", "mount");
  if (missing !== undefined) return missing;
  const { success } = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", "mount -t tmpfs none /mnt"],
    stderr: "null",
  }).outputSync();
  return success ? undefined : "mounting a file system is not allowed here";
})();

/** Checks that nothing that was acknowledged is lost; how many that were. */
function whole({ code, message, added, isDone }: Found, said: RegExp): number {
  assert.equal(code, "IO");
  assert.match(message, said);
  assert.ok(added > 10 && isDone);
  return added;
}

/** A file that may not grow over so many blocks of 512 bytes, until the limit is lifted. How many jobs it took. */
export async function limited(folder: string, twin: TwinName, blocks: number): Promise<number> {
  // Without the signal, which would end the process, the system says so.
  const shell = `trap "" XFSZ; ulimit -S -f ${blocks};`;
  const found = await run(shell, [`${folder}/queue.db`, twin], async ({ pid }) => {
    const args = ["--pid", String(pid), "--fsize=unlimited"];
    assert.ok((await new Deno.Command("prlimit", { args }).output()).success);
  });
  return whole(found, /Nothing of this call was stored/);
}

/** A disk that is full but for some bytes of 24 MiB, until room is made. How many jobs it took. */
export async function filled(folder: string, twin: TwinName, ballast: number): Promise<number> {
  // The mount is seen by the program alone and goes with it; room is made by removing what lies there.
  const shell = `if [ -z "$IN" ]; then IN=1 exec unshare -m sh -c '` +
    `mount -t tmpfs -o size=24m none ${folder} && head -c ${ballast} /dev/zero > ${folder}/ballast && ` +
    `(while ! [ -e ${folder}-room ]; do sleep 0.02; done; rm ${folder}/ballast ${folder}-room) & ` +
    `sleep 0.3; exec "$0" "$@"' "$0" "$@"; fi;`;
  const found = await run(shell, [`${folder}/queue.db`, twin], async () => {
    await Deno.writeTextFile(`${folder}-room`, "");
    while (await Deno.stat(`${folder}-room`).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  return whole(found, /is full; make room/);
}
