/**
 * The published packages, as a new project has them: laid out by `scripts/release`, served by registries of the test's
 * own, added by `deno add`, and used with nothing but `--allow-ffi`.
 */

import assert from "assertions";
import { packPlatform } from "../../scripts/lib/release/packages.ts";
import { JSR, NPM, stage } from "../../scripts/lib/release/stage.ts";
import { versionOf } from "../../scripts/lib/release/versions.ts";
import type { LibraryStatus } from "../../src/native/status.ts";
import { platformOf } from "../../src/native/platform.ts";
import { type PackageRegistries, startRegistries } from "../support/package_registries.ts";
import { BUILT, DENO, type Finished, ROOT, start, temporary } from "../support/programs.ts";

const platform = platformOf()!;
const version = versionOf(ROOT);

const MAIN = `import { nativeStatus, text } from "@agent/runtime";
const hash = text.hash("tea".repeat(10_000), { implementation: IMPLEMENTATION });
console.log(JSON.stringify({ hash, status: nativeStatus() }));
`;

/** A project that has nothing but what \`deno add\` wrote. */
interface Project {
  readonly folder: string;
  readonly packages: string;
  readonly registries: PackageRegistries;
  /** Runs Deno there, with a folder of its own for what it downloads. */
  run(args: readonly string[]): Promise<Finished>;
}

/** Lays out the packages as they were built here, and makes an empty project that adds the runtime. */
async function withProject(body: (project: Project) => Promise<void>): Promise<void> {
  await temporary(async (scratch) => {
    const packages = `${scratch}/packages`;
    packPlatform(ROOT, platform, version, BUILT, `${packages}/${NPM}`);
    await stage(ROOT, version, "", packages);
    await using registries = startRegistries(`${packages}/${JSR}`, `${packages}/${NPM}`);
    const folder = `${scratch}/project`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    await Deno.writeTextFile(`${folder}/.npmrc`, `@agent:registry=${registries.npm}\n`);
    // The packages of others come as they come to whoever runs the tests, whatever it takes to reach them.
    const own = { ...Deno.env.toObject(), JSR_URL: registries.jsr, DENO_DIR: `${scratch}/deno` };
    for (const name of ["AGENT_NATIVE_DIR", "AGENT_IMPLEMENTATION", "XDG_CACHE_HOME"]) {
      delete (own as Record<string, string>)[name];
    }
    const project: Project = {
      folder,
      packages,
      registries,
      run: (args) => start(DENO, args, { env: { ...own, HOME: scratch }, cwd: folder }),
    };
    const added = await project.run(["add", "jsr:@agent/runtime"]);
    assert.equal(added.code, 0, added.stderr);
    await writeMain(folder, "auto");
    await body(project);
  });
}

async function writeMain(folder: string, implementation: string): Promise<void> {
  const text = MAIN.replace("IMPLEMENTATION", JSON.stringify(implementation));
  await Deno.writeTextFile(`${folder}/main.ts`, text);
}

function coreUtils({ code, stdout, stderr }: Finished): LibraryStatus & { hash: string } {
  assert.equal(code, 0, stderr);
  const { hash, status } = JSON.parse(stdout) as { hash: string; status: LibraryStatus[] };
  return { ...status[0]!, hash };
}

Deno.test("a new project uses native code with --allow-ffi alone, and the rest without", async () => {
  await withProject(async ({ folder, packages, registries, run }) => {
    const started = performance.now();
    const native = coreUtils(await run(["run", "--no-prompt", "--allow-ffi", "main.ts"]));
    assert.equal(native.state, "loaded", native.reason);
    assert.equal(native.version, version);
    assert.match(native.path!, /native-/);
    assert.ok(performance.now() - started < 60_000);

    // The lock file knows every package of the release, so that it is the same on all platforms.
    const lock = await Deno.readTextFile(`${folder}/deno.lock`);
    assert.match(lock, new RegExp(`"@agent/native@${version}": \\{\\s*"integrity"`));

    const denied = coreUtils(await run(["run", "--no-prompt", "main.ts"]));
    assert.equal(denied.state, "denied");
    assert.match(denied.reason!, /run with --allow-ffi/);
    assert.equal(denied.hash, native.hash);

    // What Deno has once is not fetched again.
    const before = registries.asked.length;
    const again = coreUtils(await run(["run", "--no-prompt", "--allow-ffi", "main.ts"]));
    assert.equal(again.state, "loaded");
    assert.deepEqual(registries.asked.slice(before), []);

    // A library whose file may be read is compared with what the release says of it.
    const path = native.path!;
    const bytes = await Deno.readFile(path);
    const whole = coreUtils(
      await run(["run", "--no-prompt", "--allow-ffi", "--allow-read", "main.ts"]),
    );
    assert.equal(whole.state, "loaded");
    const changed = bytes.slice();
    changed[changed.length - 1]! ^= 1;
    await Deno.writeFile(path, changed);
    const replaced = coreUtils(
      await run(["run", "--no-prompt", "--allow-ffi", "--allow-read", "main.ts"]),
    );
    assert.equal(replaced.state, "incompatible");
    assert.match(replaced.reason!, /checksum/);
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const pipe = coreUtils(
      await run(["run", "--no-prompt", "--allow-ffi", "--allow-read", "main.ts"]),
    );
    assert.match(pipe.reason!, /not a file/);
    await Deno.remove(path);
    await Deno.writeFile(path, bytes.slice(0, -1));
    const short = coreUtils(
      await run(["run", "--no-prompt", "--allow-ffi", "--allow-read", "main.ts"]),
    );
    assert.match(short.reason!, /truncated or replaced/);
    assert.equal(short.hash, native.hash);
    assert.ok(packages.length > 0);
  });
});

Deno.test("a program that has no package yet waits a little, and has native code when it came", async () => {
  await withProject(async ({ folder, run }) => {
    const cold = () => Deno.remove(`${folder}/../deno`, { recursive: true });
    await cold();
    await Deno.writeTextFile(
      `${folder}/first.ts`,
      `import { nativeStatus, text } from "@agent/runtime";
       const began = performance.now();
       const hash = text.hash("tea".repeat(10_000));
       const waited = performance.now() - began;
       let state = nativeStatus()[0].state;
       while (state === "absent" && performance.now() < 60_000) {
         await new Promise((resolve) => setTimeout(resolve, 50));
         state = nativeStatus()[0].state;
       }
       console.log(JSON.stringify({ waited, state, same: hash === text.hash("tea".repeat(10_000)) }));`,
    );
    const first = await run(["run", "--no-prompt", "--allow-ffi", "first.ts"]);
    assert.equal(first.code, 0, first.stderr);
    const { waited, state, same } = JSON.parse(first.stdout);
    assert.ok(waited < 8_000, `${waited}`);
    assert.ok(same && ["available", "loaded"].includes(state), state);

    await cold();
    await Deno.writeTextFile(
      `${folder}/prepared.ts`,
      `import { createCache, prepareNative } from "@agent/runtime";
       const [{ state, path }] = await prepareNative();
       using shared = createCache({ name: "tea" });
       shared.set("steep", "4 minutes");
       console.log(JSON.stringify({ state, path, value: shared.get("steep") }));`,
    );
    const prepared = await run(["run", "--no-prompt", "--allow-ffi", "prepared.ts"]);
    assert.equal(prepared.code, 0, prepared.stderr);
    const { path, ...rest } = JSON.parse(prepared.stdout);
    assert.deepEqual(rest, { state: "loaded", value: "4 minutes" });

    const denied = coreUtils(
      await run(["run", "--no-prompt", "--allow-ffi", `--deny-ffi=${path}`, "main.ts"]),
    );
    assert.deepEqual([denied.state, denied.path], ["denied", path], denied.reason);
  });
});

Deno.test("the installed command line uses native code from its first call on, and goes by its own name", async () => {
  await withProject(async ({ folder, run }) => {
    // Deno has the packages already, and the lock file of what is installed does not name them.
    assert.equal((await run(["run", "--no-prompt", "--allow-ffi", "main.ts"])).code, 0);
    const installed = await run([
      ...["install", "--global", "--root", folder, "--name", "agent", "--allow-all"],
      "jsr:@agent/runtime/cli",
    ]);
    assert.equal(installed.code, 0, installed.stderr);
    await Deno.copyFile(`${folder}/.npmrc`, `${folder}/../.npmrc`); // where what is installed looks
    const config = ["run", "--allow-all", "--config", `${folder}/bin/.agent/deno.json`];
    const agent = (...args: string[]) => run([...config, "jsr:@agent/runtime/cli", ...args]);
    for (let time = 0; time < 2; time++) {
      const scan = await agent("scan", "127.0.0.1", "--ports", "1", "--json", "--require-native");
      assert.equal(scan.code, 0, scan.stderr);
    }
    assert.match(await Deno.readTextFile(`${folder}/bin/.agent/deno.lock`), /@agent\/native@/);
    const { stdout: flags } = await agent("ask", "x", "--docs", ".", "--print-permissions");
    assert.match(flags, /^--allow-ffi$/m);
    assert.doesNotMatch(flags, /target|undefined/);
    const { stderr } = await agent("serve");
    assert.match(
      stderr,
      /^agent: Name the folder .*--docs DIR\nagent: agent serve --help shows how$/m,
    );
    assert.match((await agent("ask", "--help")).stdout, /^ {2}agent ask /m);
  });
});

Deno.test("without the package's registry all works in TypeScript, and the reason is told", async () => {
  await withProject(async ({ folder, registries, run }) => {
    // Deno has the program, and then the network is gone.
    assert.equal((await run(["cache", "main.ts"])).code, 0);
    await registries[Symbol.asyncDispose]();
    const offline = coreUtils(await run(["run", "--no-prompt", "--allow-ffi", "main.ts"]));
    assert.equal(offline.state, "absent");
    assert.match(
      offline.reason!,
      /@agent\/native@.* cannot be had: .*deno cache npm:@agent\/native/,
    );

    await writeMain(folder, "native");
    const wished = await run(["run", "--no-prompt", "--allow-ffi", "main.ts"]);
    assert.equal(wished.code, 1);
    assert.match(wished.stderr, /Native code was asked for.*cannot be had/);
  });
});

Deno.test("vocabularies and the table of vectors need no permission, come once and survive a bundle", async () => {
  await withProject(async ({ folder, registries, run }) => {
    const program = `import { countTokens, openKnowledge, text } from "@agent/runtime";
      using knowledge = openKnowledge();
      await knowledge.add([{ document: "a", text: "The physician treats a sick child." }]);
      const found = await knowledge.search("doctor of ill kids");
      console.log(await text.countTokens("Hello, world!"), found.length);`
      .replace("countTokens, ", "");
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const first = await run(["run", "--no-prompt", "main.ts"]);
    assert.equal(first.stdout, "4 1\n", first.stderr);
    const before = registries.asked.length;
    assert.equal((await run(["run", "--no-prompt", "main.ts"])).stdout, "4 1\n");
    assert.deepEqual(registries.asked.slice(before), [], "nothing is fetched again");

    const data = ["o200k_base", "minilm_256"].map((name) =>
      `import "@agent/runtime/data/${name}";\n`
    );
    for (const [imports, printed] of [["", ""], [data.join(""), "4 1\n"]] as const) {
      await Deno.writeTextFile(`${folder}/main.ts`, imports + program);
      const bundled = await run(["bundle", "--output=bundle.js", "main.ts"]);
      assert.equal(bundled.code, 0, bundled.stderr);
      const ran = await run(["run", "--no-prompt", "--no-config", "--cached-only", "bundle.js"]);
      assert.equal(ran.stdout, printed, ran.stderr);
      if (printed === "") assert.match(ran.stderr, /import "@agent\/runtime\/data\/minilm_256"/);
    }
  });
});

Deno.test("quality high downloads its weights when it is asked for, and needs --allow-ffi alone", async () => {
  await withProject(async ({ folder, packages, registries, run }) => {
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { createAgent, openKnowledge } from "@agent/runtime";
      using knowledge = openKnowledge();
      await knowledge.add([
        { document: "a", text: "Tea is a drink. Tea, tea and more tea, as the song says." },
        { document: "b", text: "Tea is steeped for four minutes in water that has just boiled." },
      ]);
      await using agent = createAgent({ knowledge });
      const quality = Deno.args[0] as "fast" | "high";
      const { sources, error } = await agent.ask("How long is tea steeped?", { quality });
      console.log(JSON.stringify({ document: sources[0]?.document, ...error }));
      if (quality !== "high" || error !== undefined) Deno.exit();
      // That the model was at work: the words alone would put the other document first.
      const [best] = await knowledge.search("For how long should tea brew?", { quality });
      if (best?.document !== "b") throw new Error(JSON.stringify(best));`,
    );
    const ask = async (quality: string, ...flags: string[]) => {
      const { code, stdout, stderr } = await run([
        "run",
        "--no-prompt",
        ...flags,
        "main.ts",
        quality,
      ]);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as { document?: string; code?: string; message?: string };
    };
    assert.equal((await ask("fast", "--allow-ffi")).code, undefined);
    const denied = await ask("high");
    assert.equal(denied.code, "NATIVE_REQUIRED");
    assert.match(denied.message!, /run with --allow-ffi/);
    const offline = await ask("high", "--allow-ffi", "--cached-only");
    assert.equal(offline.code, "NATIVE_REQUIRED");
    assert.match(
      offline.message!,
      /model.* absent\. The package npm:@agent\/minilm-l6@.* cannot be had: .*deno cache npm:@agent\/minilm-l6@/,
    );
    const askedFor = () => registries.asked.filter((path) => path.includes("minilm-l6"));
    assert.deepEqual(askedFor(), [], "nobody downloads it who does not ask for it");

    assert.deepEqual(await ask("high", "--allow-ffi"), { document: "b" });
    assert.equal(askedFor().length, 2, "what it is, and the package");
    assert.deepEqual(await ask("high", "--allow-ffi"), { document: "b" });
    assert.equal(askedFor().length, 2, "nothing is fetched again");

    // What belongs to work of others goes with it.
    const own = `${packages}/${NPM}/@agent/minilm-l6`;
    const { license } = JSON.parse(await Deno.readTextFile(`${own}/package.json`));
    assert.equal(license, "Apache-2.0");
    assert.match(await Deno.readTextFile(`${own}/LICENSE`), /Apache License\s+Version 2\.0/);
    assert.match(await Deno.readTextFile(`${own}/NOTICE`), /They were changed/);
  });
});

Deno.test("the command line runs from the registry", async () => {
  await withProject(async ({ folder, run }) => {
    await Deno.writeTextFile(`${folder}/tea.md`, "Green tea steeps for two minutes.\n");
    const cli = "jsr:@agent/runtime/cli";
    const help = await run(["run", cli, "--help"]);
    assert.equal(help.code, 0, help.stderr);
    assert.match(help.stdout, /^Usage: /);
    const hashed = await run(["run", "--allow-read=.", cli, "text", "hash", "tea.md"]);
    assert.equal(hashed.code, 0, hashed.stderr);
    assert.match(hashed.stdout, /^[0-9a-f]{64}/);
    const asked = await run([
      "run",
      "-A",
      cli,
      "ask",
      "How long does green tea steep?",
      "--docs",
      ".",
    ]);
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(asked.stdout, /two minutes/);
  });
});
