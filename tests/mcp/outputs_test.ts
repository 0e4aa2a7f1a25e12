import assert from "assertions";
import "../support/default_twin.ts";
import { builtInTools, domainTools } from "../../src/agent/mod.ts";
import { createRuntime } from "../../src/runtime.ts";
import { connectBefore, serve } from "./support.ts";

const CONTRACT =
  "1. Term\n\nThis agreement ends after one year.\n\n2. Confidentiality\n\nBoth parties keep it secret.\n";
const PRICES = Array.from({ length: 40 }, (_, at) => 100 + Math.sin(at / 3) * 10);

const IS_PURE = Deno.env.get("AGENT_IMPLEMENTATION") === "pure";
/** What TypeScript alone may read only with all permissions, and says so. */
const FOR_ALL = ["connections", "threats"];

/** A call of each tool that can run here without another machine. */
const CALLS: Readonly<Record<string, Record<string, unknown>>> = {
  search_knowledge: { query: "lamp" },
  scan_ports: { target: "127.0.0.1", ports: "1-3" },
  system_snapshot: {},
  connections: {},
  threats: {},
  count_tokens: { text: "one two" },
  redact_text: { text: "mail me: a.b@example.com" },
  compare_texts: { a: "kitten", b: "sitting" },
  extract_keywords: { text: "The lamp burns. The lamp is old." },
  list_files: {},
  write_file: { path: "new.md", text: "new" },
  git_log: {},
  git_blame: { path: "a.ts" },
  git_diff: {},
  code_metrics: {},
  code_symbols: {},
  doc_outline: {},
  indicators: { prices: PRICES, indicators: [{ kind: "sma", period: 3 }] },
  position_size: { equity: 10_000, riskPercent: 1, entry: 100, stop: 95, target: 120 },
  backtest: { prices: PRICES, rule: { kind: "sma-cross", fast: 3, slow: 8 } },
  find_clauses: { text: CONTRACT },
  missing_clauses: { text: CONTRACT, checklist: "nda" },
  contract_template: { kind: "nda" },
  redline: { before: "one two three", after: "one 2 three" },
};
/** Those that give a text, and those that need what is not here: an engine for containers, the web. */
const WITHOUT = ["read_file", "run_code", "fetch_page"];

Deno.test("tools give what their schemas say, as the client of the era before judges it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/a.ts`,
      "export function lamp(): number {\n  return 9;\n}\n",
    );
    await Deno.writeTextFile(`${folder}/lamp.md`, "# The lamp\n\nIt burns for nine hours.\n");
    await commit(folder);
    await using runtime = createRuntime();
    await runtime.knowledge.addFolder(folder);
    const tools = [
      ...builtInTools(runtime, undefined, { folder }),
      ...(["developer", "trader", "lawyer"] as const).flatMap((name) =>
        domainTools(name, { folder })
      ),
    ];
    const names = tools.map(({ name }) => name);
    assert.deepEqual([...Object.keys(CALLS), ...WITHOUT].sort(), names.toSorted());
    await using server = serve({ tools, allow: names });
    await using client = await connectBefore(server);
    const { tools: listed } = await client.listTools();
    for (const { name, outputSchema, annotations } of listed) {
      assert.equal(typeof annotations?.readOnlyHint, "boolean", name);
      assert.equal(outputSchema === undefined, name === "read_file", name);
      if (CALLS[name] === undefined) continue;
      // The client refuses what does not fit.
      const result = await client.callTool({ name, arguments: CALLS[name] });
      if (IS_PURE && FOR_ALL.includes(name)) {
        assert.match(
          JSON.stringify(result),
          /"isError":true.*--allow-all|--allow-all.*"isError":true/,
        );
        continue;
      }
      assert.equal(result.isError, undefined, `${name}: ${JSON.stringify(result.content)}`);
      assert.equal(typeof result.structuredContent, "object", name);
    }
    const text = await client.callTool({ name: "read_file", arguments: { path: "new.md" } });
    assert.deepEqual(text.content, [{ type: "text", text: "new" }]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function commit(folder: string): Promise<void> {
  const author = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
  for (const args of [["init", "-q"], ["add", "."], [...author, "commit", "-qm", "First"]]) {
    const { success } = await new Deno.Command("git", { args, cwd: folder }).output();
    assert.ok(success, args.join(" "));
  }
}
