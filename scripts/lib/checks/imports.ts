/**
 * Rules between modules: imports point one way, no area imports another area's twin, and there are no circles.
 */

import { findCycles } from "../cycles.ts";
import type { Fault, SourceFile } from "./rules.ts";

/** The layers of `src/`, the lowest first; a module imports from its own layer and from those below. */
const LAYERS: readonly (readonly string[])[] = [
  ["areas.ts", "shared"],
  ["native"],
  ["text", "cache", "queue", "containers", "security", "monitor"],
  ["http"],
  ["knowledge", "llm"],
  ["agent", "commands"],
  ["runtime.ts"],
  ["mcp"],
  ["mod.ts"],
  ["server"],
  ["cli"],
];

/** Types that a lower layer may name: the table of crossovers is written in the words of the areas. */
const ALLOWED: readonly string[] = ["src/native/crossover.ts"];

/**
 * Finds imports that are against the rules, type-only ones included.
 *
 * @param files The files of the repository.
 * @returns The faults, in the order of the files, then the circles.
 */
export function findForeignImports(files: readonly SourceFile[]): Fault[] {
  const faults: Fault[] = [];
  const sources = files.filter(({ path, text }) =>
    text !== undefined && /^src\/.*\.ts$/.test(path)
  );
  for (const { path, text } of sources) {
    if (ALLOWED.includes(path)) continue;
    for (const target of importsOf(path, text!)) {
      const rule = brokenRule(path, target);
      if (rule !== undefined) faults.push({ place: path, rule: `${rule}: ${target}` });
    }
  }
  for (const cycle of findCycles(sources.map(({ path, text }) => ({ path, text: text! })))) {
    faults.push({ place: cycle[0]!, rule: `a circle of imports: ${cycle.join(" -> ")}` });
  }
  return faults;
}

function importsOf(path: string, text: string): string[] {
  const found: string[] = [];
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)) {
    found.push(new URL(specifier!, `file:///${path}`).pathname.slice(1));
  }
  return found;
}

function brokenRule(path: string, target: string): string | undefined {
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from === undefined || to === undefined) return "a module outside of every layer";
  if (to > from) return "an import from a higher layer";
  const [area, other] = [areaOf(path), areaOf(target)];
  if (area === other || layerOf(target)! < 2) return undefined;
  return /\/(pure|native)(\/|\.ts$)/.test(target) ? "another area's twin" : undefined;
}

function areaOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function layerOf(path: string): number | undefined {
  const layer = LAYERS.findIndex((names) => names.includes(areaOf(path)));
  return layer < 0 ? undefined : layer;
}
