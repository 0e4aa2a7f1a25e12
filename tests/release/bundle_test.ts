/**
 * The bundles of the published package: each entry is what its source is, no module is in two of them, and what lies
 * beside them is taken for the package's own only where it is.
 */

import assert from "assertions";
import { headFor } from "../support/library_heads.ts";
import { packPlatform, PLATFORMS } from "../../scripts/lib/release/packages.ts";
import { JSR, NPM, stage } from "../../scripts/lib/release/stage.ts";
import { LIBRARY_NAMES, libraryFile } from "../../src/native/libraries.ts";
import { packageFolderUrl } from "../../src/shared/place.ts";
import { filesBelow } from "../support/package_registries.ts";
import { builtFile, DENO, ROOT, start, temporary } from "../support/programs.ts";

const steps: [name: string, body: (root: string) => Promise<void>][] = [];

/** A test of the one package that all tests here look at. */
function test(name: string, body: (root: string) => Promise<void>): void {
  steps.push([name, body]);
}

/** Stages a package whose libraries are no libraries, since none is opened here. */
async function withPackage(body: (root: string) => Promise<void>): Promise<void> {
  await temporary(async (to) => {
    await Deno.mkdir(`${to}/built`);
    for (const platform of Object.keys(PLATFORMS).filter((name) => name.startsWith("linux"))) {
      for (const library of LIBRARY_NAMES) {
        await Deno.writeFile(`${to}/built/${libraryFile(library, "linux")}`, headFor(platform));
      }
      packPlatform(ROOT, platform, "0.1.0", `${to}/built`, `${to}/${NPM}`);
    }
    await stage(ROOT, "0.1.0", "abc", to);
    await body(`${to}/${JSR}`);
  });
}

const { exports: sources } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
  exports: Record<string, string>;
};

test("each entry of the package has what its source has, and they fit together", async (root) => {
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
        assert.equal(entry[key].name, value.name, `${name} ${key}`);
      }
      if (Array.isArray(value)) assert.deepEqual(entry[key], value);
    }
    assert.ok(entry.AgentError === errors.AgentError, `${name} has the one class of errors`);
  }
  // What one entry makes another one knows.
  const { RedactionVault } = await import(`file://${root}/${exports["./text/redact"]}`);
  const { text } = await import(`file://${root}/${exports["."]}`);
  const vault = new RedactionVault();
  const { text: hidden } = text.redact("Ask ann@example.org.", {
    replace: vault,
    implementation: "pure",
  });
  assert.equal(vault.restore(hidden), "Ask ann@example.org.");
  assert.throws(() => text.hash(1, { implementation: "pure" }), TypeError);
  // Types and documentation are those of the sources.
  const documented = await start(DENO, ["doc", `${root}/${exports["./text/hash"]}`], {
    cwd: root,
  });
  assert.match(documented.stdout, /function hash\(input: string \| Uint8Array/);
});

test("names, stacks and sizes of the published package are what they should be", async (root) => {
  // What the registry takes: the sum of all files, as they are.
  const sizes = filesBelow(root).map((path) => Deno.statSync(root + path).size);
  assert.ok(sizes.reduce((sum, size) => sum + size) < 19 * 1024 * 1024);
  const parts = filesBelow(`${root}/dist/parts`);
  assert.ok(parts.length > 10);
  const seen = new Set<string>();
  for (const path of parts) {
    const text = await Deno.readTextFile(`${root}/dist/parts${path}`);
    for (const [, name] of text.matchAll(/function (\$\d+)make\(/g)) {
      assert.ok(!seen.has(name!), `${name} is in one part alone`);
      seen.add(name!);
    }
    // Neither a path of this machine, nor a package that Deno would ask for before the program needs it.
    assert.ok(!text.includes(root), path);
    assert.doesNotMatch(text, /(from |import\()"npm:/, path);
    assert.doesNotMatch(text, /\bclass _[A-Z]/, path);
    assert.equal(text.match(/import\.meta\.url/g)?.length, 1, `${path} has one place`);
    assert.doesNotMatch(text, /[\u0080-\uffff]/, `${path} is ASCII`);
  }
  const { AgentError, createCache } = await import(`file://${root}/dist/mod.js`);
  const made = new AgentError("IO", "no disk", { path: "a", operation: "read" });
  assert.deepEqual([made.name, made.constructor.name], ["AgentError", "AgentError"]);
  assert.match(made.stack, /^AgentError: no disk\n/);
  assert.throws(() => createCache({ maxEntries: -1, implementation: "pure" }), (error) => {
    assert.match((error as Error).stack ?? "", /at (Module\.)?createCache \(/);
    return true;
  });
});

Deno.test("a place is the package's own in a checkout and in what is published, wherever that is", () => {
  assert.equal(packageFolderUrl()?.href, `file://${ROOT}`);
  for (
    const folder of [
      "https://packages.example/@agent/runtime/0.1.0/",
      "http://127.0.0.1:8000/",
      "file:///C:/a%20b/",
    ]
  ) {
    assert.equal(packageFolderUrl(`${folder}src/shared/place.ts`)?.href, folder);
  }
  for (const place of ["file:///srv/bundle.js", "https://example.org/src/shared/place.js"]) {
    assert.equal(packageFolderUrl(place), undefined);
  }
});

const COUNT = `console.log(await text.countTokens("Hello, world!", { implementation: "pure" }));`;

test("the published package has its data at addresses of files and servers, as bundles and as sources", async (root) => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      const path = new URL(request.url).pathname;
      const types: Record<string, string> = {
        ts: "text/typescript",
        js: "text/javascript",
        json: "application/json",
      };
      const type = types[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain";
      return new Response(Deno.readFileSync(root + path), { headers: { "content-type": type } });
    },
  );
  const address = `http://127.0.0.1:${server.addr.port}`;
  for (const base of [`file://${root}`, address]) {
    for (const entry of ["dist/text.js", "src/text/mod.ts"]) {
      const program = `import * as text from "${base}/${entry}"; ${COUNT}`;
      const { code, stdout, stderr } = await start(DENO, [
        ...["run", "--no-prompt", "--no-config", "--no-lock", `--allow-read=${root}`],
        `--allow-import=127.0.0.1:${server.addr.port}`,
        `data:text/javascript,${encodeURIComponent(program)}`,
      ], { cwd: root });
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "4\n", `${base}/${entry}`);
    }
  }
});

test("a bundle of somebody's own takes nothing from beside it, and says why it has no native code", async (root) => {
  await temporary(async (home) => {
    const library = builtFile();
    for (
      const folder of [
        "target/release",
        "a/target/release",
        "data",
        "a/data",
        "src/queue",
        "a/b/src/queue",
      ]
    ) {
      await Deno.mkdir(`${home}/${folder}`, { recursive: true });
      await Deno.copyFile(
        library,
        `${home}/${folder}/${library.slice(library.lastIndexOf("/") + 1)}`,
      );
      await Deno.copyFile(`${ROOT}data/o200k_base.voc`, `${home}/${folder}/o200k_base.voc`);
      await Deno.writeTextFile(`${home}/${folder}/pool_worker.ts`, `console.log("planted");`);
    }
    await Deno.writeTextFile(
      `${home}/main.js`,
      `import { nativeStatus, openKnowledge, text, workerPool } from "${root}/dist/mod.js";
        const [{ state, reason, path }] = nativeStatus();
        const failed = [];
        try { workerPool("data:text/javascript,"); } catch (error) { failed.push(error.message); }
        try { ${COUNT} } catch (error) { failed.push(error.message); }
        using store = openKnowledge();
        await store.search("tea").catch((error) => failed.push(error.message));
        using byWords = openKnowledge({ embedder: "none" });
        await byWords.add([{ document: "a", text: "Tea." }]);
        const hits = (await byWords.search("tea")).length;
        console.log(JSON.stringify({ state, reason, path, failed, hits }));`,
    );
    const output = `${home}/a/b/out.js`;
    const bundled = await start(DENO, [
      "bundle",
      "--no-config",
      `--output=${output}`,
      `${home}/main.js`,
    ], {
      cwd: home,
    });
    assert.equal(bundled.code, 0, bundled.stderr);
    // A registry that does not answer: what a machine without a network has.
    const { code, stdout, stderr } = await start(
      DENO,
      ["run", "--no-prompt", "--no-config", "--no-lock", "--allow-ffi", "--allow-read", output],
      {
        cwd: home,
        env: { HOME: home, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/", DENO_DIR: `${home}/deno` },
      },
    );
    assert.equal(code, 0, stderr);
    const { state, reason, path, failed, hits } = JSON.parse(stdout);
    assert.deepEqual([state, path], ["absent", undefined]);
    assert.match(reason, /@agent\/native@0\.1\.0 .*cannot be had/);
    assert.match(failed[0], /which a bundle does not have/);
    assert.match(failed[1], /import "@agent\/runtime\/data\/o200k_base"/);
    assert.match(failed[2], /import "@agent\/runtime\/data\/minilm_256".*embedder: "none"/);
    assert.equal(hits, 1);
  });
});

Deno.test("the published package", async (context) => {
  await withPackage(async (root) => {
    for (const [name, body] of steps) await context.step(name, () => body(root));
  });
});
