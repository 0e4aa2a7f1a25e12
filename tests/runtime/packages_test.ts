/** A first run fetches the packages that run and none of those that only tests need. */

import assert from "assertions";
import { deno, ROOT, temporary } from "../support/programs.ts";
import { serving } from "../support/servers.ts";

interface Lock {
  npm: Record<string, { dependencies?: string[]; optionalDependencies?: string[] }>;
}

/** The names of the packages that `imports` of deno.json brings, by deno.lock. */
function running(imports: Record<string, string>, { npm }: Lock): Set<string> {
  const found = new Set<string>();
  const waiting = Object.values(imports).map((specifier) => specifier.replace(/^npm:/, ""));
  for (let wanted = waiting.pop(); wanted !== undefined; wanted = waiting.pop()) {
    const key = Object.keys(npm).find((key) => nameOf(key) === wanted || ownKey(key) === wanted);
    assert.ok(key !== undefined, `${wanted} is not in deno.lock`);
    if (found.has(nameOf(key))) continue;
    found.add(nameOf(key));
    const { dependencies = [], optionalDependencies = [] } = npm[key]!;
    waiting.push(...dependencies, ...optionalDependencies);
  }
  return found;
}

/** `name@version` of a key, which goes on with an underscore and its peers where it has any. */
function ownKey(key: string): string {
  return /^.[^@]*@[^_]*/.exec(key)![0];
}

/** The name in `name@version`, which may begin with an @ itself. */
function nameOf(key: string): string {
  const own = ownKey(key);
  return own.slice(0, own.lastIndexOf("@"));
}

Deno.test("a first run asks the registry for no package that only tests use", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const lock: Lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  const packages = running(imports, lock);
  assert.ok(packages.size < Object.keys(lock.npm).length, "deno.lock has those of the tests too");
  // A registry that has nothing: what matters is what it is asked for.
  await serving(() => new Response(null, { status: 404 }), async (address, requests) => {
    for (const program of [["mod.ts"], ["src/cli/main.ts", "--help"]]) {
      await temporary((folder) =>
        deno(["run", "--no-prompt", "--frozen", "--allow-env", ...program], {
          DENO_DIR: folder,
          NPM_CONFIG_REGISTRY: `http://${address}/`,
        })
      );
      const asked = requests.splice(0).map((request) =>
        decodeURIComponent(request.slice("GET /".length)).replace(/\/-\/.*$/, "")
      );
      assert.ok(asked.length > 0, program.join(" "));
      assert.deepEqual(asked.filter((name) => !packages.has(name)), [], program.join(" "));
    }
  });
});
