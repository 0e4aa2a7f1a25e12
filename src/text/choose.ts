/**
 * Which twin answers a call. A wish of the caller or of AGENT_IMPLEMENTATION holds; otherwise the native twin is taken
 * where it may be used and the size is past the measured crossover. Below it nothing is loaded.
 *
 * @module
 */

import type { Implementation } from "../implementation.ts";
import type { AreaDoor, NativeArea } from "../ffi/area.ts";
import { textDoor } from "../ffi/doors/text.ts";
import { textManyDoor } from "../ffi/doors/text_many.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { CROSSOVER } from "./crossover.ts";
import { NativeText } from "./native.ts";
import { NativeTextMany } from "./native_many.ts";
import { pure } from "./pure.ts";
import type { Metric, TextManyTwin, TextTwin } from "./types.ts";

let native: NativeText | undefined;
let nativeMany: NativeTextMany | undefined;

/** The native area for a call, or undefined for the pure twin. */
export function areaFor<S>(
  door: AreaDoor<S>,
  option: Implementation | undefined,
  size: number,
  least: number,
): NativeArea<S> | undefined {
  const wish = effectiveImplementation("text", option);
  if (wish === "pure" || (wish === "auto" && size < least)) return undefined;
  return wish === "native" ? door.require() : door.get();
}

/**
 * The twin for a call.
 *
 * @param option What the caller said.
 * @param size How much there is to do.
 * @param least From which size on the native twin is faster.
 * @returns The twin.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 */
export function twinFor(option: Implementation | undefined, size: number, least: number): TextTwin {
  const area = areaFor(textDoor, option, size, least);
  return area === undefined ? pure : native ??= new NativeText(area);
}

/** The same for work on many strings. */
export function manyTwinFor(
  option: Implementation | undefined,
  size: number,
  least: number,
): TextManyTwin {
  const area = areaFor(textManyDoor, option, size, least);
  return area === undefined ? pure : nativeMany ??= new NativeTextMany(area);
}

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

/** Whether none of four samples has clusters that must be looked for: only what is below the combining marks. */
export function isPlain(strings: readonly string[]): boolean {
  const count = strings.length;
  for (let sample = 0; sample < Math.min(4, count); sample++) {
    const text = strings[Math.floor(sample * count / Math.min(4, count))]!;
    for (let i = Math.max(0, text.length - 64); i < text.length; i++) {
      if (text.charCodeAt(i) >= 0x300) return false;
    }
  }
  return true;
}
