/**
 * Near duplicates among many texts. No package on npm does this; what people write is the loop over all pairs.
 */

import { nearDuplicates } from "../src/text/mod.ts";
import type { Bar, Context, Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";

const OPERATION = "nearDuplicates, texts of 1,000 characters";
const LOOP = "word 3-shingles in Sets, each text with each";
const THRESHOLD = 0.8;

/** The groups. */
export function nearGroups(context: Context): Group[] {
  return [1, 4, 32, 300, 10_000].map((count) => group(context, count));
}

function group(context: Context, count: number): Group {
  let texts: string[] = [];
  const row = (implementation: "pure" | "native" | "auto"): Row => ({
    name: implementation,
    role: implementation,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        sum += (await nearDuplicates(texts, { implementation, threshold: THRESHOLD })).length;
      }
      return sum;
    },
  });
  const loop: Row = {
    name: LOOP,
    role: "peer",
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += pairs(texts);
      return sum;
    },
  };
  return {
    operation: OPERATION,
    size: count,
    unit: "texts",
    maxCalls: count > 1000 ? 1 : undefined,
    maxRounds: 15,
    rows: count === 1 || count > 1000 ? context.twins.map(row) : [...context.twins.map(row), loop],
    prepare(random): void {
      if (texts.length === 0) texts = Array.from({ length: count }, () => random.prose(980));
      for (let i = 0; i < count / 4; i++) texts[random.below(count)] = near(texts, random);
    },
  };
}

/** A text of the list with a few faults, or, every second time, a new one. */
function near(texts: readonly string[], random: Random): string {
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

/** What was promised: linear time shows against the loop over all pairs. */
export function nearBars(figures: Figures): Bar[] {
  const row = figures.row(OPERATION, 300, "auto");
  return row?.toPeer === undefined ? [] : [{
    text: "Near duplicates among 300 texts of a kilobyte: faster than comparing all pairs",
    measured: `${row.toPeer.value.toFixed(1)} times`,
    met: row.toPeer.value >= 1,
  }];
}
