/** What JSR measures of the package, and that its workflow and its settings are what the rest of the score wants. */

import assert from "assertions";
import { packPlatform } from "../../scripts/lib/release/packages.ts";
import {
  type Documented,
  documentedShare,
  faultsOfPackage,
  wronglyRequired,
} from "../../scripts/lib/release/score.ts";
import { JSR, NPM, stage } from "../../scripts/lib/release/stage.ts";
import { versionOf } from "../../scripts/lib/release/versions.ts";
import { platformOf } from "../../src/native/platform.ts";
import { BUILT, DENO, ROOT, start, temporary } from "../support/programs.ts";

Deno.test("the package as it is published has all that JSR measures", async () => {
  await temporary(async (packages) => {
    const version = versionOf(ROOT);
    packPlatform(ROOT, platformOf()!, version, BUILT, `${packages}/${NPM}`);
    await stage(ROOT, version, "", packages);
    const folder = `${packages}/${JSR}`;
    assert.deepEqual(faultsOfPackage(folder), []);

    // Every module that another one imports is among what is published.
    const dry = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
    const published = await start(DENO, dry, { cwd: folder });
    assert.equal(published.code, 0, published.stderr);

    // What is missing is told.
    await Deno.writeTextFile(`${folder}/README.md`, "# A package\n");
    await Deno.writeTextFile(`${folder}/mod.ts`, "export const one: number = 1;\n");
    await Deno.writeFile(`${folder}/data/large.txt`, new Uint8Array(20 * 1024 * 1024));
    const faults = faultsOfPackage(folder).join("\n");
    assert.match(faults, /README\.md has no example/);
    assert.match(faults, /dist\/mod\.js is an export without a comment/);
    assert.match(faults, /bytes, JSR takes 20971520/);
    assert.doesNotMatch(faults, /dist\/cache\.js/);
  });
});

Deno.test("symbols are counted as JSR counts them", () => {
  const share = (...symbols: Documented["nodes"][string]["symbols"][number]["declarations"][]) =>
    documentedShare({
      nodes: { a: { symbols: symbols.map((declarations) => ({ name: "a", declarations })) } },
    });
  const known = { declarationKind: "export", kind: "function", jsDoc: { doc: "Said." } };
  const bare = { declarationKind: "export", kind: "function", def: { hasBody: true } };
  assert.equal(share(), 1);
  assert.equal(share([known], [bare]), 0.5);
  assert.equal(share([known, known, bare]), 1, "the body of overloads does not count");
  assert.equal(share([known, { ...bare, kind: "namespace" }]), 0.5);
  assert.equal(share([known], [{ ...bare, declarationKind: "private" }]), 1);
  assert.equal(share([known], [{ declarationKind: "export", kind: "reference" }]), 0.5);
  assert.equal(share([{ ...bare, jsDoc: { tags: [{ kind: "deprecated" }] } }]), 1);
});

Deno.test("a parameter with a default is shown as one that may be left out", () => {
  const call = (kind: string, hasBody?: boolean) => ({
    params: [{ kind }],
    hasBody: hasBody ?? false,
  });
  const all = { declarationKind: "export", kind: "function" };
  const nodes = {
    a: {
      symbols: [
        { name: "wrong", declarations: [{ ...all, def: call("assign", true) }] },
        { name: "plain", declarations: [{ ...all, def: call("identifier", true) }] },
        {
          name: "right",
          declarations: [
            { ...all, def: call("identifier") },
            { ...all, def: call("assign", true) },
          ],
        },
        {
          name: "Thing",
          declarations: [{
            ...all,
            kind: "class",
            def: {
              constructors: [call("assign", true)],
              methods: [
                { name: "own", accessibility: "private", functionDef: call("assign", true) },
                { name: "good", functionDef: call("identifier") },
                { name: "good", functionDef: call("assign", true) },
                { name: "bad", functionDef: call("assign", true) },
              ],
            },
          }],
        },
      ],
    },
  };
  assert.deepEqual(wronglyRequired({ nodes }), ["wrong", "new Thing", "Thing.bad"]);
});

Deno.test("what is set on JSR is written down, and packages come with provenance", async () => {
  const release = await Deno.readTextFile(`${ROOT}RELEASE.md`);
  const description = Array.from(release.matchAll(/^ {2}> (.+)$/gm), ([, line]) => line).join(" ");
  assert.ok(description.length > 50 && description.length <= 250, description);
  assert.match(release, /runtimes \(Deno\)/);
  const workflow = await Deno.readTextFile(`${ROOT}.github/workflows/release.yml`);
  const publishing = workflow.slice(workflow.indexOf("\n  publish:"));
  assert.match(publishing, /id-token: write/);
  assert.match(publishing, /scripts\/release publish --yes/);
  const script = await Deno.readTextFile(`${ROOT}scripts/lib/release/main.ts`);
  assert.match(script, /"--provenance"/);
  assert.doesNotMatch(script, /--no-provenance/);
});
