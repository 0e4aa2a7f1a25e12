/**
 * The machine's figures from Deno's own; defines what the twin in `native.ts` must do.
 *
 * @module
 */

import type { MemoryInfo } from "./types.ts";

/** Memory and CPUs, now. */
export function memory(): MemoryInfo {
  const { total, available, swapTotal, swapFree } = Deno.systemMemoryInfo();
  return { total, available, swapTotal, swapFree, cpus: navigator.hardwareConcurrency };
}
