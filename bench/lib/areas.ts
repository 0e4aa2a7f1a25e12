/**
 * The areas: what lies in `bench/` as `<area>_bench.ts`. Each is measured in a process of its own, so that none warms,
 * fills or confuses V8 for another.
 */

import type { Area } from "./area.ts";
import { NATIVE, ROOT, runProgram } from "./programs.ts";
import type { AreaResult } from "./results.ts";

const HOME = new URL("../", import.meta.url);
const ENDING = "_bench.ts";

/** The areas, by name. */
export async function loadAreas(): Promise<Map<string, Area>> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(HOME)) {
    if (name.endsWith(ENDING)) names.push(name.slice(0, -ENDING.length));
  }
  const areas = new Map<string, Area>();
  for (const name of names.sort()) {
    areas.set(name, (await import(new URL(name + ENDING, HOME).href)).area);
  }
  return areas;
}

/**
 * Measures an area.
 *
 * @param name Its name.
 * @param quick Whether a look is enough.
 * @returns What came out.
 */
export async function measureArea(name: string, quick: boolean): Promise<AreaResult> {
  const flags = [
    ...NATIVE,
    "--allow-write=target/bench",
    // The servers of these take a port that is free.
    name === "load" || name === "serve"
      ? "--allow-net=127.0.0.1"
      : "--allow-net=127.0.0.1:26379,127.0.0.1:26380,127.0.0.1:26381",
    // Deno grants a program by its path only; measuring processes means starting Deno.
    `--allow-run=redis-server,nginx,node,wrk,oha,ss,lsof,${Deno.execPath()}`,
    // The tables of the machine are read as a whole or not at all.
    ...(name === "host" || name === "monitor" ? ["--allow-read=/", "--allow-sys"] : []),
  ];
  await Deno.mkdir(`${ROOT}target/bench`, { recursive: true });
  const output = await runProgram("run_area.ts", { flags, args: quick ? [name, "quick"] : [name] });
  return JSON.parse(output) as AreaResult;
}
