/**
 * Flows: jobs that wait for others, made into one list that a store adds as a whole.
 *
 * @module
 */

import { checkWord, fieldsOf, wrongType, wrongValue } from "../shared/arguments.ts";
import { toJson } from "./json.ts";
import { JOB_FIELDS, optionsOf, type ResolvedJob, resolveJob } from "./options.ts";
import type { FlowJob, JsonValue } from "./types.ts";

/** A flow has at most so many jobs. */
const MOST_JOBS = 100_000;
const FLOW_FIELDS: readonly string[] = [...JOB_FIELDS, "data", "children", "childFailure"];
/** What a job of a flow is called in errors has about so many characters. */
const MOST_NAME = 200;

/** One job of a flow, checked. */
export interface FlowPart {
  readonly data: string;
  readonly job: ResolvedJob;
  readonly tolerant: boolean;
  /** Where its parent stands in the list, or -1. */
  readonly parent: number;
  readonly children: number;
}

/** The error of a parent has at most so many UTF-16 units: each of its own parents has another. */
const MOST_CHILD_ERROR = 1_000;
/** A child that an error names, as far as it is ours. */
const LEVEL = /Child [0-9A-Za-z_-]+ failed: /y;
/** How many children an error leaves out. */
const GAP = /\[([0-9]{1,9}) levels? down\] /y;

/**
 * The error of a parent whose child came to nothing; every store writes it so, in Rust `child_error.rs`. Of a long path
 * it names the child, how many follow, and the last two, so that neither what happened nor where is lost in it.
 */
export function childError(id: string, error: string | undefined): string {
  if (error === undefined) return `Child ${id} was cancelled`;
  const first = endOf(LEVEL, error, 0);
  const gap = first > 0 ? endOf(GAP, error, first) : 0;
  let path = "";
  let rest = error;
  if (gap > 0) {
    path = gapOf(Number.parseInt(error.slice(first + 1), 10) + 1);
    rest = error.slice(gap);
  } else if (first > 0) {
    const second = endOf(LEVEL, error, first);
    if (second > 0 && endOf(LEVEL, error, second) > 0) {
      path = gapOf(1);
      rest = error.slice(first);
    }
  }
  return cut(`Child ${id} failed: ${path}${rest}`);
}

function gapOf(levels: number): string {
  return `[${levels} ${levels === 1 ? "level" : "levels"} down] `;
}

/** Where a match that begins at a place ends; 0 if there is none. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

function cut(text: string): string {
  if (text.length <= MOST_CHILD_ERROR) return text;
  const kept = text.slice(0, MOST_CHILD_ERROR - 3);
  // Half a pair is no character.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}...`;
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
    const job = resolveJob(given as FlowJob<T>, name, FLOW_FIELDS);
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
      open.push({ given: list[i], name: `${short(name)}.children[${i}]`, parent: at });
    }
  }
  return parts;
}

function short(name: string): string {
  return name.length > MOST_NAME ? `${name.slice(0, MOST_NAME / 4)}...` : name;
}

/** A flow that is the same, with nothing of the caller's. */
export function copyFlow<T extends JsonValue>(flow: FlowJob<T>): FlowJob<T> {
  const copies: (FlowJob<T> & { children: FlowJob<T>[] })[] = [];
  for (const { data, job, tolerant, parent } of flowParts(flow)) {
    const { repeat: _, ...options } = optionsOf(job);
    const copy = {
      ...options,
      data: JSON.parse(data) as T,
      children: [],
      childFailure: tolerant ? "ignore" as const : "fail" as const,
    };
    copies.push(copy);
    copies[parent]?.children.push(copy);
  }
  return copies[0]!;
}
