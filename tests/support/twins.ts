/**
 * The harness of everything that has two twins. A suite is a factory that gets a {@linkcode Twin};
 * one `conformance_test.ts` an area runs it on both.
 *
 * Importing this file opens every native library that may be opened, before the first test, so that
 * the resource sanitizer does not take it for a test's leak. What is missing is never passed over in
 * silence: the test is ignored with the reason in its name, and `scripts/test` fails for it in CI.
 */

import { type Area, libraryOf } from "../../src/areas.ts";
import { LIBRARY_NAMES } from "../../src/native/libraries.ts";
import { type LoadedLibrary, openLibrary } from "../../src/native/load.ts";
import { preloadNative } from "../../src/native/status.ts";
import { testNeeding } from "./needs.ts";
import { delay, until } from "./values.ts";

// First the libraries, which may ask and do not mind AGENT_IMPLEMENTATION; then all of their exports.
for (const name of LIBRARY_NAMES) openLibrary(name, true);
preloadNative();

/** What a call says to get the TypeScript twin. */
export const PURE = { implementation: "pure" } as const;
/** What a call says to get the native twin. */
export const NATIVE = { implementation: "native" } as const;

/** The word of a twin. */
export type TwinName = "pure" | "native";

/** A twin with what a suite needs around it. */
export interface Twin {
  /** Which one: the word of the option `implementation`. */
  readonly name: TwinName;
  /** Why it cannot be tested here; undefined if it can. */
  readonly missing: string | undefined;
  /**
   * Resolves when no operation is under way. An aborted call rejects at once; its native work ends a
   * moment later, and a test must not end before that.
   */
  idle(): Promise<void>;
}

/** Both twins of an area. */
export interface Twins {
  /** The TypeScript one. */
  readonly pure: Twin;
  /** The native one. */
  readonly native: Twin;
  /** The two, in this order. */
  readonly each: readonly [pure: Twin, native: Twin];
}

/** The twins of an area of `src/areas.ts`. */
export function twins(area: Area): Twins {
  const result = openLibrary(libraryOf(area), true);
  const { library } = result;
  const pure: Twin = { name: "pure", missing: undefined, idle: () => Promise.resolve() };
  const native: Twin = {
    name: "native",
    missing: library === undefined ? result.reason : undefined,
    idle: async () => {
      while (library !== undefined && library.ring.inFlight > 0) await delay(1);
    },
  };
  return { pure, native, each: [pure, native] };
}

/** Registers a test of one twin, ignored where the twin is missing. */
export function testOf(
  what: string,
  twin: Twin,
  name: string,
  body: () => void | Promise<void>,
): void {
  testNeeding([twin.missing], `${what} (${twin.name}): ${name}`, body);
}

/** Registers a test that compares the twins, ignored where the native one is missing. */
export function testOfBoth(
  what: string,
  { native }: Twins,
  name: string,
  body: () => void | Promise<void>,
): void {
  testNeeding([native.missing], `${what} (both): ${name}`, body);
}

/** What the native library of an area holds at the moment, in the whole process. */
export interface Held {
  /** Open handles. */
  handles(): number;
  /** Operations that run on its pool. */
  tasks(): number;
  /** Operations of this isolate that have not come back. */
  inFlight(): number;
  /**
   * Waits until nothing runs on its pool.
   *
   * @throws {Error} If something still does after five seconds.
   */
  ended(): Promise<void>;
}

/** What an area's native library holds; only for tests of the native twin. */
export function heldBy(area: Area): Held {
  const library = (): LoadedLibrary => {
    const result = openLibrary(libraryOf(area), true);
    if (result.library === undefined) throw new Error(result.reason);
    return result.library;
  };
  const tasks = (): number => library().common("agent_ffi_active_tasks")();
  return {
    handles: () => library().common("agent_ffi_live_handles")(),
    tasks,
    inFlight: () => library().ring.inFlight,
    ended: () => until(() => tasks() === 0, "the pool is still at it"),
  };
}
