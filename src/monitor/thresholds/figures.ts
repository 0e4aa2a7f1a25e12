/**
 * What a metric is in a snapshot: one number, or one for each item of a list.
 *
 * @module
 */

import { reasonFor } from "../source/reason.ts";
import type { ProcessFigures, Snapshot } from "../types.ts";
import { type Choice, type Metric, type Path, starOf, type Step, textOf } from "./path.ts";

/** A number, or why there is none. */
export interface Figure {
  /** How the metric is written for this item alone. */
  readonly metric: string;
  readonly value: number | null;
  /** Why it is null. */
  readonly reason: string;
  /** Whether it is null because nothing happened that it could be of, which is no failure. */
  readonly isIdle: boolean;
}

/** All figures of a metric. */
export function figuresOf(metric: Metric, snapshot: Snapshot): Figure[] {
  const { path, divisor } = metric;
  const figures = read(path, snapshot);
  if (divisor === undefined) return [...figures.values()];
  const divisors = read(divisor, snapshot);
  const one = starOf(divisor) === undefined ? [...divisors.values()][0] : undefined;
  const ratios: Figure[] = [];
  for (const [key, figure] of figures) {
    const by = one ?? divisors.get(key);
    if (by !== undefined) ratios.push(ratio(figure, by));
  }
  return ratios;
}

function ratio(figure: Figure, by: Figure): Figure {
  const metric = `${figure.metric} / ${by.metric}`;
  const isIdle = figure.isIdle || by.isIdle;
  if (figure.value === null || by.value === null) {
    return {
      metric,
      value: null,
      reason: figure.value === null ? figure.reason : by.reason,
      isIdle,
    };
  }
  if (by.value === 0) return { metric, value: null, reason: `${by.metric} is 0`, isIdle };
  return { metric, value: figure.value / by.value, reason: "", isIdle };
}

/** The figures of a path by what stands for its `[*]`; `""` where it has none. */
function read(path: Path, snapshot: Snapshot): Map<string, Figure> {
  const figures = new Map<string, Figure>();
  // At a star as many places as there are items.
  let places: { key: string; at: unknown }[] = [{ key: "", at: snapshot }];
  for (const { name, choice, shape } of path.steps) {
    places = places.flatMap(({ key, at }) => {
      const there = ownField(at, name);
      if (choice === undefined || there === null || there === undefined) {
        return [{ key, at: there }];
      }
      if (shape.kind === "processes") {
        return [{ key, at: together(there as readonly ProcessFigures[], choice) }];
      }
      const items = itemsOf(shape, there);
      if (choice.by === "all") return items.map(([key, at]) => ({ key, at }));
      return [{ key, at: items.find(([key]) => key === (choice as { key: string }).key)?.[1] }];
    });
  }
  for (const { key, at } of places) {
    const metric = textOf(path.steps, key === "" ? undefined : key);
    const value = typeof at === "number" && !Number.isNaN(at) ? at : null;
    const reason = value === null ? reasonOf(path, metric, snapshot) : "";
    figures.set(key, { metric, value, reason, isIdle: value === null && isIdle(path, at) });
  }
  return figures;
}

function itemsOf(shape: Step["shape"], there: unknown): [key: string, item: unknown][] {
  if (shape.kind !== "list") return Object.entries(there as object);
  const key = shape.key as (item: unknown) => string;
  return (there as readonly unknown[]).map((item) => [key(item), item]);
}

/** Processes as if they were one: their numbers added up, as far as they are known. */
function together(
  list: readonly ProcessFigures[],
  choice: Choice,
): Record<string, number | null> | undefined {
  const { by, key } = choice as { by: "name" | "pid"; key: string };
  const chosen = list.filter((process) => String(process[by]) === key);
  const sum: Record<string, number | null> = {};
  for (const process of chosen) {
    for (const [name, value] of Object.entries(process)) {
      if (typeof value === "number") sum[name] = (sum[name] ?? 0) + value;
      else if (value === null) sum[name] ??= null;
    }
  }
  return { ...sum, count: chosen.length };
}

function reasonOf({ steps }: Path, metric: string, snapshot: Snapshot): string {
  const given = reasonFor(snapshot.unavailable, unchosen(steps, metric));
  if (given !== undefined) return given;
  const choice = steps.find((step) => step.choice !== undefined)?.choice;
  if (choice === undefined || choice.by === "all") return "there is none on this machine";
  return `there is none called ${choice.key}`;
}

/** Reasons of processes are by the list, not by what a threshold chooses of it. */
function unchosen(steps: readonly Step[], metric: string): string {
  if (!steps.some(({ shape }) => shape.kind === "processes")) return metric;
  return steps.map(({ name, shape }) => shape.kind === "processes" ? `${name}[]` : name).join(".");
}

/** Operations that were not done and caches that were not asked are no failure. */
function isIdle({ steps: [first] }: Path, at: unknown): boolean {
  return (first?.name === "operations" || first?.name === "runtime") &&
    (at === null || at === undefined);
}

function ownField(at: unknown, name: string): unknown {
  if (at === null || at === undefined) return undefined;
  return Object.hasOwn(at as object, name) ? (at as Record<string, unknown>)[name] : undefined;
}
