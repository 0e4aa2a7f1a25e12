/**
 * The four native libraries and the areas that they serve, as data.
 *
 * @module
 */

/** The name of a native library. */
export type LibraryName =
  | "core-utils"
  | "container-orchestrator"
  | "security-tools"
  | "performance-monitor";

/** An area of the API that has twins; the word that `AGENT_IMPLEMENTATION` takes. */
export type Area = "text" | "cache" | "containers" | "security" | "monitor";

/** The libraries' numbers, which are part of every handle, in the order of the status report. */
export const LIBRARIES: Readonly<Record<LibraryName, { number: number; areas: readonly Area[] }>> =
  {
    "core-utils": { number: 1, areas: ["text", "cache"] },
    "container-orchestrator": { number: 2, areas: ["containers"] },
    "security-tools": { number: 3, areas: ["security"] },
    "performance-monitor": { number: 4, areas: ["monitor"] },
  };

/** All library names, in the order of the status report. */
export const LIBRARY_NAMES = Object.keys(LIBRARIES) as LibraryName[];

/** Every area that has twins. */
export const AREAS: readonly Area[] = LIBRARY_NAMES.flatMap((name) => LIBRARIES[name].areas);

/** The version of the package, and so of the libraries that belong to it. */
export const VERSION = "0.1.0";

/** The file name of a library on this operating system. */
export function fileName(library: LibraryName): string {
  const stem = `agent_${library.replaceAll("-", "_")}`;
  switch (Deno.build.os) {
    case "windows":
      return `${stem}.dll`;
    case "darwin":
      return `lib${stem}.dylib`;
    default:
      return `lib${stem}.so`;
  }
}
