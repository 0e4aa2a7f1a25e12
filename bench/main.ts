/**
 * `deno task bench [area...] [--quick] [--json]`: measures and prints tables.
 */

import type { AreaResult } from "./area.ts";
import { AREAS, measureArea } from "./areas.ts";
import { choiceBar } from "./findings.ts";
import { barsOf, offendersOf, tableOf } from "./table.ts";

const HELP = `Usage: deno task bench [AREA...] [--quick] [--json]

  AREA     ${Object.keys(AREAS).join(", ")}; without one, all
  --quick  A look: short samples, few rounds, no slow measurement
  --json   One JSON document instead of tables
  --help   Print this help

The packages to compare with come with deno task bench:peers, the native libraries with
cargo build --release. deno task bench:report measures everything and writes bench/REPORT.md.`;

const encoder = new TextEncoder();

function print(text: string, stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout): void {
  const bytes = encoder.encode(`${text}\n`);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    print(HELP);
    return 0;
  }
  const named = args.filter((argument) => !argument.startsWith("-"));
  const wrong = args.find((argument) =>
    argument.startsWith("-")
      ? !["--quick", "--json"].includes(argument)
      : !Object.hasOwn(AREAS, argument)
  );
  if (wrong !== undefined) {
    print(`There is no area or option ${JSON.stringify(wrong)}.\n\n${HELP}`, Deno.stderr);
    return 2;
  }
  const json = args.includes("--json");
  const results: AreaResult[] = [];
  for (const area of named.length > 0 ? named : Object.keys(AREAS)) {
    const result = await measureArea(area, args.includes("--quick"));
    results.push(result);
    if (!json) print(`${tableOf(result)}\n`);
  }
  const bars = results.flatMap((result) => result.bars);
  if (results.some(({ groups }) => groups.some(({ choice }) => choice))) {
    bars.push(choiceBar(results));
  }
  if (json) {
    print(JSON.stringify({ results, bars }));
  } else {
    print(`## Bars\n${barsOf(bars)}`);
    const offenders = offendersOf(results);
    if (offenders !== "") print(`\nWhere auto is slower than it may be:\n${offenders}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
