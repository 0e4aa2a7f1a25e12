/** One process in detail. @module */

import type { ProcessFigures } from "../../../monitor/mod.ts";
import { padEnd } from "../cells.ts";
import { area } from "../charts.ts";
import { bytes, count, duration, percent, rate } from "../format.ts";
import { processKey } from "../history.ts";
import { beside, level, type Line, span, type Style } from "../line.ts";
import { heading, nameOf, type View } from "../view.ts";

const LABEL = 12;
const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "waiting for a device",
  Z: "ended, not waited for",
  T: "stopped",
  t: "stopped by a debugger",
  I: "idle, of the kernel",
  X: "ended",
};

/**
 * The chosen process.
 *
 * @param view What is seen.
 * @param columns How wide.
 * @param rows How many lines at most.
 */
export function detailLines(view: View, columns: number, rows: number): Line[] {
  const { snapshot, state, history, glyphs } = view;
  const all = snapshot.processes?.list ?? [];
  const one = all.find((candidate) => processKey(candidate) === state.chosen);
  if (one === undefined) {
    const ended = [span(state.chosen === null ? "none is chosen" : "it has ended", "soft")];
    return [heading("PROCESS", [], columns, glyphs), ended];
  }
  const title = heading(
    "PROCESS",
    [span(nameOf(one.name, Math.max(8, columns - 14)), "strong")],
    columns,
    glyphs,
  );
  const facts = factsOf(one, all, view);
  const series = history.ofProcess(processKey(one));
  const most = Math.max(1, ...series.slice(-columns).map((value) => value ?? 0));
  const chartRows = rows - 1 - facts.length >= 3 ? Math.min(6, rows - 2 - facts.length) : 0;
  if (chartRows > 0) {
    return [
      title,
      ...facts,
      ...area(series, columns, chartRows, most, glyphs),
      [span(`CPU, full height is ${percent(most)}% of one`, "soft")],
    ].slice(0, rows);
  }
  const half = Math.ceil(facts.length / 2);
  const width = Math.floor((columns - 2) / 2);
  return [title, ...beside(facts.slice(0, half), width, facts.slice(half), width)].slice(0, rows);
}

function factsOf(one: ProcessFigures, all: readonly ProcessFigures[], view: View): Line[] {
  const parent = all.find(({ pid }) => pid === one.parent);
  const children = all.filter((other) => other.parent === one.pid && other.pid !== one.pid).length;
  const at = Date.parse(view.snapshot.at);
  const age = one.startedAt === null ? null : Math.max(0, (at - one.startedAt) / 1_000);
  const total = view.snapshot.memory?.total ?? null;
  const share = total === null || total === 0 ? null : one.rss / total;
  const mean = age === null || age <= 0 ? null : one.cpuSeconds / age;
  return [
    fact("number", `${one.pid}`),
    fact(
      "parent",
      parent === undefined ? `${one.parent}` : `${one.parent} ${nameOf(parent.name, 20)}`,
    ),
    fact("children", `${children}`),
    fact("user", one.uid === null ? "-" : `${one.uid}`),
    fact("state", STATES[one.state] ?? one.state),
    fact("age", duration(age)),
    fact("CPU", `${percent(one.cpu)}% of one`, level(one.cpu)),
    fact("CPU ever", `${duration(one.cpuSeconds)}${mean === null ? "" : `, ${percent(mean)}%`}`),
    fact("memory", `${bytes(one.rss)}${share === null ? "" : `, ${percent(share)}% of all`}`),
    fact("virtual", bytes(one.virtual)),
    fact("threads", count(one.threads)),
    fact("descriptors", count(one.descriptors)),
    fact("reads", rate(one.readBytes)),
    fact("writes", rate(one.writtenBytes)),
  ];
}

function fact(label: string, value: string, style: Style = "plain"): Line {
  return [span(padEnd(label, LABEL), "soft"), span(value, style)];
}
