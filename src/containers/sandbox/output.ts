/** What a command wrote, as its result says it. @module */

import type { Driven } from "./drive.ts";
import type { ExecResult } from "./types.ts";

/** The part of a result that does not depend on how the command was started. */
export function outputOf(
  { capture, timedOut, durationMs }: Driven,
): Pick<ExecResult, "stdout" | "stderr" | "truncated" | "dropped" | "timedOut" | "durationMs"> {
  return {
    stdout: capture.text("stdout"),
    stderr: capture.text("stderr"),
    truncated: capture.truncated,
    dropped: capture.dropped,
    timedOut,
    durationMs,
  };
}
