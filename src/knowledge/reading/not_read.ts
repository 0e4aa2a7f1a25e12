/** Why a file is not read, on the way to the report. @module */

import type { SkipReason } from "../types.ts";

/** Thrown where a file turns out to be none that is read. */
export class NotRead extends Error {
  override name = "NotRead";

  /**
   * Makes the error.
   *
   * @param reason The kind of reason.
   * @param message The reason in words.
   */
  constructor(readonly reason: SkipReason, message: string) {
    super(message);
  }
}
