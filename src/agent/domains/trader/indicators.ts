/**
 * A tool that computes indicators over a series.
 *
 * @module
 */

import type { Tool } from "../../loop/types.ts";
import { inputOf, whole } from "../../tools/input.ts";
import { COUNT, listOf, OBJECT, READS, resultOf, TEXT } from "../../tools/output.ts";
import { loadSignals, type Signals } from "./package.ts";
import { type Bar, barsOf, NO_ADVICE, rounded, SERIES, type SeriesInput } from "./series.ts";

const MOST_PERIOD = 1_000;

interface Asked {
  readonly kind: "sma" | "ema" | "rsi" | "macd" | "bollinger" | "atr";
  readonly period?: number;
  readonly fast?: number;
  readonly slow?: number;
  readonly signal?: number;
  readonly deviations?: number;
}

type Value = number | Readonly<Record<string, number>> | null;

/** Values of indicators at the last bars. */
export function indicators(): Tool {
  return {
    name: "indicators",
    output: resultOf({
      bars: COUNT,
      indicators: listOf(resultOf({ kind: TEXT, values: listOf(OBJECT) })),
      note: TEXT,
    }),
    effects: READS,
    description:
      "Computes SMA, EMA, RSI, MACD, Bollinger bands and ATR over a given series of prices or candles. " +
      "It has no market data of its own.",
    input: inputOf({
      ...SERIES,
      indicators: {
        type: "array",
        minItems: 1,
        maxItems: 20,
        items: inputOf({
          kind: { enum: ["sma", "ema", "rsi", "macd", "bollinger", "atr"] },
          "period?": whole(
            "Default 20 for SMA, EMA and Bollinger, 14 for RSI and ATR.",
            1,
            MOST_PERIOD,
          ),
          "fast?": whole("Of MACD. Default 12.", 1, MOST_PERIOD),
          "slow?": whole("Of MACD. Default 26.", 2, MOST_PERIOD),
          "signal?": whole("Of MACD. Default 9.", 1, MOST_PERIOD),
          "deviations?": {
            type: "number",
            description: "Of Bollinger. Default 2.",
            minimum: 0.1,
            maximum: 10,
          },
        }),
      },
      "last?": whole("How many of the last bars are told. Default 5.", 1, 500),
    }),
    retry: "safe",
    async run(input) {
      const { indicators, last = 5, ...series } = input as SeriesInput & {
        indicators: readonly Asked[];
        last?: number;
      };
      const bars = barsOf(series, 1);
      const signals = await loadSignals();
      return {
        bars: bars.length,
        indicators: indicators.map((asked) => {
          if (asked.kind === "atr" && series.candles === undefined) {
            throw new Error("ATR needs candles with high, low and close");
          }
          const { settings, next } = made(asked, signals);
          const values = bars.map((bar) => next(bar));
          const from = Math.max(0, bars.length - last);
          return {
            ...{ kind: asked.kind, ...settings },
            values: values.slice(from).map((value, at) => ({
              bar: from + at,
              value: shortened(value),
            })),
            ...(values.at(-1) === null && {
              why:
                "null where the series is too short for the period, or where no price has moved yet",
            }),
          };
        }),
        note: NO_ADVICE,
      };
    },
  };
}

/** One indicator: its settings, and its value bar by bar. */
function made(
  { kind, period, fast = 12, slow = 26, signal = 9, deviations = 2 }: Asked,
  signals: Signals,
): { settings: Readonly<Record<string, number>>; next: (bar: Bar) => Value } {
  switch (kind) {
    case "sma":
    case "ema": {
      const settings = { period: period ?? 20 };
      const average = new (kind === "sma" ? signals.SMA : signals.EMA)(settings.period);
      return { settings, next: ({ close }) => ifStable(average, average.add(close)) };
    }
    case "rsi": {
      const settings = { period: period ?? 14 };
      const rsi = new signals.RSI(settings.period);
      let first: number | undefined;
      let moved = false;
      return {
        settings,
        next({ close }) {
          // Without a rise or a fall there is no ratio of them.
          moved ||= close !== (first ??= close);
          const value = rsi.add(close);
          return moved ? ifStable(rsi, value) : null;
        },
      };
    }
    case "atr": {
      const settings = { period: period ?? 14 };
      const atr = new signals.ATR(settings.period);
      return { settings, next: (bar) => ifStable(atr, atr.add(bar)) };
    }
    case "bollinger": {
      const settings = { period: period ?? 20, deviations };
      const bands = new signals.BollingerBands(settings.period, deviations);
      return { settings, next: ({ close }) => ifStable(bands, bands.add(close)) };
    }
    case "macd": {
      if (fast >= slow) throw new Error(`fast (${fast}) must be less than slow (${slow})`);
      const { EMA, MACD } = signals;
      const macd = new MACD(new EMA(fast), new EMA(slow), new EMA(signal));
      return {
        settings: { fast, slow, signal },
        next: ({ close }) => ifStable(macd, macd.add(close)),
      };
    }
  }
}

function ifStable<T>({ isStable }: { isStable: boolean }, value: T | null): T | null {
  return isStable ? value : null;
}

function shortened(value: Value): Value {
  if (value === null) return null;
  if (typeof value === "number") return rounded(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rounded(part)]));
}
