/** The page of a soak's figures, `bench/SOAK.md`, and their file, `bench/results/soak.json`. */

import { type FigureName, FIGURES } from "./judge.ts";
import type { AreaResult } from "./supervisor.ts";

/** A soak, as the file has it. */
export interface SoakReport {
  /** When it began, as ISO 8601 says it. */
  readonly begun: string;
  readonly minutes: number;
  readonly seed: number;
  readonly deno: string;
  readonly areas: readonly AreaResult[];
}

const HEADS: Readonly<Record<FigureName, string>> = {
  rss: "Memory, MB",
  heap: "Heap, MB",
  descriptors: "Descriptors",
  threads: "Threads",
  handles: "Handles",
};

/** The page, to be formatted. */
export function pageOf(report: SoakReport): string {
  const { begun, minutes, seed, deno, areas } = report;
  const when = `${begun.slice(0, 16).replace("T", " ")} UTC`;
  const heads = ["Area", "What", "Done", "Lost", "Errors", ...FIGURES.map((name) => HEADS[name])];
  const rows = areas.map((area) => [
    area.name,
    ...(area.missing === undefined
      ? [
        ...[area.about, area.done.toLocaleString("en-US"), `${area.lost}`, `${area.errors}`],
        ...FIGURES.map((name) => cell(area, name)),
      ]
      : [`left out: ${area.missing}`, ...heads.slice(2).map(() => "")]),
  ]);
  const failed = areas.filter(({ passed }) => !passed);
  return [
    "# Soak",
    "<!-- Written by deno task soak. Do not edit. -->",
    `All areas side by side for ${
      Math.round(minutes)
    } minutes, each in a process of its own, both ` +
    `twins in turns: ${when}, Deno ${deno}, seed ${seed}.`,
    "A figure is the middle value after the warm-up (a quarter of the time), and by how much it " +
    "grew from then to the end, by the slope of Theil and Sen.",
    table([heads, heads.map(() => "---"), ...rows]),
    failed.length === 0
      ? "All stayed flat, and nothing was lost."
      : ["Not passed:", "", ...failed.map(complaint)].join("\n"),
  ].join("\n\n") + "\n";
}

function complaint({ name, reasons, words }: AreaResult): string {
  const [first = ""] = words.map((text) => text.split("\n")[0]!);
  return `- ${name}: ${reasons.join("; ")}${first === "" ? "" : ` (${first})`}`;
}

function cell({ figures }: AreaResult, name: FigureName): string {
  const figure = figures[name];
  if (figure === undefined) return "";
  const isBytes = name === "rss" || name === "heap";
  const say = (value: number): string =>
    isBytes ? (value / 1e6).toFixed(1) : String(+value.toFixed(1));
  const { middle, growth, bound } = figure;
  const sign = growth < 0 ? "" : "+";
  const text = `${say(middle)}, ${sign}${say(growth)}`;
  return growth > bound ? `**${text}**` : text;
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
