/**
 * Flows: jobs that wait for others, made into one list that a store adds as a whole.
 *
 * @module
 */

import { checkWord, fieldsOf, wrongType, wrongValue } from "../shared/arguments.ts";
import { toJson } from "./json.ts";
import { type ResolvedJob, resolveJob } from "./options.ts";
import type { FlowJob, JsonValue } from "./types.ts";

/** A flow has at most so many jobs. */
const MOST_JOBS = 100_000;

/** One job of a flow, checked. */
export interface FlowPart {
  readonly data: string;
  readonly job: ResolvedJob;
  readonly tolerant: boolean;
  /** Where its parent stands in the list, or -1. */
  readonly parent: number;
  readonly children: number;
}

/** The error of a parent whose child came to nothing; every store writes it so. */
export function childError(id: string, error: string | undefined): string {
  return error === undefined ? `Child ${id} was cancelled` : `Child ${id} failed: ${error}`;
}

/** Checks a flow and lists its jobs, parents before their children, those of one parent in their order. */
export function flowParts<T extends JsonValue>(flow: FlowJob<T>): FlowPart[] {
  const parts: FlowPart[] = [];
  const open: { given: unknown; name: string; parent: number }[] = [
    { given: flow, name: "flow", parent: -1 },
  ];
  // The list grows while it is gone through, so that siblings stand together.
  for (let at = 0; at < open.length; at++) {
    const { given, name, parent } = open[at]!;
    if (typeof given !== "object" || given === null) throw wrongType(name, "an object", given);
    const { data, children, childFailure, repeat } = fieldsOf(given, name);
    if (repeat !== undefined) throw wrongType(`${name}.repeat`, "left out in a flow", repeat);
    if (childFailure !== undefined) {
      checkWord(childFailure, `${name}.childFailure`, ["fail", "ignore"]);
    }
    if (children !== undefined && !Array.isArray(children)) {
      throw wrongType(`${name}.children`, "an array", children);
    }
    const list = (children ?? []) as readonly unknown[];
    const job = resolveJob(given as FlowJob<T>, name);
    if (parent >= 0 && job.key !== "") {
      throw wrongType(`${name}.key`, "left out but at the first job of a flow", job.key);
    }
    parts.push({
      data: toJson(data, `${name}.data`),
      job,
      tolerant: childFailure === "ignore",
      parent,
      children: list.length,
    });
    if (open.length + list.length > MOST_JOBS) {
      throw wrongValue("flow", `of at most ${MOST_JOBS} jobs`, open.length + list.length);
    }
    for (let i = 0; i < list.length; i++) {
      open.push({ given: list[i], name: `${name}.children[${i}]`, parent: at });
    }
  }
  return parts;
}
