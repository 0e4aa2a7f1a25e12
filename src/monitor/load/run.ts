/**
 * Load tests of HTTP servers: what is asked for is checked, the target with it, then a twin makes the load.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { connectTcp } from "../../shared/connect.ts";
import { reporter } from "../../shared/progress.ts";
import type { LoadJob, LoadResult } from "./job.ts";
import { type ReadLoadOptions, readLoadOptions } from "./options.ts";
import { type LoadTarget, targetOf } from "./policy.ts";
import { reportOf } from "./report.ts";
import type { LoadProgress, LoadReport, LoadTestOptions } from "./types.ts";

/** See `loadTest` in `mod.ts`. */
export async function runLoadTest(
  url: string | URL,
  options: LoadTestOptions,
): Promise<LoadReport> {
  const read = readLoadOptions(options);
  const target = await targetOf(url, options);
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const isNative = pick("monitor", 1, 0, options.implementation);
  const address = await firstThatAnswers(target, read.timeoutMs, signal);
  const job = jobOf(read, target, address);
  const { run } = isNative ? await import("./native.ts") : await import("./pure/mod.ts");
  signal?.throwIfAborted();
  const startedAt = new Date(Date.now() + job.warmUpMs).toISOString();
  const total = job.requests ?? job.durationMs + job.warmUpMs;
  const progress = reporter<Omit<LoadProgress, "done" | "total">>(
    onProgress as Parameters<typeof reporter>[0],
    total,
  );
  let last = { requests: 0, failed: 0 };
  const result: LoadResult = await run(job, {
    ...(signal && { signal }),
    report: ({ done, requests, failed }) => {
      last = { requests, failed };
      progress.report(done, last);
    },
  });
  const all = result.requests + result.warmUp;
  if (result.ended === "done") {
    onProgress?.({
      done: total,
      total,
      requests: all,
      failed: Math.max(last.failed, failed(result)),
    });
  }
  return reportOf(job, result, {
    url: target.url.href,
    authorization: target.authorization,
    startedAt,
    implementation: isNative ? "native" : "pure",
    thresholds: read.thresholds,
  });
}

function failed({ requests, succeeded }: LoadResult): number {
  return requests - succeeded;
}

/** The address that takes a connection first; if none does, the first, whose errors the report then tells. */
async function firstThatAnswers(
  target: LoadTarget,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [first, ...others] = target.addresses as [string, ...string[]];
  if (others.length === 0) return first;
  for (const address of target.addresses) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const { port } = target;
      (await connectTcp({ hostname: target.dial(address), port }, ended)).close();
      return address;
    } catch {
      signal?.throwIfAborted();
    }
  }
  return first;
}

function jobOf(read: ReadLoadOptions, target: LoadTarget, address: string): LoadJob {
  const { thresholds: _, mostRate, rate, ...rest } = read;
  const { url, host, port, isLoopback } = target;
  return {
    ...rest,
    address,
    dial: target.dial(address),
    port,
    host,
    authority: url.host,
    tls: url.protocol === "https:",
    path: `${url.pathname}${url.search}`,
    rate: rate ?? null,
    cap: rate !== undefined || isLoopback || mostRate === Infinity ? null : mostRate,
  };
}
