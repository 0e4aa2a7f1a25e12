/**
 * The examples of the documents that need an engine, which `deno test --doc` leaves out: taken from the documents, run
 * on a real Docker Engine by a program of its own, with the permissions that the documents name and no others. Images
 * of this machine stand in for those that they name. The engine has a network of its own, where nothing leads out.
 */

import assert from "assertions";
import { engineMissing, startDocker } from "../support/docker.ts";
import { sharedEngine } from "../support/engine.ts";
import { BUSYBOX, PYTHON } from "../support/images.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
import {
  bareEnvironment,
  BUILT,
  DENO,
  deno,
  type Finished,
  ROOT,
  temporary,
} from "../support/programs.ts";
import { buildStandIn, STAND_IN } from "./deploy_support.ts";
import { containersOf } from "./sandbox_engines.ts";

const PROXY = `${BUILT}agent-egress-proxy`;
const MISSING = [
  engineMissing(),
  BUSYBOX.missing,
  PYTHON.missing,
  programMissing("nsenter", "util-linux"),
];

/** The images of the documents, and what stands in for each. */
const IMAGES = {
  "busybox:latest": BUSYBOX.name,
  "python:3.12-slim": PYTHON.name,
  "python:3.12.11-slim-bookworm": STAND_IN,
};

const engine = sharedEngine(MISSING.find((reason) => reason !== undefined), async () => {
  const started = await startDocker("namespace", [BUSYBOX, PYTHON]);
  await buildStandIn(started);
  for (const [name, image] of Object.entries(IMAGES)) {
    const [repo, tag] = name.split(":");
    const { status, text } = await started.ask(
      "POST",
      `/images/${image}/tag?repo=${repo}&tag=${tag}`,
    );
    assert.equal(status, 201, text);
  }
  return started;
});

/** What is known of one example. */
interface Example {
  /** Words that no other example has. */
  readonly has: string;
  /** What it needs besides the engine's socket. */
  readonly permissions?: readonly string[];
  /** Said after it: a value of JSON on a line. */
  readonly tells: string;
  /** What it must be. */
  readonly expected: (value: unknown) => void;
}

const is = (expected: unknown) => (value: unknown) => assert.deepEqual(value, expected);
const isLab = (value: unknown): void =>
  assert.match(String(value), /^http:\/\/127\.0\.0\.1:\d+\/lab$/);

const EXAMPLES: readonly Example[] = [
  {
    has: "// what an agent wrote",
    permissions: [`--allow-read=${PROXY}`, "--allow-net=127.0.0.1"],
    tells: "[result.exitCode, result.stdout, result.timedOut, result.oomKilled, " +
      "result.security.ok, lab.url]",
    expected: (value) => {
      const [url] = (value as unknown[]).splice(-1);
      assert.deepEqual(value, [0, "42\n", false, false, true]);
      isLab(url);
    },
  },
  {
    has: "sum(int(line)",
    tells: "[exitCode, stdout, security.ok]",
    expected: is([0, "42\n", true]),
  },
  { has: "containers.pool(", tells: "stdout", expected: is("42\n") },
  {
    has: "containers.session(",
    tells: "new TextDecoder().decode(lines?.bytes)",
    expected: is("2 data.csv\n"),
  },
  {
    has: "containers.describe(",
    permissions: ["--allow-net=127.0.0.1"],
    tells: "lab.url",
    expected: isLab,
  },
];

/** The blocks of a language in a document, without those of other areas. */
async function blocksOf(file: string, language: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${ROOT}${file}`);
  const blocks = [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)];
  return blocks.flatMap(([, named, body = ""]) =>
    named === language && body.includes("containers") ? [body] : []
  );
}

const found = (await Promise.all(
  ["README.md", "docs/containers.md"].map((file) => blocksOf(file, "ts ignore")),
)).flat();

Deno.test("each example of containers is known here, and none twice", () => {
  for (const block of found) {
    const known = EXAMPLES.filter(({ has }) => block.includes(has));
    assert.equal(known.length, 1, `${known.length} entries for this example:\n${block}`);
  }
  assert.equal(found.length, EXAMPLES.length);
});

/** Runs a program where the engine is. */
function inside(command: readonly string[], more: Record<string, string> = {}): Promise<Finished> {
  const env = { ...bareEnvironment(), DOCKER_HOST: engine().host, ...more };
  const named = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return engine().enter(["env", ...named, ...command]);
}

Deno.test("the examples are well typed", async () => {
  await temporary(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ links: [ROOT] }));
    const files = found.map((_, at) => `${folder}/${at}.ts`);
    for (const [at, file] of files.entries()) await Deno.writeTextFile(file, found[at]!);
    const { code, stderr } = await deno(["check", "--no-lock", "--quiet", ...files], {}, folder);
    assert.equal(code, 0, stderr);
  });
});

testNeeding(MISSING, "code_runner.ts runs with the permissions of its header alone", async () => {
  const { socket } = engine();
  const example = `${ROOT}examples/code_runner.ts`;
  const [, line = ""] = /^ \* deno run (.*) examples\/code_runner\.ts /m
    .exec(await Deno.readTextFile(example)) ?? [];
  await temporary(async (folder) => {
    const program = `${folder}/program.sh`;
    await Deno.writeTextFile(program, "echo hello; exit 3");
    // The usual socket and the name of the program stand for those of the test.
    const flags = line.replaceAll("/var/run/docker.sock", socket)
      .replace(",program.sh", `,${program}`).split(" ");
    const { code, stdout, stderr } = await inside([
      ...[DENO, "run", "--no-check", "--quiet", "--no-prompt", "--cached-only"],
      ...[`--config=${ROOT}deno.json`, ...flags, example, BUSYBOX.name, program],
    ]);
    assert.deepEqual([code, stdout], [0, "hello\n\n"], stderr);
    assert.match(stderr, /exitCode: 3, timedOut: false, oomKilled: false, held: true/);
  });
  assert.deepEqual(await containersOf(engine()), []);
});

for (const { has, permissions = [], tells, expected } of EXAMPLES) {
  const proxy = permissions.some((flag) => flag.includes(PROXY)) ? proxyMissing() : undefined;
  testNeeding([...MISSING, proxy], `the example with ${has} runs`, async () => {
    const block = found.find((text) => text.includes(has))!;
    const { socket } = engine();
    await temporary(async (folder) => {
      await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ links: [ROOT] }));
      const program = `${folder}/program.ts`;
      await Deno.writeTextFile(program, `${block}\nconsole.log(JSON.stringify(${tells}));\n`);
      const { code, stdout, stderr } = await inside([
        ...[DENO, "run", "--no-check", "--quiet", "--no-prompt", "--cached-only", "--no-lock"],
        ...["--config", `${folder}/deno.json`, "--allow-env=DOCKER_HOST"],
        ...[`--allow-read=${socket}`, `--allow-write=${socket}`, `--allow-net=unix:${socket}`],
        ...permissions,
        program,
      ]);
      assert.equal(code, 0, stderr);
      expected(JSON.parse(stdout.trimEnd().split("\n").at(-1)!));
    });
    assert.deepEqual(await containersOf(engine()), []);
  });
}

testNeeding(MISSING, "the command lines of the document run, one after the other", async () => {
  const blocks = await blocksOf("docs/containers.md", "sh");
  const lines = blocks.join("").split("\n").filter((line) => line !== "");
  assert.ok(lines.length >= 10);
  await temporary(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.py`, "print(6 * 7)\n");
    for (const line of lines) {
      // What asks a host of the internet, and what goes on until Ctrl-C.
      if (line.includes("--allow ")) continue;
      const command = line.replace("scripts/agent", `'${ROOT}scripts/agent'`)
        .replace(/ --(follow|watch)\b/, "");
      const { code, stdout, stderr } = await inside(
        ["sh", "-c", `cd '${folder}' && ${command}`],
        {
          AGENT_BUILD: "0",
          PATH: `${DENO.slice(0, DENO.lastIndexOf("/"))}:/usr/bin:/bin`,
          XDG_DATA_HOME: `${folder}/data`,
        },
      );
      assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
      if (line.includes(" echo hello")) assert.equal(stdout, "hello\n");
      if (line.includes("main.py")) assert.equal(stdout, "42\n");
      if (line.includes(" list ")) assert.match(stdout, /^my-lab /m);
    }
  });
  assert.deepEqual(await containersOf(engine()), []);
});

testNeeding(
  MISSING,
  "the template of the document is deployed, with its token and option",
  async () => {
    const text = await Deno.readTextFile(`${ROOT}docs/containers.md`);
    const block = (start: RegExp): string => start.exec(text)![1]!;
    await temporary(async (folder) => {
      const own = `${folder}/own/notes`;
      await Deno.mkdir(own, { recursive: true });
      const files = {
        "template.json": block(/^```json\n([^`]*"id": "notes"[^]*?)^```$/m),
        "Dockerfile": block(/^```dockerfile\n([^]*?)^```$/m),
        "start.sh": block(/^```text\n([^`]*httpd[^]*?)^```$/m),
      };
      for (const [name, content] of Object.entries(files)) {
        await Deno.writeTextFile(`${own}/${name}`, content);
      }
      const env = {
        AGENT_BUILD: "0",
        PATH: `${DENO.slice(0, DENO.lastIndexOf("/"))}:/usr/bin:/bin`,
        XDG_DATA_HOME: `${folder}/data`,
      };
      const agent = (...args: string[]) =>
        inside([`${ROOT}scripts/agent`, "containers", ...args], env);
      const { code, stdout, stderr } = await agent(
        ...["deploy", "notes", "--templates", `${folder}/own`, "--name", "notes", "--json"],
        ...["--option", "title=Hello there"],
      );
      assert.equal(code, 0, stderr);
      const { token, urls } = JSON.parse(stdout);
      const asking = `const headers = { authorization: "Basic " + btoa("me:" + Deno.args[1]) };
      const answer = await fetch(Deno.args[0], { headers });
      console.log(answer.status, await answer.text());`;
      await Deno.writeTextFile(`${folder}/ask.ts`, asking);
      const asked = (secret: string) =>
        inside([DENO, "run", "--no-config", "--allow-net", `${folder}/ask.ts`, urls.web, secret]);
      const page = await asked(token);
      assert.equal(page.stdout, "200 Hello there\n\n", page.stderr);
      assert.match((await asked("wrong")).stdout, /^401 /);
      const removed = await agent("remove", "notes", "--force", "--volumes");
      assert.equal(removed.code, 0, removed.stderr);
    });
    assert.deepEqual(await containersOf(engine()), []);
  },
);

function proxyMissing(): string | undefined {
  try {
    return Deno.statSync(PROXY).isFile ? undefined : `${PROXY} is no file`;
  } catch {
    return "the egress proxy is not built (scripts/setup)";
  }
}
