/**
 * Gets files out of a container, into memory.
 *
 * @module
 */

import { checkStrings, fieldsOf, wholeNumber, wrongValue } from "../../shared/arguments.ts";
import { timeLimit, withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { pathFrom } from "./paths.ts";
import { TRANSFER_MS } from "./put.ts";
import { chainOf, linkInTheWay, lookAt, statOf } from "./place.ts";
import { type BoxFile, takeArchive } from "./take.ts";
import { getByTar, type TransferHost } from "./tool.ts";

export type { BoxFile } from "./take.ts";

/** Options of {@linkcode getFiles}. */
export interface GetOptions {
  /** Bytes of all files together. Default 64 MiB. */
  maxBytes?: number | undefined;
  /** Files, folders and links together. Default 10,000. */
  maxEntries?: number | undefined;
  /**
   * Whether two names may differ in case or composition alone. Default false: on a file system that takes them for one,
   * the second would replace the first.
   */
  caseSensitive?: boolean | undefined;
  /** Milliseconds until it is given up, and what does it in the container killed. Default 300,000. */
  timeoutMs?: number | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

const DEFAULT_BYTES = 64 * 1024 * 1024;
const DEFAULT_ENTRIES = 10_000;

/**
 * Gets files and folders, each with all that is in it. Symbolic links are never followed: one that leads to something
 * inside of what was asked for comes as a link, and any other ends it with an error, as devices and pipes do.
 *
 * @param client The engine.
 * @param container The container's id or name.
 * @param paths Absolute paths.
 * @param options Bounds.
 * @param host Whose container it is.
 * @returns What is there, path by path in the order of the question.
 * @throws {TypeError | RangeError} For paths that are none.
 * @throws {AgentError} `NOT_FOUND` if there is no such container or path; `TOO_LARGE`; `TIMEOUT`; `UNSUPPORTED` naming
 * what is not taken; `CORRUPT` if what comes is no archive.
 */
export async function getFiles(
  client: EngineClient,
  container: string,
  paths: string | readonly string[],
  options: GetOptions = {},
  host: TransferHost = {},
): Promise<BoxFile[]> {
  const { maxBytes, maxEntries } = fieldsOf(options, "options");
  const { signal, caseSensitive = false } = options;
  const timeoutMs = timeLimit(options.timeoutMs, TRANSFER_MS);
  const asked = typeof paths === "string" ? [paths] : paths;
  checkStrings(asked, "paths");
  const wanted = asked.map((path, at) => {
    const whole = pathFrom(path, `paths[${at}]`, host.folder);
    if (whole === "/") throw wrongValue(`paths[${at}]`, "a path below the root", path);
    return whole;
  });
  const limits = { fallback: DEFAULT_BYTES, least: 0 };
  let bytes = wholeNumber(maxBytes, "options.maxBytes", limits);
  let entries = wholeNumber(maxEntries, "options.maxEntries", {
    ...limits,
    fallback: DEFAULT_ENTRIES,
  });
  return await withDeadline({ operation: "getFiles", timeoutMs, signal }, async (signal) => {
    const found: BoxFile[] = [];
    for (const path of wanted) {
      signal.throwIfAborted();
      const archive = await archiveOf(client, container, path, signal, host);
      const taken = await takeArchive(archive, path, {
        maxBytes: bytes,
        maxEntries: entries,
        caseSensitive,
      });
      bytes -= taken.reduce((sum, file) => sum + file.bytes.length, 0);
      entries -= taken.length;
      found.push(...taken);
    }
    return found;
  });
}

async function archiveOf(
  client: EngineClient,
  container: string,
  path: string,
  signal: AbortSignal,
  host: TransferHost,
): Promise<AsyncIterable<Uint8Array>> {
  const above = chainOf(path).slice(0, -1);
  const { way } = await lookAt(client, container, path, false, signal);
  if (way === "tar") return getByTar({ client, container, signal, host }, path, above);
  for (const folder of above) {
    const stat = await statOf(client, container, folder, signal);
    if (stat?.link !== undefined) throw linkInTheWay(folder);
  }
  const stat = await statOf(client, container, path, signal);
  if (stat === undefined) {
    throw new AgentError("NOT_FOUND", `There is no ${path} in the container`, { what: path });
  }
  // Docker would give the link, Podman what it leads to.
  if (stat.link !== undefined) throw linkInTheWay(path);
  const route = `/containers/${segment(container, "container")}/archive`;
  return client.bytes("GET", route, { query: { path }, signal });
}
