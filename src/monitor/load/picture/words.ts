/**
 * Figures as people read them, for both pictures of a load report.
 *
 * @module
 */

import type { LoadReport } from "../types.ts";

/** Milliseconds with three digits, in the unit that fits. */
export function timeText(ms: number): string {
  if (!Number.isFinite(ms)) return "-";
  if (ms === 0) return "0 s";
  if (ms < 1) return `${digits(ms * 1_000)} µs`;
  return ms < 1_000 ? `${digits(ms)} ms` : `${digits(ms / 1_000)} s`;
}

/** A count or a rate, short. */
export function countText(value: number): string {
  if (value < 10_000) {
    return value < 100 && !Number.isInteger(value) ? value.toFixed(1) : `${Math.round(value)}`;
  }
  return value < 1e6 ? `${digits(value / 1e3)}k` : `${digits(value / 1e6)}M`;
}

/** A percentage of the distribution, with no more digits than it needs. */
export function percentText(percent: number): string {
  return percent === 100 ? "max" : `p${percent}`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What was done, in a line. */
export function headline(report: LoadReport): string {
  const { model, askedRate, connections, http, durationMs, generator } = report;
  const load = model === "open"
    ? `${countText(askedRate!)} a second asked for, up to ${connections} connections`
    : `${connections} connection${connections === 1 ? "" : "s"}, each as fast as it is answered`;
  return `${load}, HTTP/${http === 1 ? "1.1" : "2"}, ${
    timeText(durationMs)
  }, ${generator.implementation}`;
}

/** What came of it, in a line. */
export function outcome(report: LoadReport): string {
  const { requests, failed, achievedRate } = report;
  const share = requests === 0 ? 0 : failed / requests * 100;
  const wrong = failed === 0
    ? "none failed"
    : `${countText(failed)} failed (${share < 10 ? share.toFixed(2) : share.toFixed(0)} %)`;
  return `${countText(requests)} requests, ${countText(achievedRate)} a second, ${wrong}`;
}

/** What a reader must know before the figures, each a line. */
export function warnings(report: LoadReport): string[] {
  const lines: string[] = [];
  if (report.ended === "aborted") {
    lines.push("Ended by the caller: these are the figures until then.");
  }
  if (report.ended === "errors") lines.push("Ended early: too many requests failed.");
  if (report.invalidReason !== undefined) lines.push(`Not valid: ${report.invalidReason}.`);
  return lines;
}

/** Failures by kind, most first. */
export function failures(report: LoadReport): string {
  return Object.entries(report.errors)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${countText(count)}`)
    .join(", ");
}

/** A threshold's measured value. */
export function valueText(threshold: string, value: number | null): string {
  if (value === null) return "nothing measured";
  if (/^\s*errors/.test(threshold)) return `${(value * 100).toFixed(2)} %`;
  return /^\s*rate/.test(threshold) ? `${countText(value)} /s` : timeText(value);
}
