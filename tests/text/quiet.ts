/** Waiting for what goes on after a call was aborted. */

import { textManyDoor } from "../../src/ffi/doors/text_many.ts";

// Opened with the module: a library that is opened within a test counts as its leak.
textManyDoor.get();

/**
 * Waits until nothing is under way on the ring. An aborted call rejects at once; its native work ends a moment later, and
 * a test must not end before that.
 */
export async function quiet(implementation: "pure" | "native"): Promise<void> {
  if (implementation === "pure") return;
  const { ring } = textManyDoor.require();
  while (ring.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
