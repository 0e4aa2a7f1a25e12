/** Rules of a backtest: told bar by bar, they say whether to be in the market, and know nothing of bars to come. @module */

import type { Signals } from "./package.ts";
import type { Bar } from "./series.ts";

/** A rule and its settings. */
export type Rule =
  | { readonly kind: "sma-cross"; readonly fast: number; readonly slow: number }
  | {
    readonly kind: "rsi";
    readonly period: number;
    readonly buyBelow: number;
    readonly sellAbove: number;
  }
  | { readonly kind: "breakout"; readonly period: number; readonly exit: number };

/** After a bar's close: to buy, to sell, or neither. */
export type Decide = (bar: Bar) => "buy" | "sell" | undefined;

/** Makes a rule. */
export function ruleOf(rule: Rule, { SMA, RSI }: Signals): Decide {
  switch (rule.kind) {
    case "sma-cross": {
      if (rule.fast >= rule.slow) throw new Error("rule.fast must be less than rule.slow");
      const [fast, slow] = [new SMA(rule.fast), new SMA(rule.slow)];
      let before: number | undefined;
      return ({ close }) => {
        const [a, b] = [fast.add(close), slow.add(close)];
        if (!slow.isStable || a === null || b === null) return undefined;
        const [last, now] = [before, a - b];
        before = now;
        if (last === undefined) return undefined;
        return now > 0 && last <= 0 ? "buy" : now < 0 && last >= 0 ? "sell" : undefined;
      };
    }
    case "rsi": {
      if (rule.buyBelow >= rule.sellAbove) {
        throw new Error("rule.buyBelow must be less than rule.sellAbove");
      }
      const rsi = new RSI(rule.period);
      return ({ close }) => {
        const value = rsi.add(close);
        if (!rsi.isStable || value === null) return undefined;
        return value < rule.buyBelow ? "buy" : value > rule.sellAbove ? "sell" : undefined;
      };
    }
    case "breakout": {
      const bars: Bar[] = [];
      return (bar) => {
        const highs = bars.slice(-rule.period).map(({ high }) => high);
        const lows = bars.slice(-rule.exit).map(({ low }) => low);
        const [isLong, isExit] = [highs.length === rule.period, lows.length === rule.exit];
        bars.push(bar);
        if (isLong && bar.close > Math.max(...highs)) return "buy";
        return isExit && bar.close < Math.min(...lows) ? "sell" : undefined;
      };
    }
  }
}
