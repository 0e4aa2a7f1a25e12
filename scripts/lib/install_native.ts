/**
 * `scripts/setup --install`: copies the built libraries into the user's cache, so that programs
 * outside this checkout find them: `<cache>/agent/native/<version>/<target>/`.
 *
 * All four with their sidecars are written to a folder beside it, which then takes its place by one
 * rename. A program that has the former libraries open keeps them.
 *
 * Usage: install_native.ts FROM CACHE, with read access to FROM and read and write access to CACHE.
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { PROGRAM } from "../../src/containers/egress/program.ts";
import type { Sidecar } from "../../src/native/library_file.ts";
import { AGENT_FFI_ABI_VERSION } from "../../src/native/generated/ffi.ts";
import { fileName, LIBRARY_NAMES, VERSION } from "../../src/native/libraries.ts";

/**
 * Installs the libraries.
 *
 * @param from The folder that they were built into.
 * @param cache The folder that holds a folder for each version.
 * @returns The folder that they are in now.
 */
export function install(from: string, cache: string): string {
  const folder = join(cache, VERSION, Deno.build.target);
  Deno.mkdirSync(dirname(folder), { recursive: true });
  const fresh = Deno.makeTempDirSync({ dir: dirname(folder), prefix: ".new-" });
  try {
    Deno.chmodSync(fresh, 0o755);
    for (const library of LIBRARY_NAMES) writeLibrary(join(from, fileName(library)), fresh);
    writeProgram(join(from, PROGRAM), fresh);
    replace(folder, fresh);
  } catch (error) {
    Deno.removeSync(fresh, { recursive: true });
    throw error;
  }
  return folder;
}

function writeLibrary(source: string, folder: string): void {
  const bytes = Deno.readFileSync(source);
  const target = join(folder, source.slice(source.lastIndexOf("/") + 1));
  const sidecar: Sidecar = {
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    version: VERSION,
    abi: AGENT_FFI_ABI_VERSION,
  };
  writeDurably(target, bytes);
  writeDurably(`${target}.json`, new TextEncoder().encode(`${JSON.stringify(sidecar)}\n`));
}

/** The program of the egress proxy, which is built on Linux only. */
function writeProgram(source: string, folder: string): void {
  try {
    writeDurably(join(folder, PROGRAM), Deno.readFileSync(source));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writes a file that is on the disk before it gets its place. */
function writeDurably(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o644 });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

/** Puts a folder in the place of another one, which need not exist. */
function replace(folder: string, fresh: string): void {
  const former = `${fresh}-former`;
  let had = true;
  try {
    Deno.renameSync(folder, former);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    had = false;
  }
  try {
    Deno.renameSync(fresh, folder);
  } catch (error) {
    if (had) Deno.renameSync(former, folder);
    throw error;
  }
  if (had) Deno.removeSync(former, { recursive: true });
}

if (import.meta.main) {
  const [from = "", cache = ""] = Deno.args;
  const folder = install(from, cache);
  // deno-lint-ignore no-console -- a script for a person, who wants to know where they are
  console.log(folder);
}
