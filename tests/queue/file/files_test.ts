/** Files that are something else, damaged, or not allowed: refused alike by both twins, and not touched. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, SCHEMA_VERSION } from "../../../src/queue/file/sql.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { coded } from "../subject.ts";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { testOf, twins } from "../../support/twins.ts";
import { newJob, open } from "./support.ts";

const each = twins("queue").each;

for (const twin of each) {
  const test = (name: string, body: (folder: string) => void | Promise<void>): void =>
    testOf("queue file", twin, name, () => temporary(body));

  test("what is no queue is refused and not touched", (folder) => {
    const garbage = new TextEncoder().encode("no database ".repeat(1_000));
    const foreign = `${folder}/foreign.db`;
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE things (x); INSERT INTO things VALUES (1)");
    other.close();
    Deno.writeFileSync(`${folder}/garbage.db`, garbage);
    Deno.writeFileSync(`${folder}/short.db`, garbage.subarray(0, 7));
    for (const name of ["foreign.db", "garbage.db", "short.db"]) {
      const before = Deno.readFileSync(`${folder}/${name}`);
      assert.throws(() => open(`${folder}/${name}`, twin.name), coded("CORRUPT"), name);
      assert.deepEqual(Deno.readFileSync(`${folder}/${name}`), before);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].length, 3);
  });

  test("a newer version's file is refused", async (folder) => {
    const file = `${folder}/queue.db`;
    await open(file, twin.name).close();
    const other = new DatabaseSync(file);
    assert.equal(other.prepare("PRAGMA application_id").get()!["application_id"], APPLICATION_ID);
    other.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    other.close();
    assert.throws(() => open(file, twin.name), coded("UNSUPPORTED"));
  });

  test("a file that was cut off or lacks a table is damaged", async (folder) => {
    const file = `${folder}/queue.db`;
    const store = open(file, twin.name);
    await store.add(Array.from({ length: 500 }, (_, i) => newJob(`"${i} ${"x".repeat(100)}"`)));
    await store.close();
    const whole = Deno.readFileSync(file);
    const cut = `${folder}/cut.db`;
    Deno.writeFileSync(cut, whole.subarray(0, whole.length / 2));
    assert.throws(() => open(cut, twin.name), coded("CORRUPT"));
    const other = new DatabaseSync(file);
    other.exec("DROP TABLE groups");
    other.close();
    assert.throws(() => open(file, twin.name), coded("CORRUPT"));
  });

  test("pages that are overwritten are an error, never a wrong job", async (folder) => {
    const file = `${folder}/queue.db`;
    const store = open(file, twin.name);
    await store.add(Array.from({ length: 500 }, (_, i) => newJob(`"${i} ${"x".repeat(100)}"`)));
    await store.close();
    const bytes = Deno.readFileSync(file);
    for (let at = 8 * 4096; at < bytes.length; at++) bytes[at] = (at * 31) & 0xff;
    Deno.writeFileSync(file, bytes);
    let damaged: unknown;
    try {
      const again = open(file, twin.name);
      try {
        await again.list("waiting", 0, 1_000);
      } finally {
        await again.close();
      }
    } catch (error) {
      damaged = error;
    }
    assert.ok(AgentError.is(damaged, "CORRUPT"), String(damaged));
  });

  test("an empty file becomes a queue, a folder or a dead link does not", async (folder) => {
    Deno.writeFileSync(`${folder}/empty.db`, new Uint8Array());
    const store = open(`${folder}/empty.db`, twin.name);
    assert.equal((await store.counts()).waiting, 0);
    await store.close();
    Deno.symlinkSync(`${folder}/nowhere`, `${folder}/dead.db`);
    for (const name of ["", "dead.db", "missing/queue.db"]) {
      assert.throws(() => open(`${folder}/${name}`, twin.name), coded("IO"), name);
    }
    assert.throws(() => open("", twin.name), RangeError);
    assert.throws(() => open("a\0b", twin.name), RangeError);
    assert.throws(() => open(5 as unknown as string, twin.name), TypeError);
  });

  test("Deno's permissions hold, with links and relative paths", async (folder) => {
    Deno.mkdirSync(`${folder}/yes`);
    Deno.mkdirSync(`${folder}/no`);
    Deno.symlinkSync(`${folder}/no/queue.db`, `${folder}/yes/link.db`);
    await open(`${folder}/no/queue.db`, twin.name).close();
    const program = `
      import { openFileStore } from "${ROOT}src/queue/file/mod.ts";
      import { systemClock } from "${ROOT}src/queue/clock.ts";
      for (const file of Deno.args) {
        try {
          const store = openFileStore({ file, synchronous: "full", implementation: "${twin.name}", clock: systemClock,
            queue: { name: "x", leaseMs: 1000, doneMs: 1000, doneCount: 10 } });
          console.log((await store.counts()).waiting);
          await store.close();
        } catch (error) { console.log(error.code, error.details.permission); }
      }`;
    const script = `${folder}/program.ts`;
    Deno.writeTextFileSync(script, program);
    const files = [
      "yes/queue.db",
      "./yes/../yes/queue.db",
      "yes/link.db",
      "no/queue.db",
      "yes/../no/queue.db",
    ];
    const allowed = `${folder}/yes`;
    const run = (read: string, write: string) =>
      deno(
        [
          ...["run", "--no-prompt", "--quiet", "--no-check", `--allow-read=${read}`],
          ...[`--allow-write=${write}`, `--allow-ffi=${ROOT}target/release`, script, ...files],
        ],
        {},
        folder,
      );
    // Native code is looked for where the checkout may be read.
    const both = await run(`${allowed},${ROOT}`, allowed);
    assert.equal(both.stderr, "");
    const needs = "PERMISSION read";
    assert.deepEqual(both.stdout.split("\n"), ["0", "0", needs, needs, needs, ""]);
    const readOnly = await run(`${folder},${ROOT}`, `${folder}/none`);
    assert.deepEqual(new Set(readOnly.stdout.split("\n")), new Set(["PERMISSION write", ""]));
  });
}
