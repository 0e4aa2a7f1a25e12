/**
 * What the suites of the small areas share: whether the native twin can be had, and waiting until its
 * ring is idle, so that no wait of an earlier test is outstanding in a later one.
 */

import type { NativeArea } from "../../src/ffi/area.ts";

/** The twins that a suite runs on. */
export type Twin = "pure" | "native";

/** A door to native code; see `src/ffi/area.ts`. */
interface Door {
  require(): NativeArea<unknown>;
}

/** A twin with what a suite needs around it. */
export interface TwinUnderTest {
  readonly name: Twin;
  /** Why it cannot be tested here; undefined if it can. */
  readonly missing: string | undefined;
  /** Resolves when no operation is under way. */
  idle(): Promise<void>;
}

/** Both twins of an area. Opens the library now, outside of every test's sanitizers. */
export function twins(door: Door): TwinUnderTest[] {
  let native: NativeArea<unknown> | undefined;
  let missing: string | undefined;
  try {
    native = door.require();
  } catch (error) {
    missing = (error as Error).message;
  }
  const idle = async (): Promise<void> => {
    while (native !== undefined && native.ring.inFlight > 0) await delay(1);
  };
  return [
    { name: "pure", missing: undefined, idle: () => Promise.resolve() },
    { name: "native", missing, idle },
  ];
}

/** Registers a test of one twin; ignored, with the reason in its name, if the twin is missing. */
export function testOf(
  area: string,
  twin: TwinUnderTest,
  name: string,
  body: () => void | Promise<void>,
): void {
  const why = twin.missing === undefined ? "" : ` [ignored: ${twin.missing}]`;
  Deno.test({
    name: `${area} (${twin.name}): ${name}${why}`,
    ignore: twin.missing !== undefined,
    fn: body,
  });
}

/** Lets milliseconds pass. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An argument of a type that TypeScript would refuse. */
// deno-lint-ignore no-explicit-any
export const wrong = (value: unknown): any => value;
