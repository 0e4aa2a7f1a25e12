/**
 * Limits on requests and tokens per minute and on what is under way at once: reserve before a request, settle after it.
 *
 * @example
 * ```ts
 * import { createLimiter } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * using limiter = createLimiter({ requestsPerMinute: 60, tokensPerMinute: 10_000, concurrency: 4 });
 * using reservation = await limiter.reserve(1_200); // the estimate: prompt and longest answer
 * // ... the request is made here, and says what it took
 * await reservation.settle(850);
 * assert.equal((await limiter.stats()).tokensLeft, 9_150);
 * ```
 *
 * @module
 */

export { createLimiter } from "./create.ts";
export type {
  Limiter,
  LimiterOptions,
  LimiterStats,
  Reservation,
  ReserveOptions,
} from "./types.ts";
