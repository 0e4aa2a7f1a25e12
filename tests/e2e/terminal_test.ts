/** On a terminal and off it: no question of Deno's, bars and colours, a closed pipe, Ctrl-C. */

import assert from "assertions";
import { progressLine } from "../../src/cli/progress.ts";
import { noTerminal, testNeeding } from "../support/needs.ts";
import { DENO, ROOT, start } from "../support/programs.ts";
import { serving } from "../support/servers.ts";
import { agent, documents, permissions, Scratch } from "./helpers.ts";

/** A command line for `script`, which gives a program a terminal. */
function quote(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Runs a program on a pseudo-terminal; what is typed there is never answered by a person. */
async function onTerminal(
  scratch: Scratch,
  words: readonly string[],
  env: Record<string, string> = scratch.env(),
  kind = "xterm",
): Promise<{ code: number; screen: string }> {
  const { code, stdout, stderr } = await start("script", ["-qec", quote(words), "/dev/null"], {
    cwd: scratch.path,
    env: { ...env, SHELL: "/bin/sh", TERM: kind },
  });
  return { code, screen: stdout + stderr };
}

const ESCAPE = "\x1b";

testNeeding([noTerminal], "terminal: nothing is ever asked", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  for (
    const args of [["ask", "Which port is used?", "--docs", docs], ["doctor"], [
      "text",
      "similarity",
      "a",
      "b",
    ]]
  ) {
    const { code, screen } = await onTerminal(scratch, [`${ROOT}scripts/agent`, ...args]);
    assert.equal(code, 0, screen);
    assert.doesNotMatch(screen, /Deno requests|Allow\?|\[y\/n/);
  }
});

testNeeding(
  [noTerminal],
  "terminal: one that is dumb gets neither colours nor a moving cursor",
  async () => {
    using scratch = new Scratch();
    const docs = documents(scratch);
    const words = [`${ROOT}scripts/agent`, "index", docs, "--data", `${scratch.path}/data`];
    const screenOf = async (kind: string): Promise<string> => {
      const { code, screen } = await onTerminal(scratch, words, scratch.env(), kind);
      assert.equal(code, 0, screen);
      return screen;
    };
    assert.ok(!(await screenOf("dumb")).includes(ESCAPE));
  },
);

testNeeding(
  [noTerminal],
  "terminal: auto without --no-prompt does not ask either",
  async () => {
    using scratch = new Scratch();
    const program = scratch.file(
      "auto.ts",
      `import { hash, similarity, transform } from "${ROOT}src/text/mod.ts";
     import { nativeStatus, preloadNative } from "${ROOT}mod.ts";
     nativeStatus();
     preloadNative();
     const many = Array.from({ length: 5000 }, (_, at) => "Line " + at);
     const results = [hash("x".repeat(100000)).length, similarity("a".repeat(999), "b".repeat(999)), transform(many, "nfkc").length];
     console.log(results.join(" "), nativeStatus().map(({ state }) => state).join(" "));`,
    );
    const run = ["run", "--quiet", "--config", `${ROOT}deno.json`, program];
    const { code, screen } = await onTerminal(scratch, [DENO, ...run]);
    assert.equal(code, 0, screen);
    assert.match(screen, /^64 0 5000 denied denied denied denied\r?$/m);
    assert.doesNotMatch(screen, /Deno requests|Allow\?/);
  },
);

testNeeding(
  [noTerminal],
  "terminal: fetch shows a bar for several pages, and wipes it",
  async () => {
    using scratch = new Scratch();
    const page = (): Response =>
      new Response("A page.", { headers: { "content-type": "text/plain" } });
    await serving(page, async (address) => {
      const urls = ["a", "b", "c"].map((path) => `http://${address}/${path}`);
      const words = [`${ROOT}scripts/agent`, "fetch", "--allow-private", "--no-robots"];
      const several = await onTerminal(scratch, [...words, ...urls]);
      assert.equal(several.code, 0, several.screen);
      assert.match(several.screen, /fetching \[#+\.*\] \d\/3 http/);
      assert.equal(several.screen.match(/A page\./g)?.length, 3);
      assert(several.screen.lastIndexOf("fetching") < several.screen.lastIndexOf(`${ESCAPE}[2K`));
      const one = await onTerminal(scratch, [...words, urls[0]!]);
      assert.doesNotMatch(one.screen, /fetching/);
    });
  },
);

testNeeding(
  [noTerminal],
  "terminal: colours and a bar there, neither with NO_COLOR nor in a pipe",
  async () => {
    using scratch = new Scratch();
    const words = [
      `${ROOT}scripts/agent`,
      "ask",
      "Which port is used by default?",
      "--docs",
      documents(scratch),
    ];
    const colored = await onTerminal(scratch, words);
    assert.match(colored.screen, new RegExp(`${ESCAPE}\\[1m.*ports\\.md:5`));
    assert.match(colored.screen, /indexing \[#+\.*\] \d\/3/);
    const plain = await onTerminal(scratch, words, scratch.env({ NO_COLOR: "1" }));
    assert.doesNotMatch(plain.screen, new RegExp(`${ESCAPE}\\[\\d+m`));
    const { stdout, stderr } = await agent(scratch, words.slice(1));
    assert(!(stdout + stderr).includes(ESCAPE));
  },
);

Deno.test("pipe: a reader that leaves early ends the program quietly", async () => {
  using scratch = new Scratch();
  const file = scratch.file("long.txt", "a line of some length\n".repeat(200_000));
  const command = `${
    quote([`${ROOT}scripts/agent`, "text", "transform", "uppercase", file])
  } | head -n 1`;
  const { code, stdout, stderr } = await start("sh", ["-c", command], { env: scratch.env() });
  assert.equal(code, 0);
  assert.equal(stdout, "A LINE OF SOME LENGTH\n");
  assert.equal(stderr, "");
});

Deno.test("Ctrl-C: during index it stops, keeps a whole file, and the next call goes on", async () => {
  using scratch = new Scratch();
  const docs = scratch.folder("many");
  const paragraph = "The quick brown fox jumps over the lazy dog near the river bank. ".repeat(40);
  for (let at = 0; at < 3000; at++) {
    Deno.writeTextFileSync(
      `${docs}/${at}.md`,
      `# Page ${at}\n\nNumber ${at}. ${paragraph}\n\n${paragraph}\n`,
    );
  }
  const args = ["index", docs, "--json"];
  const flags = await permissions(scratch, args);
  const child = new Deno.Command(DENO, {
    args: [
      "run",
      "--no-prompt",
      "--config",
      `${ROOT}deno.json`,
      ...flags,
      `${ROOT}src/cli/main.ts`,
      ...args,
    ],
    clearEnv: true,
    env: scratch.env(),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await fileOf(`${scratch.path}/home/.local/share/agent`);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 130, new TextDecoder().decode(stderr));
  assert.equal(JSON.parse(text).error.code, "INTERRUPTED");
  assert.equal(new TextDecoder().decode(stderr), "agent: stopped\n");
  const rest = JSON.parse((await agent(scratch, args)).stdout);
  assert.equal(rest.stats.documents, 3000);
  assert.equal(rest.added + rest.unchanged, 3000);
});

/** Waits until a knowledge file is there: the program has begun its work and hears signals. */
async function fileOf(folder: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      if ([...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".sqlite"))) return;
    } catch {
      // Not made yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`No knowledge file appeared in ${folder}`);
}

Deno.test("progressLine() fits the width, whatever the item", () => {
  assert.equal(progressLine("indexing", 0, 0, "", 80), "indexing [........................] 0/0");
  assert.equal(progressLine("x", 1, 2, "a.md", 80), "x [############............] 1/2 a.md");
  assert.equal(
    progressLine("x", 2, 2, "\x1b[2Jevil\n", 80),
    "x [########################] 2/2 ?[2Jevil?",
  );
  assert.equal([...progressLine("x", 2, 2, "😀".repeat(100), 60)].length, 59);
  // The numbers stay whole, the bar gives way.
  assert.equal(
    progressLine("indexing", 1001, 4000, "a.md", 40),
    "indexing [#####.............] 1001/4000",
  );
  assert.equal(progressLine("indexing", 1001, 4000, "a.md", 24), "indexing 1001/4000 a.md");
  assert.equal(progressLine("indexing", 1001, 4000, "a.md", 14), "ind 1001/4000");
});
