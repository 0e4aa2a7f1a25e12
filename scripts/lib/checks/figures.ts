/**
 * That the tables of docs/comparison.md are those of `bench/results/`: nobody writes a figure there by hand, and none
 * is left behind when the report is made anew.
 */

import {
  COMPARISON,
  filled,
  type Pages,
  RESULTS,
  withoutLayout,
} from "../../../bench/lib/comparison.ts";
import type { Fault, SourceFile } from "./rules.ts";

/**
 * Compares the page with what its marks ask for.
 *
 * @param files The files of the repository.
 * @returns A fault if they differ; of one that is not there a fault as well.
 */
export function findStaleFigures(files: readonly SourceFile[]): Fault[] {
  const page = files.find(({ path }) => path === COMPARISON)?.text;
  if (page === undefined) return [{ place: COMPARISON, rule: "is not there" }];
  const pages: Pages = new Map(
    files.flatMap(({ path, text }) =>
      path.startsWith(RESULTS) && path.endsWith(".md") && text !== undefined
        ? [[path.slice(RESULTS.length, -".md".length), text]]
        : []
    ),
  );
  if (withoutLayout(filled(page, pages)) === withoutLayout(page)) return [];
  const rule = "its tables are not those of bench/results/: deno task bench:report --comparison";
  return [{ place: COMPARISON, rule }];
}
