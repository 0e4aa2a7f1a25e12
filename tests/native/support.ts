/**
 * What the tests of the boundary share: the open library and the exports that only tests use. Opening
 * happens when this file is imported, outside of every test's sanitizers; without the libraries all
 * tests here are ignored, with the reason in their names.
 */

import type { LibraryName } from "../../src/areas.ts";
import { errorFromBuffer } from "../../src/native/failure.ts";
import { Status } from "../../src/native/generated/status_codes.ts";
import type { FfiSymbols, Symbols } from "../../src/native/generated/symbols.ts";
import { LIBRARY_NAMES } from "../../src/native/libraries.ts";
import { type LoadedLibrary, openLibrary } from "../../src/native/load.ts";
import { preloadNative } from "../../src/native/status.ts";
import { testNeeding } from "../support/needs.ts";

/** Why the tests here cannot run; undefined if they can. */
export const missing: string | undefined = LIBRARY_NAMES
  .map((name) => openLibrary(name, true))
  .map((result) => result.library === undefined ? result.reason : undefined)
  .find((reason) => reason !== undefined);
preloadNative();

/** Registers a test of the boundary, which may need more, and what of that is missing for which reasons. */
export function test(
  name: string,
  body: () => void | Promise<void>,
  reasons: readonly (string | undefined)[] = [],
): void {
  testNeeding([missing, ...reasons], name, body);
}

/** An open library. Where there is none, nothing but ignored tests could use what this gives. */
export function open(name: LibraryName = "core-utils"): LoadedLibrary {
  return openLibrary(name).library ?? ({} as LoadedLibrary);
}

/** The exports of a library. */
export function symbolsOf<L extends LibraryName>(name: L): Symbols<L> {
  return (openLibrary(name).library?.symbols ?? {}) as Symbols<L>;
}

/** The exports that every library has, those for tests included. */
export function commonSymbols(name: LibraryName = "core-utils"): FfiSymbols {
  return symbolsOf(name) as FfiSymbols;
}

type Call = (out: Uint8Array<ArrayBuffer>, capacity: number) => number;

/** Calls what writes a result, with a larger buffer if it asks for one; throws as generated calls do. */
export function resultOf(operation: string, call: Call): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(4096);
  let written = call(out, out.length);
  if (written === Status.TOO_SMALL) {
    out = new Uint8Array(new DataView(out.buffer).getUint32(0, true));
    written = call(out, out.length);
  }
  if (written < 0) throw errorFromBuffer(operation, written, out);
  return out.subarray(0, written);
}
