/**
 * `deno task bench:ratios [area...] [--quick] [--json]`: measures in turns and prints ratios with their intervals.
 */

import { loadAreas, measureArea } from "./lib/areas.ts";
import { barsOf, barTable } from "./lib/page.ts";
import type { AreaResult } from "./lib/results.ts";
import { areaTables } from "./lib/tables.ts";

const areas = await loadAreas();
const HELP = `Usage: deno task bench:ratios [AREA...] [--quick] [--json]

  AREA     ${[...areas.keys()].join(", ")}; without one, all
  --quick  A look: short samples, few rounds, no slow measurement
  --json   One JSON document instead of tables
  --help   Print this help

The packages to compare with come with deno task bench:peers, the native libraries with
cargo build --release. deno task bench prints the times of a part of it, as deno bench does;
deno task bench:report measures everything and writes bench/REPORT.md.
`;

function print(text: string, stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    print(HELP);
    return 0;
  }
  const wrong = args.find((one) => !["--quick", "--json"].includes(one) && !areas.has(one));
  if (wrong !== undefined) {
    print(`There is no area or option ${JSON.stringify(wrong)}.\n\n${HELP}`, Deno.stderr);
    return 2;
  }
  const named = args.filter((one) => areas.has(one));
  const json = args.includes("--json");
  const results: AreaResult[] = [];
  for (const area of named.length > 0 ? named : areas.keys()) {
    const result = await measureArea(area, args.includes("--quick"));
    results.push(result);
    if (!json) print(`# ${area}\n\n${areaTables(result)}\n`);
  }
  print(
    json ? `${JSON.stringify({ results })}\n` : `# Bars\n\n${barTable(barsOf({ results, areas }))}`,
  );
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
