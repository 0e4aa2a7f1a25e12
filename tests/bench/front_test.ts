/**
 * `deno bench`: what every area registers, that what it prints is understood again, and that it runs without any
 * permission.
 */

import assert from "assertions";
import { fileURLToPath } from "node:url";
import { loadAreas } from "../../bench/lib/areas.ts";
import { contextOf } from "../../bench/lib/context.ts";
import { fromDeno } from "../../bench/lib/deno_json.ts";
import type { Group } from "../../bench/lib/group.ts";
import { benchesOf, MOST_ROWS } from "../../bench/lib/register.ts";
import { STAND_INS } from "./stand_ins.ts";

// Groups open libraries, which the tests below must not count as their own.
const areas = await loadAreas();
const { context } = contextOf(true);
const groups = new Map<string, Group[]>();
for (const [name, area] of areas) {
  groups.set(name, await area.groups({ ...context, peers: STAND_INS }));
}

Deno.test("bench: the areas are the files of the folder, named like them", () => {
  assert.deepEqual([...areas.keys()], [
    "agent",
    "cache",
    "containers",
    "duplicates",
    "host",
    "http",
    "knowledge",
    "limiter",
    "load",
    "markdown",
    "mcp",
    "monitor",
    "pages",
    "queue",
    "redact",
    "ring",
    "security",
    "serve",
    "start",
    "text",
    "tokens",
  ]);
  for (const [name, area] of areas) assert.equal(area.name, name);
});

for (const [name, area] of areas) {
  Deno.test(`bench: ${name} registers at most ${MOST_ROWS} rows that a filter finds`, () => {
    const benches = benchesOf(area, groups.get(name)!);
    assert.ok(benches.length <= MOST_ROWS, `${benches.length} rows`);
    assert.ok(benches.length > 0 || !context.twins.includes("native"));
    assert.equal(new Set(benches.map((bench) => bench.name)).size, benches.length);
    for (const bench of benches) {
      assert.ok(bench.name.startsWith(`${name}: `) && bench.name.length <= 100, bench.name);
      assert.ok(bench.name.startsWith(bench.group));
    }
    for (const group of new Set(benches.map((bench) => bench.group))) {
      const rows = benches.filter((bench) => bench.group === group);
      assert.equal(rows.filter(({ baseline }) => baseline).length, 1, group);
      const peer = rows.some(({ row }) => row.role === "peer");
      if (peer) assert.ok(rows.some(({ row, baseline }) => baseline && row.role === "peer"), group);
    }
  });

  Deno.test(`bench: what deno bench --json prints of ${name} is read as its groups`, () => {
    const benches = benchesOf(area, groups.get(name)!);
    const result = fromDeno({
      benches: benches.map((bench, i) => ({
        name: bench.name,
        group: bench.group,
        results: [{ ok: { n: 1, avg: 100 + i, p99: 200 } }],
      })),
    })[0];
    const shown = groups.get(name)!.filter(({ front }) => front);
    assert.deepEqual(
      (result?.groups ?? []).map(({ operation, size, unit }) => [operation, size, unit]),
      shown.map(({ operation, size, unit }) => [operation, size, unit]),
    );
    for (const [i, group] of (result?.groups ?? []).entries()) {
      const roles = (rows: readonly { name: string; role: string }[]) =>
        rows.map(({ name, role }) => `${name}: ${role}`);
      const timed = shown[i]!.rows.filter(({ ownClock }) => !ownClock);
      assert.deepEqual(roles(group.rows), roles(timed));
    }
  });

  Deno.test(`bench: the tools and bars of ${name} are among its groups`, () => {
    const sizes = new Set(groups.get(name)!.map(({ operation, size }) => `${operation} ${size}`));
    const redis = groups.get(name)!.some(({ operation }) => operation.startsWith("Redis"));
    for (const [tool, operation, size] of area.tools) {
      if (!context.twins.includes("native") || operation.startsWith("Redis") && !redis) continue;
      assert.ok(sizes.has(`${operation} ${size}`), tool);
    }
  });
}

for (const all of groups.values()) for (const group of all) await group.finish?.();

Deno.test("bench: of other programs' benches nothing is read", () => {
  const bench = { name: "fast", results: [{ ok: { n: 1, avg: 1, p99: 1 } }] };
  assert.deepEqual(fromDeno({ benches: [{ ...bench, group: null }] }), []);
  const failed = fromDeno({
    benches: [
      {
        name: "a: work (pure)",
        group: "a: work",
        results: [{ ok: { n: 1, avg: 8, p99: 9 } }],
      },
      { name: "a: work (auto)", group: "a: work", results: [{}] },
    ],
  });
  assert.deepEqual(failed[0]?.groups[0]?.rows.map(({ name, median, p99 }) => [name, median, p99]), [
    ["pure", 8, 9],
  ]);
});

Deno.test("bench: deno bench without a permission loads every area and says what it leaves out", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "--no-prompt", "--no-check", "--json", "--filter", "none of them"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(success, said);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)).benches, []);
  for (const name of areas.keys()) {
    const lines = said.split("\n").filter((line) => line.startsWith(`${name}: left out: `));
    assert.equal(lines.length, 1, said);
    assert.match(lines[0]!, /needs --allow-/);
  }
});
