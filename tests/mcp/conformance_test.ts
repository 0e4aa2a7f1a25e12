import assert from "assertions";
import { fileURLToPath } from "node:url";
import { DENO, finish, ROOT, temporary } from "../support/programs.ts";
import { serveFixture } from "./fixture.ts";

// The official suites, each for the revisions of its time: names of the imports in deno.json.
const SUITES = { "2025": "conformance-2025", "2026": "conformance-2026" } as const;
const CLIENT = fileURLToPath(new URL("./conformance_client.ts", import.meta.url));
const { scopes } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
const LIMIT_MS = 90_000;

/** Runs a suite in a folder of its own, where it leaves its results. */
async function suite(name: keyof typeof SUITES, args: readonly string[]): Promise<string> {
  return await temporary(async (folder) => {
    const specifier = scopes["./tests/"][SUITES[name]];
    const child = new Deno.Command(DENO, {
      args: [
        "run",
        "--no-prompt",
        "--config",
        `${ROOT}deno.json`,
        "--allow-all",
        specifier,
        ...args,
      ],
      cwd: folder,
      // The rest of the environment stays: the suite is fetched the first time, by whatever way this machine has.
      env: { NO_COLOR: "1" },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
      signal: AbortSignal.timeout(LIMIT_MS),
    }).spawn();
    const { code, stdout, stderr } = await finish(child);
    const said = stdout + stderr;
    assert.equal(code, 0, said.slice(-6_000));
    return said;
  });
}

/** The scenarios of a summary, with how many checks passed and failed. */
function summary(said: string): Map<string, [passed: number, failed: number]> {
  const rows = said.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm);
  return new Map(
    Array.from(rows, ([, name, passed, failed]) => [name!, [Number(passed), Number(failed)]]),
  );
}

Deno.test("conformance: every server scenario of the suite for 2025 passes", async () => {
  await using server = await serveFixture();
  const rows = summary(await suite("2025", ["server", "--url", server.url]));
  assert.ok(rows.size >= 30, `${rows.size} scenarios`);
  for (const [name, [passed, failed]] of rows) {
    assert.ok(passed > 0 && failed === 0, `${name}: ${passed} passed, ${failed} failed`);
  }
});

for (const revision of ["2025-11-25", "2026-07-28"]) {
  Deno.test(`conformance: every scored server scenario of ${revision} passes`, async () => {
    await using server = await serveFixture();
    const said = await suite("2026", ["server", "--url", server.url, "--requirements", revision]);
    const notScored = new Set(
      Array.from(
        said.matchAll(/^ {2}[✓✗] (\S+) \((?:extension|pending|added)/gm),
        ([, name]) => name,
      ),
    );
    const scored = [...summary(said)].filter(([name]) => !notScored.has(name));
    assert.ok(scored.length >= 30, `${scored.length} scenarios`);
    for (const [name, [passed, failed]] of scored) {
      assert.ok(passed > 0 && failed === 0, `${name}: ${passed} passed, ${failed} failed`);
    }
  });
}

// Those of authorization are for clients that speak OAuth, which this one does not: it sends the fields that it was given.
const CLIENT_SCENARIOS = {
  "2025": ["initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"],
  "2026": [
    ...["tools_call", "request-metadata", "sep-2322-client-request-state", "http-standard-headers"],
    ...["http-custom-headers", "http-invalid-tool-headers", "json-schema-ref-no-deref"],
  ],
} as const;

for (const name of ["2025", "2026"] as const) {
  Deno.test(`conformance: the client scenarios of the suite for ${name} pass`, async () => {
    const command =
      `${DENO} run --quiet --no-check --no-prompt --config ${ROOT}deno.json -A ${CLIENT}`;
    const failures: string[] = [];
    for (const scenario of CLIENT_SCENARIOS[name]) {
      const version = name === "2026" ? ["--spec-version", "2026-07-28"] : [];
      await suite(name, ["client", "--command", command, "--scenario", scenario, ...version])
        .catch((error: Error) => failures.push(`${scenario}: ${error.message.slice(-1_500)}`));
    }
    assert.deepEqual(failures, []);
  });
}
