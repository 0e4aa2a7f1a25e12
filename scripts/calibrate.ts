/**
 * `deno task calibrate`: measures the text twins against each other on a ladder of sizes and rewrites
 * src/native/crossover.ts with the sizes from which native is the faster one. For developers; takes about two minutes on
 * an idle machine. Rounds are interleaved and medians compared, so that what disturbs one twin disturbs both.
 */

import {
  hash,
  hashMany,
  keywords,
  type Matcher,
  matcher,
  type Metric,
  nearDuplicates,
  type PreparedRedaction,
  prepareRedaction,
  processBatch,
  rank,
  similarity,
  toMarkdown,
  toMarkdownMany,
  transform,
  type TransformOperation,
} from "@agent/runtime/text";
import { requireLibrary } from "../src/native/load.ts";
import { METRICS } from "../src/text/match/options.ts";
import { OPERATIONS } from "../src/text/transform/operations.ts";

const TARGET = "src/native/crossover.ts";
const ROUNDS = 21;
const SAMPLE_MS = 0.6;
const WARM_MS = 12;

type Twin = "pure" | "native";

/** One thing to calibrate: `make` gives the work for a twin at a step of the ladder, and what the step's size is. */
interface Subject {
  ladder: readonly number[];
  make(step: number): { size: number; run(twin: Twin): unknown; end?(): void };
}

// A small generator of our own, so that every run measures the same inputs.
let state = 1;
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 2 ** 32 * below);
}

const LETTERS = ["etaoinsrhldcumfpgwybvkxjqz", "etaoinsrhldcumé", "оеаинтсрвлкмдпуяы"];

/** Words of mixed scripts: mostly ASCII, some Latin-1, some Cyrillic; or of one of them. */
function text(units: number, script: number = [0, 0, 0, 0, 0, 1, 1, 2][random(8)]!): string {
  const letters = LETTERS[script]!;
  let made = "";
  while (made.length < units) {
    for (let left = 2 + random(8); left > 0; left--) made += letters[random(letters.length)]!;
    made += " ";
  }
  // A slice of a concatenation is a tree inside; encoding and decoding makes it flat, as strings from outside are.
  return new TextDecoder().decode(new TextEncoder().encode(made.slice(0, units)));
}

/** A few letters off. */
function near(original: string): string {
  const letters = [...original];
  for (let edits = 1 + letters.length / 8; edits > 0; edits--) {
    letters[random(letters.length)] = "x";
  }
  return letters.join("");
}

const PAIRS = 64;

const SHORT_LADDER = [1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 64];
const LONG_LADDER = [72, 96, 128, 192, 256, 512, 1024];

function similaritySubject(metric: Metric, script: number, ladder: number[]): Subject {
  const isLinear = metric.startsWith("jaro") && ladder.includes(1024);
  return {
    ladder: isLinear ? [...ladder, 2048, 4096, 8192] : ladder,
    make: (step) => {
      const pairs = Array.from({ length: PAIRS }, (_, i) => {
        const a = text(step, script);
        return [a, i % 2 === 0 ? near(a) : text(step, script)] as const;
      });
      let next = 0;
      return {
        size: 2 * step,
        run: (implementation) => {
          const [a, b] = pairs[next++ % PAIRS]!;
          return similarity(a, b, { metric, implementation });
        },
      };
    },
  };
}

const RANK_LADDER = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16_384];

function rankSubject(metric: Metric, script: number): Subject {
  return {
    ladder: RANK_LADDER,
    make: (step) => {
      const choices = Array.from({ length: step }, () => text(18 + random(12), script));
      const queries = Array.from({ length: 16 }, () => text(18 + random(12), script));
      let next = 0;
      return {
        size: step,
        run: (implementation) =>
          rank(queries[next++ % 16]!, choices, { metric, implementation, limit: 10 }),
      };
    },
  };
}

const matcherSubject: Subject = {
  ladder: RANK_LADDER,
  make: (step) => {
    const choices = Array.from({ length: step }, () => text(18 + random(12)));
    const queries = Array.from({ length: 16 }, () => text(18 + random(12)));
    const prepared: Record<Twin, Matcher> = {
      pure: matcher(choices, { implementation: "pure" }),
      native: matcher(choices, { implementation: "native" }),
    };
    let next = 0;
    return {
      size: step,
      run: (twin) => prepared[twin].rank(queries[next++ % 16]!, { limit: 10 }),
      end: () => {
        prepared.pure.close();
        prepared.native.close();
      },
    };
  },
};

// What an item of a list counts beside its units; as in src/text/mod.ts.
const ITEM = 64;

function transformSubject(operation: TransformOperation): Subject {
  return {
    ladder: [1, 8, 64, 512, 4096],
    make: (step) => {
      const strings = Array.from({ length: step }, () => ` ${text(30)}é 👍🏽`.normalize("NFD"));
      const size = strings.reduce((sum, { length }) => sum + length + ITEM, 0);
      return { size, run: (implementation) => transform(strings, operation, { implementation }) };
    },
  };
}

const reversePlainSubject: Subject = {
  ladder: [1, 8, 64, 512, 4096, 32_768],
  make: (step) => {
    const strings = Array.from({ length: step }, () => text(30, 0));
    return {
      size: step * (30 + ITEM),
      run: (implementation) => transform(strings, "reverse", { implementation }),
    };
  },
};

function redactSubject(kind: "builtIn" | "own"): Subject {
  return {
    ladder: [0, 16, 32, 64, 96, 128, 192, 256, 512, 4096],
    make: (step) => {
      const literals = Array.from({ length: 200 }, () => text(20, 0));
      const texts = Array.from({ length: 16 }, () => text(step, 0));
      const prepared = (implementation: Twin): PreparedRedaction =>
        prepareRedaction(
          kind === "builtIn" ? { implementation } : { rules: [], literals, implementation },
        );
      const made = { pure: prepared("pure"), native: prepared("native") };
      let next = 0;
      return { size: step, run: (twin) => made[twin].redact(texts[next++ % 16]!) };
    },
  };
}

const hashSubject: Subject = {
  ladder: [0, 8, 64, 512, 4096, 65_536],
  make: (step) => {
    const input = text(step);
    return { size: input.length, run: (implementation) => hash(input, { implementation }) };
  },
};

const hashManySubject: Subject = {
  ladder: [1, 4, 8, 16, 32, 64, 128, 512],
  make: (step) => {
    const inputs = Array.from({ length: step }, () => text(64));
    return {
      size: step * (64 + ITEM),
      run: (implementation) => hashMany(inputs, { implementation }),
    };
  },
};

const keywordsSubject: Subject = {
  ladder: [0, 16, 64, 256, 1024, 4096, 32_768],
  make: (step) => {
    // Natural text repeats its words.
    const words = Array.from(
      { length: 1 + step / 20 },
      () => text(3 + random(8)).replaceAll(" ", ""),
    );
    let made = "";
    while (made.length < step) made += `${words[random(words.length)]} `;
    const input = made.slice(0, step);
    return { size: step, run: (implementation) => keywords(input, { implementation }) };
  },
};

const processBatchSubject: Subject = {
  ladder: [1, 2, 4, 8, 16, 64, 256],
  make: (step) => {
    const texts = Array.from({ length: step }, () => text(300));
    return {
      size: step * (300 + ITEM),
      run: (implementation) => processBatch(texts, { implementation }),
    };
  },
};

const nearDuplicatesSubject: Subject = {
  ladder: [2, 4, 8, 16, 32, 64, 128, 512],
  make: (step) => {
    const texts = Array.from({ length: step }, () => text(100));
    for (let i = 0; i < step / 4; i++) texts[random(step)] = near(texts[random(step)]!);
    return {
      size: step * (100 + ITEM),
      run: (implementation) => nearDuplicates(texts, { implementation }),
    };
  },
};

/** A page with about so many characters; most of them are text. */
function page(units: number): string {
  const parts: string[] = [];
  for (let have = 0; have < units;) {
    const part = `<div class="c${random(9)}"><p>${text(120)}<b>${text(8)}</b> &amp; <a href="/${
      random(99)
    }">${text(12)}</a></p></div>\n`;
    parts.push(part);
    have += part.length;
  }
  return new TextDecoder().decode(new TextEncoder().encode(parts.join("").slice(0, units)));
}

const toMarkdownSubject: Subject = {
  ladder: [0, 16, 32, 64, 128, 256, 512, 1024, 4096, 32_768],
  make: (step) => {
    const html = page(step);
    return { size: step, run: (implementation) => toMarkdown(html, { implementation }) };
  },
};

const toMarkdownManySubject: Subject = {
  ladder: [1, 2, 4, 8, 16, 64, 256],
  make: (step) => {
    const htmls = Array.from({ length: step }, () => page(500));
    return {
      size: step * (500 + ITEM),
      run: (implementation) => toMarkdownMany(htmls, { implementation }),
    };
  },
};

// A program for developers: what it prints is its report.
function say(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}

/** Milliseconds of one call, averaged over as many as a sample takes. */
async function sample(run: (twin: Twin) => unknown, twin: Twin, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const result = run(twin);
    if (result instanceof Promise) await result;
  }
  return (performance.now() - start) / calls;
}

async function warm(run: (twin: Twin) => unknown, twin: Twin): Promise<number> {
  const until = performance.now() + WARM_MS;
  let calls = 1;
  let each = await sample(run, twin, 1);
  while (performance.now() < until) {
    each = await sample(run, twin, calls);
    if (each * calls < SAMPLE_MS) calls *= 2;
  }
  return Math.max(1, Math.round(SAMPLE_MS / each));
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** The size from which native is faster at every step; between two steps, where their ratios meet. */
async function crossover(name: string, subject: Subject): Promise<number> {
  const steps: { size: number; ratio: number }[] = [];
  for (const step of subject.ladder) {
    const work = subject.make(step);
    const run = (twin: Twin): unknown => work.run(twin);
    const calls = { pure: await warm(run, "pure"), native: await warm(run, "native") };
    const times: Record<Twin, number[]> = { pure: [], native: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const order: Twin[] = round % 2 === 0 ? ["pure", "native"] : ["native", "pure"];
      for (const twin of order) times[twin].push(await sample(run, twin, calls[twin]));
    }
    work.end?.();
    const [pure, native] = [median(times.pure), median(times.native)];
    steps.push({ size: work.size, ratio: native / pure });
    say(
      `${name.padEnd(26)} ${String(work.size).padStart(8)} pure ${(pure * 1000).toFixed(2)} us, ` +
        `native ${(native * 1000).toFixed(2)} us`,
    );
  }
  return meeting(steps);
}

function meeting(steps: { size: number; ratio: number }[]): number {
  let first = steps.length;
  while (first > 0 && steps[first - 1]!.ratio < 1) first--;
  if (first === steps.length) return Infinity;
  if (first === 0) return 0;
  const [slow, fast] = [steps[first - 1]!, steps[first]!];
  const share = Math.log(slow.ratio) / (Math.log(slow.ratio) - Math.log(fast.ratio));
  const size = Math.max(1, slow.size) * (fast.size / Math.max(1, slow.size)) ** share;
  return Number(size.toPrecision(2));
}

async function each<K extends string>(
  name: string,
  kinds: readonly K[],
  subject: (kind: K) => Subject,
): Promise<string> {
  const lines: string[] = [];
  for (const kind of kinds) {
    lines.push(`    "${kind}": ${await crossover(`${name} ${kind}`, subject(kind))},`);
  }
  return `  ${name}: {\n${lines.join("\n")}\n  },`;
}
requireLibrary("core-utils");
const body = [
  await each("similarity", METRICS, (metric) => similaritySubject(metric, 0, SHORT_LADDER)),
  await each("similarityLong", METRICS, (metric) => similaritySubject(metric, 0, LONG_LADDER)),
  await each(
    "similarityWide",
    METRICS,
    (metric) => similaritySubject(metric, 2, [...SHORT_LADDER, ...LONG_LADDER]),
  ),
  await each("rank", METRICS, (metric) => rankSubject(metric, 0)),
  await each("rankWide", METRICS, (metric) => rankSubject(metric, 2)),
  `  matcher: ${await crossover("matcher", matcherSubject)},`,
  await each("transform", OPERATIONS, transformSubject),
  `  reversePlain: ${await crossover("reversePlain", reversePlainSubject)},`,
  `  hash: ${await crossover("hash", hashSubject)},`,
  `  hashMany: ${await crossover("hashMany", hashManySubject)},`,
  `  keywords: ${await crossover("keywords", keywordsSubject)},`,
  `  processBatch: ${await crossover("processBatch", processBatchSubject)},`,
  `  nearDuplicates: ${await crossover("nearDuplicates", nearDuplicatesSubject)},`,
  `  toMarkdown: ${await crossover("toMarkdown", toMarkdownSubject)},`,
  `  toMarkdownMany: ${await crossover("toMarkdownMany", toMarkdownManySubject)},`,
  await each("redact", ["builtIn", "own"], redactSubject),
];
const current = Deno.readTextFileSync(TARGET);
const head = current.slice(0, current.indexOf("} = {\n") + "} = {\n".length);
Deno.writeTextFileSync(TARGET, `${head}${body.join("\n")}\n};\n`);
say(`Written: ${TARGET}`);
