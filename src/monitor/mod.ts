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
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { MemoryInfo, MemoryOptions } from "./types.ts";

export type { Implementation } from "../shared/implementation.ts";
export type { MemoryInfo, MemoryOptions } from "./types.ts";

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
export function memoryInfo(options: MemoryOptions = {}): MemoryInfo {
  checkImplementation(options.implementation, "options.implementation");
  allowSystem("systemMemoryInfo");
  // Deno's own call is three times as fast for these few figures, so `auto` has nothing to load.
  return (pick("monitor", 0, Infinity, options.implementation) ? native : pure).memory();
}
