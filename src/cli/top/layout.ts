/**
 * The whole screen: from what was seen and chosen, and the size, to exactly so many lines of exactly so many cells. A pure
 * function.
 *
 * @module
 */

import { beside, fitted, type Line, span } from "./line.ts";
import { cpuPanel, cpuRows } from "./panels/cpu.ts";
import { detailLines } from "./panels/detail.ts";
import { diskRows, filesystemRows, networkRows, temperatureRows } from "./panels/devices.ts";
import { alertLines, footerLine, helpLines, titleLine } from "./panels/frame.ts";
import { limitRows, memoryRows, pressureRow, pressureRows } from "./panels/memory.ts";
import { processHeading, processLines } from "./panels/processes.ts";
import { runtimeRows } from "./panels/runtime.ts";
import { listed } from "./processes.ts";
import { followed, type Seen, type State } from "./state.ts";
import { heading, rowLine, type Size, type View } from "./view.ts";

/** From here on there are two columns. */
const WIDE = { columns: 132, rows: 30 };
/** Below this nothing is readable. */
const LEAST = { columns: 24, rows: 4 };
const GAP = 2;
/** From so many columns on details stand beside the list. */
const BESIDE = 110;
const DETAIL_COLUMNS = 44;
const DETAIL_ROWS = 8;

/** What is drawn. */
export interface Screen {
  /** As many as the size has rows, each as wide as it has columns. */
  readonly lines: readonly Line[];
  /** The state with the list scrolled to what is chosen. */
  readonly state: State;
  /** What the next key is judged by. */
  readonly seen: Seen;
}

/** Draws the screen. */
export function draw(view: View, { columns, rows }: Size): Screen {
  const list = listed(view.snapshot.processes?.list ?? [], view.state);
  if (columns < LEAST.columns || rows < LEAST.rows) {
    const lines = filled([[span("too small", "soft")]], columns, rows);
    const seen: Seen = { list, rows: 1 };
    return { lines, state: followed(view.state, seen), seen };
  }
  const isWide = columns >= WIDE.columns && rows >= WIDE.rows;
  const top: Line[] = [
    titleLine(view, columns),
    ...alertLines(view, columns, Math.max(1, Math.min(4, Math.floor(rows / 8)))),
    ...(isWide ? wide(view, columns, rows) : narrow(view, columns, rows)),
  ];
  const room = Math.max(0, rows - top.length - 1);
  if (view.state.isHelp) {
    const help = [titleLine(view, columns), [], ...helpLines(view, columns, rows - 3)];
    const seen: Seen = { list, rows: Math.max(1, room - 2) };
    return {
      lines: [...filled(help, columns, rows - 1), footerLine(view, columns)],
      state: followed(view.state, seen),
      seen,
    };
  }
  const { isDetailed } = view.state;
  const isBeside = isDetailed && columns >= BESIDE;
  const detailRows = isDetailed && !isBeside ? Math.min(DETAIL_ROWS, Math.floor(room / 2)) : 0;
  const detailColumns = isBeside ? DETAIL_COLUMNS : 0;
  const listColumns = columns - (isBeside ? detailColumns + GAP : 0);
  const listRows = room - 1 - detailRows;
  const seen: Seen = { list, rows: Math.max(1, listRows - 1) };
  const state = followed(view.state, seen);
  const now: View = { ...view, state };
  const body = filled(
    [
      processHeading(now, list.length, listColumns),
      ...processLines(now, list, listColumns, listRows),
    ],
    listColumns,
    room - detailRows,
  );
  const lines = isBeside
    ? beside(body, listColumns, detailLines(now, detailColumns, room), detailColumns, GAP)
    : [...body, ...(detailRows > 0 ? detailLines(now, columns, detailRows) : [])];
  return {
    lines: [...filled([...top, ...lines], columns, rows - 1), footerLine(now, columns)],
    state,
    seen,
  };
}

/** One figure a line, the less important ones only where there is room. */
function narrow(view: View, columns: number, rows: number): Line[] {
  const line = (row: Parameters<typeof rowLine>[0]): Line => rowLine(row, columns);
  // A list of some lines is what a small screen is for.
  if (rows < 14) return cpuRows(view, columns, 1).concat(memoryRows(view).slice(0, 1).map(line));
  const [memory, swap] = memoryRows(view);
  const extra = rows - 24;
  const lines: Line[] = [
    ...cpuRows(view, columns, extra >= 0 ? 3 + Math.floor(extra / 5) : 2),
    ...[memory!, swap!].map(line),
    line(pressureRow(view)),
    ...limitRows(view).slice(0, rows >= 24 ? 2 : 1).map(line),
  ];
  if (rows < 20) return lines;
  const most = 1 + Math.max(0, Math.floor(extra / 6));
  return [
    ...lines,
    ...diskRows(view, most).map(line),
    ...filesystemRows(view, most).map(line),
    ...networkRows(view, most).map(line),
    ...(extra >= 6 ? temperatureRows(view, 1).map(line) : []),
    ...(extra >= 6 ? runtimeRows(view, 4).map(line) : []),
  ];
}

/** Two columns of figures, the processors with a chart of some height. */
function wide(view: View, columns: number, rows: number): Line[] {
  const left = Math.floor((columns - GAP) / 2);
  const right = columns - GAP - left;
  const { glyphs } = view;
  const chartRows = Math.max(3, Math.min(8, Math.floor(rows / 8)));
  const most = Math.max(1, Math.floor((rows - 30) / 8));
  const cpu = cpuPanel(view, left, chartRows, Math.max(2, Math.floor(rows / 6)));
  const on = (width: number) => (row: Parameters<typeof rowLine>[0]): Line => rowLine(row, width);
  const memory: Line[] = [
    heading("MEMORY", [], right, glyphs),
    ...[...memoryRows(view), ...pressureRows(view), ...limitRows(view)].map(on(right)),
  ];
  const devices: Line[] = [
    heading("DISKS", [], left, glyphs),
    ...[...diskRows(view, most), ...filesystemRows(view, most)].map(on(left)),
  ];
  const network: Line[] = [
    heading("NETWORK", [], right, glyphs),
    ...[...networkRows(view, most), ...temperatureRows(view, most), ...runtimeRows(view, most + 1)]
      .map(on(right)),
  ];
  return [
    ...beside(cpu, left, memory, right, GAP),
    [],
    ...beside(devices, left, network, right, GAP),
    [],
  ];
}

/** Exactly so many lines of exactly so many cells. */
function filled(lines: readonly Line[], columns: number, rows: number): Line[] {
  return Array.from({ length: Math.max(0, rows) }, (_, at) => fitted(lines[at] ?? [], columns));
}
