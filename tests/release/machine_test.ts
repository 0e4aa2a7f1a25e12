/** Which platform a built file is for: nothing is packed for another one. */

import assert from "assertions";
import { faultFor } from "../../scripts/lib/release/machine.ts";
import { packPlatform, PLATFORMS } from "../../scripts/lib/release/packages.ts";
import { LIBRARY_NAMES, libraryFile } from "../../src/native/libraries.ts";
import { platformOf } from "../../src/native/platform.ts";
import { BUILT, builtFile, ROOT, temporary } from "../support/programs.ts";
import { headFor } from "../support/library_heads.ts";

Deno.test("a file is taken for its own platform alone", async () => {
  const names = Object.keys(PLATFORMS);
  for (const built of names) {
    for (const asked of names) {
      const fault = faultFor(asked, "lib.so", headFor(built));
      assert.equal(fault === undefined, built === asked, `${built} as ${asked}: ${fault}`);
    }
  }
  assert.match(faultFor("linux-x64-gnu", "lib.so", new Uint8Array(10))!, /no more than/);
  assert.match(faultFor("linux-x64-gnu", "lib.so", new Uint8Array(1000))!, /not an ELF/);
  const own = platformOf()!;
  assert.equal(faultFor(own, builtFile(), await Deno.readFile(builtFile())), undefined);
});

Deno.test("a package with a library of another platform is not begun", async () => {
  await temporary(async (to) => {
    const other = Object.keys(PLATFORMS).find((name) => name !== platformOf())!;
    const { os } = PLATFORMS[other]!;
    await Deno.mkdir(`${to}/built`);
    for (const library of LIBRARY_NAMES) {
      await Deno.copyFile(builtFile(library), `${to}/built/${libraryFile(library, os)}`);
    }
    assert.throws(
      () => packPlatform(ROOT, other, "1.2.3", `${to}/built`, `${to}/packages`),
      new RegExp(`is not for ${other}: `),
    );
    assert.throws(() => Deno.statSync(`${to}/packages`), Deno.errors.NotFound);
    packPlatform(ROOT, platformOf()!, "1.2.3", BUILT, `${to}/packages`);
  });
});
