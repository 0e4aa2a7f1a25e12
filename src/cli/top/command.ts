/**
 * The `agent top` command: a view of this machine that is left open, or one look at it.
 *
 * @module
 */

import type { Alert, Monitor, Snapshot, Threshold } from "../../monitor/mod.ts";
import { closedError } from "../../shared/closed.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../options.ts";
import type { Output } from "../output.ts";
import { environment, writePicture } from "../paths.ts";
import { StandingAlerts } from "./alerts.ts";
import { ansiLine, type Colours } from "./ansi.ts";
import { type Glyphs, PLAIN, UNICODE } from "./charts.ts";
import { History } from "./history.ts";
import { draw } from "./layout.ts";
import { type Alerts, live } from "./live.ts";
import { type Line, plainText } from "./line.ts";
import { listed, SORTS } from "./processes.ts";
import { initialState, type State } from "./state.ts";
import { svgOf } from "./svg.ts";
import { terminalSize } from "./terminal.ts";
import type { Size } from "./view.ts";

/** The size of a view that no terminal gives one. */
const USUAL: Size = { columns: 100, rows: 40 };

/** The longest name that a threshold may have. */
const MOST_NAME = 200;

/** Runs `agent top`. */
export async function runTop({ options, output, interruptible }: Call): Promise<number> {
  const state = initialState(options.choice("sort", SORTS) ?? "cpu", options.text("filter") ?? "");
  const seconds = options.number("interval", 0.1, 3_600, "any") ?? 1;
  const samples = options.number("samples", 1, 1_000, "whole");
  const size = sizeOf(options.text("size"));
  const svg = options.text("svg");
  const isOnce = options.on("once") || output.json || svg !== undefined || !isTerminal();
  if (!isOnce && (samples !== undefined || size !== undefined)) {
    const which = samples !== undefined ? "samples" : "size";
    throw new UsageError(`Option --${which} goes with --once, --json or --svg only`, "top");
  }
  const { createMonitor } = await import("../../monitor/mod.ts");
  const { implementation } = options.implementation();
  const rules = [...new Set(options.list("alert"))];
  // Two rules may differ in their time alone.
  const thresholds = rules.map((rule) => ({ ...thresholdOf(rule), name: rule.slice(-MOST_NAME) }));
  await using monitor = made(rules, () =>
    createMonitor({
      intervalMs: Math.round(seconds * 1_000),
      // The charts have a history of their own.
      history: 0,
      thresholds,
      ...(implementation === undefined ? {} : { implementation }),
    }));
  // A monitor without thresholds has no alerts to wait for.
  const alerts: Alerts | undefined = thresholds.length === 0
    ? undefined
    : (signal) => monitor.alerts({ signal });
  const glyphs = glyphsOf(options.on("ascii"));
  const colours = coloursOf();
  if (!isOnce) return await live({ monitor, alerts, state, colours, glyphs });
  const seen = await look(monitor, alerts, samples ?? 1, interruptible());
  const given = size ?? (Deno.stdout.isTerminal() ? terminalSize() : undefined) ?? USUAL;
  const { lines } = draw({ ...seen, state, glyphs }, given);
  if (svg !== undefined) writePicture(svg, svgOf(lines, given.columns, "agent top"));
  if (output.json) {
    output.document({ ...seen.snapshot, processes: chosenProcesses(seen.snapshot, state) });
  } else if (svg === undefined) {
    // The keys mean nothing in a text.
    print(output, lines.slice(0, -1), colours);
  }
  return 0;
}

/** Takes so many snapshots and says what was seen. */
async function look(
  monitor: Monitor,
  alerts: Alerts | undefined,
  samples: number,
  signal: AbortSignal,
): Promise<{ snapshot: Snapshot; history: History; alerts: Alert[] }> {
  const history = new History();
  const standing = new StandingAlerts();
  const stop = new AbortController();
  const watching = alerts === undefined ? undefined : follow(alerts(stop.signal), standing);
  // What iterates ends with the monitor.
  const end = (): void => void monitor.close();
  signal.addEventListener("abort", end, { once: true });
  try {
    let snapshot: Snapshot | undefined;
    let left = samples;
    // Not snapshot(): thresholds look at what is iterated over.
    for await (const next of monitor) {
      history.add(snapshot = next);
      if (--left <= 0) break;
    }
    signal.throwIfAborted();
    if (snapshot === undefined) throw closedError("monitor");
    // Its alerts come in the same turn.
    await new Promise((resolve) => setTimeout(resolve));
    return { snapshot, history, alerts: standing.list() };
  } finally {
    signal.removeEventListener("abort", end);
    stop.abort();
    await watching?.catch((error) => {
      if (!stop.signal.aborted) throw error;
    });
  }
}

async function follow(alerts: AsyncIterable<Alert>, standing: StandingAlerts): Promise<void> {
  for await (const alert of alerts) standing.take(alert);
}

function chosenProcesses(snapshot: Snapshot, state: State): Snapshot["processes"] {
  const { processes } = snapshot;
  return processes === null ? null : { ...processes, list: listed(processes.list, state) };
}

function print(output: Output, lines: readonly Line[], colours: Colours): void {
  const isPlain = colours === "none" || !Deno.stdout.isTerminal() || environment("TERM") === "dumb";
  const texts = lines.map((line) => isPlain ? plainText(line) : ansiLine(line, colours).trimEnd());
  while (texts.at(-1) === "") texts.pop();
  for (const text of texts) output.line(text);
}

/** Errors of what was given are mistakes in the command line. */
function made<T>(alerts: readonly string[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const message = error.message.replace(
      /options\.thresholds\[(\d+)\](?:\.metric "(?:\\.|[^"\\])*")?/g,
      (_, at) => `Option --alert ${JSON.stringify(alerts[at])}`,
    );
    throw new UsageError(message, "top");
  }
}

/** Both ends are terminals, and one that can be drawn on. */
function isTerminal(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && environment("TERM") !== "dumb" &&
    terminalSize() !== undefined;
}

/** A name in brackets may have anything in it, signs and blanks too; a `]` in it has a `\` in front. */
const ALERT =
  /^((?:[^<>[\]]|\[(?:\\.|[^\]\\])*\])+)([<>])\s*(-?[0-9.]+(?:e[-+]?[0-9]+)?)\s*(?::\s*([0-9.]+)\s*s?)?\s*$/is;

/** `METRIC>NUMBER` or `METRIC<NUMBER`, and after a colon for how many seconds. */
export function thresholdOf(text: string): Threshold {
  const [, path, way, limit, time] = ALERT.exec(text) ?? [];
  const metric = path?.trim() || undefined;
  const [value, forSeconds] = [Number(limit), Number(time ?? 0)];
  if (metric === undefined || !Number.isFinite(value) || !Number.isFinite(forSeconds)) {
    throw new UsageError(
      `Option --alert must be as in cpu.busy>0.9 or memory.available<1e9:30, got "${text}"`,
      "top",
    );
  }
  return {
    metric,
    ...(way === ">" ? { above: value } : { below: value }),
    forMs: forSeconds * 1_000,
  };
}

function sizeOf(text: string | undefined): Size | undefined {
  if (text === undefined) return undefined;
  const [, columns, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  if (columns === undefined || Number(columns) < 24 || Number(rows) < 4) {
    throw new UsageError(`Option --size must be as in 100x40, from 24x4 on, got "${text}"`, "top");
  }
  return { columns: Number(columns), rows: Number(rows) };
}

function coloursOf(): Colours {
  if (Deno.noColor) return "none";
  const many = /256color|direct|truecolor/.test(environment("TERM") ?? "") ||
    (environment("COLORTERM") ?? "") !== "";
  return many ? "many" : "basic";
}

/** Blocks, unless the terminal or the language that was set has none. */
function glyphsOf(isAscii: boolean): Glyphs {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(environment).find((value) => !!value);
  const isBare = environment("TERM") === "linux" ||
    (locale !== undefined && !/utf-?8/i.test(locale));
  return isAscii || isBare ? PLAIN : UNICODE;
}
