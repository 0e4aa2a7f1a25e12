/**
 * Circular imports: modules that need each other, directly or over others. An import of a type counts
 * too, and so does one that is made when it is needed: who reads the one file must know the other.
 */

/** A file: its path from the root, and its text if it has any. */
export interface ImportingFile {
  path: string;
  text?: string;
}

/** `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`; packages and `node:` are no files here. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;
const COMMENT_LINE = /^\s*(?:\/\/|\/\*|\*).*$/gm;

/** The paths that a file imports by relative specifiers, each once. */
function importsOf({ path, text = "" }: ImportingFile): Set<string> {
  const found = new Set<string>();
  for (const [, specifier] of text.replace(COMMENT_LINE, "").matchAll(SPECIFIER)) {
    found.add(new URL(specifier as string, `file:///${path}`).pathname.slice(1));
  }
  return found;
}

/** The shortest way from a file to itself; undefined if there is none. */
function wayBack(start: string, imports: ReadonlyMap<string, Set<string>>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of imports.get(path) ?? []) {
      if (next === start) {
        const way = [path];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0] as string) as string);
        return way;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

/**
 * Finds circular imports.
 *
 * @param files The files that may import each other; those that are not TypeScript are passed over.
 * @returns A shortest circle for each file that is in one and not in a circle before: the paths in the
 * order in which they import each other, the last one the first.
 *
 * @example
 * ```ts
 * import { findCycles } from "./cycles.ts";
 *
 * findCycles([
 *   { path: "a.ts", text: 'import "./b.ts";' },
 *   { path: "b.ts", text: 'import type { A } from "./a.ts";' },
 * ]); // [["a.ts", "b.ts"]]
 * ```
 */
export function findCycles(files: readonly ImportingFile[]): string[][] {
  const modules = files.filter(({ path }) => path.endsWith(".ts"));
  const imports = new Map(modules.map((file) => [file.path, importsOf(file)]));
  const seen = new Set<string>();
  const cycles: string[][] = [];
  for (const path of [...imports.keys()].sort()) {
    const cycle = seen.has(path) ? undefined : wayBack(path, imports);
    if (cycle === undefined) continue;
    cycle.forEach((member) => seen.add(member));
    cycles.push(cycle);
  }
  return cycles;
}
