/**
 * From which size on the native twin compares faster; it depends on the metric and on what the strings are made of.
 *
 * @module
 */

import { CROSSOVER } from "../../native/crossover.ts";
import type { Metric } from "./types.ts";

function isWideText(text: string): boolean {
  return text.charCodeAt(text.length >> 1) > 127;
}

// The native twin has a quick way for two strings of ASCII that fit a machine word.
const WORD = 64;

/** From which size on the native twin compares two strings faster. */
export function leastForPair(a: string, b: string, metric: Metric): number {
  const least = CROSSOVER.similarity[metric];
  // Looking at the strings would cost the shortest ones too much.
  if (a.length + b.length < least) return least;
  if (isWideText(a) || isWideText(b)) return CROSSOVER.similarityWide[metric];
  return a.length <= WORD && b.length <= WORD ? least : CROSSOVER.similarityLong[metric];
}

// The crossover was measured on choices of about this length; fewer and longer ones are as much work.
const CHOICE = 24;

/** Whether two or more of four samples are not ASCII: such lists cost more to bring over. */
export function isWide(choices: readonly string[]): boolean {
  const count = choices.length;
  if (count < 4) return false;
  let wide = 0;
  for (let sample = 0; sample < 4; sample++) {
    const choice = choices[Math.floor(sample * count / 4)]!;
    if (isWideText(choice)) wide++;
  }
  return wide >= 2;
}

/** How many choices of the usual length a list is worth. */
export function choicesWorth(choices: readonly string[], least: number): number {
  const count = choices.length;
  if (count >= least || least === Infinity) return count;
  let units = 0;
  for (let i = 0; i < count; i++) units += choices[i]!.length;
  return Math.max(count, units / CHOICE);
}
