/**
 * Waiting until a deployment is there: a port that is listened at, a line of its output, the engine's word that it is
 * healthy, an answer over HTTP, or that it runs. One that ends instead is an error at once, with what it said last.
 *
 * @module
 */

import { isLoopback } from "../policy/mod.ts";
import type { Container } from "../container/container.ts";
import type { ContainerDetails } from "../container/types.ts";
import { AgentError } from "../../shared/errors.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { unlessAborted } from "../../shared/abort.ts";
import type { WaitFor } from "../templates/mod.ts";
import { DEFAULT_WAIT_MS } from "./life.ts";
import { hideSecrets, printable } from "./secret.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** When the engine is told of an end. */
const SOON_MS = 500;
const LAST_LINES = 20;
const MOST_LINE = 500;
/** `LISTEN` in the kernel's tables of sockets. */
const LISTENING = "0A";

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
  const seen: Seen = { status: null };
  try {
    return await withDeadline(
      { operation, timeoutMs, signal },
      (within) => until(container, wait, name, within, seen),
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
    await unlessAborted(new Promise((resolve) => setTimeout(resolve, pause)), signal);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
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
    await unlessAborted(new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS)), signal);
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
    const command = ["cat", "/proc/net/tcp", "/proc/net/tcp6"];
    read = await container.exec(command, { timeoutMs: 10_000, signal });
  } catch (error) {
    // It has ended since it was looked at; the next look says how.
    if (AgentError.is(error, "UNAVAILABLE")) return false;
    throw error;
  }
  const { exitCode, stdout } = read;
  // Without IPv6 the second one is missing, and the first one is there all the same.
  if (exitCode === 0 || stdout.includes("local_address")) return isInTable(stdout, port);
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

/** Whether a table of `/proc/net` has a socket that listens at a port. */
export function isInTable(table: string, port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === LISTENING && local?.slice(local.lastIndexOf(":") + 1) === wanted;
  });
}

/** Whether a connection is not closed at once by a proxy that found nobody. */
async function staysOpen(
  at: { hostname: string; port: number },
  signal: AbortSignal,
): Promise<boolean> {
  let connection: Deno.TcpConn;
  try {
    connection = await Deno.connect({ ...at, transport: "tcp" });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw needsNet(at, error);
    return false;
  }
  const pause = Promise.withResolvers<true>();
  const timer = setTimeout(() => pause.resolve(true), 300);
  try {
    const read = connection.read(new Uint8Array(1)).then((bytes) => bytes !== null, () => false);
    return await unlessAborted(Promise.race([read, pause.promise]), signal);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
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

/** Where this machine reaches a port of the container; null if nowhere. */
function publishedAt(
  { ports }: ContainerDetails,
  port: number,
): { hostname: string; port: number } | null {
  const found = ports.find((mapping) =>
    mapping.containerPort === port && mapping.protocol === "tcp" && mapping.hostPort !== null
  );
  if (found === undefined || found.hostPort === null) return null;
  const address = found.hostAddress ?? "127.0.0.1";
  // All addresses are the loopback's too.
  const hostname = isLoopback(address) ? address : address === "::" ? "::1" : "127.0.0.1";
  return { hostname, port: found.hostPort };
}

/** The whole host is named: the engine gives another port each time. */
function needsNet({ hostname }: { hostname: string }, cause: Error): AgentError<"PERMISSION"> {
  const target = hostname.includes(":") ? `[${hostname}]` : hostname;
  const message = `Looking whether it is there needs a permission; run with --allow-net=${target}`;
  return new AgentError("PERMISSION", message, { permission: "net", target }, { cause });
}
