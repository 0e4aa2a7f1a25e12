/**
 * Both twins against a real Docker Engine, over its Unix socket, with exactly the documented
 * permissions; and against an engine's answer over a socket that a program of ours serves.
 */

import assert from "assertions";
import { engineMissing, withEngine } from "../support/docker.ts";
import { testNeeding } from "../support/needs.ts";
import { BUILT, DENO, deno, ROOT, temporary } from "../support/programs.ts";
import { twins } from "../support/twins.ts";

const { native } = twins("containers");

/** Asks on a socket with the twin's own permissions, in a program of its own. */
async function ask(socket: string, implementation: "pure" | "native"): Promise<unknown> {
  const call = { name: "pingEngine", args: [{ host: `unix://${socket}`, implementation }] };
  const native = implementation === "native";
  const { code, stdout, stderr } = await deno([
    "run",
    "--no-prompt",
    `--allow-read=${socket}${native ? `,${BUILT}` : ""}`,
    `--allow-write=${socket}`,
    `--allow-net=unix:${socket}`,
    ...(native ? [`--allow-ffi=${BUILT}`] : []),
    `${ROOT}tests/access/call.ts`,
    JSON.stringify(call),
  ]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

testNeeding(
  [native.missing, engineMissing()],
  "pingEngine() of a real Docker Engine",
  async () => {
    await withEngine(async (socket) => {
      const pure = await ask(socket, "pure");
      const { value } = pure as { value: Record<string, string> };
      assert.ok(value, JSON.stringify(pure));
      assert.match(value["apiVersion"]!, /^1\.\d+$/);
      assert.match(value["version"]!, /^\d+\.\d+/);
      assert.equal(value["os"], "linux");
      assert.equal(value["host"], `unix://${socket}`);
      assert.deepEqual(await ask(socket, "native"), pure);
    });
  },
);

testNeeding(
  [native.missing],
  "pingEngine() over a socket gives the same on both twins",
  async () => {
    await temporary(async (folder) => {
      const socket = `${folder}/an engine's söcket.sock`;
      const serving = new Deno.Command(DENO, {
        args: [
          "run",
          "--no-prompt",
          `--allow-read=${socket}`,
          `--allow-write=${socket}`,
          `--allow-net=unix:${socket}`,
          `${ROOT}tests/containers/serve.ts`,
          socket,
        ],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const reader = serving.stdout.getReader();
      try {
        await reader.read();
        const expected = {
          value: {
            host: `unix://${socket}`,
            apiVersion: "1.41",
            version: "4.3.1",
            os: "linux",
            arch: "arm64",
          },
        };
        assert.deepEqual(await ask(socket, "pure"), expected);
        assert.deepEqual(await ask(socket, "native"), expected);
      } finally {
        serving.kill("SIGTERM");
        await reader.cancel();
        await serving.status;
      }
    });
  },
);
