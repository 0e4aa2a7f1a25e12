/**
 * What a monitor gives to its exporters. Types only.
 *
 * @module
 */

import type { OperationTotals } from "./operations.ts";
import type { Counters } from "./source/counters.ts";
import type { Figures } from "./source/types.ts";

/** One reading: totals, and what is no rate. */
export interface Look {
  /** Figures without a window: rates are null. */
  readonly figures: Figures;
  readonly counters: Counters;
  readonly operations: ReadonlyMap<string, OperationTotals>;
  readonly runtime: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}
