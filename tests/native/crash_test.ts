/**
 * What used to end the whole process: a library closed under a wait, the isolate that loaded it gone,
 * Workers killed in the middle of operations. Each in a child program, which must end by itself and
 * well.
 */

import assert from "assertions";
import { BUILT, builtFile, deno, ROOT, temporary } from "../support/programs.ts";
import { test } from "./support.ts";

const FLAGS = ["--no-prompt", `--allow-read`, `--allow-ffi=${BUILT}`];

async function run(files: Record<string, string>, flags: string[] = FLAGS): Promise<string> {
  return await temporary(async (directory) => {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    const outcome = await deno(["run", ...flags, `${directory}/main.ts`]);
    assert.equal(outcome.signal, null, outcome.stderr);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.equal(outcome.stderr, "");
    return outcome.stdout;
  });
}

/** Starts `count` operations of a kind on the worker's or program's own ring; never awaits them. */
const START = `
  import { openLibrary } from "${ROOT}src/native/load.ts";
  const { library } = openLibrary("core-utils");
  const { ring, symbols: common } = library;
  const testing = common;
  function start(kind, amount) {
    return ring.submit("test", (id, op, out, cap) =>
      testing.agent_ffi_test_submit(id, op, kind, amount, out, cap), (payload) => payload.length);
  }
`;

test("a library closed during its wait stays mapped", async () => {
  const stdout = await run({
    "main.ts": `
      import { SYMBOLS } from "${ROOT}src/native/generated/symbols.ts";
      const library = Deno.dlopen("${builtFile()}", SYMBOLS["core-utils"]);
      const { symbols } = library;
      const out = new Uint8Array(4096);
      symbols.agent_ffi_enter(12345, 1, out, out.length);
      const ring = symbols.agent_ffi_ring_open();
      symbols.agent_ffi_test_submit(ring, 0, 0, 300, out, out.length);
      const wait = symbols.agent_ffi_ring_wait(ring, 1);
      library.close();
      console.log(await wait);
    `,
  });
  assert.equal(stdout.trim(), "1");
});

for (const [name, ending] of [["terminated", ""], ["closing itself", "self.close();"]] as const) {
  test(`a Worker that alone loaded the library, ${name} during a wait`, async () => {
    const stdout = await run({
      "worker.ts": `${START}
        start(0, 600_000); start(1, 600_000);
        self.postMessage("started");
        ${ending}`,
      "main.ts": `
        const worker = new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
        await new Promise((resolve) => worker.onmessage = resolve);
        ${ending === "" ? "worker.terminate();" : ""}
        await new Promise((resolve) => setTimeout(resolve, 300));
        console.log("alive");
      `,
    });
    assert.equal(stdout.trim(), "alive");
  });
}

test("two test files of which only one loads the library", async () => {
  await temporary(async (directory) => {
    await Deno.writeTextFile(
      `${directory}/a_test.ts`,
      `${START}
      Deno.test("leaves operations behind", () => { start(0, 600_000); start(1, 600_000); });`,
    );
    await Deno.writeTextFile(
      `${directory}/b_test.ts`,
      `Deno.test("does not load it", () => new Promise((resolve) => setTimeout(resolve, 300)));`,
    );
    await Deno.writeTextFile(
      `${directory}/c_test.ts`,
      `${START}
      Deno.test("loads it again", async () => { if (await start(5, 3) !== 3) throw new Error(); });`,
    );
    const outcome = await deno(["test", "--no-check", ...FLAGS, directory]);
    assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
    assert.match(outcome.stdout, /3 passed/);
  });
});

test("200 Workers killed in the middle of operations leave nothing behind", async () => {
  // Counting threads means reading /proc, which Deno gives only to those who may do anything.
  const stdout = await run({
    "worker.ts": `${START}
      testing.agent_ffi_test_handle();
      for (let round = 0; round < 20; round++) {
        start(0, 600_000); start(5, 100_000); start(4, 1_000_000);
      }
      self.postMessage("started");
      (async () => { for (;;) await start(5, 1000); })();`,
    "main.ts": `${START}
      const status = () => Deno.readTextFileSync("/proc/self/status");
      const figure = (name) => Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(status())[1]);
      async function one() {
        const worker = new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
        await new Promise((resolve) => worker.onmessage = resolve);
        worker.terminate();
      }
      async function settled(threads) {
        for (let tries = 0; tries < 2000; tries++) {
          const now = [figure("Threads"), common.agent_ffi_live_rings(),
            common.agent_ffi_live_handles(), common.agent_ffi_active_tasks()];
          if (now[0] <= threads && now[1] === 1 && now[2] === 0 && now[3] === 0) return now;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return [figure("Threads"), common.agent_ffi_live_rings(),
          common.agent_ffi_live_handles(), common.agent_ffi_active_tasks()];
      }
      await start(5, 1); await start(0, 1);
      for (let index = 0; index < 20; index++) await one();
      await settled(Infinity);
      const threads = figure("Threads");
      const before = figure("VmRSS");
      for (let index = 0; index < 200; index += 4) await Promise.all([one(), one(), one(), one()]);
      const after = await settled(threads + 8);
      console.log(JSON.stringify({ threads, after, before, rss: figure("VmRSS") }));
    `,
  }, ["--no-prompt", "--allow-all"]);
  const { threads, after, before, rss } = JSON.parse(stdout);
  assert.ok(after[0] <= threads + 8, `threads ${threads} -> ${after[0]}`);
  assert.deepEqual(after.slice(1), [1, 0, 0], "rings, handles, operations");
  assert.ok(rss < before + 128 * 1024, `resident kB ${before} -> ${rss}`);
});

test("an idle program that used the ring ends by itself", async () => {
  assert.equal(await run({ "main.ts": `${START} console.log(await start(5, 9));` }), "9\n");
});

test("Deno.exit() with operations under way is clean", async () => {
  await run({ "main.ts": `${START} start(0, 600_000); start(1, 600_000); Deno.exit(0);` });
});
