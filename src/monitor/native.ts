/**
 * The machine's figures by the Rust library, on sysinfo: twin of `pure.ts`, which says what it must do.
 *
 * @module
 */

import { monitorMemory } from "../native/generated/monitor.ts";
import type { MemoryInfo } from "./types.ts";

/**
 * Memory and CPUs, now.
 *
 * @returns The figures.
 * @throws {AgentError} `UNSUPPORTED` where the system does not tell.
 */
export function memory(): MemoryInfo {
  return monitorMemory() as MemoryInfo;
}
