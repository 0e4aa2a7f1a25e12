/** Where vocabularies come from: the checkout, a server, the cache; permissions, damage, several isolates. */

import assert from "node:assert/strict";
import { AgentError } from "@agent/runtime";
import { vocabularyFile } from "../../src/text/tokens/data.ts";
import { VOCABULARIES } from "../../src/text/tokens/vocabularies.ts";

const NAME = "cl100k_base";
const FACTS = VOCABULARIES[NAME];
const ROOT = new URL("../../", import.meta.url);
const FILE = await vocabularyFile(NAME, FACTS);

const hasCode = (code: "CORRUPT" | "IO" | "NOT_FOUND") => (error: unknown): boolean =>
  AgentError.is(error, code);

/** Serves answers in turn, then 404; counts the requests. */
async function withServer(
  answers: readonly (Uint8Array<ArrayBuffer> | number)[],
  body: (base: URL, requests: () => number) => Promise<void>,
): Promise<void> {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const answer = answers[requests++] ?? 404;
    return typeof answer === "number"
      ? new Response(null, { status: answer })
      : new Response(answer);
  });
  try {
    await body(new URL(`http://127.0.0.1:${server.addr.port}/data/`), () => requests);
  } finally {
    await server.shutdown();
  }
}

Deno.test("tokens data: a remote file is fetched once and kept", async () => {
  const cache = `${await Deno.makeTempDir()}/a/b`;
  try {
    await withServer([FILE], async (base, requests) => {
      assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
      assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
      assert.equal(requests(), 1);
    });
    const names = Array.from(Deno.readDirSync(cache), ({ name }) => name);
    assert.deepEqual(names, [`${NAME}-${FACTS.sha256.slice(0, 16)}.voc`], "nothing half written");
  } finally {
    await Deno.remove(new URL("../..", `file://${cache}/`), { recursive: true });
  }
});

Deno.test("tokens data: a damaged copy in the cache is fetched again", async () => {
  const cache = await Deno.makeTempDir();
  const path = `${cache}/${NAME}-${FACTS.sha256.slice(0, 16)}.voc`;
  const damaged = FILE.slice();
  damaged[5000]! ^= 1;
  try {
    for (const bytes of [damaged, FILE.slice(0, 1000), new Uint8Array(0)]) {
      await Deno.writeFile(path, bytes);
      await withServer([FILE], async (base, requests) => {
        assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
        assert.equal(requests(), 1);
      });
      assert.deepEqual(await Deno.readFile(path), FILE);
    }
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("tokens data: what is not the vocabulary is refused and not kept", async () => {
  const cache = await Deno.makeTempDir();
  const damaged = FILE.slice();
  damaged[FILE.length - 1]! ^= 1;
  try {
    await withServer([damaged, FILE.slice(0, 77), 500], async (base) => {
      await assert.rejects(vocabularyFile(NAME, FACTS, base, cache), hasCode("CORRUPT"));
      await assert.rejects(vocabularyFile(NAME, FACTS, base, cache), hasCode("CORRUPT"));
      await assert.rejects(vocabularyFile(NAME, FACTS, base, cache), hasCode("IO"));
      await assert.rejects(vocabularyFile(NAME, FACTS, base, cache), /404/);
    });
    assert.deepEqual([...Deno.readDirSync(cache)], []);
    const folder = new URL(`file://${cache}/`);
    await assert.rejects(vocabularyFile(NAME, FACTS, folder), hasCode("NOT_FOUND"));
    await Deno.writeFile(`${cache}/${NAME}.voc`, damaged);
    await assert.rejects(vocabularyFile(NAME, FACTS, folder), hasCode("CORRUPT"));
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("tokens data: the files are those of the list", async () => {
  for (const [name, facts] of Object.entries(VOCABULARIES)) {
    assert.equal((await Deno.stat(new URL(`data/${name}.voc`, ROOT))).size, facts.bytes);
    await vocabularyFile(name, facts);
  }
});

/** Runs a program with permissions; gives what it prints. */
async function run(program: string, ...permissions: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      `--config=${new URL("deno.json", ROOT).pathname}`,
      ...permissions,
      `data:application/typescript,${encodeURIComponent(program)}`,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  return text.decode(stdout).trim();
}

const TEXT_MODULE = new URL("src/text/mod.ts", ROOT).href;

Deno.test("tokens data: read permission for the file is all that counting needs", async () => {
  const program = `import { countTokens } from "${TEXT_MODULE}";
    console.log(await countTokens("Hello, world!", { encoding: "${NAME}" }));`;
  const path = new URL(`data/${NAME}.voc`, ROOT).pathname;
  assert.equal(await run(program, `--allow-read=${path}`), "4");
});

Deno.test("tokens data: without permission the error names it, and nobody is asked", async () => {
  const program = `import { loadEncoding } from "${TEXT_MODULE}";
    const error = await loadEncoding("o200k_base").catch((error) => error);
    console.log(error.code, error.details.permission, error.message.includes("--allow-read="));`;
  assert.equal(await run(program), "PERMISSION read true");
});

Deno.test("tokens data: Workers use the process's native vocabulary", async () => {
  const program = `import { loadEncoding } from "${TEXT_MODULE}";
    using encoding = await loadEncoding("${NAME}", { implementation: "native" });
    const code = \`import { loadEncoding } from "${TEXT_MODULE}";
      using encoding = await loadEncoding("${NAME}", { implementation: "native" });
      postMessage(encoding.count("Hello, world!"));\`;
    const permissions = { ffi: true, read: ["${new URL("target", ROOT).pathname}"], env: true };
    const counts = await Promise.all(Array.from({ length: 3 }, () => new Promise((resolve) => {
      const worker = new Worker("data:application/typescript," + encodeURIComponent(code),
        { type: "module", deno: { permissions } });
      worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
      worker.onerror = (event) => { event.preventDefault(); resolve(event.message); };
    })));
    console.log(counts.join(), encoding.count("Hello, world!"));`;
  // The Workers may not read the vocabulary's file: they find it loaded.
  const permissions = ["--allow-read", "--allow-ffi", "--allow-env", "--unstable-worker-options"];
  assert.equal(await run(program, ...permissions), "4,4,4 4");
});
