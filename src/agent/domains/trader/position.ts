/**
 * A tool that says how large a position may be for a given risk.
 *
 * @module
 */

import type { JsonSchema } from "../../../llm/types.ts";
import type { Tool } from "../../loop/types.ts";
import { inputOf } from "../../tools/input.ts";
import { NUMBER, READS, resultOf, TEXT } from "../../tools/output.ts";
import { isAmount, NO_ADVICE, rounded } from "./series.ts";

/** Against what binary fractions lose: 0.3 / 0.1 is three lots. */
const TINY = 1e-9;

interface PositionInput {
  readonly equity: number;
  readonly riskPercent: number;
  readonly entry: number;
  readonly stop: number;
  readonly target?: number;
  readonly feePercent?: number;
  readonly slippagePercent?: number;
  readonly lot?: number;
  readonly maxLeverage?: number;
}

/** The size at which the loss at the stop, with costs, is within the risk. */
export function positionSize(): Tool {
  return {
    name: "position_size",
    output: resultOf({
      side: TEXT,
      units: NUMBER,
      value: NUMBER,
      limitedBy: TEXT,
      riskAmount: NUMBER,
      lossAtStop: NUMBER,
      costs: NUMBER,
      "gainAtTarget?": NUMBER,
      "gainPerLoss?": NUMBER,
      "why?": TEXT,
      note: TEXT,
    }),
    effects: READS,
    description:
      "How many units to take so that the loss at the stop, with fees and slippage, stays within a share of the equity.",
    input: inputOf({
      equity: amount("The account's equity."),
      riskPercent: percent("The share of the equity that may be lost, above 0.", 100),
      entry: amount("The price of entry."),
      stop: amount(
        "The price of the stop: below the entry for a long position, above it for a short one.",
      ),
      "target?": amount("The price at which gains would be taken."),
      "feePercent?": percent("Fee of each side, of its value. Default 0.", 50),
      "slippagePercent?": percent("Slippage of each side, of its price. Default 0.", 50),
      "lot?": amount("The least step of units. Default 1."),
      "maxLeverage?": {
        type: "number",
        description: "Default 1: no borrowing.",
        minimum: 0.01,
        maximum: 100,
      },
    }),
    retry: "safe",
    run: (input) => ({ ...sizeOf(input as PositionInput), note: NO_ADVICE }),
  };
}

function sizeOf(input: PositionInput) {
  const { equity, riskPercent, entry, stop, target, feePercent = 0, slippagePercent = 0 } = input;
  const { lot = 1, maxLeverage = 1 } = input;
  for (
    const [name, value] of Object.entries({
      equity,
      riskPercent,
      entry,
      stop,
      lot,
      maxLeverage,
      target,
    })
  ) {
    if (value !== undefined && !isAmount(value)) {
      throw new Error(`${name} must be from 1e-9 to 1e15, got ${value}`);
    }
  }
  for (const [name, value] of Object.entries({ riskPercent, feePercent, slippagePercent })) {
    if (!(value >= 0 && value <= 100)) {
      throw new Error(`${name} must be from 0 to 100, got ${value}`);
    }
  }
  if (stop === entry) {
    throw new Error("stop must differ from entry: without a distance there is no risk to size by");
  }
  const isLong = stop < entry;
  if (target !== undefined && (target > entry) !== isLong) {
    throw new Error(
      `target must be ${isLong ? "above" : "below"} the entry of a ${
        isLong ? "long" : "short"
      } position`,
    );
  }
  const costs = (price: number) => price * (feePercent + slippagePercent) / 100;
  const lossOfOne = Math.abs(entry - stop) + costs(entry) + costs(stop);
  const riskAmount = equity * riskPercent / 100;
  const byRisk = riskAmount / lossOfOne;
  const byCapital = equity * maxLeverage / (entry + costs(entry));
  const units = Math.floor(Math.min(byRisk, byCapital) / lot + TINY) * lot;
  const gainOfOne = target === undefined
    ? undefined
    : Math.abs(target - entry) - costs(entry) - costs(target);
  return {
    ...{ side: isLong ? "long" : "short", units: rounded(units), value: rounded(units * entry) },
    limitedBy: byRisk <= byCapital ? "risk" : "capital",
    ...{ riskAmount: rounded(riskAmount), lossAtStop: rounded(units * lossOfOne) },
    costs: rounded(units * (costs(entry) + costs(stop))),
    ...(gainOfOne !== undefined && {
      gainAtTarget: rounded(units * gainOfOne),
      gainPerLoss: rounded(gainOfOne / lossOfOne),
    }),
    ...(units === 0 && { why: `not one lot of ${lot} fits` }),
  };
}

function amount(description: string): JsonSchema {
  return { type: "number", description, exclusiveMinimum: 0, maximum: 1e15 };
}

function percent(description: string, maximum: number): JsonSchema {
  return { type: "number", description, minimum: 0, maximum };
}
