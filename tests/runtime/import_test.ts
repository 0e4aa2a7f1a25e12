/** Importing has no effect: nothing read, opened, printed or asked for, whichever entry is taken. */

import assert from "assertions";
import { deno, ROOT, temporary } from "../support/programs.ts";

const { exports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)) as {
  exports: Record<string, string>;
};

for (const [name, path] of Object.entries(exports)) {
  Deno.test(`importing "${name}" needs no permission and says nothing`, async () => {
    await temporary(async (directory) => {
      const program = `${directory}/program.ts`;
      await Deno.writeTextFile(
        program,
        `import * as all from "${ROOT}${path.slice(2)}";
         console.log(Object.keys(all).length > 0);`,
      );
      const outcome = await deno([
        "run",
        "--no-prompt",
        "--no-check",
        "--deny-read",
        "--deny-write",
        "--deny-env",
        "--deny-ffi",
        "--deny-net",
        "--deny-run",
        "--deny-sys",
        `--config=${ROOT}deno.json`,
        program,
      ]);
      assert.equal(outcome.stderr, "");
      assert.match(outcome.stdout, /^true$/m);
      assert.equal(outcome.code, 0);
    });
  });
}
