/**
 * Runs a program in a container that runs already. One whose time is over is killed with all that it started, as `kill.ts`
 * says; where that cannot be done, because there is no shell or no place for one more process, the container is killed.
 * `killed` says which it was.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import { QUICK_MS } from "../engine/times.ts";
import { drive } from "../sandbox/drive.ts";
import { outputOf } from "../sandbox/output.ts";
import type { ExecResult as CommandResult } from "../sandbox/types.ts";
import type { ExecPlan } from "./exec_options.ts";
import { Begun, ended, killable, killProcess, oomOf } from "./kill.ts";
import { startExec } from "./process.ts";

/** How a program in a container ended. */
export interface ContainerExecResult extends CommandResult {
  /**
   * What was killed because its time was over: the program with all that it started, or, as that failed, the container.
   * Where the runtime has no bounds that mark a process (gVisor), what left both its environment and its session goes on.
   */
  killed: "process" | "container" | null;
}

/** What a container does for those who run programs in it; left out: what is right for one that is not ours. */
export interface ExecHost {
  /** Takes part in the output. */
  read?(frames: AsyncIterable<Frame>): AsyncIterable<Frame>;
  /** Ends all of it, where a program cannot be killed alone. */
  killAll?(): Promise<void>;
  /** Whether the kernel killed for memory, by how a program ended. */
  oom?(exitCode: number | null): Promise<"killed" | "no" | "unknown">;
  /** Milliseconds in which a program may go on whose output has ended. */
  readonly lingerMs?: number;
}

/** The longest that a timer can wait: none at all, for a program. */
const LONGEST_MS = 2_147_483_647;
/** How long a program may go on whose output has ended, and whose connection broke off. */
const LINGER_MS = 7_000;
const SOON_MS = 1_000;

/** Runs a program to its end. */
export async function execIn(
  client: EngineClient,
  container: string,
  plan: ExecPlan,
  host: ExecHost = {},
): Promise<ContainerExecResult> {
  const { timeoutMs, signal, onOutput } = plan;
  const mayBeKilled = timeoutMs !== undefined || signal !== undefined || onOutput !== undefined;
  if (!mayBeKilled) return await run(client, container, plan, host, undefined);
  try {
    return await run(client, container, plan, host, new Begun());
  } catch (error) {
    if (!(error instanceof NoShell)) throw error;
    // Nothing has run. Without a shell there is nothing to kill it by, but the container.
    return await run(client, container, plan, host, undefined, true);
  }
}

/** The container has no shell that the program could be started by. */
class NoShell extends Error {}

async function run(
  client: EngineClient,
  container: string,
  plan: ExecPlan,
  host: ExecHost,
  begun: Begun | undefined,
  killsAll = false,
): Promise<ContainerExecResult> {
  const { command, env, user, workdir, stdin, timeoutMs = LONGEST_MS, signal } = plan;
  signal?.throwIfAborted();
  const wanted = { command, env, user, workingDirectory: workdir, stdin: stdin !== undefined };
  const request = begun === undefined ? wanted : killable(wanted, begun);
  const process = await startExec(client, container, request);
  const { id } = process;
  const own = begun === undefined ? process.frames : begun.withoutFirst(process.frames);
  let killed: "process" | "container" | null = null;
  const kill = async (): Promise<void> => {
    if (begun === undefined && !killsAll) return process.close();
    const result = begun === undefined
      ? "failed"
      : await killProcess(client, container, id, user, begun);
    // Where a process can hide, what is ours alone is ended as a whole; what is somebody's goes on.
    const isAlone = result === "all" || (result === "known" && host.killAll === undefined);
    if (!isAlone) await (host.killAll ?? (() => killContainer(client, container)))();
    killed = isAlone ? "process" : "container";
  };
  const driven = await drive({ ...process, frames: host.read?.(own) ?? own }, {
    ...plan,
    timeoutMs,
    kill,
    isOver: async () => !(await ended(client, id, performance.now() + SOON_MS)).running,
  });
  const exitCode = driven.timedOut
    ? null
    : await exitCodeOf(client, id, host.lingerMs ?? LINGER_MS);
  if (begun !== undefined && begun.pid === undefined && !driven.timedOut) {
    // The shell said nothing, so that it never ran: the engine's own words are in its place.
    if (exitCode === 126 || exitCode === 127) throw new NoShell();
  }
  const oom = driven.timedOut
    ? "no"
    : await (host.oom ?? oomHere(client, container, user, begun))(exitCode);
  return {
    ...outputOf(driven),
    exitCode,
    oomKilled: oom === "killed",
    oom,
    killed: driven.timedOut ? killed : null,
  };
}

/** By the kernel's own count, asked for only where a program was killed. */
function oomHere(
  client: EngineClient,
  container: string,
  user: string | undefined,
  begun: Begun | undefined,
): Required<ExecHost>["oom"] {
  return async (exitCode) => exitCode === 137 ? await oomOf(client, container, user, begun) : "no";
}

async function killContainer(client: EngineClient, container: string): Promise<void> {
  // Podman says 500 of one that has ended in between.
  const accept = [404, 409, 500];
  const query = { signal: "KILL" };
  const path = `/containers/${container}/kill`;
  await client.empty("POST", path, { query, accept, timeoutMs: QUICK_MS });
}

async function exitCodeOf(
  client: EngineClient,
  id: string,
  lingerMs: number,
): Promise<number | null> {
  const state = await ended(client, id, performance.now() + lingerMs);
  if (!state.running) return state.exitCode;
  throw new AgentError(
    "IO",
    "The output of the program has ended, but the engine says that it runs; it may have closed its output",
    { path: client.host.text, operation: "exec" },
  );
}
