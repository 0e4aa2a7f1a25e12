/**
 * The machine's figures by the Rust library, on sysinfo: twin of `pure.ts`, which says what it must do.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { callInto } from "../ffi/call.ts";
import type { MonitorSymbols } from "../ffi/generated/monitor.ts";
import type { MemoryInfo } from "./types.ts";

const decoder = new TextDecoder();

/**
 * Memory and CPUs, now.
 *
 * @param native The open area.
 * @returns The figures.
 * @throws {AgentError} `UNSUPPORTED` where the system does not tell.
 */
export function memoryNative(native: NativeArea<MonitorSymbols>): MemoryInfo {
  const json = callInto(
    "memoryInfo",
    (out, capacity) => native.symbols.agent_monitor_memory(out, capacity),
  );
  return JSON.parse(decoder.decode(json)) as MemoryInfo;
}
