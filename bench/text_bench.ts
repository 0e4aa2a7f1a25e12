/**
 * Text: each operation on both twins, on our choice between them, and on what people would otherwise take.
 */

import { matcher, rank } from "../src/text/mod.ts";
import type { Matcher } from "../src/text/types.ts";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import { nearBars, nearGroups } from "./text_near.ts";
import { scalarGroups } from "./text_scalars.ts";
import type { Random } from "./random.ts";

const CHOICES = 100_000;
const LIMIT = { limit: 10 } as const;
const RANK = "rank, limit 10, a new query each time";
const MATCHER = "prepared matcher, limit 10, a new query each time";
const MANY = "matcher.rankMany, limit 10, against 100,000 strings";
const LOOP = "fastest-levenshtein in a loop";

/** The groups. */
export function groups(context: Context): Group[] {
  const choices = [100, 1_000, 10_000, CHOICES];
  return [
    ...scalarGroups(context),
    ...[0, 10, ...choices].map((count) => ranking(context, count)),
    ...[10, ...choices].map((count) => prepared(context, count)),
    many(context, 100),
    ...nearGroups(context),
  ];
}

/** The choices, and for each round queries that resemble some of them. */
class Haystack {
  choices: string[] = [];
  queries: string[] = [];
  /** How many choices there are. */
  readonly size: number;
  readonly #queries: number;

  constructor(size: number, queries: number) {
    this.size = size;
    this.#queries = queries;
  }

  /** Makes the choices once and new queries each time. */
  prepare(random: Random): void {
    if (this.choices.length < this.size) {
      this.choices = Array.from({ length: this.size }, () => random.phrase());
    }
    this.queries = Array.from(
      { length: this.#queries },
      () => random.misspelt(random.pick(this.choices) ?? random.phrase(), 2),
    );
  }
}

/** The bare loop: nothing but the distance to each choice, and the least of them. */
function loopRow(context: Context, hay: Haystack, scale = 1): Row[] {
  const { distance } = context.peers;
  if (distance === undefined || hay.size === 0) return [];
  return [{
    name: LOOP,
    role: "peer",
    scale,
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        const query = hay.queries[i % hay.queries.length]!;
        let least = Infinity;
        for (const choice of hay.choices) least = Math.min(least, distance(query, choice));
        sum += least;
      }
      return sum;
    },
  }];
}

function ranking(context: Context, count: number): Group {
  const hay = new Haystack(count, 16);
  const row = (implementation: "pure" | "native" | "auto"): Row => {
    const options = { ...LIMIT, implementation };
    return {
      name: implementation,
      role: implementation,
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) {
          sum += rank(hay.queries[i & 15]!, hay.choices, options)[0]?.index ?? 0;
        }
        return sum;
      },
    };
  };
  return {
    operation: RANK,
    size: count,
    unit: "strings",
    rows: [...context.twins.map(row), ...loopRow(context, hay)],
    prepare: (random) => hay.prepare(random),
  };
}

function prepared(context: Context, count: number): Group {
  const hay = new Haystack(count, 16);
  const matchers = new Map<string, Matcher>();
  const row = (implementation: "pure" | "native" | "auto"): Row => ({
    name: implementation,
    role: implementation,
    run(calls): number {
      const prepared = matchers.get(implementation)!;
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        sum += prepared.rank(hay.queries[i & 15]!, LIMIT)[0]?.index ?? 0;
      }
      return sum;
    },
  });
  return {
    operation: MATCHER,
    size: count,
    unit: "strings",
    rows: [...context.twins.map(row), ...loopRow(context, hay)],
    prepare(random): void {
      hay.prepare(random);
      if (matchers.size > 0) return;
      for (const implementation of context.twins) {
        matchers.set(implementation, matcher(hay.choices, { implementation }));
      }
    },
    finish(): void {
      for (const one of matchers.values()) one.close();
    },
  };
}

/** 100 queries at once. What needs seconds for them does ten, and its time counts ten times. */
function many(context: Context, queries: number): Group {
  const hay = new Haystack(CHOICES, queries);
  const matchers = new Map<string, Matcher>();
  const part = queries / 10;
  const row = (implementation: "pure" | "native" | "auto"): Row => {
    const slow = implementation === "pure";
    return {
      name: slow ? "pure (a tenth of the queries, times ten)" : implementation,
      role: implementation,
      scale: slow ? 10 : 1,
      async run(calls): Promise<number> {
        const prepared = matchers.get(implementation)!;
        let sum = 0;
        for (let i = 0; i < calls; i++) {
          const asked = slow ? hay.queries.slice(0, part) : hay.queries;
          sum += (await prepared.rankMany(asked, LIMIT))[0]?.[0]?.index ?? 0;
        }
        return sum;
      },
    };
  };
  const [loop] = loopRow(context, hay, 10);
  if (loop !== undefined) {
    const once = loop.run;
    loop.name = `${LOOP} (a tenth of the queries, times ten)`;
    loop.run = (calls) => once(calls * part);
  }
  return {
    operation: MANY,
    size: queries,
    unit: "queries",
    maxCalls: 1,
    maxRounds: 15,
    rows: [...context.twins.map(row), ...(loop === undefined ? [] : [loop])],
    prepare(random): void {
      hay.prepare(random);
      if (matchers.size > 0) return;
      for (const implementation of context.twins) {
        matchers.set(implementation, matcher(hay.choices, { implementation }));
      }
    },
    finish(): void {
      for (const one of matchers.values()) one.close();
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const ratio = (operation: string, size: number): number | undefined =>
    figures.row(operation, size, "auto")?.toPeer?.value;
  return [
    atLeast(
      "1 query against 100,000 strings of about 23 characters, a new query each round: one-shot rank at least 3 times as fast as a bare loop over fastest-levenshtein",
      ratio(RANK, CHOICES),
      3,
    ),
    atLeast(
      "The same with a prepared matcher: at least 10 times",
      ratio(MATCHER, CHOICES),
      10,
      20,
    ),
    atLeast(
      "rankMany of 100 queries against the 100,000: at least 10 times",
      ratio(MANY, 100),
      10,
      30,
    ),
    ...nearBars(figures),
  ];
}
