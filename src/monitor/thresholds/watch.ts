/**
 * The thresholds of a monitor.
 *
 * @module
 */

import { shown, wrongType } from "../../shared/arguments.ts";
import type { Alert, MonitorPart } from "../monitor_types.ts";
import type { Snapshot } from "../types.ts";
import { figuresOf } from "./figures.ts";
import { type CheckedThreshold, checkThreshold, Rule } from "./rule.ts";

const MOST_THRESHOLDS = 1_000;

/** Parts of a snapshot that come with another. */
const WITH: Readonly<Record<string, MonitorPart>> = { swap: "memory" };

/**
 * Checks thresholds, each and all together.
 *
 * @param value What was given; undefined for none.
 * @param isRead Whether a part of the snapshot is read.
 * @throws {TypeError | RangeError} If something about them is wrong.
 */
export function checkThresholds(
  value: unknown,
  isRead: (part: MonitorPart) => boolean,
): CheckedThreshold[] {
  const at = "options.thresholds";
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType(at, "an array of thresholds", value);
  if (value.length > MOST_THRESHOLDS) {
    throw new RangeError(`${at} must be at most ${MOST_THRESHOLDS}, got ${value.length}`);
  }
  const thresholds = value.map((one, i) => checkThreshold(one, `${at}[${i}]`));
  for (const [i, threshold] of thresholds.entries()) {
    const name = `${at}[${i}]`;
    checkRead(threshold, name, isRead);
    const others = thresholds.slice(0, i);
    const same = others.findIndex((other) => other.name === threshold.name);
    if (same >= 0) {
      throw new RangeError(
        `${name} has the name of ${at}[${same}], ${shown(threshold.name)}; give it another`,
      );
    }
    const against = others.findIndex((other) => areContradictory(other, threshold));
    if (against >= 0) {
      throw new RangeError(
        `${name} contradicts ${at}[${against}]: no value of ${threshold.metric.text} is within both ` +
          `${said(threshold)} and ${said(others[against]!)}; move one of the limits`,
      );
    }
  }
  return thresholds;
}

function checkRead(
  { metric }: CheckedThreshold,
  name: string,
  isRead: (part: MonitorPart) => boolean,
): void {
  for (const path of [metric.path, metric.divisor]) {
    const [first] = path?.steps ?? [];
    if (first === undefined) continue;
    const part = WITH[first.name] ?? first.name as MonitorPart;
    if (isRead(part)) continue;
    throw new RangeError(
      `${name}.metric ${shown(metric.text)} needs ${
        shown(part)
      }, which options.include leaves out; add it there`,
    );
  }
}

/** Whether every value is over one of both. */
function areContradictory(one: CheckedThreshold, other: CheckedThreshold): boolean {
  if (one.metric.text !== other.metric.text || one.side === other.side) return false;
  const [above, below] = one.side === "above" ? [one, other] : [other, one];
  return above.limit < below.limit;
}

function said({ side, limit }: CheckedThreshold): string {
  return `${side} ${limit}`;
}

/** The thresholds at work. */
export class ThresholdWatch {
  readonly #rules: readonly Rule[];

  /** Begins with all figures within their limits. */
  constructor(thresholds: readonly CheckedThreshold[]) {
    this.#rules = thresholds.map((threshold) => new Rule(threshold));
  }

  /** Looks at a snapshot that was made at a time by the monitor's clock; says what changed. */
  see(snapshot: Snapshot, time: number): Alert[] {
    const sight = { time, at: snapshot.at };
    return this.#rules.flatMap((rule) =>
      rule.see(figuresOf(rule.threshold.metric, snapshot), sight)
    );
  }

  /** What is firing or unknown. */
  standing(): Alert[] {
    return this.#rules.flatMap((rule) => rule.standing());
  }
}
