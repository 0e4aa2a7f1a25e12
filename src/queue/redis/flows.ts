/**
 * Flows by BullMQ's own: parents wait for their children, wherever they are run.
 *
 * @module
 */

import { flowParts } from "../flow.ts";
import { idOf, nextSeq } from "../ids.ts";
import type { ResolvedQueue } from "../options.ts";
import type { FlowJob, JsonValue } from "../types.ts";
import type { BullFlow, BullJobOptions } from "./bullmq.ts";
import type { Opened } from "./connection.ts";
import { unsupported } from "./errors.ts";
import { bullOptions, JOB_NAME } from "./mapping.ts";

/** A flow that is ready to be added. */
export interface PreparedFlow {
  /** The id of its first job. */
  readonly id: string;
  /** The data of its first job. */
  readonly json: string;
  readonly add: (opened: Opened) => Promise<unknown>;
}

/** Checks a flow and makes it BullMQ's. */
export function addFlow<T extends JsonValue>(
  flow: FlowJob<T>,
  queueName: string,
  options: ResolvedQueue,
): PreparedFlow {
  const parts = flowParts(flow);
  if (parts[0]!.job.key !== "") {
    throw unsupported(
      "keys of flows",
      "BullMQ knows no key of a flow; leave flow.key out, or use another store",
    );
  }
  const nodes: BullFlow[] = [];
  for (const { data, job, tolerant: _, parent, children } of parts) {
    const opts: BullJobOptions = {
      ...bullOptions(job, options),
      // Ids grow, so that results of children can be brought into the order in which they were added.
      jobId: idOf(nextSeq()),
      ...(children > 0 ? { children } : {}),
      ...(parent < 0
        ? {}
        : parts[parent]!.tolerant
        ? { ignoreDependencyOnFailure: true }
        : { failParentOnFailure: true }),
    };
    const node: BullFlow = { name: JOB_NAME, queueName, data: JSON.parse(data) as JsonValue, opts };
    nodes.push(node);
    if (parent >= 0) (nodes[parent]!.children ??= []).push(node);
  }
  const first = nodes[0]!;
  const id = first.opts.jobId!;
  return {
    id,
    json: parts[0]!.data,
    add: (opened) => opened.flows().add(first),
  };
}
