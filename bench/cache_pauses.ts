/**
 * The longest pauses that a cache of a million entries makes for others while it keeps house.
 */

import { atMost, type Bar, type Context, type Fact, type Figures } from "./area.ts";
import { runProgram } from "./programs.ts";

const ENTRIES = 1_000_000;
const FOLDER = "target/bench-pauses";
const KINDS = ["expiry", "eviction", "deleteByTag", "clear", "snapshot", "restore"];

const nameOf = (twin: string, what: string): string =>
  `pauses at 1,000,000 entries, ${twin}, ${what}`;

/** Measures both twins, each in a process of its own. */
export async function pauseFacts({ quick, twins, note }: Context): Promise<Fact[]> {
  if (quick) return [];
  const facts: Fact[] = [];
  for (const twin of ["native", "pure"] as const) {
    if (!twins.includes(twin)) continue;
    note(`pauses of the ${twin} cache`);
    const output = await runProgram("programs/pauses.ts", {
      flags: [
        "--allow-read=.",
        `--allow-write=${FOLDER}`,
        "--allow-ffi=target/release",
      ],
      args: [twin, String(ENTRIES), FOLDER],
    });
    for (const [what, value] of Object.entries(JSON.parse(output) as Record<string, number>)) {
      facts.push({ name: nameOf(twin, what), value, unit: "ms" });
    }
  }
  return facts;
}

/** What was promised. */
export function pauseBars(figures: Figures): Bar[] {
  return KINDS.map((kind) =>
    atMost(
      `No pause over 1 ms for another Worker at 1,000,000 entries (99.99 % of its calls): ${kind}`,
      figures.fact(nameOf("native", `${kind}: 99.99 %`)),
      1,
      "ms",
    )
  );
}
