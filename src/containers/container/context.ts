/**
 * What an image is built from, as a tar: a folder without what its `.dockerignore` names, files by name, or a tar that
 * is there already.
 *
 * @module
 */

import { checkParts, wrongType } from "../../shared/arguments.ts";
import { entriesToPut } from "../files/sources.ts";
import { writeTar } from "../files/tar_write.ts";

/**
 * What an image is built from: the path of a folder, contents by relative path, or a tar as bytes or as a stream.
 */
export type BuildContext =
  | string
  | Readonly<Record<string, string | Uint8Array>>
  | Uint8Array
  | AsyncIterable<Uint8Array>;

/** Bounds of a context that is made here. */
const LIMITS = { maxBytes: 8 * 2 ** 30, maxEntries: 1_000_000 } as const;

/** Opens a context as a tar. Only a folder is looked at before the first byte is asked for. */
export async function openContext(
  context: BuildContext,
  dockerfile: string,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  if (context instanceof Uint8Array) return context;
  if (typeof context === "string") {
    const choose = await ignoring(context, dockerfile);
    return writeTar(await entriesToPut(context, { ...LIMITS, choose }));
  }
  if (context === null || typeof context !== "object") {
    throw wrongType("context", "a folder's path, files by name, or a tar", context);
  }
  if (Symbol.asyncIterator in context) {
    checkParts(context, "context");
    return context as AsyncIterable<Uint8Array>;
  }
  return writeTar(await entriesToPut(context, LIMITS));
}

/** What of a folder goes in. The Dockerfile and the list itself always do: the engine reads both. */
async function ignoring(
  folder: string,
  dockerfile: string,
): Promise<((path: string) => "take" | "pass" | "enter") | undefined> {
  const list = await readIfThere(`${folder}/${dockerfile}.dockerignore`) ??
    await readIfThere(`${folder}/.dockerignore`);
  if (list === undefined) return undefined;
  const { default: module } = await import("npm:@balena/dockerignore@1.0.2");
  const ignored = module.default().add(list);
  const always = new Set([dockerfile, ".dockerignore", `${dockerfile}.dockerignore`]);
  const isLeadingTo = (path: string): boolean =>
    [...always].some((file) => file.startsWith(`${path}/`));
  // What an exception lets in again may be in a folder that is left out.
  const hasExceptions = /^\s*!/m.test(list);
  return (path) => {
    if (always.has(path) || !ignored.ignores(path)) return "take";
    return hasExceptions || isLeadingTo(path) ? "enter" : "pass";
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  // Whether it may be read, who reads the folder says.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
