/**
 * Text: transform, hash, similarity, rank, keywords and processBatch on both twins, on our choice between them, and on
 * what people would otherwise take.
 */

import { createHash } from "node:crypto";
import {
  hash,
  hashMany,
  keywords,
  type Matcher,
  matcher,
  type Metric,
  processBatch,
  rank,
  similarity,
  transform,
  type TransformOperation,
} from "@agent/runtime/text";
import { type Area, atLeast, type Context, together } from "./lib/area.ts";
import { type Group, ladder, type Row, twinRows } from "./lib/group.ts";
import type { Random } from "./lib/random.ts";
import { register } from "./lib/register.ts";

const CHOICES = 100_000;
const LIMIT = { limit: 10 } as const;
const RANK = "rank, limit 10";
const MATCHER = "matcher, limit 10";
const MANY = "matcher.rankMany of 100 queries, limit 10";
const METRICS: readonly Metric[] = [
  "levenshtein",
  "osa",
  "jaro",
  "jaro-winkler",
  "lcs",
  "token-sort",
  "token-set",
  "partial",
];

/** Edit distance of two strings, as fastest-levenshtein computes it. */
type Distance = ((a: string, b: string) => number) | undefined;

/** The area. */
export const area: Area = {
  name: "text",
  tools: [
    ["lowercase", "transform: lowercase", 1_000],
    ["reverse by graphemes", "transform: reverse", 1_000],
    ["similarity", "similarity: levenshtein", 23],
    ["rank", RANK, 10_000],
    ["prepared matcher", MATCHER, 10_000],
  ],
  async groups(context) {
    const distance = await context.peers.levenshtein();
    const counts = [0, 1, 10, 1_000, 10_000];
    const lengths = [8, 23, 64, 256, 1_024, 8_192];
    const choices = [100, 1_000, 10_000, CHOICES];
    return [
      ...(Object.keys(PLAIN) as TransformOperation[]).flatMap((operation) =>
        ladder(counts, [1_000], (count) => transforming(context, operation, count))
      ),
      ...ladder([0, 64, 4_096, 1 << 20], [64, 1 << 20], (bytes) => hashing(context, bytes)),
      ...ladder([1, 16, 256, 4_096], [256], (count) => hashingMany(context, count)),
      ...METRICS.flatMap((metric) =>
        ladder(lengths, [23], (length) => comparing(context, metric, length, distance))
      ),
      ...ladder([0, 100, 1_000, 10_000, 100_000], [10_000], (n) => findingKeywords(context, n)),
      ...ladder([1, 10, 100, 1_000], [100], (count) => batching(context, count)),
      ...ladder([0, 10, ...choices], [1_000], (count) => ranking(context, count, distance)),
      ...ladder([10, ...choices], [1_000], (count) => prepared(context, count, distance)),
      many(context, distance),
    ];
  },
  bars: (figures) => [
    together(
      "100,000 strings beside fastest-levenshtein: rank; matcher; rankMany",
      atLeast("rank", figures.times(RANK, CHOICES, "auto"), 3),
      atLeast("matcher", figures.times(MATCHER, CHOICES, "auto"), 10),
      atLeast("rankMany", figures.times(MANY, CHOICES, "auto"), 10),
    ),
  ],
};

const segmenter = new Intl.Segmenter();
/** What somebody would write who has V8 and nothing else. */
const PLAIN: Readonly<Record<TransformOperation, (strings: string[]) => string[]>> = {
  lowercase: (strings) => strings.map((text) => text.toLowerCase()),
  uppercase: (strings) => strings.map((text) => text.toUpperCase()),
  trim: (strings) => strings.map((text) => text.trim()),
  reverse: (strings) =>
    strings.map((text) =>
      Array.from(segmenter.segment(text), ({ segment }) => segment).reverse().join("")
    ),
  nfc: (strings) => strings.map((text) => text.normalize("NFC")),
  nfkc: (strings) => strings.map((text) => text.normalize("NFKC")),
};

function transforming({ twins }: Context, operation: TransformOperation, count: number): Group {
  let strings: string[] = [];
  const plain: Row = {
    name: operation === "reverse" ? "Intl.Segmenter in a loop" : "V8's own method in a loop",
    role: "peer",
    once: () => PLAIN[operation](strings).length,
  };
  return {
    operation: `transform: ${operation}`,
    size: count,
    unit: "strings",
    rows: [
      ...twinRows(twins, (options) => () => transform(strings, operation, options).length),
      // Nothing to do is a comparison of the twins' calls, and of nothing else.
      ...(count === 0 ? [] : [plain]),
    ],
    prepare(random): void {
      strings = Array.from({ length: count }, () => {
        const text = random.phrase();
        const titled = `${text[0]!.toUpperCase()}${text.slice(1)}`;
        // One in eight is not ASCII.
        return random.below(8) > 0 ? `${titled} ` : titled.replace(/[ae]/g, "\u00e4");
      });
    },
  };
}

function hashing({ twins }: Context, bytes: number): Group {
  const inputs: Uint8Array[] = [];
  const several = bytes > 65_536 ? 1 : 16;
  return {
    operation: "hash",
    size: bytes,
    unit: "bytes",
    rows: [
      ...twinRows(twins, (options) => (i) => hash(inputs[i % several]!, options).charCodeAt(0)),
      {
        name: "SHA-256 of node:crypto",
        role: "other",
        once: (i) => createHash("sha256").update(inputs[i % several]!).digest("hex").charCodeAt(0),
      },
    ],
    prepare(random): void {
      for (let i = 0; i < several; i++) {
        inputs[i] ??= random.bytes(bytes);
        if (bytes > 0) inputs[i]![random.below(bytes)]!++;
      }
    },
  };
}

function hashingMany({ twins }: Context, count: number): Group {
  let inputs: string[] = [];
  return {
    operation: "hashMany, 200 characters each",
    size: count,
    unit: "strings",
    rows: twinRows(twins, (options) => async () => (await hashMany(inputs, options)).length),
    prepare(random): void {
      if (inputs.length === 0) inputs = Array.from({ length: count }, () => random.words(200));
      for (let i = 0; i < 16; i++) inputs[random.below(count)] = random.words(200);
    },
  };
}

function comparing({ twins }: Context, metric: Metric, length: number, distance: Distance): Group {
  let pairs: [string, string][] = [];
  const rows = twinRows(twins, ({ implementation }) => {
    const options = { metric, implementation };
    return (i) => {
      const [a, b] = pairs[i & 31]!;
      return similarity(a, b, options);
    };
  });
  if (metric === "levenshtein" && distance !== undefined) {
    rows.push({
      name: "fastest-levenshtein",
      role: "peer",
      once(i): number {
        const [a, b] = pairs[i & 31]!;
        return 1 - distance(a, b) / Math.max(a.length, b.length);
      },
    });
  }
  return {
    operation: `similarity: ${metric}`,
    size: length,
    unit: "characters each",
    rows,
    prepare(random): void {
      // Half of the pairs are one text with faults, half are two texts.
      pairs = Array.from({ length: 32 }, (_, i) => {
        const a = random.words(length);
        const b = i % 2 === 0 ? random.misspelt(a, 1 + (length >> 4)) : random.words(length);
        return [a, b];
      });
    },
  };
}

function findingKeywords({ twins }: Context, length: number): Group {
  let texts: string[] = [];
  const several = length > 10_000 ? 2 : 8;
  return {
    operation: "keywords",
    size: length,
    unit: "characters",
    rows: twinRows(twins, (options) => (i) => keywords(texts[i % several]!, options).length),
    prepare(random): void {
      texts = Array.from({ length: several }, () => random.prose(length).slice(0, length));
    },
  };
}

function batching({ twins }: Context, count: number): Group {
  let texts: string[] = [];
  return {
    operation: "processBatch, 500 characters each",
    size: count,
    unit: "texts",
    rows: twinRows(twins, ({ implementation }) => {
      const options = { implementation, reference: "the quick review of a long text" };
      return async () => (await processBatch(texts, options)).length;
    }),
    prepare(random): void {
      if (texts.length === 0) texts = Array.from({ length: count }, () => random.prose(480));
      for (let i = 0; i < 16; i++) texts[random.below(count)] = random.prose(480);
    },
  };
}

/** The choices, and for each round queries that resemble some of them. */
class Haystack {
  choices: string[] = [];
  queries: string[] = [];
  /** How many choices there are. */
  readonly size: number;
  readonly #queries: number;

  constructor(size: number, queries = 16) {
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

/** The bare loop: nothing but the distance to each choice, and the least of them. `queries` of them in a call. */
function loopRows(hay: Haystack, distance: Distance, queries = 1): Row[] {
  if (distance === undefined || hay.size === 0) return [];
  return [{
    name: "fastest-levenshtein in a loop",
    role: "peer",
    once(i): number {
      let sum = 0;
      for (let n = 0; n < queries; n++) {
        const query = hay.queries[(i + n) % hay.queries.length]!;
        let least = Infinity;
        for (const choice of hay.choices) least = Math.min(least, distance(query, choice));
        sum += least;
      }
      return sum;
    },
  }];
}

function ranking({ twins }: Context, count: number, distance: Distance): Group {
  const hay = new Haystack(count);
  return {
    operation: RANK,
    size: count,
    unit: "strings",
    rows: [
      ...twinRows(twins, ({ implementation }) => {
        const options = { ...LIMIT, implementation };
        return (i) => rank(hay.queries[i & 15]!, hay.choices, options)[0]?.index ?? 0;
      }),
      ...loopRows(hay, distance),
    ],
    prepare: (random) => hay.prepare(random),
  };
}

/** Matchers of all twins, made when the inputs are there. */
function matchers({ twins }: Context, hay: Haystack): {
  get(implementation: string): Matcher;
  prepare(random: Random): void;
  finish(): void;
} {
  const made = new Map<string, Matcher>();
  return {
    get: (implementation) => made.get(implementation)!,
    prepare(random): void {
      hay.prepare(random);
      if (made.size > 0) return;
      for (const implementation of twins) {
        made.set(implementation, matcher(hay.choices, { implementation }));
      }
    },
    finish(): void {
      for (const one of made.values()) one.close();
      made.clear();
    },
  };
}

function prepared(context: Context, count: number, distance: Distance): Group {
  const hay = new Haystack(count);
  const { get, prepare, finish } = matchers(context, hay);
  return {
    operation: MATCHER,
    size: count,
    unit: "strings",
    rows: [
      ...twinRows(
        context.twins,
        ({ implementation }) => (i) =>
          get(implementation).rank(hay.queries[i & 15]!, LIMIT)[0]?.index ?? 0,
      ),
      ...loopRows(hay, distance),
    ],
    prepare,
    finish,
  };
}

/** 100 queries at once. What needs seconds for them does ten, and its time counts ten times. */
function many(context: Context, distance: Distance): Group {
  const hay = new Haystack(CHOICES, 100);
  const { get, prepare, finish } = matchers(context, hay);
  const twins = twinRows(context.twins, ({ implementation }) => async () => {
    const queries = implementation === "pure" ? hay.queries.slice(0, 10) : hay.queries;
    return (await get(implementation).rankMany(queries, LIMIT))[0]?.[0]?.index ?? 0;
  });
  return {
    operation: MANY,
    size: CHOICES,
    unit: "strings",
    slow: true,
    rows: [...twins, ...loopRows(hay, distance, 10)].map((row) =>
      row.role === "native" || row.role === "auto" ? row : { ...row, scale: 10 }
    ),
    prepare,
    finish,
  };
}

await register(area, import.meta.url);
