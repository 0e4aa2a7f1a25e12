/** The list of processes. A name stands last, so that whatever is in it moves nothing. @module */

import type { ProcessFigures } from "../../../monitor/mod.ts";
import { padEnd, padStart } from "../cells.ts";
import { bytes, count, duration, percent } from "../format.ts";
import { processKey } from "../history.ts";
import { fitted, level, type Line, type Span, span, type Style } from "../line.ts";
import type { Sort } from "../processes.ts";
import { heading, nameOf, reasonOf, type View } from "../view.ts";

/** A column of the list. */
interface Column {
  readonly title: string;
  readonly width: number;
  /** Shown from so many cells of the list on. */
  readonly from: number;
  readonly sort?: Sort;
  value(one: ProcessFigures): string;
  style?(one: ProcessFigures): Style;
}

const COLUMNS: readonly Column[] = [
  { title: "PID", width: 7, from: 0, sort: "pid", value: ({ pid }) => String(pid) },
  {
    title: "UID",
    width: 6,
    from: 96,
    value: ({ uid }) => uid === null ? "-" : String(uid),
    style: () => "soft",
  },
  {
    title: "S",
    width: 1,
    from: 40,
    value: ({ state }) => state,
    style: ({ state }) => letter(state),
  },
  {
    title: "CPU%",
    width: 6,
    from: 0,
    sort: "cpu",
    value: ({ cpu }) => percent(cpu),
    style: ({ cpu }) => cpu === null || cpu < 0.0005 ? "soft" : cpu < 0.5 ? "plain" : level(cpu),
  },
  { title: "MEM", width: 5, from: 30, sort: "memory", value: ({ rss }) => bytes(rss) },
  { title: "VIRT", width: 5, from: 120, value: (one) => bytes(one.virtual), style: () => "soft" },
  {
    title: "READ",
    width: 5,
    from: 62,
    sort: "io",
    value: (one) => bytes(one.readBytes),
    style: quiet("readBytes"),
  },
  {
    title: "WRITE",
    width: 5,
    from: 62,
    sort: "io",
    value: (one) => bytes(one.writtenBytes),
    style: quiet("writtenBytes"),
  },
  { title: "THR", width: 4, from: 54, sort: "threads", value: (one) => count(one.threads) },
  { title: "FDS", width: 4, from: 72, sort: "descriptors", value: (one) => count(one.descriptors) },
  {
    title: "TIME",
    width: 7,
    from: 100,
    value: (one) => duration(one.cpuSeconds),
    style: () => "soft",
  },
];

/** What is above the list: how many there are, and how they are chosen. */
export function processHeading(view: View, shown: number, columns: number): Line {
  const { snapshot: { processes }, state, glyphs } = view;
  const words: Span[] = [];
  if (processes !== null) {
    const all = processes.list.length;
    words.push(span(state.filter === "" ? String(all) : `${shown} of ${all}`));
    if (columns >= 70) {
      words.push(span(
        ` ${glyphs.dot} ${processes.running} running ${glyphs.dot} ${
          count(processes.threads)
        } threads`,
        "soft",
      ));
      if (processes.blocked > 0) {
        words.push(span(` ${glyphs.dot} ${processes.blocked} blocked`, "busy"));
      }
    }
    if (state.filter !== "") {
      words.push(span(` ${glyphs.dot} with "${nameOf(state.filter, 20)}"`, "key"));
    }
  }
  return heading("PROCESSES", words, columns, glyphs);
}

/** The heading of the columns and as many processes as there are rows for. */
export function processLines(
  view: View,
  list: readonly ProcessFigures[],
  columns: number,
  rows: number,
): Line[] {
  const { snapshot, state, glyphs } = view;
  const wanted = COLUMNS.filter(({ from }) => columns >= from);
  const titles = wanted.flatMap(({ title, width, sort }): Span[] => {
    const isSorted = sort === state.sort;
    const mark = isSorted
      ? (isUpwards(state.sort, state.isReversed) ? glyphs.up : glyphs.down)
      : "";
    return [
      span(padStart(fitting(title, mark, width), width), isSorted ? "key" : "soft"),
      span(" "),
    ];
  });
  const name = state.sort === "name"
    ? `NAME${isUpwards("name", state.isReversed) ? glyphs.up : glyphs.down}`
    : "NAME";
  const lines: Line[] = [
    fitted([...titles, span(` ${name}`, state.sort === "name" ? "key" : "soft")], columns),
  ];
  if (snapshot.processes === null) {
    return [...lines, [span(" "), ...reasonOf(snapshot, "processes")]];
  }
  if (list.length === 0) {
    return [...lines, [span(state.filter === "" ? " none" : " none has it in its name", "soft")]];
  }
  const used = wanted.reduce((sum, { width }) => sum + width + 1, 0);
  for (const one of list.slice(state.scroll, state.scroll + rows - 1)) {
    const isChosen = processKey(one) === state.chosen;
    const cells = wanted.flatMap((column): Span[] => [
      span(padStart(column.value(one), column.width), column.style?.(one) ?? "plain"),
      span(" "),
    ]);
    const label = ` ${nameOf(one.name, columns - used - 1)}`;
    const line = fitted([...cells, span(label, isKernels(one) ? "soft" : "plain")], columns);
    lines.push(isChosen ? [span(line.map(({ text }) => text).join(""), "chosen")] : line);
  }
  return lines;
}

/** A title with its mark, which takes the blank before it where the column is full. */
function fitting(title: string, mark: string, width: number): string {
  return title.length + mark.length <= width
    ? title + mark
    : padEnd(title, width - mark.length) + mark;
}

/** Whether values grow downwards. */
function isUpwards(sort: Sort, isReversed: boolean): boolean {
  return (sort === "name" || sort === "pid") !== isReversed;
}

function letter(state: string): Style {
  return state === "R" ? "calm" : state === "D" || state === "Z" ? "hot" : "soft";
}

function quiet(field: "readBytes" | "writtenBytes"): (one: ProcessFigures) => Style {
  return (one) => (one[field] ?? 0) > 0 ? "plain" : "soft";
}

/** Threads of the kernel have no memory of their own. */
function isKernels({ virtual }: ProcessFigures): boolean {
  return virtual === 0;
}
