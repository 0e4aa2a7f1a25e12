/**
 * The kernel's coarse clock, which native code reads faster than the platform reads its own.
 *
 * @module
 */

import { cacheClock } from "../../native/generated/cache.ts";
import { isUsable } from "../../native/load.ts";

/** Gives the clock, if native code may be used. */
export function coarseClock(): typeof cacheClock | undefined {
  return isUsable("core-utils") ? cacheClock : undefined;
}
