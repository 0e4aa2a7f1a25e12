/**
 * Jobs and counts as `agent queue` writes them for people.
 *
 * @module
 */

import type { JobRecord, QueueStats } from "../queue/mod.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";

/** A line of a list stays about that long. */
const SHOWN = 100;
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** One line for each state. */
export function statsLines(stats: QueueStats, output: Output, donePerSecond?: number): string[] {
  const { paused, ...counts } = stats;
  const width = Math.max(...Object.values(counts).map((count) => String(count).length));
  const lines = Object.entries(counts).map(([state, count]) => {
    const text = `${state.padEnd(9)}  ${String(count).padStart(width)}`;
    if (count === 0) return output.dim(text);
    return state === "dead" ? output.mark(text, false) : text;
  });
  if (donePerSecond !== undefined && donePerSecond > 0) {
    lines.push(`${"done/s".padEnd(9)}  ${donePerSecond.toFixed(1).padStart(width)}`);
  }
  if (paused) lines.push(output.mark("paused: nothing is handed out", false));
  return lines;
}

/** All on one line, with the time. */
export function statsLine({ paused, ...counts }: QueueStats): string {
  const parts = Object.entries(counts).map(([state, count]) => `${state} ${count}`);
  return [new Date().toISOString(), ...parts, ...(paused ? ["paused"] : [])].join("  ");
}

/** One line for a job. */
export function jobLine(job: JobRecord, output: Output): string {
  const { id, state, attempts, error, progress, result } = job;
  const facts = [timeOf(job)];
  if (attempts > 0) facts.push(attempts === 1 ? "1 try" : `${attempts} tries`);
  if (job.priority !== 0) facts.push(`priority ${job.priority}`);
  if (job.key !== undefined) facts.push(`key ${short(job.key)}`);
  if (job.group !== undefined) facts.push(`group ${short(job.group)}`);
  if (progress !== undefined && state === "running") facts.push(`at ${short(progress)}`);
  const end = error !== undefined && state !== "done"
    ? `  ${output.mark(short(error), false)}`
    : state === "done" && result !== undefined
    ? `  -> ${short(result)}`
    : "";
  return `${output.bold(short(id))}  ${output.dim(facts.join(", "))}  ${short(job.data)}${end}`;
}

function timeOf({ state, addedAt, runAt, finishedAt }: JobRecord): string {
  const time = finishedAt ?? (state === "delayed" ? runAt : addedAt);
  const date = new Date(time);
  return Number.isFinite(date.getTime()) ? date.toISOString() : String(time);
}

/** A value on one line, without what a terminal would act on. */
function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}...` : shown;
}

/** The milliseconds of an age such as `30m`; 0 if none was given. */
export function age(text: string | undefined, command: string): number {
  if (text === undefined) return 0;
  const [, count, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined) {
    throw new UsageError(
      `Option --older-than must be a number with s, m, h or d, as in 7d, got "${
        text.slice(0, 40)
      }"`,
      command,
    );
  }
  return Number(count) * UNITS[unit]!;
}
