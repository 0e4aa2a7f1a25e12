/** What domains bring: names, shapes, permissions, and that those that need something say so. */

import assert from "assertions";
import { domainTools } from "../../../src/agent/domains/mod.ts";
import { wrong } from "../../support/values.ts";

const FOLDER = { folder: "." };

Deno.test("domains: each brings its tools, none of which takes more than it names", () => {
  const names = (["developer", "trader", "lawyer", "general"] as const).map((domain) =>
    domainTools(domain, FOLDER).map(({ name }) => name)
  );
  assert.deepEqual(names, [
    ["code_metrics", "code_symbols", "doc_outline", "git_log", "git_blame", "git_diff"],
    ["indicators", "position_size", "backtest"],
    ["find_clauses", "missing_clauses", "redline", "contract_template"],
    [],
  ]);
  for (const domain of ["developer", "trader", "lawyer"] as const) {
    for (const { name, description, input, retry } of domainTools(domain, FOLDER)) {
      assert.match(description, /\.$/, name);
      assert.equal(wrong(input).additionalProperties, false, name);
      // They only read, so that a run that was cut off may do them again.
      assert.equal(retry, "safe", name);
    }
  }
});

Deno.test("domains: what they need of Deno is named", () => {
  for (const { name, permissions } of domainTools("developer", FOLDER)) {
    const read = { name: "read", path: "." };
    const run = { name: "run", command: "git" };
    assert.deepEqual(permissions, name.startsWith("git_") ? [run, read] : [read]);
  }
  for (const { permissions } of [...domainTools("trader"), ...domainTools("lawyer")]) {
    assert.equal(permissions, undefined);
  }
  assert.throws(() => domainTools("developer"), /needs options\.folder/);
  assert.throws(() => domainTools(wrong("astrologer")), /developer, trader, lawyer or general/);
});

Deno.test("domains: whoever gives up has the reason from each tool that reads", async () => {
  const signal = AbortSignal.abort(new Error("given up"));
  const call = { id: "1", name: "x", arguments: "" };
  for (const tool of domainTools("developer", FOLDER)) {
    const run = async () =>
      await tool.run({ path: "mod.ts" }, { signal, session: undefined, call });
    await assert.rejects(run, /given up/, tool.name);
  }
});
