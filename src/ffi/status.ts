/**
 * Says for each native library where it was looked for, what was found, and why it is or is not used.
 *
 * @module
 */

import type { AreaDoor } from "./area.ts";
import { cacheDoor } from "./doors/cache.ts";
import { cachefileDoor } from "./doors/cachefile.ts";
import { cachetagsDoor } from "./doors/cachetags.ts";
import { containersDoor } from "./doors/containers.ts";
import { markdownDoor } from "./doors/markdown.ts";
import { monitorDoor } from "./doors/monitor.ts";
import { nearDoor } from "./doors/near.ts";
import { redactDoor } from "./doors/redact.ts";
import { securityDoor } from "./doors/security.ts";
import { textDoor } from "./doors/text.ts";
import { textHasherDoor } from "./doors/text_hasher.ts";
import { textManyDoor } from "./doors/text_many.ts";
import { tokensDoor } from "./doors/tokens.ts";
import { type Area, LIBRARIES, LIBRARY_NAMES, type LibraryName } from "./library.ts";
import { alreadyOpened, type LibraryState, openLibrary } from "./load.ts";
import { locate } from "./locate.ts";
import { defaultImplementation } from "./settings.ts";
import { AGENT_FFI_ABI_VERSION } from "./generated/ffi.ts";

const DOORS: Readonly<Record<Area, readonly AreaDoor<unknown>[]>> = {
  text: [
    textDoor,
    textManyDoor,
    textHasherDoor,
    tokensDoor,
    redactDoor,
    nearDoor,
    markdownDoor,
  ],
  cache: [cacheDoor, cachetagsDoor, cachefileDoor],
  containers: [containersDoor],
  security: [securityDoor],
  monitor: [monitorDoor],
};

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
  return LIBRARY_NAMES.map(statusOf);
}

/**
 * Loads now what may be loaded without a prompt: every library and every area's table. For servers,
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
    if (disabled(name)) continue;
    if (openLibrary(name).library === undefined) continue;
    for (const door of LIBRARIES[name].areas.flatMap((area) => DOORS[area])) door.get();
  }
  return nativeStatus();
}

function statusOf(name: LibraryName): LibraryStatus {
  const before = alreadyOpened(name);
  if (before?.library !== undefined) {
    const { path, version } = before.library;
    const { lookedIn } = before;
    return { library: name, state: "loaded", path, version, abi: AGENT_FFI_ABI_VERSION, lookedIn };
  }
  if (before !== undefined) {
    const { lookedIn, path, state, reason } = before;
    return { library: name, state, ...(path === undefined ? {} : { path }), reason, lookedIn };
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
  return LIBRARIES[name].areas.every((area) => defaultImplementation(area) === "pure");
}
