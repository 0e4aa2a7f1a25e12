/** Where vocabularies come from: the checkout, a server, the cache; permissions, damage, several isolates. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { vocabularyFile } from "../../src/text/tokens/data.ts";
import { VOCABULARIES } from "../../src/text/tokens/vocabularies.ts";
import { deno, ROOT, temporary } from "../support/programs.ts";
import { serving } from "../support/servers.ts";
import { testOf, twins } from "../support/twins.ts";

const NAME = "cl100k_base";
const FACTS = VOCABULARIES[NAME];
const FILE = await vocabularyFile(NAME, FACTS);

const hasCode = (code: "CORRUPT" | "IO" | "NOT_FOUND") => (error: unknown): boolean =>
  AgentError.is(error, code);

/** Serves answers in turn, then 404; counts the requests. */
function withServer(
  answers: readonly (Uint8Array<ArrayBuffer> | number)[],
  body: (base: URL, requests: () => number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const answer = (): Response => {
    const given = answers[next++] ?? 404;
    return typeof given === "number" ? new Response(null, { status: given }) : new Response(given);
  };
  return serving(
    answer,
    (address, requests) => body(new URL(`http://${address}/data/`), () => requests.length),
  );
}

Deno.test("tokens data: a remote file is fetched once and kept", () =>
  temporary(async (folder) => {
    const cache = `${folder}/a/b`;
    await withServer([FILE], async (base, requests) => {
      assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
      assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
      assert.equal(requests(), 1);
    });
    const names = Array.from(Deno.readDirSync(cache), ({ name }) => name);
    assert.deepEqual(names, [`${NAME}-${FACTS.sha256.slice(0, 16)}.voc`], "nothing half written");
  }));

Deno.test("tokens data: a damaged copy in the cache is fetched again", () =>
  temporary(async (cache) => {
    const path = `${cache}/${NAME}-${FACTS.sha256.slice(0, 16)}.voc`;
    const damaged = FILE.slice();
    damaged[5000]! ^= 1;
    for (const bytes of [damaged, FILE.slice(0, 1000), new Uint8Array(0)]) {
      await Deno.writeFile(path, bytes);
      await withServer([FILE], async (base, requests) => {
        assert.deepEqual(await vocabularyFile(NAME, FACTS, base, cache), FILE);
        assert.equal(requests(), 1);
      });
      assert.deepEqual(await Deno.readFile(path), FILE);
    }
  }));

Deno.test("tokens data: what is not the vocabulary is refused and not kept", () =>
  temporary(async (cache) => {
    const damaged = FILE.slice();
    damaged[FILE.length - 1]! ^= 1;
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
  }));

Deno.test("tokens data: the files are those of the list", async () => {
  for (const [name, facts] of Object.entries(VOCABULARIES)) {
    assert.equal((await Deno.stat(`${ROOT}data/${name}.voc`)).size, facts.bytes);
    await vocabularyFile(name, facts);
  }
});

/** Runs a program with permissions; gives what it prints. */
async function run(program: string, ...permissions: string[]): Promise<string> {
  const { code, stdout, stderr } = await deno([
    ...["run", "--no-prompt", "--no-lock", `--config=${ROOT}deno.json`, ...permissions],
    `data:application/typescript,${encodeURIComponent(program)}`,
  ]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const TEXT_MODULE = `file://${ROOT}src/text/mod.ts`;

Deno.test("tokens data: read permission for the file is all that counting needs", async () => {
  const program = `import { countTokens } from "${TEXT_MODULE}";
    console.log(await countTokens("Hello, world!", { encoding: "${NAME}" }));`;
  const path = `${ROOT}data/${NAME}.voc`;
  assert.equal(await run(program, `--allow-read=${path}`), "4");
});

Deno.test("tokens data: without permission the error names it, and nobody is asked", async () => {
  const program = `import { loadEncoding } from "${TEXT_MODULE}";
    const error = await loadEncoding("o200k_base").catch((error) => error);
    console.log(error.code, error.details.permission, error.message.includes("--allow-read="));`;
  assert.equal(await run(program), "PERMISSION read true");
});

testOf(
  "tokens data",
  twins("text").native,
  "Workers use the process's native vocabulary",
  async () => {
    const program = `import { loadEncoding } from "${TEXT_MODULE}";
    using encoding = await loadEncoding("${NAME}", { implementation: "native" });
    const code = \`import { loadEncoding } from "${TEXT_MODULE}";
      using encoding = await loadEncoding("${NAME}", { implementation: "native" });
      postMessage(encoding.count("Hello, world!"));\`;
    const permissions = { ffi: true, read: ["${ROOT}target"], env: true };
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
  },
);
