/**
 * Everything that one reading says, as Prometheus reads it.
 *
 * Lists that processes, mounts or interfaces fill are cut, so that nothing on the machine can flood whoever stores the
 * series; how many items were left out is a series itself.
 *
 * @module
 */

import { wholeNumber } from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { topProcesses } from "../history.ts";
import type { Look } from "../look.ts";
import { addMachine } from "./machine.ts";
import { addOperations, addProgram, addRuntime } from "./program.ts";
import { Exposition } from "./text.ts";

/** Items of a list that get series. */
const MOST_ITEMS = 200;
const MOST_PROCESSES = 1_000;

/** Options that were checked. */
export interface CheckedPrometheusOptions {
  readonly processes: number;
}

/**
 * Checks options.
 *
 * @throws {TypeError | RangeError} If one is wrong.
 */
export function checkPrometheusOptions(options: unknown): CheckedPrometheusOptions {
  const fields = options === undefined ? {} : knownFields(options, "options", ["processes"]);
  const processes = wholeNumber(fields["processes"], "options.processes", {
    fallback: 20,
    least: 0,
    most: MOST_PROCESSES,
  });
  return { processes };
}

/** Writes a reading. */
export function exposition(look: Look, options: CheckedPrometheusOptions): string {
  const out = new Exposition();
  const dropped: [list: string, count: number][] = [];
  const bounded = <T>(name: string, list: readonly T[] | null): readonly T[] => {
    const all = list ?? [];
    dropped.push([name, Math.max(0, all.length - MOST_ITEMS)]);
    return all.slice(0, MOST_ITEMS);
  };
  const { figures } = look;
  addMachine(out, look, bounded);
  const list = figures.processes?.list ?? [];
  const half = options.processes / 2;
  const most = { byNumber: Math.ceil(half), byMemory: Math.floor(half) };
  const processes = topProcesses(list, most, ({ cpuSeconds }) => cpuSeconds);
  dropped.push(["processes", list.length - processes.length]);
  addProgram(out, look, processes);
  addOperations(out, look.operations);
  addRuntime(out, look.runtime);
  out.family(
    "agent_monitor_dropped_items",
    "gauge",
    "Items of a list that have no series, because there are too many.",
    (add) => {
      for (const [list, count] of dropped) add({ list }, count);
    },
  );
  out.family(
    "agent_monitor_unavailable_figures",
    "gauge",
    "Figures or groups of figures that cannot be read.",
    (add) => add({}, Object.keys(figures.unavailable).filter((path) => path !== "windowMs").length),
  );
  return out.toString();
}
