/** Journals on disks that are really full, cannot be written, or hold something else in the middle. */

import assert from "assertions";
import { Runner } from "../../../src/agent/loop/runner.ts";
import { scriptedProvider } from "../../../src/agent/testing/mod.ts";
import type { Tool } from "../../../src/agent/loop/types.ts";
import { noMount } from "../../queue/file/full.ts";
import { testNeeding } from "../../support/needs.ts";
import { bareEnvironment, DENO, ROOT, start, temporary } from "../../support/programs.ts";

const PROGRAM = `${ROOT}tests/agent/loop/disk_program.ts`;

interface Found {
  code?: string;
  message?: string;
  runs: number;
  begun: number;
  resumed?: string;
}

/** Runs the program with a small file system at a folder, mounted for it alone. */
async function onDisk(folder: string, mount: string): Promise<Found> {
  const shell = `${mount} && exec "$0" run -A --quiet --no-check --cached-only "$@"`;
  const { stdout, stderr, code } = await start("unshare", [
    "-m",
    "sh",
    "-c",
    shell,
    DENO,
    PROGRAM,
    folder,
  ], {
    env: { ...bareEnvironment(), PATH: Deno.env.get("PATH") ?? "" },
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

testNeeding(
  [noMount],
  "sessions: on a disk that is full nothing is done that could not be kept",
  async () => {
    await temporary(async (folder) => {
      const mount = `mount -t tmpfs -o size=4m none ${folder}`;
      const { code, message, runs, begun, resumed } = await onDisk(folder, mount);
      assert.equal(code, "IO");
      assert.match(message!, /full/);
      assert.ok(begun > 0);
      // Each call that ran had been written before.
      assert.ok(runs <= begun, `${runs} of ${begun}`);
      // There is room again: the run goes on, and no call of those before runs twice.
      assert.equal(resumed, "done");
    });
  },
);

testNeeding([noMount], "sessions: on a disk that cannot be written nothing is asked", async () => {
  await temporary(async (folder) => {
    const mount = `mount -t tmpfs none ${folder} && mount -o remount,ro ${folder}`;
    const { code, message, runs, begun } = await onDisk(folder, mount);
    assert.equal(code, "IO");
    assert.match(message!, /journal/);
    assert.deepEqual([runs, begun], [0, 0]);
  });
});

const NOTE: Tool = {
  ...{ name: "note", description: "Notes.", input: { type: "object" } },
  run: () => "x".repeat(5_000),
};

Deno.test("sessions: a journal with other bytes in the middle is an error, and nothing is asked", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/journal`;
    const turns = Array.from(
      { length: 10 },
      (_, n) => ({ toolCalls: [{ name: "note", input: { n } }] }),
    );
    const runner = () => {
      const model = scriptedProvider([...turns, "ok"]);
      return { model, runner: new Runner({ models: [model], tools: [NOTE], sessions: { path } }) };
    };
    const first = runner();
    await first.runner.run("Go.", { session: "s" });
    first.runner.close();
    const bytes = Deno.readFileSync(path);
    assert.ok(bytes.length > 8 * 4096, `${bytes.length}`);
    const cases: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
      ["noise", (bytes) => bytes.fill(0xa5, 2 * 4096)],
      ["zeros", (bytes) => bytes.fill(0, 2 * 4096, 7 * 4096)],
      ["cut", (bytes) => bytes.subarray(0, 3 * 4096 + 100)],
    ];
    for (const [what, spoil] of cases) {
      Deno.writeFileSync(path, spoil(bytes.slice()));
      const { model, runner: again } = runner();
      try {
        await assert.rejects(again.resume("s"), { code: /^(CORRUPT|IO)$/ }, what);
      } finally {
        again.close();
      }
      assert.equal(model.requests.length, 0, what);
    }
  });
});

Deno.test("sessions: an entry that is no entry is an error that names the session", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/journal`;
    const model = scriptedProvider(["ok", "ok"]);
    const open = () => new Runner({ models: [model], tools: [], sessions: { path } });
    const first = open();
    await first.run("Go.", { session: "s" });
    first.close();
    const { DatabaseSync } = await import("node:sqlite");
    for (
      const entry of [
        ...["{", "7", "null", '{"kind":3}', '{"kind":"toString"}', '{"kind":"turn"}'],
        ...['{"kind":"input"}', '{"kind":"input","messages":[null]}', '{"kind":"finish"}'],
        '{"kind":"turn","step":1,"provider":"x","reply":{"text":"","toolCalls":[null]}}',
        '{"kind":"call","call":"c"}',
      ]
    ) {
      using database = new DatabaseSync(path);
      database.prepare("UPDATE entries SET entry = ? WHERE number = 3").run(entry);
      database.close();
      const runner = open();
      await assert.rejects(runner.resume("s"), { code: "CORRUPT", message: /"s".*cannot be read/ });
      // Others in the same file are whole.
      assert.equal((await runner.run("Go.")).finish.reason, "done");
      runner.close();
    }
  });
});
