/** The package that computes indicators, of which this is what is used. @module */

import { loadPackage } from "../../../shared/packages.ts";
import type { Bar } from "./series.ts";

/** What is fed value by value and knows nothing of those to come. */
export interface Indicator<I, O> {
  add(value: I): O | null;
  readonly isStable: boolean;
}

/** An average that others are made of. */
export type Average = Indicator<number, number>;

/** The module. */
export interface Signals {
  readonly SMA: new (period: number) => Average;
  readonly EMA: new (period: number) => Average;
  readonly RSI: new (period: number) => Indicator<number, number>;
  readonly ATR: new (period: number) => Indicator<Bar, number>;
  readonly MACD: new (
    fast: Average,
    slow: Average,
    signal: Average,
  ) => Indicator<number, { macd: number; signal: number; histogram: number }>;
  readonly BollingerBands: new (
    period: number,
    deviations: number,
  ) => Indicator<number, { lower: number; middle: number; upper: number }>;
}

/** Loads it when it is first needed. */
export async function loadSignals(): Promise<Signals> {
  return await loadPackage<Signals>("trading-signals", "Computing indicators");
}
