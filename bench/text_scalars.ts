/**
 * The text operations that work on one string or on a list of strings: transform, hash, similarity, keywords,
 * processBatch, each at several sizes.
 */

import { createHash } from "node:crypto";
import {
  hash,
  hashMany,
  keywords,
  type Metric,
  processBatch,
  similarity,
  transform,
  type TransformOperation,
} from "../src/text/mod.ts";
import type { Context } from "./area.ts";
import type { Group, Row } from "./harness.ts";

type Wish = "pure" | "native" | "auto";

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

/** The groups. */
export function scalarGroups(context: Context): Group[] {
  const operations: TransformOperation[] = [
    "lowercase",
    "uppercase",
    "trim",
    "reverse",
    "nfc",
    "nfkc",
  ];
  const lengths = [8, 23, 64, 256, 1_024, 8_192];
  return [
    ...operations.flatMap((operation) =>
      [0, 1, 10, 1_000, 10_000].map((count) => transforming(context, operation, count))
    ),
    ...[0, 64, 4_096, 1 << 20].map((bytes) => hashing(context, bytes)),
    ...[1, 16, 256, 4_096].map((count) => hashingMany(context, count)),
    ...METRICS.flatMap((metric) => lengths.map((length) => comparing(context, metric, length))),
    ...[0, 100, 1_000, 10_000, 100_000].map((length) => findingKeywords(context, length)),
    ...[1, 10, 100, 1_000].map((count) => batching(context, count)),
  ];
}

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

function transforming(context: Context, operation: TransformOperation, count: number): Group {
  let strings: string[] = [];
  const row = (implementation: Wish): Row => {
    const options = { implementation };
    return {
      name: implementation,
      role: implementation,
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += transform(strings, operation, options).length;
        return sum;
      },
    };
  };
  const plain: Row = {
    name: operation === "reverse" ? "Intl.Segmenter in a loop" : "V8's own method in a loop",
    role: "peer",
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += PLAIN[operation](strings).length;
      return sum;
    },
  };
  return {
    operation: `transform: ${operation}`,
    size: count,
    unit: "strings",
    // Nothing to do is a comparison of the twins' calls, and of nothing else.
    rows: count === 0 ? context.twins.map(row) : [...context.twins.map(row), plain],
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

function hashing(context: Context, bytes: number): Group {
  const inputs: Uint8Array[] = [];
  const several = bytes > 65_536 ? 1 : 16;
  const row = (implementation: Wish): Row => {
    const options = { implementation };
    return {
      name: implementation,
      role: implementation,
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += hash(inputs[i % several]!, options).charCodeAt(0);
        return sum;
      },
    };
  };
  return {
    operation: "hash",
    size: bytes,
    unit: "bytes",
    rows: [...context.twins.map(row), {
      name: "SHA-256 of node:crypto (another function)",
      role: "other",
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) {
          sum += createHash("sha256").update(inputs[i % several]!).digest("hex").charCodeAt(0);
        }
        return sum;
      },
    }],
    prepare(random): void {
      for (let i = 0; i < several; i++) {
        inputs[i] ??= random.bytes(bytes);
        if (bytes > 0) inputs[i]![random.below(bytes)]!++;
      }
    },
  };
}

function hashingMany(context: Context, count: number): Group {
  let inputs: string[] = [];
  const row = (implementation: Wish): Row => {
    const options = { implementation };
    return {
      name: implementation,
      role: implementation,
      async run(calls): Promise<number> {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += (await hashMany(inputs, options)).length;
        return sum;
      },
    };
  };
  return {
    operation: "hashMany, strings of 200 characters",
    size: count,
    unit: "strings",
    rows: context.twins.map(row),
    prepare(random): void {
      if (inputs.length === 0) inputs = Array.from({ length: count }, () => random.words(200));
      for (let i = 0; i < 16; i++) inputs[random.below(count)] = random.words(200);
    },
  };
}

function comparing(context: Context, metric: Metric, length: number): Group {
  let pairs: [string, string][] = [];
  const row = (implementation: Wish): Row => {
    const options = { metric, implementation };
    return {
      name: implementation,
      role: implementation,
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) {
          const [a, b] = pairs[i & 31]!;
          sum += similarity(a, b, options);
        }
        return sum;
      },
    };
  };
  const { distance } = context.peers;
  const peer: Row[] = metric !== "levenshtein" || distance === undefined ? [] : [{
    name: "fastest-levenshtein",
    role: "peer",
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        const [a, b] = pairs[i & 31]!;
        sum += 1 - distance(a, b) / Math.max(a.length, b.length);
      }
      return sum;
    },
  }];
  return {
    operation: `similarity: ${metric}`,
    size: length,
    unit: "characters each",
    rows: [...context.twins.map(row), ...peer],
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

function findingKeywords(context: Context, length: number): Group {
  let texts: string[] = [];
  const several = length > 10_000 ? 2 : 8;
  const row = (implementation: Wish): Row => {
    const options = { implementation };
    return {
      name: implementation,
      role: implementation,
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += keywords(texts[i % several]!, options).length;
        return sum;
      },
    };
  };
  return {
    operation: "keywords",
    size: length,
    unit: "characters",
    rows: context.twins.map(row),
    prepare(random): void {
      texts = Array.from({ length: several }, () => random.prose(length).slice(0, length));
    },
  };
}

function batching(context: Context, count: number): Group {
  let texts: string[] = [];
  const row = (implementation: Wish): Row => {
    const options = { implementation, reference: "the quick review of a long text" };
    return {
      name: implementation,
      role: implementation,
      async run(calls): Promise<number> {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += (await processBatch(texts, options)).length;
        return sum;
      },
    };
  };
  return {
    operation: "processBatch, texts of 500 characters",
    size: count,
    unit: "texts",
    rows: context.twins.map(row),
    prepare(random): void {
      if (texts.length === 0) texts = Array.from({ length: count }, () => random.prose(480));
      for (let i = 0; i < 16; i++) texts[random.below(count)] = random.prose(480);
    },
  };
}
