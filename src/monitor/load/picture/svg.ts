/**
 * A load report as a picture: the distribution of service and response times, and the course of the test below it; for
 * light and dark pages. Everything that is written in it is escaped.
 *
 * @module
 */

import type { LoadInterval, LoadPoint, LoadReport } from "../types.ts";
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

const WIDTH = 900;
const LEFT = 70;
const RIGHT = 40;
const INNER = WIDTH - LEFT - RIGHT;
const LINE = 18;
/** Letters of a line before it is cut. */
const MOST_LETTERS = 120;
const PLOT = 260;
const COURSE = 120;
const GAP = 56;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .soft { fill: #59636e; font-size: 11px; }
  .big { font-size: 15px; font-weight: 600; }
  .bad { fill: #b3401f; }
  .good { fill: #1a7f64; }
  .page { fill: #ffffff; }
  .grid { stroke: #d1d9e0; }
  .response { stroke: #1a7f64; fill: none; stroke-width: 2.5; }
  .service { stroke: #8250df; fill: none; stroke-width: 2; stroke-dasharray: 6 4; }
  .under { fill: #1a7f64; opacity: .12; }
  .bar { fill: #9fb8d1; }
  .wrong { fill: #c4532d; }
  .peak { stroke: #1a7f64; fill: none; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .bad { fill: #f08a68; }
    .good { fill: #3fb68b; }
    .page { fill: #0d1117; }
    .grid { stroke: #3d444d; }
    .response { stroke: #3fb68b; }
    .under { fill: #3fb68b; }
    .service { stroke: #b292f0; }
    .bar { fill: #3d5a78; }
    .wrong { fill: #e5764d; }
    .peak { stroke: #3fb68b; }
  }
`;

/**
 * Draws a report.
 *
 * @param report What `loadTest` gave.
 * @returns An SVG document of 900 units' width.
 *
 * @example
 * ```ts
 * import { loadTest, loadToSvg } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("hello"));
 * const report = await loadTest(`http://127.0.0.1:${server.addr.port}/`, { requests: 50, connections: 2 });
 * assert.match(loadToSvg(report), /^<svg /);
 * ```
 */
export function loadToSvg(report: LoadReport): string {
  const parts: string[] = [];
  let y = 36;
  const line = (words: string, kind = ""): void => {
    parts.push(text(24, y, cut(words), kind));
    y += LINE + 4;
  };
  line(report.url, "title");
  line(headline(report), "soft");
  line(outcome(report), "big");
  if (report.failed > 0) line(failures(report), "bad");
  for (const words of warnings(report)) for (const row of wrapped(words)) line(row, "bad");
  for (const { threshold, value, met } of report.thresholds) {
    line(`${met ? "✓" : "✗"} ${threshold} (${valueText(threshold, value)})`, met ? "good" : "bad");
  }
  y += 26;
  if (report.distribution.length > 0) {
    parts.push(...plotOf(report, y));
    y += PLOT + GAP;
  }
  if (report.timeline.length > 2) {
    parts.push(...courseOf(report.timeline, y));
    y += COURSE + GAP;
  }
  const height = y;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${
    escaped(`Load report of ${report.url}: ${outcome(report)}`)
  }">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
${parts.join("\n")}
</svg>
`;
}

/** Times by percentile: the tail, which matters, gets as much room for each further nine. */
function plotOf({ distribution, service, response }: LoadReport, top: number): string[] {
  const inner = distribution.filter(({ percent }) => percent < 100);
  const last = Math.max(90, ...inner.map(({ percent }) => percent));
  const nines = (percent: number): number => -Math.log10(1 - Math.min(percent, last) / 100);
  // The greatest has a place of its own behind the last percentile.
  const whole = nines(last) * 1.06;
  const x = (percent: number): number =>
    LEFT + (percent === 100 ? 1 : nines(percent) / whole) * INNER;
  const least = Math.log10(Math.max(1e-3, Math.min(service.min, response.min)));
  const [low, high] = [
    Math.floor(least * 2) / 2,
    Math.ceil(Math.log10(Math.max(response.max, 2e-3)) * 2) / 2,
  ];
  const y = (ms: number): number => {
    const share = (Math.log10(Math.max(ms, 1e-3)) - low) / Math.max(0.5, high - low);
    return top + PLOT - Math.min(1, Math.max(0, share)) * PLOT;
  };
  const parts: string[] = [
    text(LEFT, top - 12, "Within so much time, of all requests", "soft"),
    key(WIDTH - RIGHT - 320, top - 16, "response", "response, from the intended start"),
    key(WIDTH - RIGHT - 76, top - 16, "service", "service"),
  ];
  for (let power = Math.ceil(low); power <= high; power++) {
    const at = y(10 ** power);
    parts.push(
      rule(LEFT, at, WIDTH - RIGHT, at),
      text(LEFT - 8, at + 4, timeText(10 ** power).replace(/\.0+ /, " "), "soft", "end"),
    );
  }
  for (const percent of [0, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100]) {
    if (percent > last && percent < 100) continue;
    const at = x(percent);
    const label = percent === 0 ? "least" : percentText(percent);
    parts.push(rule(at, top, at, top + PLOT), text(at, top + PLOT + 16, label, "soft", "middle"));
  }
  const curve = (of: (point: LoadPoint) => number): string =>
    distribution.map((point) => `${round(x(point.percent))},${round(y(of(point)))}`).join(" ");
  const responses = curve((point) => point.responseMs);
  const floor = top + PLOT;
  parts.push(
    `<polygon class="under" points="${LEFT},${floor} ${responses} ${WIDTH - RIGHT},${floor}"/>`,
    `<polyline class="service" points="${curve((point) => point.serviceMs)}"/>`,
    `<polyline class="response" points="${responses}"/>`,
  );
  for (const percent of [50, 99, 100]) {
    const point = distribution.find((one) => one.percent === percent);
    if (point === undefined) continue;
    const anchor = percent === 100 ? "end" : "middle";
    parts.push(text(x(percent), y(point.responseMs) - 8, timeText(point.responseMs), "", anchor));
  }
  return parts;
}

/** Requests of each interval as bars, failures among them, and the longest response as a line. */
function courseOf(timeline: readonly LoadInterval[], top: number): string[] {
  const interval = timeline[1]!.atMs;
  const perSecond = (count: number): number => count / interval * 1_000;
  const most = Math.max(...timeline.map(({ requests }) => requests), 1);
  const slowest = Math.max(...timeline.map(({ maxMs }) => maxMs ?? 0), 1e-3);
  const step = INNER / timeline.length;
  const floor = top + COURSE;
  const height = (share: number): number => Math.max(0, Math.min(1, share)) * COURSE;
  const parts = [
    text(
      LEFT,
      top - 12,
      "Requests a second, those that failed, and the longest response time",
      "soft",
    ),
    rule(LEFT, floor, WIDTH - RIGHT, floor),
    rule(LEFT, top, WIDTH - RIGHT, top),
    text(LEFT - 8, top + 4, `${countText(perSecond(most))}/s`, "soft", "end"),
    text(LEFT - 8, floor + 4, "0", "soft", "end"),
    text(WIDTH - RIGHT, top - 12, `longest ${timeText(slowest)}`, "soft", "end"),
  ];
  for (const [at, { requests, failed }] of timeline.entries()) {
    const x = LEFT + at * step;
    const all = height(requests / most);
    const wrong = height(failed / most);
    const width = Math.max(0.5, step - 1);
    if (all > 0) parts.push(box("bar", x, floor - all, width, all));
    if (wrong > 0) parts.push(box("wrong", x, floor - wrong, width, wrong));
  }
  const peaks = timeline.map(({ maxMs }, at) => {
    const x = LEFT + (at + 0.5) * step;
    return `${round(x)},${round(floor - height((maxMs ?? 0) / slowest))}`;
  });
  parts.push(`<polyline class="peak" points="${peaks.join(" ")}"/>`);
  const end = timeline.length * interval;
  for (let mark = 0; mark <= 4; mark++) {
    const share = mark / 4;
    parts.push(
      text(
        LEFT + share * INNER,
        floor + 16,
        timeText(end * share).replace(/\.0+ /, " "),
        "soft",
        "middle",
      ),
    );
  }
  return parts;
}

function key(x: number, y: number, kind: string, words: string): string {
  return `<line class="${kind}" x1="${x}" y1="${y}" x2="${x + 22}" y2="${y}"/>${
    text(x + 28, y + 4, words, "soft")
  }`;
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${
    round(y2)
  }"/>`;
}

function box(kind: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${
    round(height)
  }"/>`;
}

function text(x: number, y: number, words: string, kind = "", anchor = ""): string {
  const attributes = [
    ...(kind === "" ? [] : [` class="${kind}"`]),
    ...(anchor === "" ? [] : [` text-anchor="${anchor}"`]),
  ];
  return `<text x="${round(x)}" y="${round(y)}"${attributes.join("")}>${escaped(words)}</text>`;
}

function cut(words: string): string {
  const letters = [...words];
  return letters.length <= MOST_LETTERS ? words : `${letters.slice(0, MOST_LETTERS - 1).join("")}…`;
}

/** Words in lines that fit. */
function wrapped(words: string): string[] {
  const lines = [""];
  for (const word of words.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length + word.length >= MOST_LETTERS) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text that XML takes for text, without what no document may hold. */
function escaped(words: string): string {
  return words
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
