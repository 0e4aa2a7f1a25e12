/**
 * Which twin a source is.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { effectiveImplementation } from "../../native/settings.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { nativeAccess } from "./access.ts";

/**
 * Which twin reads.
 *
 * @param wish What the caller said.
 * @param isMachine Whether the machine itself is read, rather than a folder of the same form.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and the library cannot be used.
 */
export function chooseTwin(
  wish: Implementation | undefined,
  isMachine: boolean,
): "native" | "pure" {
  // One reading costs the pure twin many times as much, so that there is no size from which on.
  if (!pick("monitor", 1, 1, wish)) return "pure";
  // Where the library may tell nothing, `auto` has no use for it.
  const isChosen = effectiveImplementation("monitor", wish) !== "auto";
  const isUseless = isMachine && !isChosen && nativeAccess().machine !== undefined;
  return isUseless ? "pure" : "native";
}
