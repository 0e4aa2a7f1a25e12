/**
 * The meaning of `--require-native` inside the program.
 *
 * @module
 */

import { AgentError } from "../errors.ts";

/** @throws {AgentError} `NATIVE_REQUIRED` with the reason if a native library cannot be used. */
export async function requireNative(): Promise<void> {
  const { preloadNative } = await import("../../mod.ts");
  for (const { library, state, reason } of preloadNative()) {
    if (state === "loaded") continue;
    throw new AgentError(
      "NATIVE_REQUIRED",
      `--require-native: ${library} is ${state}${
        reason ? ` (${reason})` : ""
      }; scripts/agent doctor tells more`,
      { library, state },
    );
  }
}
