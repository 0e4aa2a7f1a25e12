/**
 * Whether a stream goes to a terminal that can be drawn on.
 *
 * @module
 */

import { environment } from "./paths.ts";

/** A terminal whose cursor can be moved: one that calls itself dumb gets plain lines, as a pipe does. */
export function isTerminal(stream: { isTerminal(): boolean }): boolean {
  return environment("TERM") !== "dumb" && stream.isTerminal();
}
