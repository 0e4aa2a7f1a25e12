/**
 * A tool that plays a rule over a series. What a rule decides at a bar's close is done at the next bar (its open, or its price),
 * with fees and slippage; there is one position at a time, long, of all the capital.
 *
 * @module
 */

import type { JsonSchema } from "../../../llm/types.ts";
import type { Tool } from "../../loop/types.ts";
import { inputOf, whole } from "../../tools/input.ts";
import { COUNT, NUMBER, OBJECT, orNull, READS, resultOf, TEXT } from "../../tools/output.ts";
import { loadSignals } from "./package.ts";
import { type Decide, type Rule, ruleOf } from "./rules.ts";
import { type Bar, barsOf, NO_ADVICE, rounded, SERIES, type SeriesInput } from "./series.ts";

const MOST_TRADES = 50;
const PERIOD = whole("In bars.", 1, 1_000);
const LEVEL: JsonSchema = { type: "number", minimum: 0, maximum: 100 };

interface BacktestInput extends SeriesInput {
  readonly rule: Rule;
  readonly capital?: number;
  readonly feePercent?: number;
  readonly slippagePercent?: number;
}

interface Trade {
  readonly boughtAt: number;
  readonly buyPrice: number;
  readonly soldAt: number | null;
  readonly sellPrice: number | null;
  readonly gain: number;
}

/** Plays a rule. */
export function backtest(): Tool {
  return {
    name: "backtest",
    output: resultOf({
      bars: COUNT,
      finalEquity: NUMBER,
      returnPercent: NUMBER,
      holdingPercent: NUMBER,
      maxDrawdownPercent: NUMBER,
      exposurePercent: NUMBER,
      costs: NUMBER,
      trades: OBJECT,
      open: orNull(OBJECT),
      fills: TEXT,
      note: TEXT,
    }),
    effects: READS,
    description:
      "Plays a rule (sma-cross, rsi, breakout) over a given series of prices or candles: return, drawdown, exposure, " +
      "trades, after fees and slippage; decided at a bar's close, done at the next bar. It has no market data of its own.",
    input: inputOf({
      ...SERIES,
      rule: {
        anyOf: [
          inputOf({ kind: { const: "sma-cross" }, fast: PERIOD, slow: PERIOD }),
          inputOf({ kind: { const: "rsi" }, period: PERIOD, buyBelow: LEVEL, sellAbove: LEVEL }),
          inputOf({ kind: { const: "breakout" }, period: PERIOD, exit: PERIOD }),
        ],
      },
      "capital?": {
        type: "number",
        description: "Default 10000.",
        exclusiveMinimum: 0,
        maximum: 1e15,
      },
      "feePercent?": {
        type: "number",
        description: "Of each side's value. Default 0.1.",
        minimum: 0,
        maximum: 50,
      },
      "slippagePercent?": {
        type: "number",
        description: "Of each price. Default 0.05.",
        minimum: 0,
        maximum: 50,
      },
    }),
    retry: "safe",
    async run(input) {
      const { rule, capital = 10_000, feePercent = 0.1, slippagePercent = 0.05, ...series } =
        input as BacktestInput;
      const bars = barsOf(series, 3);
      for (
        const [name, value, most] of [["capital", capital, 1e15], ["feePercent", feePercent, 50], [
          "slippagePercent",
          slippagePercent,
          50,
        ]] as const
      ) {
        if (!(value >= 0 && value <= most) || (name === "capital" && value === 0)) {
          throw new Error(`${name} must be from 0 to ${most}, got ${value}`);
        }
      }
      const decide = ruleOf(rule, await loadSignals());
      const played = play(bars, decide, capital, feePercent / 100, slippagePercent / 100);
      return { rule, capital, feePercent, slippagePercent, ...played, note: NO_ADVICE };
    },
  };
}

function play(
  bars: readonly Bar[],
  decide: Decide,
  capital: number,
  fee: number,
  slippage: number,
) {
  let cash = capital;
  let units = 0;
  let open: { at: number; price: number; paid: number } | undefined;
  let wanted: ReturnType<Decide>;
  let [costs, held, peak, drawdown] = [0, 0, capital, 0];
  const trades: Trade[] = [];
  const equityAt = (bar: Bar) => cash + units * bar.close;
  for (const [at, bar] of bars.entries()) {
    // First what was decided at the last close, then what this close says.
    if (wanted === "buy" && open === undefined) {
      const price = bar.open * (1 + slippage);
      units = cash / (price * (1 + fee));
      open = { at, price, paid: cash };
      costs += units * (price * fee + bar.open * slippage);
      cash = 0;
    } else if (wanted === "sell" && open !== undefined) {
      const price = bar.open * (1 - slippage);
      cash = units * price * (1 - fee);
      costs += units * (price * fee + bar.open * slippage);
      trades.push({
        ...{
          boughtAt: open.at,
          buyPrice: rounded(open.price),
          soldAt: at,
          sellPrice: rounded(price),
        },
        gain: rounded(cash - open.paid),
      });
      units = 0;
      open = undefined;
    }
    wanted = decide(bar);
    if (open !== undefined) held++;
    const equity = equityAt(bar);
    peak = Math.max(peak, equity);
    drawdown = Math.max(drawdown, 1 - equity / peak);
  }
  const [first, last] = [bars[0]!, bars.at(-1)!];
  const equity = equityAt(last);
  const won = trades.filter(({ gain }) => gain > 0).length;
  return {
    bars: bars.length,
    finalEquity: rounded(equity),
    returnPercent: rounded((equity / capital - 1) * 100),
    holdingPercent: rounded((last.close / first.close - 1) * 100),
    maxDrawdownPercent: rounded(drawdown * 100),
    exposurePercent: rounded(held / bars.length * 100),
    costs: rounded(costs),
    trades: { total: trades.length, won, first: trades.slice(0, MOST_TRADES) },
    // Valued at the last close, as if it could be sold there without costs.
    open: open === undefined ? null : {
      ...{ boughtAt: open.at, buyPrice: rounded(open.price), gain: rounded(equity - open.paid) },
    },
    fills:
      "decided at a bar's close, done at the next bar's open (its price where there is no open)",
  };
}
