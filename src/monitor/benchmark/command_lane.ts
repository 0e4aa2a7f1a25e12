/**
 * Commands as lanes: each sample is one run, from before the program is started until it has ended. Its input is empty,
 * its output thrown away; the end of what it writes to standard error is kept for the error that a failing run is.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { unlessAborted } from "../../shared/abort.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { ChildrenCpu } from "./children.ts";
import type { Clock } from "./clock.ts";
import type { Lane, Sample } from "./lane.ts";

/** Bytes of standard error that are kept. */
const TAIL = 2_000;
/** How long the rest of standard error of a run that failed is waited for, in milliseconds. */
const REST_MS = 500;

/** What all commands of a benchmark have in common. */
export interface CommandSettings {
  /** The longest that a run may take. */
  readonly timeoutMs: number;
  /** Exit codes that are no failure. */
  readonly exitCodes: readonly number[];
  /** Reads the CPU time of children, or says why not. */
  readonly cpu: ChildrenCpu;
}

/**
 * Makes a lane of a command.
 *
 * @param name What it is called.
 * @param command The program and its arguments.
 * @param clock The clock.
 * @param settings What all commands have in common.
 * @throws {AgentError} `PERMISSION` if Deno does not allow to run the program; the lane's samples throw `NOT_FOUND`, `IO`,
 * `TIMEOUT`, and `COMMAND_FAILED` with the end of standard error.
 */
export function commandLane(
  name: string,
  command: readonly [string, ...string[]],
  clock: Clock,
  settings: CommandSettings,
): Lane {
  const [program, ...args] = command;
  allowRun(program);
  const { cpu, timeoutMs } = settings;
  const codes: Record<string, number> = {};
  const sample = async (_calls: number, signal: AbortSignal | undefined): Promise<Sample> => {
    const operation = `A run of ${shown(name)}`;
    return await withDeadline({ operation, timeoutMs, signal }, async (until) => {
      const before = cpu.read?.();
      const start = clock.now();
      const child = spawn(program, args);
      const reader = child.stderr.getReader();
      const tail = keepTail(reader);
      try {
        const status = await ended(child, until);
        const ms = clock.now() - start;
        const after = cpu.read?.();
        codes[String(status.code)] = (codes[String(status.code)] ?? 0) + 1;
        if (!settings.exitCodes.includes(status.code)) {
          await within(tail, REST_MS);
          await reader.cancel();
          throw failed(name, status, await tail);
        }
        if (before === undefined || after === undefined) return { ms };
        const userMs = after.userMs - before.userMs;
        return { ms, cpu: { userMs, systemMs: after.systemMs - before.systemMs } };
      } finally {
        // What it left running may hold standard error open.
        await reader.cancel();
      }
    });
  };
  return {
    name,
    mostCalls: 1,
    sample,
    facts: () => ({
      kind: "command",
      ...(cpu.reason === undefined ? {} : { cpuReason: cpu.reason }),
      exitCodes: { ...codes },
    }),
  };
}

/** Asks whether a program may be started, without a prompt. */
function allowRun(program: string): void {
  if (Deno.permissions.querySync({ name: "run", command: program }).state === "granted") return;
  throw new AgentError(
    "PERMISSION",
    `Running ${shown(program)} needs a permission; run with --allow-run=${program}`,
    { permission: "run", target: program },
  );
}

function spawn(program: string, args: readonly string[]): Deno.ChildProcess {
  try {
    const settings = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    return new Deno.Command(program, { args: [...args], ...settings }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new AgentError("NOT_FOUND", `There is no program ${shown(program)}; is it on PATH?`, {
        what: program,
      }, { cause: error });
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new AgentError("PERMISSION", error.message, { permission: "run", target: program }, {
        cause: error,
      });
    }
    throw new AgentError(
      "IO",
      `${shown(program)} cannot be started: ${error instanceof Error ? error.message : error}`,
      { path: program, operation: "start" },
      { cause: error },
    );
  }
}

/** Waits for the end of a child; when the signal fires the child is killed, and waited for. */
async function ended(child: Deno.ChildProcess, signal: AbortSignal): Promise<Deno.CommandStatus> {
  try {
    return await unlessAborted(child.status, signal);
  } catch (error) {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself in this very moment.
    }
    await child.status;
    throw error;
  }
}

/** Waits for some work, but not longer than so many milliseconds. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work, over]);
  clearTimeout(timer);
}

/** Reads to the end and keeps the last of it. */
async function keepTail(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let kept: Uint8Array = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new TextDecoder().decode(kept).trim();
    const joined = new Uint8Array(kept.length + value.length);
    joined.set(kept);
    joined.set(value, kept.length);
    kept = joined.subarray(Math.max(0, joined.length - TAIL));
  }
}

function failed(
  name: string,
  { code, signal }: Deno.CommandStatus,
  stderr: string,
): AgentError<"COMMAND_FAILED"> {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  // A terminal would act on control characters that somebody else's program wrote.
  const said = stderr.replace(/[^\P{C}\n]/gu, "?");
  return new AgentError(
    "COMMAND_FAILED",
    `${shown(name)} ${how}, so its time says nothing${said === "" ? "" : `; it wrote:\n${said}`}`,
    { command: name, exitCode: code, stderr },
  );
}
