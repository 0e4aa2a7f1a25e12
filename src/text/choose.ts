/**
 * Which twin answers a call. A wish of the caller or of AGENT_IMPLEMENTATION holds; otherwise the native twin is taken
 * where it may be used and the size is past the measured crossover. Below it nothing is loaded.
 *
 * @module
 */

import type { Implementation } from "../implementation.ts";
import type { AreaDoor, NativeArea } from "../ffi/area.ts";
import { textDoor } from "../ffi/doors/text.ts";
import { textManyDoor } from "../ffi/doors/text_many.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { NativeText } from "./native.ts";
import { NativeTextMany } from "./native_many.ts";
import { pure } from "./pure.ts";
import type { TextManyTwin, TextTwin } from "./types.ts";

let native: NativeText | undefined;
let nativeMany: NativeTextMany | undefined;

/** The native area for a call, or undefined for the pure twin. */
function areaFor<S>(
  door: AreaDoor<S>,
  option: Implementation | undefined,
  size: number,
  least: number,
): NativeArea<S> | undefined {
  const wish = effectiveImplementation("text", option);
  if (wish === "pure" || (wish === "auto" && size < least)) return undefined;
  return wish === "native" ? door.require() : door.get();
}

/**
 * The twin for a call.
 *
 * @param option What the caller said.
 * @param size How much there is to do.
 * @param least From which size on the native twin is faster.
 * @returns The twin.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 */
export function twinFor(option: Implementation | undefined, size: number, least: number): TextTwin {
  const area = areaFor(textDoor, option, size, least);
  return area === undefined ? pure : native ??= new NativeText(area);
}

/** The same for work on many strings. */
export function manyTwinFor(
  option: Implementation | undefined,
  size: number,
  least: number,
): TextManyTwin {
  const area = areaFor(textManyDoor, option, size, least);
  return area === undefined ? pure : nativeMany ??= new NativeTextMany(area);
}
