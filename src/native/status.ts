/**
 * Says for each native library where it was looked for, what was found, and why it is or is not used.
 *
 * @module
 */

import { type LibraryName, libraryOf, TWIN_AREAS } from "../areas.ts";
import { AGENT_FFI_ABI_VERSION } from "./generated/ffi.ts";
import { LIBRARY_NAMES } from "./libraries.ts";
import { alreadyOpened, type LibraryState, openLibrary } from "./load.ts";
import { locate } from "./locate.ts";
import { seekPackageFolder } from "./package_folder.ts";
import { isGranted } from "./permissions.ts";
import { defaultImplementation } from "./settings.ts";

/** What the search and the choice read of the environment. */
const VARIABLES = ["AGENT_IMPLEMENTATION", "AGENT_NATIVE_DIR", "HOME", "XDG_CACHE_HOME"];

/** Where one native library stands. */
export interface LibraryStatus {
  /** The library's name. */
  library: string;
  /**
   * `loaded`: in use. `available`: found and allowed, not opened yet. `absent`: in none of the places.
   * `denied`: Deno's permissions do not allow it. `incompatible`: another ABI or machine, or damaged.
   * `disabled`: `AGENT_IMPLEMENTATION` says `pure` for all that it serves.
   */
  state: LibraryState;
  /** Its file, where one was found. */
  path?: string;
  /** Its version, once loaded. */
  version?: string;
  /** Its ABI number, once loaded. */
  abi?: number;
  /** Why it is not used, and what to do. */
  reason?: string;
  /** The files looked for, in order. */
  lookedIn: string[];
  /**
   * Variables that say where libraries are or which twin is wished for and that may not be read, so that what they say
   * is not followed: `--allow-env` with their names changes that. Left out if there is none.
   */
  unread?: string[];
}

/**
 * Where the four native libraries stand. Looks, but loads nothing and never prompts.
 *
 * @returns One entry a library, in a fixed order.
 *
 * @example
 * ```ts
 * import { nativeStatus } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * const names = nativeStatus().map((status) => status.library);
 * assert.equal(names[0], "core-utils");
 * assert.equal(names.length, 4);
 * ```
 */
export function nativeStatus(): LibraryStatus[] {
  const unread = VARIABLES.filter((variable) => !isGranted({ name: "env", variable }));
  return LIBRARY_NAMES.map((name) => {
    const status = statusOf(name);
    return unread.length === 0 ? status : { ...status, unread };
  });
}

/**
 * Loads now what may be loaded without a prompt: every library with all of its exports. For servers,
 * which want no pause later, and for tests, whose sanitizers count a library opened in a test.
 *
 * @returns What {@linkcode nativeStatus} says afterwards.
 *
 * @example
 * ```ts
 * import { preloadNative } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * for (const status of preloadNative()) {
 *   assert.notEqual(status.state, "available", "what could be loaded is loaded");
 * }
 * ```
 */
export function preloadNative(): LibraryStatus[] {
  for (const name of LIBRARY_NAMES) {
    // One that a caller opened in spite of the setting is in use.
    if (disabled(name) && alreadyOpened(name)?.library === undefined) continue;
    const { library } = openLibrary(name);
    if (library !== undefined && isGranted({ name: "ffi", path: library.path })) {
      void library.symbols;
    }
  }
  return nativeStatus();
}

function statusOf(name: LibraryName): LibraryStatus {
  const before = alreadyOpened(name);
  if (before !== undefined && "reason" in before) {
    const { lookedIn, path, state, reason } = before;
    return { library: name, state, ...(path === undefined ? {} : { path }), reason, lookedIn };
  }
  if (before !== undefined) {
    const { path, version } = before.library;
    const { lookedIn } = before;
    return { library: name, state: "loaded", path, version, abi: AGENT_FFI_ABI_VERSION, lookedIn };
  }
  if (disabled(name)) {
    return {
      library: name,
      state: "disabled",
      reason: "AGENT_IMPLEMENTATION says pure for all that it serves; unset it to use the library",
      lookedIn: [],
    };
  }
  return { library: name, ...locate(name) };
}

function disabled(name: LibraryName): boolean {
  return TWIN_AREAS.every((area) =>
    libraryOf(area) !== name || defaultImplementation(area) === "pure"
  );
}

/**
 * Finds the native libraries without holding up the event loop, and loads them as {@linkcode preloadNative} does. For
 * the first lines of a program that needs native code from its start on, or that must not pause at its first use: where
 * the libraries come as a package, that is when it is downloaded.
 *
 * @returns What {@linkcode nativeStatus} says afterwards.
 *
 * @example
 * ```ts
 * import { prepareNative } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * const libraries = await prepareNative();
 * assert.ok(libraries.every(({ state }) => state !== "available"));
 * ```
 */
export async function prepareNative(): Promise<LibraryStatus[]> {
  await seekPackageFolder();
  return preloadNative();
}
