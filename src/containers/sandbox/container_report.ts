/**
 * What holds a container that is there, whoever made it. What was asked of it its maker knows, or a label that the maker
 * put on it; of one that was made otherwise only what is there is told, and nothing is judged.
 *
 * @module
 */

import { checkBoolean } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { knownFields, readRecord, type RequestRecord } from "../policy/mod.ts";
import { type Inside, readInside } from "./inside.ts";
import { securityReport, type WireInspect } from "./report.ts";
import type { SecurityReport } from "./types.ts";

/** How a container is looked at. */
export interface SecurityReportOptions {
  /**
   * Whether the kernel is asked from inside too, which starts `sh` of the image there. Default true; where that
   * cannot be done `verified` is false, and a warning says why.
   */
  verify?: boolean | undefined;
  /** Ends the question. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes the report of a container.
 *
 * @param client Its engine.
 * @param container Its id or name.
 * @param options How it is looked at.
 * @param known What was asked of it, if its maker asks; else its labels say, or nobody does.
 * @throws {AgentError} `NOT_FOUND` if there is no such container; `IO`.
 */
export async function containerReport(
  client: EngineClient,
  container: string,
  options: SecurityReportOptions,
  known: RequestRecord | null = null,
): Promise<SecurityReport> {
  const { verify = true } = knownFields(options, "options", ["verify", "signal"]);
  checkBoolean(verify, "options.verify");
  const { signal } = options;
  const path = `/containers/${segment(container, "container")}/json`;
  const inspect = await client.json<WireInspect>("GET", path, { signal });
  const record = known ?? readRecord(inspect.Config?.Labels);
  const { inside, unread } = verify
    ? await look(client, container, inspect, signal)
    : { inside: undefined, unread: "verify is false" };
  return securityReport({
    client,
    requested: record?.requested ?? null,
    accepted: record?.accepted ?? [],
    inspect,
    inside,
    unread,
  });
}

/** What can be read inside, or why nothing can. */
async function look(
  client: EngineClient,
  container: string,
  { State }: WireInspect,
  signal: AbortSignal | undefined,
): Promise<{ inside?: Inside; unread?: string }> {
  if (State?.Running !== true) return { unread: "it does not run" };
  if (State.Paused === true) return { unread: "it is paused" };
  try {
    return { inside: await readInside(client, container, signal) };
  } catch (error) {
    // No shell, or one that ended meanwhile.
    if (!AgentError.is(error, "UNSUPPORTED") && !AgentError.is(error, "UNAVAILABLE")) throw error;
    return { unread: error.message };
  }
}
