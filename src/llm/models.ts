/**
 * What models cost and hold, as data: what their makers published, by November 2025. A model that is not here has no price,
 * and a budget in dollars refuses it unless its options tell one.
 *
 * @module
 */

import type { TokenPrice } from "./types.ts";

/** Dollars for a million tokens: read, read from the cache, written; then the window in tokens. */
type Row = readonly [model: string, input: number, cached: number, output: number, window: number];

/** The longest name that a model's name begins with counts. Source: the makers' pages of prices and models. */
const MODELS: readonly Row[] = [
  ["gpt-5.1", 1.25, 0.125, 10, 400_000],
  ["gpt-5-pro", 15, 15, 120, 400_000],
  ["gpt-5-mini", 0.25, 0.025, 2, 400_000],
  ["gpt-5-nano", 0.05, 0.005, 0.4, 400_000],
  ["gpt-5", 1.25, 0.125, 10, 400_000],
  ["gpt-4.1-mini", 0.4, 0.1, 1.6, 1_047_576],
  ["gpt-4.1-nano", 0.1, 0.025, 0.4, 1_047_576],
  ["gpt-4.1", 2, 0.5, 8, 1_047_576],
  ["gpt-4o-mini", 0.15, 0.075, 0.6, 128_000],
  ["gpt-4o", 2.5, 1.25, 10, 128_000],
  ["o3-mini", 1.1, 0.55, 4.4, 200_000],
  ["o3", 2, 0.5, 8, 200_000],
  ["o4-mini", 1.1, 0.275, 4.4, 200_000],
  ["claude-opus-4-5", 5, 0.5, 25, 200_000],
  ["claude-opus-4", 15, 1.5, 75, 200_000],
  ["claude-sonnet-4", 3, 0.3, 15, 200_000],
  ["claude-haiku-4-5", 1, 0.1, 5, 200_000],
  ["claude-3-7-sonnet", 3, 0.3, 15, 200_000],
  ["claude-3-5-haiku", 0.8, 0.08, 4, 200_000],
];

function rowOf(model: string): Row | undefined {
  // Gateways put the maker before the name: "openai/gpt-4o".
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  let best: Row | undefined;
  for (const row of MODELS) {
    if (!name.startsWith(row[0]) || row[0].length <= (best?.[0].length ?? 0)) continue;
    // "gpt-5-2025-08-07" is a "gpt-5"; "gpt-50" and "gpt-5-codex-max" are something else.
    if (
      /^(?:$|-latest$|-\d{4}-?\d{2}-?\d{2}$|-\d{8}$|-\d+-\d{8}$)/.test(name.slice(row[0].length))
    ) {
      best = row;
    }
  }
  return best;
}

/** What a model costs; undefined if that is not known. */
export function priceOf(model: string): TokenPrice | undefined {
  const row = rowOf(model);
  return row && { input: row[1], cachedInput: row[2], output: row[3] };
}

/** How many tokens fit into a model; undefined if that is not known. */
export function contextOf(model: string): number | undefined {
  return rowOf(model)?.[4];
}
