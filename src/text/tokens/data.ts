/**
 * Finds a vocabulary's file. A checkout has it in `data/`; from a remote module it is fetched once and kept in the
 * user's cache folder, as far as permissions allow. Its checksum is verified every time. Never prompts.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { cacheDirectory } from "../../native/locate.ts";
import { isGranted } from "../../native/permissions.ts";
import type { VocabularyFacts } from "./vocabularies.ts";

const FETCH_TIMEOUT_MS = 60_000;

/**
 * The bytes of a vocabulary's file.
 *
 * @param name The vocabulary's name.
 * @param facts Its size and checksum.
 * @param base The folder that has the file; by default the package's own.
 * @param cache The folder for what was fetched; by default under the user's.
 * @returns The bytes, verified.
 * @throws {AgentError} `PERMISSION`, `NOT_FOUND`, `IO`, `TIMEOUT`, or `CORRUPT` if the checksum is wrong.
 */
export async function vocabularyFile(
  name: string,
  facts: VocabularyFacts,
  base: URL = new URL("../../../data/", import.meta.url),
  cache: string | undefined = defaultCache(),
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`${name}.voc`, base);
  if (url.protocol === "file:") return await fromFile(url, facts);
  // The checksum in its name: two versions of the package can share the folder.
  const kept = cache && `${cache}/${name}-${facts.sha256.slice(0, 16)}.voc`;
  return await fromCache(kept, facts) ?? await fromNetwork(url, facts, cache, kept);
}

function defaultCache(): string | undefined {
  const cache = cacheDirectory();
  return cache && `${cache}/agent/vocabularies`;
}

async function fromFile(url: URL, facts: VocabularyFacts): Promise<Uint8Array<ArrayBuffer>> {
  const path = decodeURIComponent(url.pathname).replace(/^\/(?=[A-Za-z]:)/, "");
  if (!isGranted({ name: "read", path })) {
    throw new AgentError(
      "PERMISSION",
      `The vocabulary ${path} may not be read: run with --allow-read=${path}`,
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
        `There is no vocabulary ${path}: the package is incomplete, get it again`,
        { what: path },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `The vocabulary ${path} cannot be read: ${(cause as Error).message}`,
      { path, operation: "read" },
      { cause },
    );
  }
  await verify(bytes, facts, path);
  return bytes;
}

async function fromCache(
  path: string | undefined,
  facts: VocabularyFacts,
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
  facts: VocabularyFacts,
  folder: string | undefined,
  path: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (
    !isGranted({ name: "net", host: url.hostname }) && !isGranted({ name: "net", host: url.host })
  ) {
    throw new AgentError(
      "PERMISSION",
      `The vocabulary ${url} may not be fetched: run with --allow-net=${url.host}`,
      { permission: "net", target: url.host },
    );
  }
  const bytes = await download(url);
  await verify(bytes, facts, url.href);
  if (folder !== undefined && path !== undefined && isGranted({ name: "write", path: folder })) {
    await keep(bytes, folder, path);
  }
  return bytes;
}

async function download(url: URL): Promise<Uint8Array<ArrayBuffer>> {
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
        `The vocabulary ${url} did not come within ${FETCH_TIMEOUT_MS} ms; try again`,
        { operation: "fetch", timeoutMs: FETCH_TIMEOUT_MS },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `The vocabulary ${url} cannot be fetched: ${(cause as Error).message}`,
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
  facts: VocabularyFacts,
  path: string,
): Promise<void> {
  const sha256 = bytes.length === facts.bytes
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()
    : "";
  if (sha256 === facts.sha256) return;
  throw new AgentError(
    "CORRUPT",
    `${path} is not the vocabulary of this version (${bytes.length} bytes, ${facts.bytes} expected` +
      `${sha256 && ", other checksum"}): get the package again`,
    { path },
  );
}
