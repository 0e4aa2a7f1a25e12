/**
 * What `deno bench --json` printed, as figures of areas. It has means and no rounds, so that a ratio has no interval.
 */

import type { Role } from "./group.ts";
import { LABELS } from "./register.ts";
import { type AreaResult, summarise } from "./results.ts";

/** What is used of the document. */
export interface DenoBenches {
  benches: {
    name: string;
    group: string | null;
    results: { ok?: { n: number; avg: number; p99: number } }[];
  }[];
}

const TWINS: readonly string[] = ["pure", "native", "auto"];

/** The areas in it; benches of others are left out, as are those that failed. */
export function fromDeno({ benches }: DenoBenches): AreaResult[] {
  const results = new Map<string, AreaResult>();
  for (const group of new Set(benches.map((bench) => bench.group))) {
    // As register.ts writes it: `area: operation, size unit (x operations)`.
    const [, area, title, count] = /^(\w+): (.*?)(?: \(x ([\d,]+)\))?$/.exec(group ?? "") ?? [];
    if (group === null || area === undefined || title === undefined) continue;
    const [, operation = title, size = "0", unit = ""] = /^(.*), ([\d,]+) ([^,]+)$/.exec(title) ??
      [];
    const rows = benches.filter((bench) => bench.group === group).flatMap((bench) => {
      const ok = bench.results[0]?.ok;
      return ok === undefined ? [] : [{ ...roleOf(bench.name.slice(group.length + 2, -1)), ...ok }];
    });
    const number = (text: string): number => Number(text.replaceAll(",", ""));
    const per = number(count ?? "1");
    const figures = summarise(
      { operation, size: number(size), unit: singular(unit, number(size)), rows },
      rows.map(({ avg }) => [avg / per]),
    );
    for (const [i, row] of figures.rows.entries()) row.p99 = rows[i]!.p99 / per;
    const result = results.get(area) ?? { area, groups: [], facts: [], leftOut: [] };
    result.groups.push(figures);
    results.set(area, result);
  }
  return [...results.values()];
}

/** What a row stands for, and its name without the word that says so. */
function roleOf(label: string): { name: string; role: Role } {
  for (const [role, word] of Object.entries(LABELS)) {
    if (label.startsWith(word)) return { name: label.slice(word.length), role: role as Role };
  }
  const twin = label.split(", ").at(-1)!;
  return { name: label, role: TWINS.includes(twin) ? twin as Role : "other" };
}

/** Size 1 is written without the plural that the unit has at other sizes. */
function singular(unit: string, size: number): string {
  return size === 1 && unit !== "in flight" && !unit.endsWith("each") ? `${unit}s` : unit;
}
