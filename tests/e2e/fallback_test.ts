/** Without the native libraries: the same answers, and doctor says why. */

import assert from "assertions";
import { install } from "../../scripts/lib/install_native.ts";
import { fileName, LIBRARY_NAMES } from "../../src/native/libraries.ts";
import { testNeeding } from "../support/needs.ts";
import { BUILT, start } from "../support/programs.ts";
import { agent, copyCheckout, documents, Scratch } from "./helpers.ts";

const LIBRARIES = LIBRARY_NAMES.map(fileName);

/** Why there is nothing to compare. */
const unbuilt: string | undefined = LIBRARIES.every((name) => exists(`${BUILT}${name}`))
  ? undefined
  : `not all libraries are in ${BUILT}`;

const test = (name: string, body: () => void | Promise<void>): void =>
  testNeeding([unbuilt], name, body);

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

test("ask: the same answer with and without the libraries", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout", true);
  const docs = documents(scratch);
  const questions = [
    "Which port does the orchestrator listen on?",
    "How long are backups kept?",
    "Who painted the ceiling of the chapel?",
  ];
  const ask = async (question: string, data: string): Promise<unknown> => {
    const args = ["ask", question, "--docs", docs, "--data", `${scratch.path}/${data}`, "--json"];
    const { code, stdout, stderr } = await agent(scratch, args, { root });
    assert.equal(code, 0, stderr);
    const { timestamp, indexed: { durationMs, ...indexed }, ...answer } = JSON.parse(stdout);
    assert.equal(typeof timestamp, "string");
    assert.equal(typeof durationMs, "number");
    return { ...answer, indexed };
  };
  const states = async (): Promise<string[]> => {
    const { stdout } = await agent(scratch, ["doctor", "--json"], { root });
    return JSON.parse(stdout).libraries.map(({ state }: { state: string }) => state);
  };
  assert.deepEqual(await states(), ["loaded", "loaded", "loaded", "loaded"]);
  const native = [];
  for (const question of questions) native.push(await ask(question, "first"));
  Deno.removeSync(`${root}/target`, { recursive: true });
  assert.deepEqual(await states(), ["absent", "absent", "absent", "absent"]);
  for (const [at, question] of questions.entries()) {
    assert.deepEqual(await ask(question, "second"), native[at]);
  }
});

test("--require-native: needs every library", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout", true);
  const args = ["text", "similarity", "a", "a", "--require-native"];
  assert.equal((await agent(scratch, args, { root })).code, 0);
  const pure = await agent(scratch, args, {
    root,
    env: scratch.env({ AGENT_IMPLEMENTATION: "pure" }),
  });
  assert.equal(pure.code, 1);
  assert.match(pure.stderr, /--require-native: core-utils is disabled/);
  Deno.removeSync(`${root}/target/release/${LIBRARIES[1]}`);
  const absent = await agent(scratch, args, { root });
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /--require-native/);
});

test("doctor: a truncated library is named, and fails", async () => {
  using scratch = new Scratch();
  const root = copyCheckout(scratch, "checkout", true);
  const library = `${root}/target/release/${LIBRARIES[0]}`;
  Deno.truncateSync(library, Math.floor(Deno.statSync(library).size * 0.75));
  const { code, stdout } = await agent(scratch, ["doctor"], { root });
  assert.equal(code, 1);
  assert.match(stdout, /^-- {2}core-utils +incompatible, TypeScript is used .*truncated/m);
  const hash = await agent(scratch, ["text", "hash"], { root, stdin: "abc" });
  assert.equal(hash.code, 0, hash.stderr);
});

test("setup --install: puts libraries and sidecars where a checkout without finds them", async () => {
  using scratch = new Scratch();
  const from = copyCheckout(scratch, "with", true);
  const env = scratch.env();
  for (let round = 0; round < 2; round++) {
    const { code, stderr } = await start(`${from}/scripts/setup`, ["--install"], { env });
    assert.equal(code, 0, stderr);
  }
  const cache = `${scratch.path}/home/.cache/agent/native`;
  const [version] = [...Deno.readDirSync(cache)];
  const entries = [...Deno.readDirSync(`${cache}/${version?.name}`)].map(({ name }) => name);
  assert.deepEqual(entries, [Deno.build.target]);
  const folder = `${cache}/${version?.name}/${Deno.build.target}`;
  assert.deepEqual(
    [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
    LIBRARIES.flatMap((name) => [name, `${name}.json`]).sort(),
  );
  const sidecar = JSON.parse(Deno.readTextFileSync(`${folder}/${LIBRARIES[0]}.json`));
  assert.equal(sidecar.size, Deno.statSync(`${folder}/${LIBRARIES[0]}`).size);
  assert.match(sidecar.sha256, /^[0-9a-f]{64}$/);
  const without = copyCheckout(scratch, "without");
  const { stdout } = await agent(scratch, ["doctor", "--json"], { root: without, env });
  for (const { state, path } of JSON.parse(stdout).libraries) {
    assert.equal(state, "loaded");
    assert(path.startsWith(folder), path);
  }
});

test("install(): leaves what was there if it fails", () => {
  using scratch = new Scratch();
  const cache = scratch.folder("cache");
  const folder = install(BUILT.slice(0, -1), cache);
  const before = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const partial = scratch.folder("partial");
  Deno.copyFileSync(`${BUILT}${LIBRARIES[0]}`, `${partial}/${LIBRARIES[0]}`);
  assert.throws(() => install(partial, cache), Deno.errors.NotFound);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), before);
  assert.equal([...Deno.readDirSync(folder.slice(0, folder.lastIndexOf("/")))].length, 1);
});
