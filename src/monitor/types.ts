/**
 * The machine's figures. Types only.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";

/** Memory of the machine in bytes, and its CPUs. A container's own limits are not in it. */
export interface MemoryInfo {
  /** All memory. */
  total: number;
  /** What can be had without swapping, caches that can be dropped included. */
  available: number;
  /** All swap space; 0 if there is none. */
  swapTotal: number;
  /** Swap space that is not used. */
  swapFree: number;
  /** CPUs that this process may run on at once. */
  cpus: number;
}

/** Options of `memoryInfo`. */
export interface MemoryOptions {
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation;
}
