/**
 * One threshold: its check, and what it makes of the figures that it is shown one after the other.
 *
 * An item is within the limit (nothing is kept of it), over it but not for long enough (`pending`), `firing`, or not to be
 * read (`unknown`). Time is the monitor's, which is never set.
 *
 * @module
 */

import {
  checkNumber,
  checkString,
  checkWord,
  wholeNumber,
  wrongValue,
} from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { Alert, AlertSeverity, Threshold } from "../monitor_types.ts";
import type { Figure } from "./figures.ts";
import { type Metric, parseMetric } from "./path.ts";

const SEVERITIES: readonly AlertSeverity[] = ["info", "warning", "critical"];
const FIELDS: readonly (keyof Threshold)[] = [
  "metric",
  "above",
  "below",
  "clear",
  "forMs",
  "name",
  "severity",
];
const MOST_NAME_LETTERS = 200;
/** Thirty days. */
const MOST_FOR_MS = 30 * 86_400_000;
/** Items that are over the limit or not to be read are remembered, but not without end. */
const MOST_REMEMBERED = 1_000;

/** Which way is too far. */
export type Side = "above" | "below";

/** A threshold that was checked. */
export interface CheckedThreshold {
  readonly name: string;
  readonly metric: Metric;
  readonly severity: AlertSeverity;
  readonly side: Side;
  readonly limit: number;
  readonly clear: number;
  readonly forMs: number;
}

/**
 * Checks a threshold.
 *
 * @param value What was given.
 * @param at What it is called in messages.
 * @throws {TypeError | RangeError} If something about it is wrong; the message says what to write instead.
 */
export function checkThreshold(value: unknown, at: string): CheckedThreshold {
  const fields = knownFields(value, at, FIELDS);
  checkString(fields["metric"], `${at}.metric`);
  const metric = parseMetric(fields["metric"], `${at}.metric`);
  const { above, below } = fields;
  if ((above === undefined) === (below === undefined)) {
    throw new RangeError(
      above === undefined
        ? `${at} must have above or below, got neither; say which limit ${metric.text} has`
        : `${at} must have above or below, got both; make two thresholds of it`,
    );
  }
  const side: Side = above === undefined ? "below" : "above";
  const limit = finite(above ?? below, `${at}.${side}`);
  const clear = fields["clear"] === undefined ? limit : finite(fields["clear"], `${at}.clear`);
  if (side === "above" ? clear > limit : clear < limit) {
    const bound = `${
      side === "above" ? "at most" : "at least"
    } ${limit}, its ${side}, so that it can end`;
    throw wrongValue(`${at}.clear`, bound, clear);
  }
  const forMs = wholeNumber(fields["forMs"], `${at}.forMs`, {
    fallback: 0,
    least: 0,
    most: MOST_FOR_MS,
  });
  const { severity = "warning" } = fields;
  checkWord(severity, `${at}.severity`, SEVERITIES);
  const { name = `${metric.text} ${side === "above" ? ">" : "<"} ${limit}` } = fields;
  checkString(name, `${at}.name`);
  if (name === "" || (fields["name"] !== undefined && name.length > MOST_NAME_LETTERS)) {
    throw wrongValue(`${at}.name`, `a name of 1 to ${MOST_NAME_LETTERS} characters`, name);
  }
  return { name, metric, severity, side, limit, clear, forMs };
}

function finite(value: unknown, name: string): number {
  checkNumber(value, name);
  if (!Number.isFinite(value)) throw wrongValue(name, "a finite number", value);
  return value;
}

interface Item {
  state: "pending" | "firing" | "unknown";
  /** When this began, by the monitor's clock and as ISO 8601. */
  began: number;
  since: string;
  /** Whether an unknown one was firing. */
  wasFiring: boolean;
  value: number | null;
  /** What was said last; undefined where nothing was. */
  said: Alert | undefined;
}

/** When a figure was seen. */
export interface Sight {
  /** By the monitor's clock. */
  readonly time: number;
  /** ISO 8601. */
  readonly at: string;
}

/** A threshold at work. */
export class Rule {
  readonly threshold: CheckedThreshold;
  readonly #items = new Map<string, Item>();

  /** Begins with everything within the limit. */
  constructor(threshold: CheckedThreshold) {
    this.threshold = threshold;
  }

  /** What is firing or unknown, as it was said. */
  standing(): Alert[] {
    return [...this.#items.values()].flatMap(({ state, said }) =>
      said === undefined || state === "pending" ? [] : [said]
    );
  }

  /** Looks at all figures of the metric, and says what changed. */
  see(figures: readonly Figure[], sight: Sight): Alert[] {
    const alerts: Alert[] = [];
    const there = new Set<string>();
    for (const figure of figures) {
      there.add(figure.metric);
      const alert = figure.value === null
        ? this.#lost(figure.metric, figure.reason, sight, figure.isIdle)
        : this.#seen(figure.metric, figure.value, sight);
      if (alert !== undefined) alerts.push(alert);
    }
    for (const metric of this.#items.keys()) {
      if (there.has(metric)) continue;
      // An item of `[*]` that left is not missed unless it was over the limit.
      const alert = this.#lost(metric, "it is not there any more", sight, true);
      if (alert !== undefined) alerts.push(alert);
    }
    return alerts;
  }

  #seen(metric: string, value: number, sight: Sight): Alert | undefined {
    const { side, limit, clear, forMs } = this.threshold;
    const isOver = side === "above" ? value > limit : value < limit;
    const isBack = side === "above" ? value <= clear : value >= clear;
    const item = this.#items.get(metric);
    const isFiring = item?.state === "firing" || (item?.state === "unknown" && item.wasFiring);
    if (isFiring) {
      if (isBack) return this.#resolved(metric, value, item!, sight);
      item!.value = value;
      if (item!.state === "firing") return undefined;
      return this.#enter(metric, { ...item!, state: "firing" }, sight);
    }
    if (!isOver) {
      if (item?.said !== undefined) return this.#resolved(metric, value, item, sight);
      this.#items.delete(metric);
      return undefined;
    }
    const isPending = item?.state === "pending";
    const begun = isPending ? item : { began: sight.time, since: sight.at };
    const state = sight.time - begun.began >= forMs ? "firing" : "pending";
    const next: Item = {
      state,
      began: begun.began,
      since: begun.since,
      wasFiring: false,
      value,
      // Whoever was told that it is unknown is told what comes of it.
      said: item?.said,
    };
    if (state === "firing") return this.#enter(metric, next, sight);
    this.#remember(metric, next);
    return undefined;
  }

  /** It cannot be read. `isUsual` says that this is no failure unless it was over the limit. */
  #lost(metric: string, reason: string, sight: Sight, isUsual: boolean): Alert | undefined {
    const item = this.#items.get(metric);
    if (item?.state === "unknown") return undefined;
    const wasFiring = item?.state === "firing";
    if (isUsual && !wasFiring && item?.said === undefined) {
      this.#items.delete(metric);
      return undefined;
    }
    const next: Item = {
      state: "unknown",
      began: wasFiring ? item.began : sight.time,
      since: wasFiring ? item.since : sight.at,
      wasFiring,
      value: null,
      said: item?.said,
    };
    if (item?.said?.state !== "unknown") return this.#enter(metric, next, sight, reason);
    // It was told already, and was not said to be anything else since.
    this.#remember(metric, next);
    return undefined;
  }

  #resolved(metric: string, value: number, item: Item, sight: Sight): Alert {
    this.#items.delete(metric);
    const was = item.state === "firing" || item.wasFiring;
    return this.#alert(metric, "resolved", value, sight.at, sight, this.#words(metric, value, was));
  }

  #enter(metric: string, item: Item, sight: Sight, reason = ""): Alert {
    const { name, side, limit, forMs } = this.threshold;
    const state = item.state === "unknown" ? "unknown" : "firing";
    const since = state === "unknown" ? sight.at : item.since;
    const message = state === "unknown"
      ? `${metric} cannot be read: ${reason}; ${
        item.wasFiring ? "it was" : "it may be"
      } ${side} ${limit} (${name})`
      : `${metric} is ${item.value}, ${side} ${limit}${
        forMs > 0 ? ` for ${forMs} ms or more` : ""
      }`;
    const alert = this.#alert(metric, state, item.value, since, sight, message);
    this.#remember(metric, { ...item, said: alert });
    return alert;
  }

  #words(metric: string, value: number, was: boolean): string {
    const { side, limit, clear } = this.threshold;
    const until = clear === limit ? "" : `, and back at ${clear}`;
    return was
      ? `${metric} is ${value}, not ${side} ${limit} any more${until}`
      : `${metric} is ${value}, not ${side} ${limit}; it can be read again`;
  }

  #alert(
    metric: string,
    state: Alert["state"],
    value: number | null,
    since: string,
    { at }: Sight,
    message: string,
  ): Alert {
    const { name, severity, limit } = this.threshold;
    return {
      name,
      metric,
      severity,
      state,
      value,
      threshold: limit,
      since,
      at,
      message,
      missed: 0,
    };
  }

  #remember(metric: string, item: Item): void {
    this.#items.delete(metric);
    this.#items.set(metric, item);
    if (this.#items.size <= MOST_REMEMBERED) return;
    for (const [oldest, { state }] of this.#items) {
      if (state === "firing") continue;
      this.#items.delete(oldest);
      return;
    }
  }
}
