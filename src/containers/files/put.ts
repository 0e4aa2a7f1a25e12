/**
 * Puts files into a container.
 *
 * @module
 */

import { fieldsOf, wholeNumber } from "../../shared/arguments.ts";
import { timeLimit, withDeadline } from "../../shared/deadline.ts";
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { pathFrom } from "./paths.ts";
import { chainOf, linkInTheWay, lookAt, statOf } from "./place.ts";
import { entriesToPut, type FilesToPut, foldersOf } from "./sources.ts";
import { type NewEntry, writeTar } from "./tar_write.ts";
import { putByTar, type TransferHost } from "./tool.ts";

export type { FilesToPut } from "./sources.ts";

/** Options of {@linkcode putFiles}. */
export interface PutOptions {
  /** Bytes of all files together. Default 256 MiB. */
  maxBytes?: number | undefined;
  /** Files, folders and links together. Default 10,000. */
  maxEntries?: number | undefined;
  /** Milliseconds until it is given up, and what does it in the container killed. Default 300,000. */
  timeoutMs?: number | undefined;
  /** Ends it early; what was put stays. */
  signal?: AbortSignal | undefined;
}

/** What {@linkcode putFiles} put. */
export interface PutResult {
  /** Files. */
  files: number;
  /** Their bytes. */
  bytes: number;
}

const DEFAULT_BYTES = 256 * 1024 * 1024;
const DEFAULT_ENTRIES = 10_000;
/** What a slow disk needs for as much as may be put; a `tar` of the container may never end. */
export const TRANSFER_MS = 300_000;

/**
 * Puts files into a folder of a container. Where that is in memory, or the root is read-only, the container must run and
 * have `sh` and `tar`; the files are its user's then. Else the engine does it, also to a container that does not run.
 *
 * @param client The engine.
 * @param container The container's id or name.
 * @param files Contents by path in the folder, or the path of a folder of this machine.
 * @param destination The folder, an absolute path; made if it is not there.
 * @param options Bounds.
 * @param host Whose container it is.
 * @returns How much it was.
 * @throws {TypeError | RangeError} For paths and contents that are none.
 * @throws {AgentError} `NOT_FOUND`; `TOO_LARGE`; `TIMEOUT`; `UNSUPPORTED` if a symbolic link stands in the way, or if files cannot
 * be put there now; `PERMISSION`; `IO` if the container's disk is full or it may not write there.
 */
export async function putFiles(
  client: EngineClient,
  container: string,
  files: FilesToPut,
  destination: string,
  options: PutOptions = {},
  host: TransferHost = {},
): Promise<PutResult> {
  const { maxBytes, maxEntries } = fieldsOf(options, "options");
  const { signal } = options;
  const timeoutMs = timeLimit(options.timeoutMs, TRANSFER_MS);
  const limits = {
    maxBytes: wholeNumber(maxBytes, "options.maxBytes", { fallback: DEFAULT_BYTES, least: 0 }),
    maxEntries: wholeNumber(maxEntries, "options.maxEntries", {
      fallback: DEFAULT_ENTRIES,
      least: 0,
    }),
  };
  const folder = pathFrom(destination, "destination", host.folder);
  signal?.throwIfAborted();
  const entries = await entriesToPut(files, { ...limits, folder });
  return await withDeadline(
    { operation: "putFiles", timeoutMs, signal },
    (signal) => put(client, container, folder, entries, signal, host),
  );
}

async function put(
  client: EngineClient,
  container: string,
  folder: string,
  entries: readonly NewEntry[],
  signal: AbortSignal,
  host: TransferHost,
): Promise<PutResult> {
  const place = await lookAt(client, container, folder, true, signal);
  const inner = entries.flatMap(({ path, kind }) =>
    kind === "directory" ? [join(folder, path)] : foldersOf(path).map((name) => join(folder, name))
  );
  const plain = [...new Set([...chainOf(folder), ...inner])];
  if (place.way === "tar") {
    const archive = writeTar(entries, { modified: new Date() });
    await putByTar({ client, container, signal, host }, folder, plain, archive);
  } else {
    await putByEngine(client, container, folder, plain, entries, place.owner, signal);
  }
  const files = entries.filter(({ kind }) => kind === "file");
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The engine unpacks below the deepest folder that is there already. */
async function putByEngine(
  client: EngineClient,
  container: string,
  folder: string,
  plain: readonly string[],
  entries: readonly NewEntry[],
  owner: { uid: number; gid: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = new Set<string>();
  for (const path of plain) {
    if (missing.has(path.slice(0, path.lastIndexOf("/")))) missing.add(path);
    else {
      const found = await statOf(client, container, path, signal);
      if (found === undefined) missing.add(path);
      else if (found.link !== undefined) throw linkInTheWay(path);
    }
  }
  const there = chainOf(folder).filter((path) => !missing.has(path)).at(-1) ?? "/";
  const prefix = there === "/" ? folder.slice(1) : folder.slice(there.length + 1);
  const made = prefix === "" ? [] : [...foldersOf(`${prefix}/.`)].map((path): NewEntry => ({
    path,
    kind: "directory",
    mode: 0o755,
    size: 0,
  }));
  const moved = entries.map((entry) => ({ ...entry, path: join(prefix, entry.path) }));
  const route = `/containers/${segment(container, "container")}/archive`;
  const query = { path: there, noOverwriteDirNonDir: 1 };
  const body = writeTar([...made, ...moved], { modified: new Date(), ...owner });
  for await (const _ of client.bytes("PUT", route, { query, body, signal }));
}

function join(folder: string, path: string): string {
  return folder === "" || folder === "/" ? `${folder}${path}` : `${folder}/${path}`;
}
