/**
 * Thresholds of load tests: read, checked against each other, and held against a report.
 *
 * @module
 */

import { checkStrings, shown } from "../../shared/arguments.ts";
import type { LoadReport, LoadThreshold, Percentiles } from "./types.ts";

/** The times, least first: each is at least the one before it. `mean` has no place among them. */
const ORDER = ["p50", "p90", "p95", "p99", "p99.9", "max"] as const;
const KINDS = ["service", "response"] as const;
const WRITTEN =
  /^(?:(service|response)\.)?(p50|p90|p95|p99|p99\.9|max|mean|errors|rate)\s*(<=?|>=?)\s*(\d+(?:\.\d+)?)\s*(us|µs|ms|s|%|\/s)?$/;
const UNITS: Readonly<Record<string, number>> = { us: 0.001, "µs": 0.001, ms: 1, s: 1_000 };

/** A threshold that was read. */
export interface Threshold {
  /** As it was written. */
  readonly text: string;
  /** What is measured, such as `response.p99`, `errors`, `rate`. */
  readonly metric: string;
  /** Which way. */
  readonly operator: "<" | "<=" | ">" | ">=";
  /** Milliseconds, a share, requests a second. */
  readonly limit: number;
}

/** What a metric may be, by the thresholds. */
interface Range {
  least: Threshold | undefined;
  most: Threshold | undefined;
}

/**
 * Reads thresholds.
 *
 * @param value The option.
 * @param askedRate The rate of the open model, which no test can be above.
 * @throws {TypeError | RangeError} For what is none, and for those that cannot hold together.
 */
export function readThresholds(value: unknown, askedRate: number | undefined): Threshold[] {
  if (value === undefined) return [];
  checkStrings(value, "options.thresholds");
  const thresholds = value.map((text, at) => readOne(text, `options.thresholds[${at}]`));
  checkTogether(thresholds);
  for (const threshold of thresholds) {
    checkAlone(threshold);
    const { metric, text, operator, limit } = threshold;
    if (metric !== "rate" || askedRate === undefined || operator.startsWith("<")) continue;
    if (limit > askedRate || operator === ">" && limit === askedRate) {
      throw new RangeError(
        `options.thresholds has ${
          shown(text)
        }, and options.rate asks for ${askedRate} a second only`,
      );
    }
  }
  return thresholds;
}

function readOne(text: string, name: string): Threshold {
  const match = WRITTEN.exec(text.trim());
  const [, kind, what = "", operator = "<", digits = "", unit] = match ?? [];
  const isTime = what !== "errors" && what !== "rate";
  const units = isTime
    ? [undefined, "us", "µs", "ms", "s"]
    : what === "errors"
    ? [undefined, "%"]
    : [undefined, "/s"];
  if (match === null || !units.includes(unit) || (!isTime && kind !== undefined)) {
    throw new TypeError(
      `${name} must be such as "p99 < 50 ms", "service.max <= 2 s", "errors < 1 %" or "rate >= 100", got ${
        shown(text)
      }`,
    );
  }
  const number = Number(digits);
  return {
    text,
    metric: isTime ? `${kind ?? "response"}.${what}` : what,
    operator: operator as Threshold["operator"],
    limit: unit === "%" ? number / 100 : isTime ? number * UNITS[unit ?? "ms"]! : number,
  };
}

/** What cannot hold whatever is measured. */
function checkAlone({ text, operator, limit, metric }: Threshold): void {
  const isNever = operator === "<" && limit === 0 ||
    metric === "errors" && (operator === ">" ? limit >= 1 : operator === ">=" && limit > 1);
  if (isNever) throw new RangeError(`options.thresholds has ${shown(text)}, which never holds`);
}

function checkTogether(thresholds: readonly Threshold[]): void {
  const ranges = new Map<string, Range>();
  for (const threshold of thresholds) {
    const range = ranges.get(threshold.metric) ?? { least: undefined, most: undefined };
    ranges.set(threshold.metric, range);
    const { operator } = threshold;
    if (operator.startsWith(">")) range.least = tighter(range.least, threshold, 1);
    else range.most = tighter(range.most, threshold, -1);
  }
  for (const [metric, { least, most }] of ranges) {
    refuse(least, most);
    for (const lower of atMost(metric)) refuse(ranges.get(lower)?.least, most);
  }
}

function tighter(before: Threshold | undefined, now: Threshold, sign: 1 | -1): Threshold {
  if (before === undefined) return now;
  const difference = (now.limit - before.limit) * sign;
  return difference > 0 || difference === 0 && now.operator.length === 1 ? now : before;
}

/** The metrics that are never above one. */
function atMost(metric: string): string[] {
  const [kind, what] = metric.split(/\.(.*)/s) as [string, string?];
  if (what === undefined) return [];
  const kinds = kind === "response" ? KINDS : ["service"] as const;
  const place = ORDER.indexOf(what as typeof ORDER[number]);
  const lower = what === "max"
    ? [...ORDER, "mean"]
    : place < 0
    ? ["mean"]
    : ORDER.slice(0, place + 1);
  return kinds.flatMap((one) => lower.map((name) => `${one}.${name}`));
}

function refuse(least: Threshold | undefined, most: Threshold | undefined): void {
  if (least === undefined || most === undefined || least.limit < most.limit) return;
  const isPoint = least.limit === most.limit && least.operator === ">=" && most.operator === "<=";
  if (isPoint) return;
  throw new RangeError(
    `options.thresholds has ${shown(least.text)} and ${shown(most.text)}, which cannot both hold`,
  );
}

/** What came of thresholds. */
export function judge(
  thresholds: readonly Threshold[],
  report: Pick<LoadReport, "service" | "response" | "requests" | "failed" | "achievedRate">,
): LoadThreshold[] {
  return thresholds.map(({ text, metric, operator, limit }) => {
    const value = measured(metric, report);
    const met = value !== null && holds(value, operator, limit);
    return { threshold: text, value, met };
  });
}

function measured(metric: string, report: Parameters<typeof judge>[1]): number | null {
  const { requests, failed, achievedRate } = report;
  if (metric === "errors") return requests === 0 ? null : failed / requests;
  if (metric === "rate") return achievedRate;
  const [kind, what] = metric.split(/\.(.*)/s) as ["service" | "response", string];
  const field = what.replace(".", "") as keyof Percentiles;
  const value = report[kind][field];
  return Number.isNaN(value) ? null : value;
}

function holds(value: number, operator: Threshold["operator"], limit: number): boolean {
  if (operator === "<") return value < limit;
  if (operator === "<=") return value <= limit;
  return operator === ">" ? value > limit : value >= limit;
}
