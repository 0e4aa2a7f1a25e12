/** The series that a caller gives: checked, never fetched and never made up. @module */

import type { JsonSchema } from "../../../llm/types.ts";

const MOST_BARS = 20_000;

/** Stands in each result. */
export const NO_ADVICE =
  "Computed from the figures that were given; this is no investment advice, and the past says nothing certain of the future.";

/** A bar. Of a series of prices alone all four are the price. */
export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** The series in a tool's input. */
export interface SeriesInput {
  readonly prices?: readonly number[];
  readonly candles?: readonly (Omit<Bar, "open"> & { readonly open?: number })[];
}

const PRICE: JsonSchema = { type: "number", exclusiveMinimum: 0 };

/** The fields of an input that hold a series. */
export const SERIES: Readonly<Record<string, JsonSchema>> = {
  "prices?": {
    type: "array",
    description: "Closing prices, the oldest first. Give these or candles.",
    items: PRICE,
    maxItems: MOST_BARS,
  },
  "candles?": {
    type: "array",
    description: "Bars, the oldest first, if there is more than closing prices.",
    items: {
      type: "object",
      properties: { open: PRICE, high: PRICE, low: PRICE, close: PRICE },
      required: ["high", "low", "close"],
      additionalProperties: false,
    },
    maxItems: MOST_BARS,
  },
};

/** The bars of an input. */
export function barsOf({ prices, candles }: SeriesInput, least: number): Bar[] {
  if ((prices === undefined) === (candles === undefined)) {
    throw new Error(
      "give a series: either prices (closing prices, the oldest first) or candles (high, low, close, perhaps open); " +
        "market data is neither fetched nor made up here",
    );
  }
  const bars = prices?.map((price) => ({ open: price, high: price, low: price, close: price })) ??
    candles!.map(({ open, high, low, close }) => ({ open: open ?? close, high, low, close }));
  const name = prices === undefined ? "candles" : "prices";
  if (bars.length < least || bars.length > MOST_BARS) {
    throw new Error(`${name} must have ${least} to ${MOST_BARS} entries, got ${bars.length}`);
  }
  for (const [at, bar] of bars.entries()) {
    const { open, high, low, close } = bar;
    for (const value of [open, high, low, close]) {
      if (!isAmount(value)) {
        throw new Error(`${name}[${at}] must have prices from 1e-9 to 1e15, got ${value}`);
      }
    }
    if (low > Math.min(open, close) || high < Math.max(open, close)) {
      throw new Error(`candles[${at}] must have open and close between low and high`);
    }
  }
  return bars;
}

/** Whether a price or an amount is one that can be computed with. */
export function isAmount(value: number): boolean {
  return value >= 1e-9 && value <= 1e15;
}

/** A figure with as many digits as say something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(10));
}
