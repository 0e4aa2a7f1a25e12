/**
 * Which twin answers a call. A wish of the caller or of AGENT_IMPLEMENTATION holds; otherwise the native twin is taken
 * where it may be used and the size is past the measured crossover. Below it nothing is loaded.
 *
 * @module
 */

import type { Implementation } from "../implementation.ts";
import { textDoor } from "../ffi/doors/text.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { NativeText } from "./native.ts";
import { pure } from "./pure.ts";
import type { TextTwin } from "./types.ts";

let native: NativeText | undefined;

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
  const wish = effectiveImplementation("text", option);
  if (wish === "pure" || (wish === "auto" && size < least)) return pure;
  if (native === undefined) {
    const area = wish === "native" ? textDoor.require() : textDoor.get();
    if (area === undefined) return pure;
    native = new NativeText(area);
  }
  return native;
}
