/** Packages that only some programs need: nobody else downloads them, and where they are missing the error says what to do. */

import assert from "assertions";
import { type LazyPackage, loadPackage, specifierOf } from "../../src/shared/packages.ts";
import { deno, ROOT, temporary } from "../support/programs.ts";

const LAZY: readonly LazyPackage[] = [
  "@cfworker/json-schema",
  "@opentelemetry/api",
  "@orama/stemmers",
  "@redis/client",
  "bullmq",
  "croner",
  "diff",
  "mammoth",
  "trading-signals",
  "unpdf",
];

interface Graph {
  modules: { dependencies?: { specifier: string; code?: unknown }[] }[];
}

Deno.test("packages: no program has those of a few in its imports", async () => {
  for (const entry of ["mod.ts", "src/cli/main.ts"]) {
    const { stdout, code } = await deno(["info", "--json", entry]);
    assert.equal(code, 0);
    const { modules } = JSON.parse(stdout) as Graph;
    // An import of types alone has no code.
    const imported = new Set(
      modules.flatMap(({ dependencies = [] }) =>
        dependencies.filter(({ code }) => code !== undefined).map(({ specifier }) => specifier)
      ),
    );
    const packages = Array.from(imported, (specifier) => /^npm:(@?[^@]+)/.exec(specifier)?.[1]);
    assert.ok(packages.includes("modern-tar"), "packages that all programs need are seen");
    for (const name of LAZY) assert.ok(!packages.includes(name), `${entry} imports ${name}`);
  }
});

Deno.test("packages: what is loaded is the package, of the version in deno.json", async () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  for (const name of LAZY) assert.equal(specifierOf(name), imports[name]);
  const { Cron } = await loadPackage<typeof import("croner")>("croner", "This test");
  assert.equal(typeof Cron, "function");
});

Deno.test("packages: a machine that lacks one says which, why, and what to do", async () => {
  await temporary(async (folder) => {
    const program = `${folder}/program.ts`;
    const module = new URL("../../src/queue/mod.ts", import.meta.url).href;
    Deno.writeTextFileSync(
      program,
      `import { createQueue } from ${JSON.stringify(module)};
      import process from "node:process";
      const environment = process.env;
      const said = [];
      for (const store of [{}, { store: { redis: "redis://127.0.0.1:1" } }]) {
        await using queue = createQueue(store);
        for (let i = 0; i < 2; i++) {
          await queue.add(1, { repeat: { cron: "0 9 * * *" } }).catch(({ code, message }) =>
            said.push([code, message])
          );
        }
      }
      console.log(JSON.stringify({ said, same: process.env === environment }));`,
    );
    const flags = ["--no-prompt", "--quiet", "--no-check", "--cached-only", "--no-lock"];
    const { stdout, stderr } = await deno(
      ["run", ...flags, "--no-config", "--allow-net=127.0.0.1:1", program],
      { DENO_DIR: `${folder}/downloads` },
    );
    assert.equal(stderr, "");
    const { said, same } = JSON.parse(stdout) as { said: [string, string][]; same: boolean };
    assert.equal(same, true);
    const names = ["croner", "croner", "@redis/client", "@redis/client"] as const;
    assert.equal(said.length, names.length);
    for (const [i, name] of names.entries()) {
      const [code, message] = said[i]!;
      assert.equal(code, "UNAVAILABLE");
      assert.ok(message.includes(`needs the package ${name}, which is not on this machine: npm`));
      const specifier = specifierOf(name);
      assert.ok(message.includes(`run: deno cache ${specifier} `), message);
      assert.ok(message.endsWith(`deno add ${specifier})`), message);
    }
  });
});
