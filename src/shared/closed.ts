/**
 * The error of an object that is used after `close()`; both twins throw it.
 *
 * @module
 */

import { AgentError } from "./errors.ts";

/** Makes it. */
export function closedError(object: string): AgentError<"CLOSED"> {
  return new AgentError("CLOSED", `The ${object} is closed; make a new one`, { object });
}
