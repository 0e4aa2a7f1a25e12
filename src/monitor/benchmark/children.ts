/**
 * CPU time of the programs that this one started and waited for: the native library asks the system (`getrusage`), Deno
 * has no way to.
 *
 * @module
 */

import { monitorChildren } from "../../native/generated/monitor.ts";
import { pick } from "../../native/choose.ts";
import type { Implementation } from "../../shared/implementation.ts";
import type { CpuTime } from "./lane.ts";

/** Reads it, or says why it cannot be read. */
export type ChildrenCpu =
  | { read(): CpuTime; reason?: undefined }
  | { read?: undefined; reason: string };

/**
 * Finds out how to read it.
 *
 * @param implementation Which twin.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 */
export function childrenCpu(implementation: Implementation | undefined): ChildrenCpu {
  if (!pick("monitor", 0, 0, implementation)) {
    return { reason: "CPU time of a command needs the native library" };
  }
  try {
    monitorChildren();
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  return { read: () => monitorChildren() as CpuTime };
}
