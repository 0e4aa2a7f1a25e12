/**
 * A load report for a terminal: the figures, the distribution of times as bars, and the course of the test.
 *
 * @module
 */

import { wholeNumber } from "../../../shared/arguments.ts";
import type { LoadReport, Percentiles } from "../types.ts";
import {
  countText,
  failures,
  headline,
  outcome,
  percentText,
  timeText,
  valueText,
  warnings,
} from "./words.ts";

/** Options of `loadToText`. */
export interface LoadTextOptions {
  /** Columns that there are. Default 80, at least 40. */
  width?: number | undefined;
}

const EIGHTHS = " ▏▎▍▌▋▊▉█";
const LEVELS = "▁▂▃▄▅▆▇█";
const ROWS = [50, 75, 90, 95, 99, 99.9, 99.99, 100];
const COLUMNS = ["p50", "p90", "p95", "p99", "p999", "max", "mean"] as const;
/** The label and the two times beside a bar. */
const BESIDE = 32;

/**
 * Writes a report as text: figures, the distribution of response times on a logarithmic scale, and requests and longest
 * times along the test.
 *
 * @param report What `loadTest` gave.
 * @param options How wide it may be.
 * @returns Lines, each with a line break; no colours.
 *
 * @example
 * ```ts
 * import { loadTest, loadToText } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("hello"));
 * const report = await loadTest(`http://127.0.0.1:${server.addr.port}/`, { requests: 50, connections: 2 });
 * assert.match(loadToText(report), /50 requests/);
 * ```
 */
export function loadToText(report: LoadReport, options?: LoadTextOptions): string;
export function loadToText(report: LoadReport, options: LoadTextOptions = {}): string {
  const width = wholeNumber(options.width, "options.width", {
    fallback: 80,
    least: 40,
    most: 1_000,
  });
  const lines = [
    `${report.url} (${report.address})`,
    headline(report),
    outcome(report),
    ...(report.failed > 0 ? [`failures: ${failures(report)}`] : []),
    ...warnings(report),
    "",
    ...figures(report),
    "",
    ...distribution(report, width),
    ...course(report, width),
    ...report.thresholds.map(({ threshold, value, met }) =>
      `${met ? "ok  " : "NOT "} ${threshold} (${valueText(threshold, value)})`
    ),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function figures({ service, response, generator }: LoadReport): string[] {
  const row = (name: string, times: Percentiles): string =>
    name.padEnd(10) + COLUMNS.map((column) => timeText(times[column]).padStart(10)).join("");
  return [
    "".padEnd(10) +
    ["p50", "p90", "p95", "p99", "p99.9", "max", "mean"].map((name) => name.padStart(10)).join(""),
    row("response", response),
    row("service", service),
    row("own lag", generator.lag),
  ];
}

/** Bars from the least to the greatest response time, each ten-fold as wide as the next. */
function distribution({ distribution: points, response }: LoadReport, width: number): string[] {
  if (points.length === 0) return [];
  const [least, most] = [Math.log(response.min), Math.log(response.max)];
  const room = width - BESIDE;
  const lines = ROWS.flatMap((percent) => {
    const point = points.find((one) => one.percent === percent);
    if (point === undefined) return [];
    const share = most > least ? (Math.log(point.responseMs) - least) / (most - least) : 1;
    const [label, time] = [
      percentText(percent).padStart(7),
      timeText(point.responseMs).padStart(9),
    ];
    return [`${label} ${time} ${bar(share, room)}`];
  });
  return ["response times, logarithmic", ...lines, ""];
}

function bar(share: number, room: number): string {
  const eighths = Math.max(1, Math.round(Math.min(1, Math.max(0, share)) * room * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (eighths % 8 === 0 ? "" : EIGHTHS[eighths % 8]);
}

function course({ timeline }: LoadReport, width: number): string[] {
  if (timeline.length < 3) return [];
  const room = width - BESIDE;
  const rows = cut(
    timeline.map(({ requests }) => requests),
    room,
    (part) => sum(part) / part.length,
  );
  const failed = cut(timeline.map((row) => row.failed), room, sum);
  const longest = cut(timeline.map(({ maxMs }) => maxMs ?? 0), room, (part) => Math.max(...part));
  const peak = Math.max(...timeline.map(({ maxMs }) => maxMs ?? 0));
  const interval = timeline[1]!.atMs / 1_000;
  const most = `${countText(Math.max(...rows) / interval)} /s`;
  return [
    `${"requests".padStart(8)} ${most.padStart(9)} ${spark(rows)}`,
    ...(sum(failed) > 0
      ? [`${"failed".padStart(8)} ${countText(sum(failed)).padStart(9)} ${spark(failed)}`]
      : []),
    `${"longest".padStart(8)} ${timeText(peak).padStart(9)} ${spark(longest)}`,
    "",
  ];
}

function spark(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) => {
    if (value === 0) return " ";
    return LEVELS[Math.min(7, Math.floor(value / most * 8))];
  }).join("");
}

/** So many values that they fit. */
function cut(
  values: readonly number[],
  room: number,
  join: (part: readonly number[]) => number,
): number[] {
  const step = Math.ceil(values.length / room);
  const count = Math.ceil(values.length / step);
  return Array.from({ length: count }, (_, at) => join(values.slice(at * step, (at + 1) * step)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
