/** Where vocabularies come from: the checkout, a module of text, a bundle; permissions, damage, several isolates. */

import assert from "assertions";
import { gzipSync } from "node:zlib";
import { AgentError } from "@agent/runtime";
import { vocabularyFile } from "../../src/text/tokens/data.ts";
import { VOCABULARIES } from "../../src/text/tokens/vocabularies.ts";
import { deno, ROOT, temporary } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";

const NAME = "cl100k_base";
const FACTS = VOCABULARIES[NAME];
const FILE = await vocabularyFile(NAME, FACTS);

const hasCode = (code: "CORRUPT" | "IO" | "NOT_FOUND") => (error: unknown): boolean =>
  AgentError.is(error, code);

Deno.test("tokens data: what is not the vocabulary is refused", () =>
  temporary(async (path) => {
    const damaged = FILE.slice();
    damaged[FILE.length - 1]! ^= 1;
    const folder = new URL(`file://${path}/`);
    await assert.rejects(vocabularyFile(NAME, FACTS, folder), hasCode("NOT_FOUND"));
    for (const bytes of [damaged, FILE.slice(0, 1000), new Uint8Array(0)]) {
      await Deno.writeFile(`${path}/${NAME}.voc`, bytes);
      await assert.rejects(vocabularyFile(NAME, FACTS, folder), hasCode("CORRUPT"));
    }
  }));

Deno.test("tokens data: a module of text that cannot be had says how to get it", async () => {
  const nowhere = new URL("http://127.0.0.1:9/data/");
  await assert.rejects(vocabularyFile(NAME, FACTS, nowhere), (error) => {
    assert.ok(AgentError.is(error, "IO"));
    assert.match(error.message, /cannot be had: .*deno cache http:.*cl100k_base\.voc\.txt/);
    return true;
  });
});

Deno.test("tokens data: a bundle says what it lacks, and takes what it is given", async () => {
  await temporary(async (folder) => {
    // As a bundler leaves it: in another place than its own.
    await Deno.copyFile(`${ROOT}src/shared/place.ts`, `${folder}/place.ts`);
    const text = await Deno.readTextFile(`${ROOT}src/native/data_file.ts`);
    await Deno.writeTextFile(
      `${folder}/bundle.ts`,
      text.replace('"../shared/place.ts"', `"file://${folder}/place.ts"`).replaceAll(
        'from "../',
        `from "${ROOT}src/`,
      ).replaceAll(
        'from "./',
        `from "${ROOT}src/native/`,
      ),
    );
    const { dataFile, provideData } = await import(`file://${folder}/bundle.ts`);
    const data = { file: `${NAME}.voc`, what: "vocabulary", ...FACTS };
    await assert.rejects(dataFile(data), /import "@agent\/runtime\/data\/cl100k_base"/);
    provideData(data.file, "no base64!");
    await assert.rejects(dataFile(data), hasCode("CORRUPT"));
    provideData(data.file, FILE.toBase64());
    assert.deepEqual(await dataFile(data), FILE);
    // As it is published; what would become larger than it must be is not unpacked whole.
    provideData(data.file, gzipSync(FILE).toBase64());
    assert.deepEqual(await dataFile(data), FILE);
    provideData(data.file, gzipSync(new Uint8Array(64 * 2 ** 20)).toBase64());
    await assert.rejects(dataFile(data), hasCode("CORRUPT"));
    provideData(data.file, gzipSync(FILE).subarray(0, 1000).toBase64());
    await assert.rejects(dataFile(data), hasCode("CORRUPT"));
  });
});

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
