/**
 * What a monitor is made with, checked.
 *
 * @module
 */

import { checkImplementation, checkWord, wholeNumber, wrongType } from "../shared/arguments.ts";
import type { Implementation } from "../shared/implementation.ts";
import { knownFields } from "../shared/known_fields.ts";
import { PARTS } from "./source/sample.ts";
import type { CheckedThreshold } from "./thresholds/rule.ts";
import { checkThresholds } from "./thresholds/watch.ts";
import type { MonitorOptions, MonitorPart } from "./monitor_types.ts";

const FIELDS: readonly (keyof MonitorOptions)[] = [
  "intervalMs",
  "history",
  "thresholds",
  "include",
  "implementation",
];
const LEAST_INTERVAL_MS = 100;
const MOST_INTERVAL_MS = 86_400_000;
const MOST_KEPT = 10_000;

/** Options that were checked. */
export interface CheckedOptions {
  readonly intervalMs: number;
  readonly kept: number;
  /** Whether snapshots are kept from the beginning. */
  readonly keepsNow: boolean;
  readonly thresholds: readonly CheckedThreshold[];
  readonly include: readonly MonitorPart[] | undefined;
  readonly implementation: Implementation | undefined;
}

/**
 * Checks options.
 *
 * @throws {TypeError | RangeError} If one is wrong.
 */
export function checkMonitorOptions(options: unknown): CheckedOptions {
  const fields = options === undefined ? {} : knownFields(options, "options", FIELDS);
  const { implementation } = fields;
  checkImplementation(implementation, "options.implementation");
  if (fields["include"] !== undefined) checkInclude(fields["include"]);
  const include = fields["include"] as readonly MonitorPart[] | undefined;
  const intervalMs = wholeNumber(fields["intervalMs"], "options.intervalMs", {
    fallback: 1_000,
    least: LEAST_INTERVAL_MS,
    most: MOST_INTERVAL_MS,
  });
  const kept = wholeNumber(fields["history"], "options.history", {
    fallback: 300,
    least: 0,
    most: MOST_KEPT,
  });
  const isRead = (part: MonitorPart): boolean =>
    include === undefined || include.includes(part) || !PARTS.includes(part);
  const thresholds = checkThresholds(fields["thresholds"], isRead);
  return {
    intervalMs,
    kept,
    keepsNow: fields["history"] !== undefined && kept > 0,
    thresholds,
    include: include === undefined ? undefined : [...include],
    implementation,
  };
}

function checkInclude(value: unknown): asserts value is readonly MonitorPart[] {
  if (!Array.isArray(value)) throw wrongType("options.include", "an array of parts", value);
  for (const [i, part] of value.entries()) checkWord(part, `options.include[${i}]`, PARTS);
}
