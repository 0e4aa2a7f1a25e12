/**
 * The figures in docs/comparison.md: each marked table there is filled from the pages in `bench/results/`, so that no
 * figure of it is written by hand. The marks are comments that name what is to stand below:
 *
 *     <!-- figures           or      <!-- bars
 *     cache: get of a live entry     docker: exec, beside dockerode
 *     text: rank @ 10,000            -->
 *     -->
 *
 * Figures are an area, an operation of its page, and perhaps one size; all rows that a caller gets who does not choose
 * a twin are there, losses in bold as on the page. Bars are those of `bench/results/bars.md`.
 */

import { table } from "./tables.ts";

/** Where the page is, from the root. */
export const COMPARISON = "docs/comparison.md";
/** Where the pages of the results are. */
export const RESULTS = "bench/results/";

const BLOCK = /(<!-- (figures|bars)\n([^]*?)\n-->\n)[^]*?(<!-- end -->)/g;
const END = "<!-- end -->";
const NOTHING = "not measured";

/** The pages of the results by their names without ending: `cache`, `bars`. */
export type Pages = ReadonlyMap<string, string>;

/**
 * Fills the tables.
 *
 * @param page The text of the page.
 * @param pages What was measured.
 * @returns The page; what was not measured says so.
 */
export function filled(page: string, pages: Pages): string {
  return page.replace(BLOCK, (_, mark: string, kind: string, names: string) => {
    const lines = names.split("\n").map((name) => name.trim()).filter((name) => name !== "");
    const rows = kind === "bars"
      ? barRows(lines, pages)
      : lines.flatMap((line) => figureRows(line, pages));
    const head = kind === "bars"
      ? ["What", "Promised", "Measured", ""]
      : ["What", "Size", "Ours", "Theirs", "Times as fast"];
    return `${mark}\n${table(head, rows)}\n${END}`;
  });
}

/** What the marks of a page name, each with its kind. */
export function namedIn(page: string): { kind: string; name: string }[] {
  return [...page.matchAll(BLOCK)].flatMap(([, , kind, names]) =>
    names!.split("\n").map((name) => ({ kind: kind!, name: name.trim() }))
  );
}

/** The area, the operation and the size of a line. */
export function partsOf(line: string): { area: string; operation: string; size?: string } {
  const [, area = "", operation = "", size] = /^([^:]+): (.*?)(?: @ ([\d,]+))?$/.exec(line) ?? [];
  return { area, operation, ...(size === undefined ? {} : { size }) };
}

function barRows(names: readonly string[], pages: Pages): string[][] {
  const bars = tableBelow(pages.get("bars") ?? "", "# Bars");
  return names.map((name) => bars.find(([first]) => first === name) ?? [name, "", "", NOTHING]);
}

function figureRows(line: string, pages: Pages): string[][] {
  const { area, operation, size } = partsOf(line);
  const [[unit = "", ...sizes] = [], ...rows] = tableBelow(
    pages.get(area) ?? "",
    `## ${operation}`,
  );
  const ratios = new Map(
    rows.flatMap(([name = "", ...cells]) =>
      name.endsWith(" : best peer") ? [[name.slice(0, -" : best peer".length), cells]] : []
    ),
  );
  const times = rows.filter(([name = ""]) => !name.includes(" : "));
  const ours = times.filter(([name = ""]) => ratios.has(name) && !/\b(pure|native)\b/.test(name));
  const theirs = times.filter(([name = ""]) => !ratios.has(name));
  const found = ours.flatMap(([name = "", ...cells]) =>
    cells.flatMap((cell, column) => {
      // Of nothing at all only the call is measured, which no program waits for.
      if (
        cell === "" || sizes[column] === "0" || (size ?? sizes[column]) !== sizes[column]
      ) return [];
      const own = name.replace(/(^|, )auto$/, "");
      const peers = theirs.flatMap(([peer = "", ...cells]) =>
        cells[column] ? [`${peer} ${medianOf(cells[column]!)}`] : []
      );
      return [[
        own === "" ? operation : `${operation}, ${own}`,
        `${sizes[column]} ${unit}`.trim(),
        medianOf(cell),
        peers.join("; "),
        ratios.get(name)![column] ?? "",
      ]];
    })
  );
  return found.length > 0 ? found : [[operation, size ?? "", "", "", NOTHING]];
}

/** A cell has the median and then the p99. */
function medianOf(cell: string): string {
  return cell.replace(/, p99 .*$/, "");
}

/** The cells of the first table below a heading, without the line under its head. */
function tableBelow(page: string, heading: string): string[][] {
  const lines = page.split("\n");
  const at = lines.indexOf(heading);
  if (at < 0) return [];
  const first = lines.findIndex((line, index) => index > at && line.startsWith("|"));
  if (first < 0) return [];
  const length = lines.slice(first).findIndex((line) => !line.startsWith("|"));
  return lines.slice(first, length < 0 ? undefined : first + length)
    .filter((_, index) => index !== 1)
    .map((line) =>
      line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
    );
}

/** A page without what a formatter may change, to compare two. */
export function withoutLayout(page: string): string {
  return page.replace(/-{3,}/g, "---").replace(/[ \t]+/g, " ").replace(/\n{2,}/g, "\n");
}
