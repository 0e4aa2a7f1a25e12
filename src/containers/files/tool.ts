/**
 * The `tar` of a container, run as a process in it. What it is told comes as arguments and on stdin, never as text of a
 * script.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Attached, EngineClient } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import { Begun, ended, killable, killProcess } from "../container/kill.ts";
import { Capture } from "../sandbox/capture.ts";
import { execState, startExec } from "../container/process.ts";
import { linkInTheWay } from "./place.ts";

/** Exit codes of the scripts. */
const LINK = 42;
const MISSING = 44;
const MOST_WORDS = 4_096;
/** How long a script may go on that nobody reads any more. */
const SOON_MS = 500;

/**
 * Reads paths up to an empty line, and ends if one is a link; after the rest was read, since an engine that has more to
 * give than is taken may break off what the script said.
 */
const CHECK = `while IFS= read -r p && [ -n "$p" ]; do
  [ -L "$p" ] && { printf %s "$p" >&2; cat >/dev/null; exit ${LINK}; }
done
`;
const PUT = `${CHECK}mkdir -p "$1" && cd "$1" && exec tar -xf -`;
const GET =
  `${CHECK}cd "$1" && { [ -e "$2" ] || [ -L "$2" ] || exit ${MISSING}; } && exec tar -cf - "$2"`;

/** What the owner of a container does for files that go in and out. */
export interface TransferHost {
  /** What relative paths are in; none may be relative where it is left out. */
  readonly folder?: string;
  /** Whether the container is removed where the files do not go in, so that nothing in it need be killed. */
  readonly goes?: boolean;
  /** Ends the container, where a `tar` whose time is over cannot be killed alone. */
  killAll?(): Promise<void>;
}

/** For a box that is removed where files do not go in: nothing in it is killed alone. */
export const REMOVED: TransferHost = { goes: true };

/** Where a script runs. */
interface Tool {
  readonly client: EngineClient;
  readonly container: string;
  readonly signal: AbortSignal;
  readonly host: TransferHost;
}

/** Starts a script so that it can be killed. */
async function startTool(
  { client, container, signal, host }: Tool,
  script: string,
  words: readonly string[],
): Promise<Attached & { readonly id: string; killed(): Promise<void> }> {
  const begun = new Begun();
  const command = ["sh", "-c", script, "sh", ...words];
  const starting = startExec(client, container, {
    ...killable({ command }, begun, "sh"),
    stdin: true,
    signal,
  });
  const process = await starting.catch(async (error) => {
    // The engine may start it all the same, and nobody would know which process it is.
    if (signal.aborted && !host.goes) await host.killAll?.();
    throw error;
  });
  return {
    ...process,
    frames: begun.withoutFirst(process.frames),
    // To be awaited where it was not read to its end, while what it writes is read on and before its connection is closed:
    // Podman says of a program that wrote to a closed one that it has ended, and of one that nobody reads that it runs.
    killed: async () => {
      if (host.goes) return;
      if (!signal.aborted) {
        const { running } = await ended(client, process.id, performance.now() + SOON_MS);
        if (!running) return;
      }
      const result = await killProcess(client, container, process.id, undefined, begun);
      if (result !== "all") await host.killAll?.();
    },
  };
}

/**
 * Puts an archive into a folder of a running container.
 *
 * @param tool Where.
 * @param folder The folder, made if it is not there.
 * @param plain Absolute paths that must be no links.
 * @param archive The archive.
 */
export async function putByTar(
  tool: Tool,
  folder: string,
  plain: readonly string[],
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { client, signal } = tool;
  const process = await startTool(tool, PUT, [folder]);
  const words = new Capture(MOST_WORDS);
  const reading = (async () => {
    for await (const frame of process.frames) words.add(frame);
  })();
  let isOver = false;
  try {
    // A tar that ends early is explained by its exit code, not by a broken pipe.
    const failure = await send(process, plain, archive, reading).then(() => undefined, (e) => e);
    signal.throwIfAborted();
    // Nor by a connection that Podman resets then: an engine that is still there knows the exit code.
    const broken = await reading.then(() => undefined, (error) => error);
    const { exitCode, running } = broken === undefined
      ? await execState(client, process.id)
      : await ended(client, process.id, performance.now() + SOON_MS);
    isOver = !running;
    if (broken !== undefined && (running || exitCode === 0)) throw broken;
    if (exitCode !== 0) throw toolError("putFiles", folder, exitCode, words);
    if (failure !== undefined) throw failure;
  } finally {
    try {
      if (!isOver) await process.killed();
    } finally {
      process.close();
      await reading.catch(() => {});
    }
  }
}

async function send(
  process: { write(bytes: Uint8Array): Promise<void>; closeWrite(): Promise<void> },
  plain: readonly string[],
  archive: AsyncIterable<Uint8Array>,
  ended: Promise<void>,
): Promise<void> {
  let over = false;
  ended.finally(() => over = true).catch(() => {});
  await process.write(listOf(plain));
  for await (const piece of archive) {
    if (over) return;
    await Promise.race([process.write(piece), ended]);
  }
  if (!over) await process.closeWrite();
}

/**
 * Takes an archive of a path of a running container.
 *
 * @param tool Where.
 * @param path The path.
 * @param plain Absolute paths that must be no links.
 * @returns The archive; ends with an error if there is no such path.
 */
export async function* getByTar(
  tool: Tool,
  path: string,
  plain: readonly string[],
): AsyncGenerator<Uint8Array> {
  const { client } = tool;
  const at = path.lastIndexOf("/");
  const process = await startTool(tool, GET, [path.slice(0, at) || "/", `./${path.slice(at + 1)}`]);
  // Not in a loop over it, which would close the connection when it is left.
  const frames = process.frames[Symbol.asyncIterator]();
  const words = new Capture(MOST_WORDS);
  let isOver = false;
  try {
    await process.write(listOf(plain));
    await process.closeWrite();
    for (let next = await frames.next(); !next.done; next = await frames.next()) {
      if (next.value.stream === "stdout") yield next.value.bytes;
      else words.add(next.value);
    }
    const { exitCode, running } = await execState(client, process.id);
    isOver = !running;
    if (exitCode !== 0) throw toolError("getFiles", path, exitCode, words);
  } finally {
    const dropping = drop(frames);
    try {
      if (!isOver) await process.killed();
    } finally {
      process.close();
      await dropping;
    }
  }
}

/** Reads to the end what nobody wants. */
async function drop(frames: AsyncIterator<Frame>): Promise<void> {
  try {
    while ((await frames.next()).done !== true);
  } catch {
    // It was closed.
  }
}

/** Paths as lines; none has a line break in it. */
function listOf(paths: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`${paths.map((path) => `${path}\n`).join("")}\n`);
}

function toolError(
  operation: string,
  path: string,
  exitCode: number | null,
  words: Capture,
): AgentError {
  const said = (words.text("stderr") + words.text("stdout")).replace(/\p{Cc}+/gu, " ").trim();
  if (exitCode === LINK) return linkInTheWay(said);
  if (exitCode === MISSING) {
    return new AgentError("NOT_FOUND", `There is no ${path} in the container`, { what: path });
  }
  if (exitCode === 126 || exitCode === 127) {
    const what = "sh and tar in the container";
    const message = `${operation} needs ${what}, which its image has not: ${shown(said)}`;
    return new AgentError("UNSUPPORTED", message, { what });
  }
  return new AgentError(
    "IO",
    `${operation} ${path} failed in the container (exit code ${exitCode}): ${said}`,
    { path, operation },
  );
}
