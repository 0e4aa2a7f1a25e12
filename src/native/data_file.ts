/**
 * Finds a file of data that comes with the package: a vocabulary, a table of vectors. A checkout has it in `data/`; from a remote module it is fetched once and kept in the
 * user's cache folder, as far as permissions allow. Its checksum is verified every time. Never prompts.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { cacheDirectory } from "./locate.ts";
import { isGranted } from "./permissions.ts";

const FETCH_TIMEOUT_MS = 60_000;

/** A file of data as it was made. */
export interface DataFile {
  /** Its name in `data/`. */
  file: string;
  /** What it is called in messages, such as `vocabulary`. */
  what: string;
  /** Its size. */
  bytes: number;
  /** Its checksum in hexadecimal digits. */
  sha256: string;
}

/**
 * The bytes of a file of data.
 *
 * @param data The file.
 * @param base The folder that has it; by default the package's own.
 * @param cache The folder for what was fetched; by default under the user's.
 * @returns The bytes, verified.
 * @throws {AgentError} `PERMISSION`, `NOT_FOUND`, `IO`, `TIMEOUT`, or `CORRUPT` if the checksum is wrong.
 */
export async function dataFile(
  data: DataFile,
  base: URL = new URL("../../data/", import.meta.url),
  cache: string | undefined = defaultCache(),
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(data.file, base);
  if (url.protocol === "file:") return await fromFile(url, data);
  // The checksum in its name: two versions of the package can share the folder.
  const kept = cache &&
    `${cache}/${data.file.replace(/(?=\.\w+$)/, `-${data.sha256.slice(0, 16)}`)}`;
  return await fromCache(kept, data) ?? await fromNetwork(url, data, cache, kept);
}

function defaultCache(): string | undefined {
  const cache = cacheDirectory();
  return cache && `${cache}/agent/data`;
}

async function fromFile(url: URL, facts: DataFile): Promise<Uint8Array<ArrayBuffer>> {
  const path = decodeURIComponent(url.pathname).replace(/^\/(?=[A-Za-z]:)/, "");
  if (!isGranted({ name: "read", path })) {
    throw new AgentError(
      "PERMISSION",
      `The ${facts.what} ${path} may not be read: run with --allow-read=${path}`,
      { permission: "read", target: path },
    );
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new AgentError(
        "NOT_FOUND",
        `There is no ${facts.what} ${path}: the package is incomplete, get it again`,
        { what: path },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `The ${facts.what} ${path} cannot be read: ${(cause as Error).message}`,
      { path, operation: "read" },
      { cause },
    );
  }
  await verify(bytes, facts, path);
  return bytes;
}

async function fromCache(
  path: string | undefined,
  facts: DataFile,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (path === undefined || !isGranted({ name: "read", path })) return undefined;
  try {
    const bytes = await Deno.readFile(path);
    await verify(bytes, facts, path);
    return bytes;
  } catch {
    // Absent or damaged: it is fetched and written anew.
    return undefined;
  }
}

async function fromNetwork(
  url: URL,
  facts: DataFile,
  folder: string | undefined,
  path: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (
    !isGranted({ name: "net", host: url.hostname }) && !isGranted({ name: "net", host: url.host })
  ) {
    throw new AgentError(
      "PERMISSION",
      `The ${facts.what} ${url} may not be fetched: run with --allow-net=${url.host}`,
      { permission: "net", target: url.host },
    );
  }
  const bytes = await download(url, facts);
  await verify(bytes, facts, url.href);
  if (folder !== undefined && path !== undefined && isGranted({ name: "write", path: folder })) {
    await keep(bytes, folder, path);
  }
  return bytes;
}

async function download(url: URL, facts: DataFile): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status}`);
    }
    return await response.bytes();
  } catch (cause) {
    if ((cause as Error).name === "TimeoutError") {
      throw new AgentError(
        "TIMEOUT",
        `The ${facts.what} ${url} did not come within ${FETCH_TIMEOUT_MS} ms; try again`,
        { operation: "fetch", timeoutMs: FETCH_TIMEOUT_MS },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `The ${facts.what} ${url} cannot be fetched: ${(cause as Error).message}`,
      { path: url.href, operation: "fetch" },
      { cause },
    );
  }
}

/** Writes beside and renames, so that no reader sees half a file. What fails leaves the cache as it was. */
async function keep(bytes: Uint8Array<ArrayBuffer>, folder: string, path: string): Promise<void> {
  const partial = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(partial, bytes);
    await Deno.rename(partial, path);
  } catch {
    await Deno.remove(partial).catch(() => {});
  }
}

async function verify(
  bytes: Uint8Array<ArrayBuffer>,
  facts: DataFile,
  path: string,
): Promise<void> {
  const sha256 = bytes.length === facts.bytes
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()
    : "";
  if (sha256 === facts.sha256) return;
  throw new AgentError(
    "CORRUPT",
    `${path} is not the ${facts.what} of this version (${bytes.length} bytes, ${facts.bytes} expected` +
      `${sha256 && ", other checksum"}): get the package again`,
    { path },
  );
}
