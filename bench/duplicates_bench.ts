/**
 * Near duplicates among many texts. No package on npm does this; what people write is the loop over all pairs.
 */

import { nearDuplicates } from "@agent/runtime/text";
import { type Area, atLeast, type Context } from "./lib/area.ts";
import { type Group, ladder, type Row, twinRows } from "./lib/group.ts";
import type { Random } from "./lib/random.ts";
import { register } from "./lib/register.ts";

const OPERATION = "nearDuplicates, 1,000 characters each";
const THRESHOLD = 0.8;

/** The area. */
export const area: Area = {
  name: "duplicates",
  tools: [["near duplicates", OPERATION, 300]],
  groups: (context) => ladder([1, 4, 32, 300, 10_000], [32, 300], (count) => group(context, count)),
  // That it is linear shows against the loop over all pairs.
  bars: (figures) => [
    atLeast(
      "300 texts of a kilobyte beside comparing all pairs",
      figures.times(OPERATION, 300, "auto"),
      1,
    ),
  ],
};

function group({ twins }: Context, count: number): Group {
  let texts: string[] = [];
  const loop: Row = {
    name: "all pairs of shingle Sets",
    role: "peer",
    once: () => pairs(texts),
  };
  return {
    operation: OPERATION,
    size: count,
    unit: "texts",
    slow: count > 1_000,
    rows: [
      ...twinRows(
        twins,
        ({ implementation }) => async () =>
          (await nearDuplicates(texts, { implementation, threshold: THRESHOLD })).length,
      ),
      ...(count === 1 || count > 1_000 ? [] : [loop]),
    ],
    prepare(random): void {
      if (texts.length === 0) texts = Array.from({ length: count }, () => random.prose(980));
      for (let i = 0; i < count / 4; i++) texts[random.below(count)] = similar(texts, random);
    },
  };
}

/** A text of the list with a few faults, or, every second time, a new one. */
function similar(texts: readonly string[], random: Random): string {
  return random.below(2) === 0 ? random.misspelt(random.pick(texts), 4) : random.prose(980);
}

/** How many pairs reach the threshold. */
function pairs(texts: readonly string[]): number {
  const sets = texts.map((text) => {
    const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    return new Set(words.slice(2).map((word, i) => `${words[i]} ${words[i + 1]} ${word}`));
  });
  let found = 0;
  for (let i = 0; i < sets.length; i++) {
    for (let j = 0; j < i; j++) {
      const shared = sets[i]!.intersection(sets[j]!).size;
      if (shared / (sets[i]!.size + sets[j]!.size - shared) >= THRESHOLD) found++;
    }
  }
  return found;
}

await register(area, import.meta.url);
