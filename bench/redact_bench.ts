/**
 * Redaction: literals, built-in rules and patterns on both twins, and what people would otherwise do with RegExps.
 */

import { type PreparedRedaction, prepareRedaction, type RedactOptions } from "../src/text/mod.ts";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";
import { builtInPeers, type Redact } from "./redact_peers.ts";

const KEYS = "2,000 keys as literals";
const NAMES = "2,000 names of two words as literals";
const BUILT_IN = "built-in rules";
const PATTERNS = "three patterns";
const STREAM = "built-in rules, text in chunks of 40 characters";
const MEGABYTE = 1 << 20;

const OWN_PATTERNS = [
  "\\bOPS-\\d{3,6}\\b",
  "(?:user|customer)[ =]\\w{4,16}",
  "Bearer [\\w.~+/-]+=*",
];

/** The groups. */
export function groups(context: Context): Group[] {
  const sizes = [0, 100, 1_000, 10_000, MEGABYTE];
  return [
    ...sizes.map((size) => literals(context, KEYS, size)),
    literals(context, NAMES, MEGABYTE),
    ...sizes.map((size) => builtIn(context, size)),
    ...[1_000, MEGABYTE].map((size) => patterns(context, size)),
    stream(context, 20_000),
  ];
}

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

/** A group in which every row redacts the same text. */
function group(
  context: Context,
  operation: string,
  size: number,
  options: () => RedactOptions,
  finds: (random: Random) => readonly string[],
  peers: () => [name: string, redact: Redact][],
  every = 600,
): Group {
  let text = "";
  let sought: readonly string[] | undefined;
  const made = new Map<string, Redact>();
  const row = (name: string, role: Row["role"], make: () => Redact): Row => ({
    name,
    role,
    run(calls): number {
      let redact = made.get(name);
      if (redact === undefined) made.set(name, redact = make());
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += redact(text).length;
      return sum;
    },
  });
  return {
    operation,
    size,
    unit: "characters",
    rows: [
      ...context.twins.map((implementation) =>
        row(implementation, implementation, () => {
          const rules: PreparedRedaction = prepareRedaction({ ...options(), implementation });
          return (input) => rules.redact(input).text;
        })
      ),
      ...peers().map(([name, redact]) => row(name, "peer", () => redact)),
    ],
    prepare(random): void {
      sought ??= finds(random);
      text = texts(random, size, sought, every);
    },
  };
}

function alphanumeric(random: Random, length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length }, () => letters[random.below(62)]).join("");
}

function literals(context: Context, operation: string, size: number): Group {
  let list: string[] = [];
  const make = (random: Random): string[] => {
    const one = operation === KEYS
      ? () => alphanumeric(random, 16 + random.below(17))
      : () => `${random.word()} ${random.word()}`;
    return list = Array.from({ length: 2000 }, one);
  };
  const options = (): RedactOptions => ({ rules: [], literals: list });
  let plain: RegExp | undefined;
  let grouped: RegExp | undefined;
  const peers: [string, Redact][] = [
    ["RegExp alternation", (text) => {
      plain ??= new RegExp(list.map((literal) => RegExp.escape(literal)).join("|"), "g");
      return text.replace(plain, "[LITERAL]");
    }],
    // Which of them was found, as matches say it, an alternation tells by groups only.
    ["RegExp alternation of groups", (text) => {
      grouped ??= new RegExp(list.map((one) => `(${RegExp.escape(one)})`).join("|"), "g");
      return text.replace(grouped, "[LITERAL]");
    }],
  ];
  return group(context, operation, size, options, make, () => peers, 3000);
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
  return group(context, BUILT_IN, size, () => ({}), () => FINDS, builtInPeers);
}

function patterns(context: Context, size: number): Group {
  const expressions = OWN_PATTERNS.map((source) => new RegExp(source, "g"));
  const one = new RegExp(OWN_PATTERNS.join("|"), "g");
  const finds = ["OPS-12345", "user=lovelace", "Bearer abc.def~ghi==", "customer 7", "OPS-1"];
  return group(
    context,
    PATTERNS,
    size,
    () => ({ rules: [], patterns: OWN_PATTERNS }),
    () => finds,
    () => [
      [
        "RegExps one after the other",
        (text) => expressions.reduce((all, one) => all.replace(one, "[PATTERN]"), text),
      ],
      ["one RegExp", (text) => text.replace(one, "[PATTERN]")],
    ],
  );
}

/** A stream in small chunks: no peer gives the right output here. */
function stream(context: Context, size: number): Group {
  let chunks: string[] = [];
  const row = (implementation: "pure" | "native" | "auto"): Row => ({
    name: implementation,
    role: implementation,
    async run(calls): Promise<number> {
      const rules = prepareRedaction({ implementation });
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        const output = ReadableStream.from(chunks).pipeThrough(rules.stream());
        for await (const part of output) sum += part.length;
      }
      return sum;
    },
  });
  return {
    operation: STREAM,
    size,
    unit: "characters",
    rows: context.twins.map(row),
    prepare(random): void {
      chunks = texts(random, size, FINDS, 600).match(/[^]{1,40}/g) ?? [];
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const ratio = (operation: string, name: string): number | undefined =>
    figures.row(operation, MEGABYTE, name)?.toPeer?.value;
  return [
    atLeast(
      "1 MB of text with 2,000 literals: at least 50 times a RegExp alternation",
      ratio(KEYS, "auto"),
      50,
    ),
    atLeast(
      "1 MB of text with the built-in rules: at least 3 times the same rules as RegExps",
      ratio(BUILT_IN, "auto"),
      3,
    ),
  ];
}
