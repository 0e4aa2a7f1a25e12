/**
 * Redaction: literals, built-in rules and patterns on both twins, and what people would otherwise do with RegExps.
 */

import { type PreparedRedaction, prepareRedaction, type RedactOptions } from "@agent/runtime/text";
import { type Area, atLeast, type Context } from "./lib/area.ts";
import { type Group, ladder, type Row, type Twin, twinRows } from "./lib/group.ts";
import type { Random } from "./lib/random.ts";
import { builtInPeers, type Redact } from "./lib/redact_expressions.ts";
import { redactFacts, redactQualityBars } from "./lib/redact_quality.ts";
import { register } from "./lib/register.ts";

const KEYS = "2,000 keys";
const NAMES = "2,000 names of two words";
const BUILT_IN = "built-in rules";
const PATTERNS = "three patterns";
const STREAM = "built-in rules, a stream";
const MEGABYTE = 1 << 20;

/** The area. */
export const area: Area = {
  name: "redact",
  tools: [
    ["redact by the built-in rules", BUILT_IN, 10_000],
    ["redact 2,000 keys", KEYS, 10_000],
    ["redact by own patterns", PATTERNS, MEGABYTE],
  ],
  groups(context) {
    const sizes = [0, 100, 1_000, 10_000, MEGABYTE];
    return [
      ...ladder(sizes, [100, 10_000], (size) => literals(context, KEYS, size)),
      literals(context, NAMES, MEGABYTE),
      ...ladder(sizes, [100, 1_000, 10_000], (size) => builtIn(context, size)),
      ...ladder([1_000, MEGABYTE], [1_000, MEGABYTE], (size) => patterns(context, size)),
      stream(context, 20_000),
    ];
  },
  facts: redactFacts,
  bars: (figures) => [
    ...redactQualityBars(figures),
    atLeast(
      "Redact 1 MB, 2,000 keys, beside a RegExp alternation",
      figures.times(KEYS, MEGABYTE, "auto"),
      50,
    ),
    atLeast(
      "Redact 1 MB, built-in rules, beside the same as RegExps",
      figures.times(BUILT_IN, MEGABYTE, "auto"),
      3,
    ),
  ],
};

/** Prose in which something to be found comes about every so many characters. */
function texts(random: Random, size: number, finds: readonly string[], every: number): string {
  const parts: string[] = [];
  for (let have = 0; have < size;) {
    const part = `${random.prose(every / 2 + random.below(every))} ${random.pick(finds)} `;
    parts.push(part);
    have += part.length;
  }
  return parts.join("").slice(0, size);
}

/** What a group's rows do: the options of ours, the finds in the text, and the peers. */
interface Task {
  options(): RedactOptions;
  finds(random: Random): readonly string[];
  peers: [name: string, redact: Redact][];
  /** After how many characters something is found. */
  every: number;
}

/** A group in which every row redacts the same text. */
function group({ twins }: Context, operation: string, size: number, task: Task): Group {
  let text = "";
  let finds: readonly string[] | undefined;
  const rules = new Map<Twin, PreparedRedaction>();
  return {
    operation,
    size,
    unit: "characters",
    slow: size === MEGABYTE,
    rows: [
      ...twinRows(
        twins,
        ({ implementation }) => () => rules.get(implementation)!.redact(text).text.length,
      ),
      ...task.peers.map(([name, redact]): Row => ({
        name,
        role: "peer",
        once: () => redact(text).length,
      })),
    ],
    prepare(random, round): void {
      finds ??= task.finds(random);
      for (const implementation of round === 0 ? twins : []) {
        rules.set(implementation, prepareRedaction({ ...task.options(), implementation }));
      }
      text = texts(random, size, finds, task.every);
    },
  };
}

function alphanumeric(random: Random, length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length }, () => letters[random.below(62)]).join("");
}

function literals(context: Context, operation: string, size: number): Group {
  let list: string[] = [];
  let plain: RegExp | undefined;
  let grouped: RegExp | undefined;
  return group(context, operation, size, {
    options: () => ({ rules: [], literals: list }),
    finds(random): string[] {
      const one = operation === KEYS
        ? () => alphanumeric(random, 16 + random.below(17))
        : () => `${random.word()} ${random.word()}`;
      return list = Array.from({ length: 2000 }, one);
    },
    peers: [
      ["RegExp alternation", (text) => {
        plain ??= new RegExp(list.map((literal) => RegExp.escape(literal)).join("|"), "g");
        return text.replace(plain, "[LITERAL]");
      }],
      // Which of them was found, as matches say it, an alternation tells by groups only.
      ["RegExp alternation of groups", (text) => {
        grouped ??= new RegExp(list.map((one) => `(${RegExp.escape(one)})`).join("|"), "g");
        return text.replace(grouped, "[LITERAL]");
      }],
    ],
    every: 3000,
  });
}

const FINDS = [
  "ada.lovelace@example.org",
  "+44 20 7946 0958",
  "(415) 555-2671",
  "4111 1111 1111 1111",
  "GB82 WEST 1234 5698 7654 32",
  "192.0.2.17",
  "2001:db8::8:800:200c:417a",
  "AKIAIOSFODNN7EXAMPLE",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
  "2024-05-17 10:31:07",
  "1,234,567",
  "https://example.org/a/path?query=1",
];

function builtIn(context: Context, size: number): Group {
  return group(context, BUILT_IN, size, {
    options: () => ({}),
    finds: () => FINDS,
    peers: builtInPeers(),
    every: 600,
  });
}

const OWN_PATTERNS = [
  "\\bOPS-\\d{3,6}\\b",
  "(?:user|customer)[ =]\\w{4,16}",
  "Bearer [\\w.~+/-]+=*",
];

function patterns(context: Context, size: number): Group {
  const expressions = OWN_PATTERNS.map((source) => new RegExp(source, "g"));
  const one = new RegExp(OWN_PATTERNS.join("|"), "g");
  return group(context, PATTERNS, size, {
    options: () => ({ rules: [], patterns: OWN_PATTERNS }),
    finds: () => ["OPS-12345", "user=lovelace", "Bearer abc.def~ghi==", "customer 7", "OPS-1"],
    peers: [
      ["one RegExp", (text) => text.replace(one, "[PATTERN]")],
      [
        "RegExps one after the other",
        (text) => expressions.reduce((all, one) => all.replace(one, "[PATTERN]"), text),
      ],
    ],
    every: 600,
  });
}

/** A stream in small chunks: no peer gives the right output here. */
function stream({ twins }: Context, size: number): Group {
  let chunks: string[] = [];
  return {
    operation: STREAM,
    size,
    unit: "characters",
    front: true,
    rows: twinRows(twins, (options) => {
      const rules = prepareRedaction(options);
      return async () => {
        const output = ReadableStream.from(chunks).pipeThrough(rules.stream());
        let sum = 0;
        for await (const part of output) sum += part.length;
        return sum;
      };
    }),
    prepare(random): void {
      chunks = texts(random, size, FINDS, 600).match(/[^]{1,40}/g) ?? [];
    },
  };
}

await register(area, import.meta.url);
