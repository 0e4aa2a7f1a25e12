/** The version and the changelog's entry of a release. */

import assert from "assertions";
import { entryOf } from "../../scripts/lib/release/changelog.ts";
import { packWrapper, PLATFORMS } from "../../scripts/lib/release/packages.ts";
import { versionOf, writeVersion } from "../../scripts/lib/release/versions.ts";
import { type Build, platformOf } from "../../src/native/platform.ts";
import { libraryFile } from "../../src/native/libraries.ts";
import { ROOT, temporary } from "../support/programs.ts";

const PLACES = ["deno.json", "Cargo.toml", "Cargo.lock", "src/native/libraries.ts"];

async function withCopy(body: (root: string) => void | Promise<void>): Promise<void> {
  await temporary(async (root) => {
    await Deno.mkdir(`${root}/src/native`, { recursive: true });
    for (const path of PLACES) await Deno.copyFile(ROOT + path, `${root}/${path}`);
    await body(root);
  });
}

Deno.test("a version is written into every place and found to be the same there", async () => {
  await withCopy((root) => {
    assert.equal(versionOf(root), versionOf(ROOT));
    assert.deepEqual(writeVersion(root, "2.34.5-beta.1"), PLACES);
    assert.equal(versionOf(root), "2.34.5-beta.1");
    const lock = Deno.readTextFileSync(`${root}/Cargo.lock`);
    assert.match(lock, /name = "agent-text"\nversion = "2\.34\.5-beta\.1"/);
    const others = (text: string) =>
      text.split("[[package]]").filter((one) => /^source/m.test(one));
    assert.deepEqual(others(lock), others(Deno.readTextFileSync(`${ROOT}Cargo.lock`)));
    assert.deepEqual(writeVersion(root, "2.34.5-beta.1"), []);
    const text = Deno.readTextFileSync(`${root}/Cargo.toml`);
    Deno.writeTextFileSync(`${root}/Cargo.toml`, text.replace("2.34.5-beta.1", "2.34.6"));
    assert.throws(() => versionOf(root), /2\.34\.5-beta\.1 and Cargo\.toml of 2\.34\.6/);
    for (
      const wrong of ["", "1", "v1.2.3", "1.2.3 ", "1.2.3\n4", "01.2.3", "1.2.3-", "1.2.3-a..b"]
    ) {
      assert.throws(() => writeVersion(root, wrong), /is no version/);
    }
  });
});

Deno.test("a changelog must name the version, its day, its ABI and a change", () => {
  const good =
    "# Changelog\n\n## [Unreleased]\n\n- more\n\n## [1.2.3] - 2026-01-31\n\n**ABI** 2\n\n- one\n\n## [1.2.2] - 2026-01-01\n";
  const { date, abi, text } = entryOf(good, "1.2.3");
  assert.deepEqual([date, abi, text], ["2026-01-31", 2, "**ABI** 2\n\n- one"]);
  assert.throws(() => entryOf(good, "1.2.4"), /no "## \[1\.2\.4\]/);
  assert.throws(() => entryOf(good, "1.2.2"), /does not say its ABI/);
  assert.throws(() => entryOf(good.replace(" - 2026-01-31", ""), "1.2.3"), /must end with the day/);
  assert.throws(() => entryOf(good.replace("-01-31", "-13-31"), "1.2.3"), /must end with the day/);
  assert.throws(() => entryOf(good.replace("- one", ""), "1.2.3"), /names no change/);
});

const BUILDS: readonly (readonly [Build, string | undefined])[] = [
  [{ os: "linux", arch: "x86_64", env: "gnu" }, "linux-x64-gnu"],
  [{ os: "linux", arch: "x86_64", env: "musl" }, "linux-x64-musl"],
  [{ os: "linux", arch: "aarch64", env: "gnu" }, "linux-arm64-gnu"],
  [{ os: "linux", arch: "aarch64", env: "musl" }, "linux-arm64-musl"],
  [{ os: "linux", arch: "x86_64" }, "linux-x64-gnu"],
  [{ os: "darwin", arch: "x86_64" }, "darwin-x64"],
  [{ os: "darwin", arch: "aarch64" }, "darwin-arm64"],
  [{ os: "windows", arch: "x86_64", env: "msvc" }, "win32-x64"],
  [{ os: "freebsd", arch: "x86_64" }, undefined],
  [{ os: "linux", arch: "riscv64", env: "gnu" }, undefined],
];

for (const [build, name] of BUILDS) {
  Deno.test(`the platform of ${Object.values(build).join(" ")} is ${name}`, () => {
    assert.equal(platformOf(build), name);
    assert.ok(name === undefined || name in PLATFORMS);
  });
}

Deno.test("the package that leads to the platforms knows each of them", async () => {
  await temporary(async (to) => {
    packWrapper(ROOT, "1.2.3", Object.keys(PLATFORMS), to);
    const { folderOf } = await import(`file://${to}/@agent/native/index.js`);
    for (const platform of Object.keys(PLATFORMS)) {
      // Nothing of them is installed here: that it looks for the right one is what is seen.
      await assert.rejects(folderOf(platform), new RegExp(`@agent/native-${platform}`));
    }
    await assert.rejects(folderOf("plan9-x64"), /no native libraries for plan9-x64/);
    const manifest = JSON.parse(await Deno.readTextFile(`${to}/@agent/native/package.json`));
    assert.equal(manifest.optionalDependencies["@agent/native-win32-x64"], "1.2.3");
  });
});

Deno.test("libraries are called as each system calls them", () => {
  assert.equal(libraryFile("core-utils", "linux"), "libagent_core_utils.so");
  assert.equal(libraryFile("core-utils", "darwin"), "libagent_core_utils.dylib");
  assert.equal(libraryFile("core-utils", "windows"), "agent_core_utils.dll");
});
