/**
 * A body that stays in native memory, for native code that reads it there.
 *
 * @module
 */

import { httpHeld } from "../../../native/generated/http.ts";
import { NativeHandle } from "../../../native/handle.ts";
import type { HeldBody } from "../types.ts";

/** A body under a handle. */
export class Held extends NativeHandle implements HeldBody {
  byteLength = 0;

  /** Makes a place for one. */
  constructor() {
    super("core-utils", httpHeld(), "held body");
  }

  get number(): number {
    return this.handle;
  }
}
