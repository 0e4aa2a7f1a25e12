/**
 * One command in a box of its own, which is removed however it ends.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { Attached } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { type FilesToPut, putFiles } from "../files/put.ts";
import { REMOVED } from "../files/tool.ts";
import { knownFields } from "../policy/mod.ts";
import { Box, type BoxPlan, mayBeLeft } from "./box.ts";
import type { SandboxContext } from "./context.ts";
import { Clock, LEFT_MS, patient } from "./clock.ts";
import { drive, type Driven, type DriveOptions } from "./drive.ts";
import { GATE, gateLine, Waiting } from "./gate.ts";
import { readInside } from "./inside.ts";
import type { WireInspect } from "./inspected.ts";
import { type NetworkLease, openNetwork } from "./network.ts";
import { outputOf } from "./output.ts";
import { openSession } from "./session.ts";
import {
  boxSpec,
  type CommandPlan,
  readCommand,
  readOutputs,
  readSandbox,
  readWords,
  RUN_FIELDS,
  type SandboxPlan,
} from "./spec.ts";
import type { RunResult, RunSpec } from "./types.ts";

/** How much longer than its bounds a command with files to take out may take. */
const SLOWNESS_MS = 30_000;
/** What a killed program may take to be gone. */
const END_MS = 30_000;

/**
 * Runs one command in a sandbox. See `Containers.run`.
 *
 * @throws {TypeError | RangeError} For what is asked wrongly.
 * @throws {AgentError} `NOT_FOUND` for the image; `UNSUPPORTED` naming the controls that do not hold; what files throw;
 * `IO` if the engine goes away.
 */
export async function runSandbox(context: SandboxContext, given: RunSpec): Promise<RunResult> {
  const fields = knownFields(given, "spec", RUN_FIELDS);
  const command = readWords(fields["command"], "spec.command");
  const plan = readSandbox(fields, context.facts);
  const how = readCommand(fields, "spec", command);
  const outputs = readOutputs(fields["outputs"], plan.folder);
  const files = fields["files"] as FilesToPut | undefined;
  using clock = new Clock("run", how.timeoutMs, how.signal);
  if (outputs.length > 0) {
    return await runForFiles(context, fields as unknown as RunSpec, command, outputs, clock, how);
  }
  const expiresMs = Date.now() + how.timeoutMs + LEFT_MS;
  const opening = openNetwork(context, plan.network, expiresMs, clock.signal);
  const network = await clock.before(opening, (lease) => lease.close());
  return await removed(network, async () => {
    const common = { accepted: plan.accepted, expiresMs, signal: clock.signal };
    if (files === undefined && plan.verify !== true) {
      return await runDirectly(context, plan, command, how, network, common, clock);
    }
    const opening = openGate(context, plan, "run", network, plan.verify === true, common);
    const gated = await clock.before(opening, dropGate);
    return await runGated(context, gated, plan, command, how, files, clock);
  }, () => network.close());
}

/** The command is what the container starts. */
async function runDirectly(
  context: SandboxContext,
  plan: SandboxPlan,
  command: readonly string[],
  how: CommandPlan,
  network: NetworkLease,
  common: Omit<BoxPlan, "spec">,
  clock: Clock,
): Promise<RunResult> {
  const stdin = how.stdin !== undefined;
  const spec = boxSpec(plan, "run", command, network, stdin);
  const box = await clock.before(Box.make(context, { ...common, spec }), (box) => box.remove());
  return await removed(box, async () => {
    let attached: Attached | undefined;
    const starting = async (): Promise<Attached> => {
      attached = await box.attach(stdin, clock.signal);
      await box.start(clock.signal);
      return attached;
    };
    try {
      await clock.before(starting());
    } catch (error) {
      attached?.close();
      return notStarted(error, box);
    }
    const timed = begun(how, clock);
    box.endWithin(timed.timeoutMs);
    const driven = await drive(attached!, { ...timed, ...endOf(box) });
    return await resultOf(context, box, driven, how.maxOutputBytes);
  });
}

/** How a command is gone with from its start on: what is left of its time is its own. */
function begun(how: CommandPlan, clock: Clock): CommandPlan {
  const timeoutMs = clock.leftMs;
  clock[Symbol.dispose]();
  return { ...how, timeoutMs };
}

/** A box with a shell that waits for its command. */
export interface Gated {
  readonly box: Box;
  readonly waiting: Waiting;
}

/** Starts a box that waits for its command, and looks inside if asked. */
export async function openGate(
  context: SandboxContext,
  plan: SandboxPlan,
  kind: "run" | "pool",
  network: NetworkLease,
  verify: boolean,
  common: Omit<BoxPlan, "spec">,
): Promise<Gated> {
  const box = await Box.make(context, {
    ...common,
    spec: boxSpec(plan, kind, GATE, network, true),
  });
  try {
    const waiting = await startShell(box, common.signal);
    try {
      if (verify) {
        box.report = await box.check(await readInside(context.client, box.id, common.signal));
      }
      return { box, waiting };
    } catch (error) {
      waiting.close();
      throw await explainShell(error, box);
    }
  } catch (error) {
    throw await box.remove().then(() => error, () => mayBeLeft(error, box.id));
  }
}

/** Runs a command in a box that waits, and removes it. */
export async function runGated(
  context: SandboxContext,
  { box, waiting }: Gated,
  plan: SandboxPlan,
  command: readonly string[],
  how: CommandPlan,
  files: FilesToPut | undefined,
  clock: Clock,
  signal: AbortSignal | undefined = how.signal,
  remove: () => Promise<void> = () => box.remove(),
): Promise<RunResult> {
  return await removed(box, async () => {
    try {
      if (files !== undefined) {
        // By programs of the image, which may take for ever; the box goes with them.
        // The clock ends it; their own bound lies behind, so that the error speaks of the limit that the caller set.
        const bounds = { timeoutMs: clock.leftMs + 1_000, signal: clock.signal };
        const putting = putFiles(context.client, box.id, files, plan.folder, bounds, REMOVED);
        await clock.before(putting).catch(async (error) => {
          throw await explainShell(error, box);
        });
      }
      const attached = waiting.open(gateLine(command, how.env, how.workingDirectory));
      const stdin = how.stdin ?? new Uint8Array(0);
      const timed = begun(how, clock);
      box.endWithin(timed.timeoutMs);
      const driven = await drive(attached, { ...timed, signal, stdin, ...endOf(box) });
      return await resultOf(context, box, driven, how.maxOutputBytes);
    } finally {
      waiting.close();
    }
  }, remove);
}

/** With files to take out the box must outlive its command. */
async function runForFiles(
  context: SandboxContext,
  given: RunSpec,
  command: readonly string[],
  outputs: readonly string[],
  clock: Clock,
  { timeoutMs, stdin, maxOutputBytes, onOutput, signal }: CommandPlan,
): Promise<RunResult> {
  const { image, env, workingDirectory, user, limits, tmpfs, network, isolation, acceptWeaker } =
    given;
  // The command has its time, and the taking out; more only for the engine to be slow.
  const ttlMs = Math.min(2 * timeoutMs + SLOWNESS_MS, 2_147_483_647);
  const opening = openSession(context, {
    ...{ image, env, workingDirectory, user, limits, tmpfs, network, isolation, acceptWeaker },
    files: given.files,
    verify: given.verify === true,
    ttlMs,
    idleMs: ttlMs,
    // As without files to take out: what is over the bound of the command is dropped, and ends nothing.
    maxTotalOutputBytes: Number.MAX_SAFE_INTEGER,
    signal: clock.signal,
  });
  const session = await clock.before(opening, (session) => session.close());
  try {
    const exec = { stdin, timeoutMs: clock.leftMs, maxOutputBytes, onOutput, signal };
    clock[Symbol.dispose]();
    const result = await session.exec(command, exec);
    // That they come has a time of its own, as long again: the command was in time.
    const files = result.timedOut ? [] : await session.getFiles(outputs, { signal, timeoutMs });
    return { ...result, files, security: session.security };
  } finally {
    await session.close();
  }
}

/** Removes something after the work, whatever comes of it; what went wrong first is what is said. */
async function removed<T>(
  made: Box | NetworkLease,
  work: () => Promise<T>,
  remove: () => Promise<void> = () => (made as Box).remove(),
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (!(made instanceof Box)) {
      await patient(remove().catch(() => {}));
      throw error;
    }
    let told = explainLost(error, made);
    await patient(
      remove().catch(() => {
        told = mayBeLeft(error, made.id);
      }),
    );
    throw told;
  }
  await remove();
  return result;
}

/** Removes a box that waits and is not needed after all. */
export async function dropGate({ box, waiting }: Gated): Promise<void> {
  waiting.close();
  await box.remove();
}

/** Somebody else removed it: the engine says that there is none, where it is asked how it ended. */
function explainLost(error: unknown, box: Box): unknown {
  if (!(error instanceof EngineError) || error.status !== 404) return error;
  return new AgentError(
    "NOT_FOUND",
    `The sandbox was removed by somebody else while it ran (${error.message})`,
    { what: box.id },
    { cause: error },
  );
}

/** How a box's program is ended. */
function endOf(box: Box): Pick<DriveOptions, "kill" | "isOver"> {
  return { kill: () => box.kill(), isOver: () => box.isOver() };
}

/** How a command ended that was the container's program. */
async function resultOf(
  { client }: SandboxContext,
  box: Box,
  driven: Driven,
  most: number,
): Promise<RunResult> {
  const end = await box.end(AbortSignal.timeout(END_MS));
  const capture = driven.isCut ? await box.written(driven.capture, most) : driven.capture;
  const exitCode = driven.timedOut ? null : end.exitCode;
  const isUnknown = client.engine === "podman" && exitCode === 137 && !end.oomKilled;
  return {
    ...outputOf({ ...driven, capture }),
    exitCode,
    oomKilled: end.oomKilled,
    oom: end.oomKilled ? "killed" : isUnknown ? "unknown" : "no",
    files: [],
    security: box.report,
  };
}

/** Starts a box whose program is a shell of the image. */
async function startShell(box: Box, signal: AbortSignal | undefined): Promise<Waiting> {
  let attached: Attached | undefined;
  try {
    attached = await box.attach(true);
    await box.start(signal);
    return new Waiting(attached);
  } catch (error) {
    attached?.close();
    throw programFault(error) === undefined ? error : withoutShell(error);
  }
}

/** Where an init is the first process, that there is no shell is said by the init, and after the start. */
async function explainShell(error: unknown, box: Box): Promise<unknown> {
  const { State } = await box.inspect().catch((): WireInspect => ({}));
  const isMissing = State?.Running === false && (State.ExitCode === 127 || State.ExitCode === 126);
  return isMissing ? withoutShell(error) : error;
}

function withoutShell(cause: unknown): AgentError<"UNSUPPORTED"> {
  const what = "sh in the image";
  const message = `Files, a look inside and pools need ${what}, which this one has not`;
  return new AgentError("UNSUPPORTED", message, { what }, { cause });
}

/** A program that is not there or is none is a command's end as in a shell, not the sandbox's failure. */
function notStarted(error: unknown, box: Box): RunResult {
  const exitCode = programFault(error);
  if (exitCode === undefined) throw error;
  return {
    exitCode,
    stdout: "",
    stderr: `${(error as Error).message}\n`,
    truncated: false,
    dropped: { stdout: 0, stderr: 0 },
    timedOut: false,
    oomKilled: false,
    oom: "no",
    durationMs: 0,
    files: [],
    security: box.report,
  };
}

/**
 * How runtimes say that there is no such program. That something else is not there (a cgroup that was removed meanwhile, the
 * source of a mount) is the engine's failure, and not told by the program's name.
 */
const NO_PROGRAM = new RegExp(
  [
    "executable file .*not found",
    "\\bexecutable\\b.*no such file or directory",
    String.raw`\bexec:? (?:"(?:[^"\\]|\\.)*"|[^\s":]+): (?:stat .*: )?no such file or directory`,
  ].join("|"),
  "i",
);

function programFault(error: unknown): 126 | 127 | undefined {
  if (!(error instanceof EngineError)) return undefined;
  const { message } = error;
  if (NO_PROGRAM.test(message)) return 127;
  return /exec.*(permission denied|exec format error|is a directory)/i.test(message)
    ? 126
    : undefined;
}
