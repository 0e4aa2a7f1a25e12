/**
 * What became of a job that is not there any more: BullMQ's stream of events keeps some ten thousand of the last ones,
 * results included.
 *
 * @module
 */

import type { AgentError } from "../../shared/errors.ts";
import { errorOf } from "../job.ts";
import type { JobState, JsonValue } from "../types.ts";
import type { Opened } from "./connection.ts";

/** What a job that is cancelled while it runs fails with; it is removed at the same moment. */
export const CANCELLED_REASON = "The job was cancelled";

const PAGE = 1_000;
const MOST_PAGES = 12;

/** Why a job that ended has no result. */
export function endedError(
  id: string,
  state: JobState,
  error?: string,
  attempts = 0,
): AgentError {
  return errorOf(id, { state, result: undefined, error, attempts });
}

/** The result of a job that is gone; throws why there is none. */
export async function lastWord(
  { calls, queue }: Opened,
  id: string,
): Promise<{ result: JsonValue }> {
  let end = "+";
  for (let page = 0; page < MOST_PAGES; page++) {
    const command = ["XREVRANGE", queue.toKey("events"), end, "-", "COUNT", `${PAGE}`];
    const events = await calls.sendCommand(command) as readonly [string, readonly string[]][];
    for (const [, fields] of events) {
      const told = fieldsOf(fields);
      if (told.get("jobId") !== id) continue;
      const event = told.get("event");
      if (event === "completed") {
        return { result: JSON.parse(told.get("returnvalue") ?? "null") as JsonValue };
      }
      if (event === "removed") throw endedError(id, "cancelled");
      if (event === "failed") {
        const error = told.get("failedReason") ?? "";
        throw endedError(id, error === CANCELLED_REASON ? "cancelled" : "dead", error);
      }
    }
    if (events.length < PAGE) break;
    end = `(${events.at(-1)![0]}`;
  }
  throw errorOf(id, undefined);
}

function fieldsOf(fields: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) map.set(fields[i]!, fields[i + 1]!);
  return map;
}
