/**
 * When the machine was started, and from it when a process was.
 *
 * @module
 */

import type { HostReader } from "./raw.ts";
import type { HostRoots } from "./reader.ts";

/** Ticks a second in what Linux shows to programs, whatever the kernel itself counts in. */
const TICKS = 100;
/** The line stands behind one for each processor and one for the interrupts. */
const STAT_MOST = 2 ** 20;

/** When the machine was started, in milliseconds since 1970, whole seconds; null where it is not told. */
export async function bootTime(
  reader: HostReader,
  roots: HostRoots,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const [stat] = await reader.files(roots.proc, ["stat"], STAT_MOST, signal);
  const seconds = typeof stat === "string" ? /^btime ([0-9]{1,12})$/m.exec(stat)?.[1] : undefined;
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/** When a process began, in milliseconds since 1970. */
export function startTime(ticks: number, booted: number | null): number | null {
  return booted === null ? null : booted + Math.floor(ticks * 1000 / TICKS);
}
