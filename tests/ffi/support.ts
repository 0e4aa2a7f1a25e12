/** What the tests of the boundary share: the open library, a folder of their own, child programs. */

import { type LoadedLibrary, openLibrary } from "../../src/ffi/load.ts";
import { type FfiTestingSymbols, ffiTestingSymbols } from "../../src/ffi/generated/ffi_testing.ts";
import type { LibraryName } from "../../src/ffi/library.ts";
import { preloadNative } from "../../src/ffi/status.ts";
import { fileName } from "../../src/ffi/library.ts";

/** The root of the checkout. */
export const ROOT = new URL("../../", import.meta.url).pathname;
/** Where `cargo build --release` leaves the libraries. */
export const BUILT = `${ROOT}target/release/`;

/** Opens a library that the test needs, or throws with the reason. */
export function open(name: LibraryName = "core-utils"): LoadedLibrary {
  const result = openLibrary(name);
  if (result.library === undefined) throw new Error(result.reason);
  return result.library;
}

const testing = new Map<LibraryName, FfiTestingSymbols>();

/** The exports of a library that only tests use. */
export function testingSymbols(name: LibraryName = "core-utils"): FfiTestingSymbols {
  const known = testing.get(name);
  if (known !== undefined) return known;
  const symbols = open(name).table(ffiTestingSymbols);
  testing.set(name, symbols);
  return symbols;
}

/** Loads everything at the top of a test module, so that resource sanitizers see nothing new later. */
export function preload(): void {
  preloadNative();
}

/** The file of a built library. */
export function builtFile(name: LibraryName = "core-utils"): string {
  return `${BUILT}${fileName(name)}`;
}

/** What a child program came to. */
export interface Outcome {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** Runs the same Deno with these arguments; the environment is empty but for what is given. */
export async function deno(
  args: string[],
  env: Record<string, string> = {},
  cwd = ROOT,
): Promise<Outcome> {
  const output = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    clearEnv: true,
    env: { NO_COLOR: "1", HOME: "/nonexistent", ...denoDirectory(), ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    signal: output.signal,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** The cache of npm packages: children must find it without the real HOME. */
export function denoDirectory(): Record<string, string> {
  const directory = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  return { DENO_DIR: directory };
}

/** A folder that goes away with the test. */
export async function temporary<T>(body: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "agent-ffi-" });
  try {
    return await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
