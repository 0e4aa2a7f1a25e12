/**
 * The areas, and what each may do. Every area is measured in a process of its own, so that none warms, fills or
 * confuses V8 for another.
 */

import type { AreaResult } from "./area.ts";
import { runProgram } from "./programs.ts";

// Deno grants a program by its path only; measuring processes means starting Deno.
const RUN_DENO = (): string => `--allow-run=${Deno.execPath()}`;
const NATIVE = ["--allow-read=.", "--allow-ffi=target/release"];

/** The areas in the order of the report, with the permissions of each beside its files and our libraries. */
export const AREAS: Readonly<Record<string, () => string[]>> = {
  ring: () => NATIVE,
  text: () => NATIVE,
  redact: () => NATIVE,
  markdown: () => NATIVE,
  tokens: () => [...NATIVE, RUN_DENO()],
  cache: () => [...NATIVE, RUN_DENO()],
  redis: () => [...NATIVE, "--allow-run=redis-server", "--allow-net=127.0.0.1:26379"],
  start: () => [...NATIVE, RUN_DENO()],
  knowledge: () => [...NATIVE, "--allow-write=target/bench"],
};

/**
 * Measures an area.
 *
 * @param area Its name.
 * @param quick Whether a look is enough.
 * @returns What came out.
 */
export async function measureArea(area: string, quick: boolean): Promise<AreaResult> {
  const flags = AREAS[area]?.() ?? [];
  const args = quick ? [area, "quick"] : [area];
  return JSON.parse(await runProgram("run_area.ts", { flags, args })) as AreaResult;
}
