/**
 * From what a twin measured to the report: percentiles, verdict, thresholds.
 *
 * @module
 */

import { Histogram } from "../histogram.ts";
import type { LoadJob, LoadResult, RawTimes } from "./job.ts";
import { judge, type Threshold } from "./thresholds.ts";
import type { LoadInterval, LoadPoint, LoadReport, Percentiles } from "./types.ts";

const NS_PER_MS = 1e6;
const POINTS = [
  ...Array.from({ length: 16 }, (_, at) => at * 5),
  ...Array.from({ length: 24 }, (_, at) => 76 + at),
  ...[99.5, 99.9, 99.95, 99.99, 99.999, 100],
];
/** Of the starts, so many may be missed. */
const MOST_MISSED = 0.01;
/** From this share of its time on the generator has no room to be on time. */
const SATURATED = 0.95;
/** A scheduler is late if its p99 is over this, and over a tenth of what the responses took. */
const LATE_MS = 10;
const LATE_SHARE = 0.1;
/** So much of the ceiling of the closed model's rate is as good as all of it. */
const CAPPED = 0.98;

/** What a report needs beside job and result. */
export interface ReportFacts {
  /** The address of the web. */
  readonly url: string;
  /** The authorisation's reference. */
  readonly authorization: string | null;
  /** When the figures began. */
  readonly startedAt: string;
  /** The twin. */
  readonly implementation: "native" | "pure";
  /** What has to hold. */
  readonly thresholds: readonly Threshold[];
}

/** Makes the report. */
export function reportOf(job: LoadJob, result: LoadResult, facts: ReportFacts): LoadReport {
  const { requests, succeeded } = result;
  const service = histogramOf(result.service);
  const response = histogramOf(result.response);
  const missedStarts = Math.max(0, result.scheduled - result.started);
  const report = {
    url: facts.url,
    address: job.address,
    authorization: facts.authorization,
    model: job.rate === null ? "closed" as const : "open" as const,
    askedRate: job.rate,
    connections: job.connections,
    http: job.http,
    startedAt: facts.startedAt,
    durationMs: result.elapsedMs,
    ended: result.ended,
    requests,
    succeeded,
    failed: requests - succeeded,
    unfinished: Math.max(0, result.started - requests),
    errors: errorsOf(result),
    statuses: Object.fromEntries(result.statuses.map(([status, count]) => [String(status), count])),
    bytes: result.bytes,
    warmUpRequests: result.warmUp,
    achievedRate: achieved(job, result),
    service: percentilesOf(service),
    response: percentilesOf(response),
    distribution: distributionOf(service, response),
    timeline: timelineOf(result.timeline, job.intervalMs),
    generator: {
      implementation: facts.implementation,
      threads: result.threads,
      cpu: result.cpu,
      lag: percentilesOf(histogramOf(result.lag)),
      missedStarts,
    },
  };
  const thresholds = judge(facts.thresholds, report);
  const reasons = doubts(job, result, report);
  return {
    ...report,
    thresholds,
    passed: thresholds.every(({ met }) => met),
    valid: reasons.length === 0,
    ...(reasons.length > 0 && { invalidReason: reasons.join("; ") }),
  };
}

function histogramOf({ slots, min, max, sum }: RawTimes): Histogram {
  return Histogram.restored(slots, { min, max, sum });
}

/** Times in milliseconds. */
function percentilesOf(histogram: Histogram): Percentiles {
  const ms = (value: number): number => histogram.count === 0 ? NaN : value / NS_PER_MS;
  const at = (percent: number): number => ms(histogram.percentile(percent));
  return {
    count: histogram.count,
    min: ms(histogram.min),
    mean: ms(histogram.mean),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: ms(histogram.max),
  };
}

/** Points as far as there are values to tell them apart. */
function distributionOf(service: Histogram, response: Histogram): LoadPoint[] {
  const { count } = response;
  if (count === 0) return [];
  return POINTS
    .filter((percent) => percent === 100 || (100 - percent) / 100 * count >= 1)
    .map((percent) => ({
      percent,
      serviceMs: service.percentile(percent) / NS_PER_MS,
      responseMs: response.percentile(percent) / NS_PER_MS,
    }));
}

function timelineOf(rows: LoadResult["timeline"], intervalMs: number): LoadInterval[] {
  return rows.map(([requests, failed, sum, max], at) => ({
    atMs: at * intervalMs,
    requests,
    failed,
    meanMs: max === 0 ? null : sum / requests / NS_PER_MS,
    maxMs: max === 0 ? null : max / NS_PER_MS,
  }));
}

function errorsOf({ statuses, errors }: LoadResult): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [status, count] of statuses) {
    if (status < 400) continue;
    const kind = status < 500 ? "http-4xx" : "http-5xx";
    counts[kind] = (counts[kind] ?? 0) + count;
  }
  for (const [kind, count] of errors) counts[kind] = count;
  // The most frequent first, whichever twin counted.
  return Object.fromEntries(
    Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
  );
}

function achieved(job: LoadJob, { started, requests, elapsedMs }: LoadResult): number {
  if (job.rate === null) return elapsedMs > 0 ? requests / elapsedMs * 1_000 : 0;
  // The last start has an interval of its own.
  return started === 0 ? 0 : started / Math.max(elapsedMs / 1_000, started / job.rate);
}

/** Why the figures say less of the target than they seem to. */
function doubts(
  job: LoadJob,
  result: LoadResult,
  report: Pick<LoadReport, "achievedRate" | "errors" | "response" | "generator">,
): string[] {
  const reasons: string[] = [];
  const { achievedRate, errors, response, generator } = report;
  const { lag, cpu, missedStarts, threads } = generator;
  const isBusy = cpu !== null && cpu >= SATURATED;
  if (result.requests > 0 && report.response.count === 0) {
    reasons.push("no request was answered, so nothing was measured of the target");
  }
  if (missedStarts > result.scheduled * MOST_MISSED) {
    reasons.push(
      `${missedStarts} of ${result.scheduled} starts were not made (${
        achievedRate.toFixed(1)
      } of ${job.rate} a second): all ${job.connections} connections were busy; the target is too slow for this rate, or needs more connections`,
    );
  }
  if (isBusy) {
    reasons.push(
      `the generator's ${threads === 1 ? "thread" : `${threads} threads`} computed ${
        Math.round(cpu * 100)
      } % of the time: the target may be able to do more than was asked of it`,
    );
  }
  if (lag.p99 > LATE_MS && !(lag.p99 <= response.p99 * LATE_SHARE)) {
    reasons.push(
      `the generator was late: 1 of 100 requests began ${
        lag.p99.toFixed(1)
      } ms or more after its time though a connection was free`,
    );
  }
  if (job.cap !== null && achievedRate >= job.cap * CAPPED) {
    reasons.push(
      `the ceiling of ${job.cap} requests a second was reached, which options.limits.rate raises`,
    );
  }
  for (const [kind, what] of [["descriptors", "open files"], ["ports", "source ports"]] as const) {
    if (errors[kind] !== undefined) reasons.push(`this machine ran out of ${what}`);
  }
  return reasons;
}
