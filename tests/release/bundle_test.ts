/** The bundles of the published package: each entry is what its source is, and no module is in two of them. */

import assert from "assertions";
import { packPlatform, PLATFORMS } from "../../scripts/lib/release/packages.ts";
import { JSR, NPM, stage } from "../../scripts/lib/release/stage.ts";
import { LIBRARY_NAMES, libraryFile } from "../../src/native/libraries.ts";
import { DENO, ROOT, start, temporary } from "../support/programs.ts";

/** Stages a package whose libraries are no libraries, since none is opened here. */
async function withPackage(body: (root: string) => Promise<void>): Promise<void> {
  await temporary(async (to) => {
    await Deno.mkdir(`${to}/built`);
    for (const library of LIBRARY_NAMES) {
      await Deno.writeTextFile(`${to}/built/${libraryFile(library, "linux")}`, library);
    }
    const [platform] = Object.keys(PLATFORMS);
    packPlatform(ROOT, platform!, "0.1.0", `${to}/built`, `${to}/${NPM}`);
    await stage(ROOT, "0.1.0", "abc", to);
    await body(`${to}/${JSR}`);
  });
}

const { exports: sources } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
  exports: Record<string, string>;
};

Deno.test("each entry of the package has what its source has, and they fit together", async () => {
  await withPackage(async (root) => {
    const { exports } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`)) as {
      exports: Record<string, string>;
    };
    const errors = await import(`file://${root}/${exports["./errors"]}`);
    for (const [name, path] of Object.entries(sources)) {
      if (name === "./cli") continue;
      const entry = await import(`file://${root}/${exports[name]}`);
      const source = await import(`${ROOT}${path}`);
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(source).sort(), name);
      for (const [key, value] of Object.entries(source)) {
        assert.equal(typeof entry[key], typeof value, `${name} ${key}`);
        if (typeof value === "function") {
          assert.match(entry[key].name, new RegExp(`^_?${value.name}$`));
        }
        if (Array.isArray(value)) assert.deepEqual(entry[key], value);
      }
      assert.ok(entry.AgentError === errors.AgentError, `${name} has the one class of errors`);
    }
    // What one entry makes another one knows.
    const { RedactionVault } = await import(`file://${root}/${exports["./text/redact"]}`);
    const { text } = await import(`file://${root}/${exports["."]}`);
    const vault = new RedactionVault();
    const { text: hidden } = text.redact("Ask ann@example.org.", { replace: vault });
    assert.equal(vault.restore(hidden), "Ask ann@example.org.");
    assert.throws(() => text.hash(1), TypeError);
    // Types and documentation are those of the sources.
    const documented = await start(DENO, ["doc", `${root}/${exports["./text/hash"]}`], {
      cwd: root,
    });
    assert.match(documented.stdout, /function hash\(input: string \| Uint8Array/);
  });
});

Deno.test("the bundles are built of all sources that entries reach", async () => {
  await withPackage(async (root) => {
    const files = ["text_core.js", "core.js", "more.js"];
    const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${root}/dist/${file}`)));
    const defined = texts.map((text) =>
      new Set(Array.from(text.matchAll(/^export const (m\d+)=|[,{]m(\d+):/gm), ([, name]) => name))
    );
    assert.ok(defined[0]!.size > 50 && defined[1]!.size > 50);
    assert.deepEqual([...defined[0]!.intersection(defined[1]!)].filter((name) => name), []);
    // Neither a path of this machine nor a place of its own for what lies beside the sources.
    for (const text of texts) {
      assert.ok(!text.includes(root));
      assert.doesNotMatch(
        text.replace(/^const bundleAddress ?= ?import\.meta\.url;/m, ""),
        /import\.meta\.(url|dirname)/,
      );
    }
  });
});
