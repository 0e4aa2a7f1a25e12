/** Another project that imports a checkout by its files: the types hold under the options of that project too. */

import assert from "assertions";
import { pathToFileURL } from "node:url";
import { deno, ROOT, temporary } from "../support/programs.ts";

const { exports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)) as {
  exports: Record<string, string>;
};

/** What a project that knows nothing of ours may have chosen. */
const CHOICES: readonly Record<string, boolean>[] = [
  {
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
  },
  { strict: false },
];

for (const compilerOptions of CHOICES) {
  Deno.test(`a project with ${JSON.stringify(compilerOptions)} checks every export`, async () => {
    await temporary(async (folder) => {
      // The command line is run and not imported.
      const entries = Object.entries(exports).filter(([name]) => name !== "./cli");
      const imports = Object.fromEntries(
        entries.map(([name, path]) => [
          `@agent/runtime${name.slice(1)}`,
          pathToFileURL(`${ROOT}${path}`).href,
        ]),
      );
      await Deno.writeTextFile(
        `${folder}/deno.json`,
        JSON.stringify({ imports, compilerOptions }),
      );
      const modules = Object.keys(imports).map((name, at) =>
        `import * as module${at} from "${name}";\nexport const names${at}: string[] = Object.keys(module${at});\n`
      );
      await Deno.writeTextFile(
        `${folder}/main.ts`,
        `${modules.join("")}export const wrong: number = names0;\n`,
      );
      const { code, stderr } = await deno(["check", "--no-lock", "main.ts"], {}, folder);
      // The one mistake in it shows that the whole was checked.
      assert.equal(code, 1);
      assert.deepEqual(stderr.match(/TS\d+ \[ERROR\].*/g), [
        "TS2322 [ERROR]: Type 'string[]' is not assignable to type 'number'.",
      ], stderr);
    });
  });
}
