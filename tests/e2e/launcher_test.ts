/** The launcher: any folder, any spelling of its path, what it installs and builds, and when. */

import assert from "assertions";
import { DENO, type Finished, start } from "../support/programs.ts";
import { agent, copyCheckout, documents, Scratch, script } from "./helpers.ts";

const TOOLS = [
  "sh",
  "find",
  "uname",
  "readlink",
  "mkdir",
  "mv",
  "rm",
  "cat",
  "tail",
  "tr",
  "dirname",
  "sed",
  "chmod",
];

/** A folder with the basic tools and nothing else: neither deno nor npm nor cargo. */
function bareTools(scratch: Scratch): string {
  const folder = scratch.folder("tools");
  for (const tool of TOOLS) {
    for (const place of ["/usr/bin", "/bin"]) {
      try {
        Deno.statSync(`${place}/${tool}`);
        Deno.symlinkSync(`${place}/${tool}`, `${folder}/${tool}`);
        break;
      } catch (error) {
        if (
          !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.AlreadyExists)
        ) throw error;
      }
    }
  }
  return folder;
}

/** A stand-in for npm that "installs" the Deno of this test where npm puts it. */
const NPM = `
prefix=; for a; do case $last in --prefix) prefix=$a ;; esac; last=$a; done
echo "$last" >>"$HOME/npm-calls"
mkdir -p "$prefix/node_modules/.bin" "$prefix/node_modules/deno"
printf '#!/bin/sh\\nexec "%s" "$@"\\n' "${DENO}" >"$prefix/node_modules/.bin/deno"
chmod +x "$prefix/node_modules/.bin/deno"
`;

/** A stand-in for cargo that notes each build and leaves four files behind, or fails. */
const CARGO = `
echo "$@" >>"$HOME/cargo-calls"
if [ -e "$HOME/cargo-fails" ]; then echo "error: linker not found" >&2; exit 101; fi
while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"
case $(uname -s) in Darwin) end=dylib ;; *) end=so ;; esac
for l in core_utils container_orchestrator security_tools performance_monitor; do echo >"$2/release/libagent_$l.$end"; done
`;

function calls(scratch: Scratch, program: string): number {
  try {
    return Deno.readTextFileSync(`${scratch.path}/home/${program}-calls`).trimEnd().split("\n")
      .length;
  } catch {
    return 0;
  }
}

Deno.test("start: from another folder, in a path with spaces, through symlinks", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "a checkout/with spaces");
  documents(scratch);
  Deno.symlinkSync("a checkout", `${scratch.path}/by name`);
  Deno.mkdirSync(`${scratch.path}/bin`);
  Deno.symlinkSync("../by name/with spaces/scripts/agent", `${scratch.path}/bin/first`);
  Deno.symlinkSync(`${scratch.path}/bin/first`, `${scratch.path}/bin/agent tool`);
  for (const program of [`${root}/scripts/agent`, "bin/first", "./bin/agent tool"]) {
    const path = program.startsWith("/") ? program : `${scratch.path}/${program}`;
    const args = ["ask", "Which port does the orchestrator listen on?", "--docs", "docs"];
    const { code, stdout, stderr } = await start(path, args, {
      cwd: scratch.path,
      env: scratch.env(),
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /7341/);
  }
  const found = await start("sh", [
    "-c",
    "cd 'a checkout/with spaces/scripts' && sh agent --version",
  ], {
    cwd: scratch.path,
    env: scratch.env(),
  });
  assert.equal(found.code, 0, found.stderr);
});

Deno.test("Deno: is installed by npm when there is none, once", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const tools = bareTools(scratch);
  script(`${tools}/npm`, NPM);
  const env = scratch.env({ PATH: tools });
  const first = await agent(scratch, ["--version"], { root, env });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /installing Deno 2\.\d+\.\d+ into \.tools\//);
  const second = await agent(scratch, ["--version"], { root, env });
  assert.equal(second.stderr, "");
  assert.equal(second.stdout, first.stdout);
  assert.match(Deno.readTextFileSync(`${scratch.path}/home/npm-calls`), /^deno@2\.\d+\.\d+\n$/);
  assert.deepEqual([...Deno.readDirSync(`${root}/.tools`)].map(({ name }) => name).sort(), [
    "deno.ok",
    "node_modules",
  ]);
});

Deno.test("Deno: one that is too old is passed over", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const tools = bareTools(scratch);
  script(`${tools}/npm`, NPM);
  script(`${tools}/deno`, "echo 'deno 2.8.3 (stable)'");
  const { code, stderr } = await agent(scratch, ["--version"], {
    root,
    env: scratch.env({ PATH: tools }),
  });
  assert.equal(code, 0, stderr);
  assert.equal(calls(scratch, "npm"), 1);
});

Deno.test("Deno: without it and without npm the message says what to install", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const env = scratch.env({ PATH: bareTools(scratch) });
  const { code, stdout, stderr } = await agent(scratch, ["--version"], { root, env });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /Deno 2\.9 or later is needed[\s\S]*npm[\s\S]*Install Deno/);
});

Deno.test("Deno: what npm says is shown when it fails", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const tools = bareTools(scratch);
  script(`${tools}/npm`, "echo 'npm error: no network' >&2; exit 1");
  const { code, stderr } = await agent(scratch, ["--version"], {
    root,
    env: scratch.env({ PATH: tools }),
  });
  assert.equal(code, 1);
  assert.match(stderr, /no network[\s\S]*could not install deno@/);
  assert.deepEqual([...Deno.readDirSync(`${root}/.tools`)], []);
});

Deno.test("build: once, again when a source changes, not for --help", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const { AGENT_BUILD: _, ...env } = scratch.env();
  const tools = scratch.folder("cargo");
  script(`${tools}/cargo`, CARGO);
  const run = (...args: string[]): Promise<Finished> =>
    agent(scratch, args, { root, env: { ...env, PATH: `${tools}:${env["PATH"]}` } });
  const told = (): string[] =>
    Deno.readTextFileSync(`${scratch.path}/home/cargo-calls`).trimEnd().split("\n")
      .map((call) => call.split(" ")[0]!);
  // The libraries, then the proxy, which is for Linux.
  const both = Deno.build.os === "linux" ? ["build", "rustc"] : ["build"];
  await run("--help");
  await run("ask", "--help");
  assert.equal(calls(scratch, "cargo"), 0);
  assert.match((await run("text", "similarity", "a", "b")).stderr, /building the native libraries/);
  assert.deepEqual(told(), both);
  assert.match(
    Deno.readTextFileSync(`${scratch.path}/home/cargo-calls`),
    /^build --release --locked /,
  );
  assert.doesNotMatch((await run("text", "similarity", "a", "b")).stderr, /building/);
  assert.deepEqual(told(), both);
  // What may be missing of it is made again when it is asked for.
  const { code } = await start(`${root}/scripts/setup`, [], {
    env: { ...env, PATH: `${tools}:${env["PATH"]}` },
  });
  assert.equal(code, 0);
  assert.deepEqual(told(), [...both, ...both.slice(1)]);
  later(`${root}/rust/agent-core-utils/Cargo.toml`);
  await run("text", "similarity", "a", "b");
  assert.deepEqual(told(), [...both, ...both.slice(1), ...both]);
});

Deno.test("build: a failure is a warning, is not repeated, and --require-native makes it one", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const { AGENT_BUILD: _, ...env } = scratch.env();
  const tools = scratch.folder("cargo");
  script(`${tools}/cargo`, CARGO);
  scratch.file("home/cargo-fails", "");
  const run = (...args: string[]): Promise<Finished> =>
    agent(scratch, args, { root, env: { ...env, PATH: `${tools}:${env["PATH"]}` } });
  const first = await run("text", "similarity", "a", "b");
  assert.equal(first.code, 0);
  assert.equal(first.stdout, "0\n");
  assert.match(first.stderr, /linker not found[\s\S]*warning: no native libraries/);
  const second = await run("text", "similarity", "a", "b");
  assert.equal(second.stderr, "");
  assert.equal(calls(scratch, "cargo"), 1);
  const required = await run("text", "similarity", "a", "b", "--require-native");
  assert.equal(required.code, 1);
  assert.match(required.stderr, /--require-native.*the last build failed/);
  assert.equal(calls(scratch, "cargo"), 1);
  later(`${root}/Cargo.lock`);
  await run("text", "similarity", "a", "b");
  assert.equal(calls(scratch, "cargo"), 2);
});

Deno.test("scripts/test: builds nothing where it was told so", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const { AGENT_BUILD: _, ...plain } = scratch.env();
  const tools = scratch.folder("cargo");
  script(`${tools}/cargo`, CARGO);
  const file = "tests/outline/one_test.ts";
  scratch.file(`checkout/${file}`, 'Deno.test("one", () => {});\n');
  const env = { ...plain, PATH: `${tools}:${plain["PATH"]}` };
  const test = (own: Record<string, string>, ...args: string[]): Promise<Finished> =>
    start(`${root}/scripts/test`, [...args, file], { env: { ...env, ...own } });
  for (const told of [await test({}, "--no-build"), await test({ AGENT_BUILD: "0" })]) {
    assert.equal(told.code, 0, told.stderr + told.stdout);
    assert.match(told.stdout, /^1 passed, 0 failed$/m);
  }
  assert.equal(calls(scratch, "cargo"), 0);
  assert.match((await test({})).stderr, /building the native libraries/);
  assert.notEqual(calls(scratch, "cargo"), 0);
});

Deno.test("setup: tries a failed build again, and knows its options", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout");
  const { AGENT_BUILD: _, ...plain } = scratch.env();
  const tools = scratch.folder("cargo");
  script(`${tools}/cargo`, CARGO);
  scratch.file("home/cargo-fails", "");
  const env = { ...plain, PATH: `${tools}:${plain["PATH"]}` };
  const setup = (...args: string[]): Promise<Finished> =>
    start(`${root}/scripts/setup`, args, { env });
  assert.equal((await setup()).code, 0);
  assert.equal((await setup("--require-native")).code, 1);
  assert.equal(calls(scratch, "cargo"), 2);
  Deno.removeSync(`${scratch.path}/home/cargo-fails`);
  const done = await setup("--require-native");
  assert.equal(done.code, 0, done.stderr);
  assert.equal((await setup("--help")).code, 0);
  const wrong = await setup("--instal");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /"--instal" is unknown/);
});

/** Gives a file a time of change after every stamp. */
function later(path: string): void {
  const soon = new Date(Date.now() + 60_000);
  Deno.utimeSync(path, soon, soon);
}
