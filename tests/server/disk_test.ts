/** The server's folder on disks that are really full, or cannot be written. */

import assert from "assertions";
import { noMount } from "../queue/file/full.ts";
import { testNeeding } from "../support/needs.ts";
import { bareEnvironment, DENO, ROOT, start, temporary } from "../support/programs.ts";

/** Runs the program with a small file system at a folder, mounted for it alone. */
async function onDisk<T>(folder: string, mount: string, how: string): Promise<T> {
  const shell = `${mount} && exec "$0" run -A --quiet --no-check --cached-only "$@"`;
  const program = `${ROOT}tests/server/disk_program.ts`;
  const { stdout, stderr, code } = await start(
    "unshare",
    ["-m", "sh", "-c", shell, DENO, program, folder, how],
    { env: { ...bareEnvironment(), PATH: Deno.env.get("PATH") ?? "" } },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

type Said = [status: number, body: string];

testNeeding(
  [noMount],
  "on a full disk questions are answered, what must be kept is refused, and all goes on when there is room",
  async () => {
    await temporary(async (folder) => {
      const mount = `mount -t tmpfs -o size=4m none ${folder}`;
      const said = await onDisk<
        Record<"answer" | "index" | "again" | "indexed", Said> & { second: string }
      >(
        folder,
        mount,
        "full",
      );
      assert.equal(said.answer[0], 200);
      assert.match(said.answer[1], /two minutes/);
      assert.equal(said.index[0], 424, said.index[1]);
      assert.match(said.index[1], /full/);
      assert.match(said.second, /^IO: .*folder/);
      assert.equal(said.again[0], 200);
      assert.equal(said.indexed[0], 200, said.indexed[1]);
      assert.equal(JSON.parse(said.indexed[1]).added, 1);
    });
  },
);

testNeeding(
  [noMount],
  "on a disk that cannot be written no server starts, and says why",
  async () => {
    await temporary(async (folder) => {
      const mount = `mount -t tmpfs none ${folder} && mount -o remount,ro ${folder}`;
      const { server } = await onDisk<{ server: string }>(folder, mount, "read-only");
      assert.match(server, /^(IO|PERMISSION): .*(read-only|Read-only)/i);
    });
  },
);
