/** Within a process a file belongs to one twin, whatever leads to it. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { openKnowledge } from "../../../src/knowledge/mod.ts";
import { coded } from "../subject.ts";
import { testNeeding } from "../../support/needs.ts";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { twins } from "../../support/twins.ts";
import { FileWorker, newJob, open } from "./support.ts";

const { native } = twins("queue");
const refused = coded("UNSUPPORTED");

function test(name: string, body: (folder: string) => void | Promise<void>): void {
  testNeeding([native.missing], `queue file: ${name}`, () => temporary(body));
}

/** What belongs to a closed file. */
function listed(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

for (const [first, second] of [["native", "pure"], ["pure", "native"]] as const) {
  test(`${first} has it, ${second} is refused until it is closed`, async (folder) => {
    const file = `${folder}/queue.db`;
    Deno.mkdirSync(`${folder}/real`);
    Deno.symlinkSync(`${folder}/real`, `${folder}/link`);
    Deno.symlinkSync(file, `${folder}/other.db`);
    const holder = open(file, first);
    await holder.add([newJob("1")]);
    for (
      const name of ["queue.db", "other.db", "link/../queue.db", "real/../queue.db", "./queue.db"]
    ) {
      assert.throws(() => open(`${folder}/${name}`, second), refused, name);
    }
    // Who does not mind gets the twin that the process uses.
    const either = open(file, undefined);
    assert.equal(either.implementation, first);
    await either.close();
    await holder.add([newJob("2")]);
    assert.equal((await holder.counts()).waiting, 2);
    await holder.close();
    const next = open(file, second);
    assert.equal((await next.take(3)).length, 2);
    await next.close();
    assert.deepEqual(listed(folder), ["link", "other.db", "queue.db", "real"]);
  });

  test(`hard links: ${first} has it, nobody opens another name`, async (folder) => {
    const file = `${folder}/queue.db`;
    const holder = open(file, first);
    Deno.linkSync(file, `${folder}/hard.db`);
    for (const name of ["hard.db", "queue.db"]) {
      for (const twin of [first, second]) {
        assert.throws(() => open(`${folder}/${name}`, twin), refused);
      }
    }
    assert.throws(() => openKnowledge({ path: `${folder}/hard.db` }), refused);
    Deno.removeSync(`${folder}/hard.db`);
    await holder.add([newJob("1")]);
    await holder.close();
  });
}

test("in a Worker that may not load native code", async (folder) => {
  const file = `${folder}/queue.db`;
  const support = new URL("support.ts", import.meta.url).href;
  Deno.writeTextFileSync(
    `${folder}/program.ts`,
    `import { FileWorker, open } from "${support}";
    const holder = open(Deno.args[0], "native");
    {
      using worker = new FileWorker("without ffi");
      const order = { kind: "open", file: Deno.args[0], leaseMs: 1000 };
      console.log(JSON.stringify(await worker.ask({ ...order, twin: "native" })));
      console.log(JSON.stringify(await worker.ask(order)));
      await holder.close();
      console.log(JSON.stringify(await worker.ask(order)));
      await worker.ask({ kind: "close" });
    }`,
  );
  const args = ["run", "-A", "--quiet", "--no-check", "--unstable-worker-options"];
  args.push(`--config=${ROOT}deno.json`);
  const { stdout, stderr } = await deno([...args, `${folder}/program.ts`, file]);
  assert.equal(stderr, "");
  assert.deepEqual(stdout.split("\n"), [
    '{"error":"NATIVE_REQUIRED"}',
    '{"error":"UNSUPPORTED"}',
    '{"implementation":"pure"}',
    "",
  ]);
});

test("in Workers too", async (folder) => {
  const file = `${folder}/queue.db`;
  const holder = open(file, "native");
  using worker = new FileWorker();
  assert.deepEqual(await worker.ask({ kind: "open", file, twin: "pure", leaseMs: 1_000 }), {
    error: "UNSUPPORTED",
  });
  assert.deepEqual(await worker.ask({ kind: "open", file, twin: "native", leaseMs: 1_000 }), {
    implementation: "native",
  });
  // The Worker's session keeps the file when this isolate has closed its own.
  await holder.close();
  assert.throws(() => open(file, "pure"), refused);
  assert.deepEqual(await worker.ask({ kind: "close" }), {});
  const pure = open(file, "pure");
  assert.deepEqual(await worker.ask({ kind: "open", file, twin: "native", leaseMs: 1_000 }), {
    error: "UNSUPPORTED",
  });
  assert.deepEqual(await worker.ask({ kind: "open", file, twin: undefined, leaseMs: 1_000 }), {
    implementation: "pure",
  });
  await pure.close();
  assert.throws(() => open(file, "native"), refused);
  assert.deepEqual(await worker.ask({ kind: "close" }), {});
  await open(file, "native").close();
});

test("a Worker that ended holds nothing any more", async (folder) => {
  const file = `${folder}/queue.db`;
  for (const [twin, other] of [["native", "pure"], ["pure", "native"]] as const) {
    {
      using worker = new FileWorker();
      await worker.ask({ kind: "open", file, twin, leaseMs: 1_000 });
      assert.throws(() => open(file, other), refused);
    }
    const end = Date.now() + 10_000;
    for (;;) {
      try {
        await open(file, other).close();
        break;
      } catch (error) {
        if (!refused(error) || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
});

test("a file that other code has open is refused natively", (folder) => {
  const file = `${folder}/queue.db`;
  const other = new DatabaseSync(file);
  other.exec("CREATE TABLE things (x)");
  const before = Deno.readFileSync(file);
  assert.throws(() => open(file, "native"), refused);
  other.close();
  assert.throws(() => open(file, "native"), coded("CORRUPT"));
  assert.deepEqual(Deno.readFileSync(file), before);
});

test("knowledge's files are not a queue's, and the other way round", async (folder) => {
  const known = `${folder}/knowledge.db`;
  const queue = `${folder}/queue.db`;
  Deno.symlinkSync(queue, `${folder}/link.db`);
  const knowledge = openKnowledge({ path: known });
  assert.throws(() => open(known, "native"), refused);
  assert.throws(() => open(known, "pure"), coded("CORRUPT"));
  knowledge[Symbol.dispose]();
  for (const twin of ["native", "pure"] as const) {
    assert.throws(() => open(known, twin), coded("CORRUPT"));
  }
  const holder = open(queue, "native");
  for (const path of [queue, `${folder}/link.db`]) {
    assert.throws(() => openKnowledge({ path }), refused);
  }
  await holder.add([newJob("1")]);
  await holder.close();
  assert.throws(() => openKnowledge({ path: queue }), coded("CORRUPT"));
});
