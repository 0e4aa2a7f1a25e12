/** What the processes of the soak say of themselves, and what the kernel says of them. */

import type { TwinName } from "./work.ts";

/** What an area's process writes, a line each. */
export type Answer =
  | { type: "ready"; twins: readonly TwinName[] }
  | { type: "missing"; why: string }
  | {
    type: "sample" | "end";
    /** Bytes of V8's heap after a collection, and what belongs to it outside. */
    heap: number;
    /** Handles that native code holds. */
    handles: number;
    /** Milliseconds of processors, of this process alone. */
    cpuMs: number;
    done: number;
    lost: number;
    errors: number;
    /** The first losses and errors. */
    words: readonly string[];
  };

/** What the kernel says of a process. */
export interface Seen {
  /** Resident bytes. */
  readonly rss: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** A look at an area: both together. */
export interface Sample extends Seen {
  /** Milliseconds since the area was ready. */
  readonly atMs: number;
  readonly heap: number;
  readonly handles: number;
  readonly done: number;
}

// Deno lets only programs that may do everything read /proc; a shell needs no more than to be started.
// Files of other processes are not counted: the monitor keeps up to two of each open, so their number is the machine's.
const SCRIPT =
  'ls -l "/proc/$1/fd" | grep "^l" | grep -c -v " /proc/[0-9]"; grep -E "^(VmRSS|Threads):" "/proc/$1/status"';

/** Asks the kernel for a process; undefined if it has ended. */
export async function look(pid: number): Promise<Seen | undefined> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT, "sh", String(pid)],
    stdin: "null",
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const found = /^(\d+)\nVmRSS:\s+(\d+) kB\nThreads:\s+(\d+)\n$/.exec(text);
  if (found === null) return undefined;
  const [descriptors, kilobytes, threads] = found.slice(1).map(Number) as [number, number, number];
  return { rss: kilobytes * 1_024, descriptors, threads };
}
