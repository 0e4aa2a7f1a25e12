/**
 * Which twin works. The wish of the call, or else of `AGENT_IMPLEMENTATION`, holds; `auto` takes the native twin where
 * it may be used without asking and the work is past the size from which it was measured to be faster.
 *
 * @module
 */

import { type Area, libraryOf } from "../areas.ts";
import type { Implementation } from "../shared/implementation.ts";
import { isUsable, requireLibrary } from "./load.ts";
import { effectiveImplementation } from "./settings.ts";

/**
 * Whether the native twin does the work. Below the size nothing is looked for or loaded.
 *
 * @param area The area that the work belongs to.
 * @param size How much there is to do: the units that `crossover.ts` counts in.
 * @param least From which size on the native twin is faster; `Infinity` if it never is.
 * @param wish What the caller said.
 * @returns True for the native twin, whose library is open then.
 * @throws {TypeError} If the wish is none of the three words.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 */
export function pick(
  area: Area,
  size: number,
  least: number,
  wish: Implementation | undefined,
): boolean {
  const effective = effectiveImplementation(area, wish);
  if (effective === "auto") return size >= least && isUsable(libraryOf(area));
  if (effective === "pure") return false;
  requireLibrary(libraryOf(area));
  return true;
}
