/** What is around the figures: the first line, alerts, keys, and the help. @module */

import { duration, percent } from "../format.ts";
import { fitted, type Line, type Span, span, spread } from "../line.ts";
import { heading, nameOf, type View } from "../view.ts";

/** The first line. */
export function titleLine(view: View, columns: number): Line {
  const { snapshot, state } = view;
  const { load, uptimeSeconds, self, implementation } = snapshot;
  const time = new Date(snapshot.at).toTimeString().slice(0, 8);
  const left: Span[] = [
    span("agent top", "title"),
    ...(state.isPaused ? [span("  "), span(" paused ", "chosen")] : []),
    span(`  ${time}`),
  ];
  if (uptimeSeconds !== null) left.push(span("  up ", "soft"), span(duration(uptimeSeconds)));
  if (load !== null) {
    const three = [load.one, load.five, load.fifteen].map((value) => value.toFixed(2)).join(" ");
    left.push(span("  load ", "soft"), span(three));
  }
  const own = self.monitorCpu ?? self.cpu;
  const takes = own === null ? "" : `, takes ${percent(own)}%`;
  const right: Span[] = [span(`${implementation}${takes}`, "soft")];
  return spread(left, right, columns);
}

/** Alerts, a line each, at most so many. */
export function alertLines({ alerts }: View, columns: number, most: number): Line[] {
  const shown = alerts.length > most ? alerts.slice(0, most - 1) : alerts;
  const lines = shown.map(({ severity, message }): Line =>
    fitted(
      [span(`! ${nameOf(message, columns - 2)}`, severity === "info" ? "busy" : "hot")],
      columns,
    )
  );
  const rest = alerts.length - shown.length;
  if (rest === 0) return lines;
  const others = shown.length > 0 ? `and ${rest} more` : `${rest} alerts`;
  return [...lines, fitted([span(`! ${others}`, "hot")], columns)];
}

const KEYS: readonly (readonly [key: string, what: string])[] = [
  ["q", "quit"],
  ["?", "help"],
  ["/", "search"],
  ["<>", "sort"],
  ["r", "turn"],
  ["jk", "choose"],
  ["enter", "details"],
  ["space", "pause"],
];

/** The last line: the keys, or what is being typed. */
export function footerLine({ state }: View, columns: number): Line {
  if (state.before !== null) {
    return fitted([
      span("search ", "title"),
      span(nameOf(state.filter, Math.max(1, columns - 45))),
      span(" ", "chosen"),
      span("   enter keeps it, escape does not", "soft"),
    ], columns);
  }
  const keys: Span[] = [];
  let used = 0;
  for (const [key, what] of KEYS) {
    const width = key.length + 1 + what.length;
    if (used + width > columns) break;
    keys.push(span(key, "key"), span(` ${what}`, "soft"), span("  "));
    used += width + 2;
  }
  return fitted(keys, columns);
}

const HELP: readonly (readonly [key: string, what: string])[] = [
  ["q, Ctrl-C", "end"],
  ["?, h", "this help; any key closes it"],
  ["space", "hold the figures still, and go on"],
  ["/", "search in names and numbers; escape clears it"],
  ["C M I", "sort by CPU, memory, input and output"],
  ["T D N P", "sort by threads, descriptors, name, number"],
  ["< >, left, right", "the next column to sort by; r turns the order round"],
  ["j k, up, down", "choose a process; the list follows it"],
  ["page, home, end", "go further; g and G do so too"],
  ["enter, d", "the chosen process in detail; escape closes it"],
];
const NOTES: readonly string[] = [
  "CPU% of a process: 100 is one whole CPU. MEM is resident, VIRT virtual memory.",
  "STALL: share of the last 10 s in which tasks waited for CPU, memory or devices.",
  "LIMIT: what the control group of this program allows; its chart is the time throttled.",
  "DISK: share of time busy. K is 1,024 bytes. A dash is what cannot be read.",
];

/** The help, on a screen of its own. */
export function helpLines({ glyphs }: View, columns: number, rows: number): Line[] {
  const lines: Line[] = [
    heading("KEYS", [], columns, glyphs),
    ...HELP.map(([key, what]): Line => [span(key.padEnd(18), "key"), span(what)]),
    [],
    heading("FIGURES", [], columns, glyphs),
    ...NOTES.map((note): Line => [span(note, "soft")]),
  ];
  return lines.slice(0, rows);
}
