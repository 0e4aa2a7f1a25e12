/**
 * A process in a running container: started, spoken with and asked how it ended. What ends it, if it does not end itself,
 * is in `kill.ts`: engines cannot kill a process that they started in a container.
 *
 * @module
 */

import type { Attached, EngineClient } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import { segment } from "../engine/target.ts";
import { QUICK_MS } from "../engine/times.ts";
import { explainState } from "./state_error.ts";

/** What to start. */
export interface ExecRequest {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Variables beside the container's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where it starts; the container's own folder if left out. */
  readonly workingDirectory?: string | undefined;
  /** Who runs it; the container's own user if left out. */
  readonly user?: string | undefined;
  /** Whether something is written to it; else its stdin is empty. */
  readonly stdin?: boolean | undefined;
  /** Ends the connection, and not the process. */
  readonly signal?: AbortSignal | undefined;
}

/** A process that was started. */
export interface ExecProcess {
  /** The engine's name for it. */
  readonly id: string;
  /** What it writes; to be read to its end, which is the process's. */
  readonly frames: AsyncIterable<Frame>;
  /** Writes to its stdin. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its stdin. */
  closeWrite(): Promise<void>;
  /** Ends the connection, and not the process. */
  close(): void;
}

/** How a process stands. */
export interface ExecState {
  /** Whether it runs. */
  readonly running: boolean;
  /** Its exit code; null while it runs, or if the engine does not say. */
  readonly exitCode: number | null;
}

/**
 * Starts a process in a container.
 *
 * @throws {AgentError} `NOT_FOUND` if there is no such container, `UNAVAILABLE` if it does not run.
 */
export async function startExec(
  client: EngineClient,
  container: string,
  { command, env = {}, workingDirectory, user, stdin = false, signal }: ExecRequest,
): Promise<ExecProcess> {
  const whole = `/containers/${segment(container, "container")}`;
  const making = client.made(`${whole}/exec`, {
    body: {
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      Cmd: [...command],
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...(user === undefined ? {} : { User: user }),
      ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory }),
    },
    signal,
  });
  const id = await making.catch(async (error) => {
    throw await explainState(client, whole, error);
  });
  const path = `/exec/${segment(id, "the engine's name of a process")}/start`;
  const body = { Detach: false, Tty: false };
  if (stdin) {
    const attached: Attached = await client.attach(path, { body, signal });
    return { id, ...attached };
  }
  const closing = new AbortController();
  const both = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  return {
    id,
    frames: client.frames("POST", path, { body, signal: both }),
    write: () => Promise.resolve(),
    closeWrite: () => Promise.resolve(),
    close: () => closing.abort(new DOMException("The connection was closed", "AbortError")),
  };
}

/** Asks how a process stands. */
export async function execState(client: EngineClient, id: string): Promise<ExecState> {
  const found = await client.json<{ Running?: boolean; ExitCode?: number | null }>(
    "GET",
    `/exec/${segment(id, "the engine's name of a process")}/json`,
    { timeoutMs: QUICK_MS },
  );
  const running = found.Running === true;
  return { running, exitCode: running ? null : found.ExitCode ?? null };
}
