/**
 * Load tests of HTTP servers, with figures that say when they are not to be believed.
 *
 * @module
 */

import type { LoadReport, LoadTestOptions } from "./types.ts";

export type {
  LoadGenerator,
  LoadInterval,
  LoadLimits,
  LoadPoint,
  LoadProgress,
  LoadReport,
  LoadTestOptions,
  LoadThreshold,
  Percentiles,
} from "./types.ts";
export type { LoadTextOptions } from "./picture/text.ts";
export { loadToSvg } from "./picture/svg.ts";
export { loadToText } from "./picture/text.ts";

/**
 * Puts an HTTP server under load and measures how it answers.
 *
 * With `rate` the starts of requests are fixed by the clock (open model), and the response time of a request counts from
 * its intended start: a server that stalls is seen by every request that should have been made meanwhile. Without it
 * each connection sends again as soon as it has its answer (closed model).
 *
 * Loopback and the private networks that this machine is in may be put under load, others only with an authorisation;
 * each address of a name is checked, connections go to the checked one, redirects are not followed, TLS is verified, and
 * no cookie or credential is sent but those in `headers`. Needs `--allow-net=<host>`, and for private networks
 * `--allow-sys=networkInterfaces`; it never prompts. A target that fails or a threshold that is not met is no error of
 * the call: the report says it.
 *
 * @param url Such as `"http://127.0.0.1:8080/"`.
 * @param options What load, for how long, and what has to hold.
 * @returns The report. Look at `valid` first: it is false where the generator was what was measured.
 * @throws {TypeError | RangeError} For options that are none, are over a ceiling, or contradict each other.
 * @throws {AgentError} `SCOPE` for targets that may not be put under load; `PERMISSION` naming what Deno does not allow;
 * `NOT_FOUND` for a name without an address; `NATIVE_REQUIRED`.
 *
 * @example
 * ```ts
 * import { loadTest } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("hello"));
 * const report = await loadTest(`http://127.0.0.1:${server.addr.port}/`, {
 *   rate: 200,
 *   requests: 40,
 *   connections: 4,
 *   thresholds: ["errors < 1 %"],
 * });
 * assert.equal(report.succeeded, 40);
 * assert.ok(report.passed && report.response.p99 >= report.service.p50);
 * ```
 */
export function loadTest(url: string | URL, options?: LoadTestOptions): Promise<LoadReport>;
export async function loadTest(
  url: string | URL,
  options: LoadTestOptions = {},
): Promise<LoadReport> {
  const { runLoadTest } = await import("./run.ts");
  return await runLoadTest(url, options);
}
