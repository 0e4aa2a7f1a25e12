/**
 * The performance monitor: the machine's figures.
 *
 * @example
 * ```ts
 * import { memoryInfo } from "@agent/runtime/monitor";
 *
 * const { available, total, cpus } = memoryInfo();
 * console.log(`${(available / total * 100).toFixed()} % of memory is free for ${cpus} CPUs`);
 * ```
 *
 * @module
 */

import { allowSystem } from "../shared/access.ts";
import { pick } from "../native/choose.ts";
import { checkImplementation } from "../shared/arguments.ts";
import { SourceMonitor } from "./monitor.ts";
import * as native from "./native.ts";
import { checkMonitorOptions } from "./options.ts";
import * as pure from "./pure.ts";
import { LazySource } from "./source/lazy.ts";
import type { Monitor, MonitorOptions } from "./monitor_types.ts";
import type { MemoryInfo, MemoryOptions } from "./types.ts";

export * from "../shared/errors.ts";
export type { Implementation } from "../shared/implementation.ts";
export { benchmark } from "./benchmark/benchmark.ts";
export type * from "./benchmark/types.ts";
export type * from "./monitor_types.ts";
export type * from "./types.ts";
export * from "./load/mod.ts";

/**
 * Memory, swap and CPUs of the machine, read now.
 *
 * Needs `--allow-sys=systemMemoryInfo`, on both twins. It never prompts.
 *
 * @param options Which twin.
 * @returns The figures, in bytes.
 * @throws {AgentError} `PERMISSION` if Deno does not allow it; `UNSUPPORTED` where the system does not
 * tell; `NATIVE_REQUIRED`.
 *
 * @example
 * ```ts
 * import { memoryInfo } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * const { total, available } = memoryInfo();
 * assert.ok(available > 0 && available <= total);
 * ```
 */
export function memoryInfo(options?: MemoryOptions): MemoryInfo;
export function memoryInfo(options: MemoryOptions = {}): MemoryInfo {
  checkImplementation(options.implementation, "options.implementation");
  allowSystem("systemMemoryInfo");
  // Deno's own call is three times as fast for these few figures, so `auto` has nothing to load.
  return (pick("monitor", 0, Infinity, options.implementation) ? native : pure).memory();
}

/**
 * Makes a monitor of this machine: its CPUs, memory, pressure, disks, file systems, network, processes, limits and sensors,
 * this program, and the runtime's own parts.
 *
 * It reads when it is asked, and once an interval while somebody iterates over it, its history is kept or it has
 * thresholds; otherwise nothing runs. It keeps the program alive only while somebody waits for it. Clocks that are set do
 * not matter to rates, intervals and thresholds. It never starts another program, and never prompts.
 *
 * What can be read depends on the permissions: on the native twin `--allow-sys` for the machine's figures, and unscoped
 * `--allow-read` as well for processes and mounts; on the pure one, `--allow-all`, since Deno lets no other program read
 * `/proc`, and with `--allow-sys` alone what Deno itself tells. What cannot be read is null, and `unavailable` says why.
 *
 * @param options How often, what, and thresholds.
 * @returns The monitor; `await using` closes it.
 * @throws {TypeError | RangeError} If an option is wrong, or thresholds contradict each other.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 *
 * @example
 * ```ts
 * import { createMonitor } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * await using monitor = createMonitor({ include: ["memory"] });
 * const { memory, windowMs, unavailable } = await monitor.snapshot();
 * assert.ok(memory === null ? unavailable.memory : memory.available <= memory.total);
 * assert.ok(windowMs! >= 100);
 *
 * monitor.record("checkout", 12.5, true);
 * const { operations } = await monitor.snapshot();
 * assert.equal(operations.checkout?.count, 1);
 * ```
 */
export function createMonitor(options?: MonitorOptions): Monitor {
  const checked = checkMonitorOptions(options);
  const { implementation, include } = checked;
  return new SourceMonitor({
    source: new LazySource({ implementation, include }),
    options: checked,
  });
}
