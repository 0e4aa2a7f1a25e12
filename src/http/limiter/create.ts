/**
 * `createLimiter`: which engine a limiter gets.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { nativeRequired, requireLibrary } from "../../native/load.ts";
import { effectiveImplementation } from "../../native/settings.ts";
import { type Engine, LocalLimiter } from "./local.ts";
import { NativeEngine } from "./native.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { PureEngine } from "./pure.ts";
import { openRedisLimiter } from "./redis.ts";
import { shown } from "../../shared/arguments.ts";
import type { Limiter, LimiterOptions } from "./types.ts";

/**
 * Makes a limiter of requests and tokens per minute and of what is under way at once.
 *
 * In any 60 seconds, wherever they begin, no more is reserved than the limits say, and under constant demand at least
 * 99.8 % of it is: what was reserved counts until its 500th of a minute is wholly past. A whole minute's worth can be
 * had at once; `requestsPerSecond` beside it spreads it. Who waits is served in order, groups in turn, and a large
 * reservation is not passed by small ones.
 *
 * Without a name it is this isolate's. With a name it is one limiter for all Workers of the process, in native memory,
 * and stays in force for a minute after its last user is gone; see {@linkcode LimiterOptions.shared} for where that
 * cannot be had. With a name and `redis` it is one for all machines: then every reservation is a round trip to the
 * server, whose clock counts, machines that have to wait take turns, and only calls of one object are in order. A Redis
 * from 6.0 on or Valkey is needed, its commands `HELLO`, `PING`, `EVAL` and `EVALSHA` with what scripts call, for the
 * keys `agent:limiter:*`, and `--allow-net=host:port`; it is connected to when it is first needed.
 *
 * @param options The limits, and who shares them. At least one limit is usual, none is allowed: then only what
 * servers say holds.
 * @returns The limiter; `using` closes it.
 * @throws {TypeError | RangeError} If an option is wrong, or a limit differs from that under which the name is in use
 * (with Redis, `reserve` rejects with it).
 * @throws {AgentError} `NATIVE_REQUIRED` if a name or `"native"` needs native code that cannot be used.
 *
 * @example
 * ```ts
 * import { createLimiter } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * using limiter = createLimiter({ requestsPerMinute: 2 });
 * await limiter.reserve();
 * const second = await limiter.reserve();
 * assert.equal(limiter.tryReserve(), undefined);
 * await second.release(); // it was not needed
 * assert.ok(limiter.tryReserve());
 * ```
 */
export function createLimiter(options?: LimiterOptions): Limiter {
  const resolved = resolveOptions(options);
  if (options?.redis !== undefined) return openRedisLimiter(resolved, options);
  const engine = engineOf(resolved, options);
  return new LocalLimiter(engine, resolved.tokens.limit, resolved.concurrency);
}

function engineOf(options: ResolvedOptions, given: LimiterOptions | undefined): Engine {
  const { name, shared } = options;
  const wish = given?.implementation;
  const isShared = name !== undefined;
  // In one isolate too the native engine is the faster one, by its clock.
  if (pick("http", 1, 1, wish)) return new NativeEngine(options);
  if (!isShared || shared === "preferred") return new PureEngine(options);
  if (effectiveImplementation("http", wish) === "auto") {
    // Asks for the permission, or says why it cannot be had.
    requireLibrary("core-utils");
    return new NativeEngine(options);
  }
  throw nativeRequired(
    "core-utils",
    "disabled",
    `Limiter ${shown(name)} is for all Workers, which implementation "pure" cannot do; use ` +
      `shared: "preferred" to have one of this isolate instead`,
  );
}
