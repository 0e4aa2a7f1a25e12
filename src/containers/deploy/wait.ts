/**
 * Waiting until a deployment is there: a port that is listened at, a line of its output, the engine's word that it is
 * healthy, an answer over HTTP, or that it runs. One that ends instead is an error at once, with what it said last.
 *
 * @module
 */

import type { Container } from "../container/container.ts";
import type { ContainerDetails } from "../container/types.ts";
import { AgentError } from "../../shared/errors.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { unlessAborted } from "../../shared/abort.ts";
import type { WaitFor } from "../templates/mod.ts";
import { DEFAULT_WAIT_MS } from "./life.ts";
import {
  type Address,
  listenersAt,
  LOOK_MS,
  needsNet,
  publishedAt,
  staysOpen,
  TABLES,
  whyUnreached,
} from "./reach.ts";
import { hideSecrets, printable } from "./secret.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** How often it is looked why there is no answer yet. */
const UNREACHED_MS = 2000;
/** When the engine is told of an end. */
const SOON_MS = 500;
const LAST_LINES = 20;
const MOST_LINE = 500;

/** What is waited for, and what must not be shown. */
export interface WaitOptions {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What came meanwhile and was not what is waited for. */
interface Seen {
  /** The status of the last answer over HTTP; null without one. */
  status: number | null;
  /** Where the port is published; null if it was not asked yet. */
  at: Address | null;
}

/**
 * Waits.
 *
 * @returns The container, as it is then.
 * @throws {AgentError} `TIMEOUT` if it is not there in time; `UNAVAILABLE` if it has ended or is unhealthy; both with
 * its last lines. `UNSUPPORTED` if what is waited for cannot come.
 */
export async function waitFor(
  container: Container,
  wait: WaitFor,
  { name, secrets, signal }: WaitOptions,
): Promise<ContainerDetails> {
  const timeoutMs = wait.timeoutMs ?? DEFAULT_WAIT_MS;
  const operation = `Waiting until ${name} ${whatIsAwaited(wait)}`;
  const seen: Seen = { status: null, at: null };
  try {
    return await withDeadline(
      { operation, timeoutMs, signal },
      (within) =>
        "http" in wait
          ? untilAnswered(container, wait, name, within, seen)
          : until(container, wait, name, within, seen),
    );
  } catch (error) {
    if (!(AgentError.is(error, "TIMEOUT") || AgentError.is(error, "UNAVAILABLE"))) throw error;
    const lines = await lastLines(container, secrets);
    const answered = seen.status === null ? "" : `; its last answer was ${seen.status}`;
    const said = lines.length === 0 ? "; it said nothing" : `; it said last:\n${lines.join("\n")}`;
    throw new AgentError(error.code, error.message + answered + said, error.details as never, {
      cause: error,
    });
  }
}

/** The last lines of a container's output, without what must not be shown; empty if they cannot be had. */
export async function lastLines(
  container: Container,
  secrets: readonly string[],
): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const { text } of container.logs({ tail: LAST_LINES })) {
      const shown = printable(hideSecrets(text, secrets));
      lines.push(shown.length > MOST_LINE ? `${shown.slice(0, MOST_LINE)}...` : shown);
    }
  } catch {
    // The engine is gone, or the container: the error that is on its way says more.
  }
  return lines.slice(-LAST_LINES);
}

function whatIsAwaited(wait: WaitFor): string {
  if ("port" in wait) return `listens at port ${wait.port}`;
  if ("log" in wait) return `says ${JSON.stringify(wait.log)}`;
  if ("healthy" in wait) return "is healthy";
  if ("http" in wait) return `answers at port ${wait.http.port}`;
  return "runs";
}

async function until(
  container: Container,
  wait: WaitFor,
  name: string,
  signal: AbortSignal,
  seen: Seen,
): Promise<ContainerDetails> {
  if ("log" in wait) await untilSaid(container, wait.log, name, signal);
  let pause = FIRST_PAUSE_MS;
  // That it runs is seen twice: a program that is not there ends when the first process is there already.
  for (let looks = 1;; looks++) {
    signal.throwIfAborted();
    const found = await container.inspect({ signal });
    if (!found.running) throw ended(found, name);
    const isEnough = !("running" in wait) || looks === 2;
    if (isEnough && await isThere(container, wait, found, name, signal, seen)) return found;
    await paused(pause, signal);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
}

/** The same over HTTP, ended as soon as it is seen that no answer can come. */
async function untilAnswered(
  container: Container,
  wait: WaitFor & { http: { port: number } },
  name: string,
  signal: AbortSignal,
  seen: Seen,
): Promise<ContainerDetails> {
  const over = new AbortController();
  const within = AbortSignal.any([signal, over.signal]);
  const both = [
    until(container, wait, name, within, seen),
    refuseUnreached(container, wait.http.port, name, within, seen),
  ] as const;
  try {
    return await Promise.race(both);
  } finally {
    over.abort();
    await Promise.allSettled(both);
  }
}

/** Rejects once it was seen twice that the program listens, and that nothing has come from its published port. */
async function refuseUnreached(
  container: Container,
  port: number,
  name: string,
  signal: AbortSignal,
  seen: Seen,
): Promise<never> {
  let last: string | null = null;
  for (;;) {
    await paused(UNREACHED_MS, signal);
    const why = seen.status === null && seen.at !== null
      ? await whyUnreached(container, port, seen.at, signal)
      : null;
    if (why !== null && why === last) {
      throw new AgentError("UNAVAILABLE", `${name} cannot be reached: ${why}`, { server: name });
    }
    last = why;
  }
}

/** Waits a while. */
async function paused(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await unlessAborted(new Promise((resolve) => timer = setTimeout(resolve, ms)), signal);
  } finally {
    clearTimeout(timer);
  }
}

async function isThere(
  container: Container,
  wait: WaitFor,
  found: ContainerDetails,
  name: string,
  signal: AbortSignal,
  seen: Seen,
): Promise<boolean> {
  if ("port" in wait) return await isListenedAt(container, wait.port, found, signal);
  if ("http" in wait) return await answers(wait.http, found, name, signal, seen);
  if (!("healthy" in wait)) return true;
  if (found.health === null) {
    throw new AgentError(
      "UNSUPPORTED",
      `${name} has no health check, so that it is healthy cannot be waited for`,
      { what: "healthy" },
    );
  }
  if (found.health === "unhealthy") {
    throw new AgentError("UNAVAILABLE", `${name} is unhealthy`, { server: name });
  }
  return found.health === "healthy";
}

function ended(
  { exitCode, oomKilled, error }: ContainerDetails,
  name: string,
): AgentError<"UNAVAILABLE"> {
  const why = oomKilled === true ? ", killed for its memory" : error === null ? "" : `: ${error}`;
  return new AgentError(
    "UNAVAILABLE",
    `${name} has ended with ${exitCode ?? "no exit code"}${why}`,
    {
      server: name,
    },
  );
}

async function untilSaid(
  container: Container,
  part: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const { text } of container.logs({ follow: true, signal })) {
    if (text.includes(part)) return;
  }
  const found = await soonEnded(container, signal);
  if (!found.running) throw ended(found, name);
  throw new AgentError(
    "UNAVAILABLE",
    `${name} said no more, and nothing with ${JSON.stringify(part)}`,
    {
      server: name,
    },
  );
}

/** A container that has perhaps just ended: the engine may be told of that a little later. */
async function soonEnded(container: Container, signal: AbortSignal): Promise<ContainerDetails> {
  const until = performance.now() + SOON_MS;
  for (;;) {
    const found = await container.inspect({ signal });
    if (!found.running || performance.now() > until) return found;
    await paused(FIRST_PAUSE_MS, signal);
  }
}

/**
 * Whether a port is listened at: by the kernel's own table, read in the container. A connection from outside says
 * little, since an engine's proxy takes it before anybody in the container does. Where there is no program to read the
 * table, it is what is left: the port is there if the connection stays.
 */
async function isListenedAt(
  container: Container,
  port: number,
  found: ContainerDetails,
  signal: AbortSignal,
): Promise<boolean> {
  let read: { exitCode: number | null; stdout: string };
  try {
    const command = ["cat", ...TABLES];
    read = await container.exec(command, { timeoutMs: LOOK_MS, signal });
  } catch (error) {
    // It has ended since it was looked at; the next look says how.
    if (AgentError.is(error, "UNAVAILABLE")) return false;
    throw error;
  }
  const { exitCode, stdout } = read;
  // Without IPv6 the second one is missing, and the first one is there all the same.
  if (exitCode === 0 || stdout.includes("local_address")) {
    return listenersAt(stdout, port).length > 0;
  }
  // A container that ends meanwhile takes the program with it, or lets none begin; the next look says how it ended.
  const isMissing = exitCode === 126 || exitCode === 127;
  if (!isMissing || !(await soonEnded(container, signal)).running) return false;
  const published = publishedAt(found, port);
  if (published === null) {
    throw new AgentError(
      "UNSUPPORTED",
      `Whether port ${port} is listened at cannot be seen: it is not published, and the image has no cat; wait for a line`,
      { what: "port" },
    );
  }
  return await staysOpen(published, signal);
}

async function answers(
  { port, path = "/", status }: {
    port: number;
    path?: string;
    status?: readonly number[] | undefined;
  },
  found: ContainerDetails,
  name: string,
  signal: AbortSignal,
  seen: Seen,
): Promise<boolean> {
  const at = publishedAt(found, port);
  if (at === null) {
    throw new AgentError(
      "UNSUPPORTED",
      `Port ${port} of ${name} is not published, so it cannot be asked over HTTP`,
      { what: "http" },
    );
  }
  const host = at.hostname.includes(":") ? `[${at.hostname}]` : at.hostname;
  seen.at = at;
  try {
    const response = await fetch(`http://${host}:${at.port}${path}`, {
      redirect: "manual",
      signal,
    });
    seen.status = response.status;
    await response.body?.cancel();
    return status === undefined ? response.status < 400 : status.includes(response.status);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw needsNet(at, error);
    signal.throwIfAborted();
    return false;
  }
}
