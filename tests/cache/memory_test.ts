/** What a cache keeps alive: its entries, and nothing that they were cut out of; and not itself. */

import assert from "assertions";
import { DENO, start } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";

const module = new URL("../../src/cache/mod.ts", import.meta.url).href;

/** Runs a script whose heap can be collected on demand; `MB()` says how large it is then. */
async function megabytes(script: string): Promise<number> {
  const head = `
    import { createCache } from ${JSON.stringify(module)};
    async function MB() {
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        globalThis.gc();
      }
      return Deno.memoryUsage().heapUsed / 1e6;
    }
    const before = await MB();`;
  const flags = [
    "--no-prompt",
    "--v8-flags=--expose-gc",
    "--allow-read",
    "--allow-ffi",
    "--allow-env",
  ];
  const { stdout, stderr } = await start(DENO, ["run", ...flags, "-"], { stdin: head + script });
  assert.match(stdout, /^-?[\d.]+\n$/, stderr);
  return Number(stdout);
}

for (const { name, ...twin } of twins("cache").each) {
  const made = `implementation: ${JSON.stringify(name)}`;
  const test = (what: string, script: string, most: number): void =>
    testOf("cache", { name, ...twin }, what, async () => {
      const grown = await megabytes(script);
      assert.ok(grown < most, `${grown} MB`);
    });

  test(
    "parts of large strings keep no large string alive",
    `
    const cache = createCache({ ${made}, maxBytes: 10e6, ttlMs: 3_600_000 });
    for (let i = 0; i < 1_000; i++) {
      const page = ("page " + i + " ").padEnd(300_000, "abc" + i);
      cache.set(page.slice(10, 60), page.slice(1_000, 1_200), { tags: [page.slice(0, 50)] });
      cache.get(page.slice(10, 60));
    }
    console.log(await MB() - before);`,
    20,
  );

  test(
    "lines of one large text, stored in a run, do not keep it",
    `
    const cache = createCache({ ${made}, maxEntries: 20_000 });
    function fill() {
      let text = "";
      for (let i = 0; i < 300_000; i++) text += "this is line number " + i + " of a text that is long\\n";
      const lines = text.split("\\n");
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 5_000; i++) cache.set(lines[i * 60], lines[i * 60 + 1]);
        for (let i = 0; i < 5_000; i++) cache.get(lines[i * 60]);
      }
    }
    fill();
    console.log(await MB() - before);`,
    12,
  );

  test(
    "a cache that is dropped without being closed goes",
    `
    for (let i = 0; i < 60; i++) {
      const cache = createCache({ ${made}, ttlMs: 3_600_000 });
      for (let j = 0; j < 10_000; j++) cache.set("key " + j, "value " + i + " " + j);
      for (let j = 0; j < 100; j++) cache.get("key " + j);
    }
    console.log(await MB() - before);`,
    12,
  );
}
