/**
 * The four native libraries, as data.
 *
 * @module
 */

import type { LibraryName } from "../areas.ts";

/** The libraries' numbers, which are part of every handle, in the order of the status report. */
export const LIBRARIES: Readonly<Record<LibraryName, number>> = {
  "core-utils": 1,
  "container-orchestrator": 2,
  "security-tools": 3,
  "performance-monitor": 4,
};

/** All library names, in the order of the status report. */
export const LIBRARY_NAMES = Object.keys(LIBRARIES) as LibraryName[];

/** The version of the package, and so of the libraries that belong to it. */
export const VERSION = "0.1.0";

/** The file name of a library on this operating system. */
export function fileName(library: LibraryName): string {
  return libraryFile(library, Deno.build.os);
}

/** The file name of a library on an operating system. */
export function libraryFile(library: LibraryName, os: typeof Deno.build.os): string {
  const stem = `agent_${library.replaceAll("-", "_")}`;
  switch (os) {
    case "windows":
      return `${stem}.dll`;
    case "darwin":
      return `lib${stem}.dylib`;
    default:
      return `lib${stem}.so`;
  }
}
