/** Seeded random texts for the redactor: pieces of what the rules look for, whole, broken and glued together. */

import fc from "fast-check";
import { BUILT_IN_RULES, type BuiltInRule, type RedactOptions } from "@agent/runtime/text";

const PIECES = [
  ..."abcxyzAZ019_ .,@+-/:()=%\\\"'\n\t\u0000",
  " ",
  "  ",
  "\r\n",
  "é",
  "ß",
  "日本",
  "😀",
  "\ud83d",
  "\ude00",
  "\u2028",
  "ada@example.org",
  "a.b-c+d",
  "@b",
  ".com",
  ".museum.",
  "xn--p1ai",
  "+44 20 7946 0958",
  "+1 415",
  "(415) 555",
  "-2671",
  "415.555.2671",
  "1-800-",
  "030 1234567",
  "(0)30",
  "0",
  "00",
  "/12",
  "4111 1111 1111 1111",
  "4111-1111-",
  "5555555555554444",
  "3782 822463 10005",
  "6011",
  "DE89 3704 0044 0532 0130 00",
  "GB82WEST12345698765432",
  "NO93",
  " 8601 1117 947",
  "10.0.0.1",
  "255.",
  "256",
  "1.2.3.",
  "2001:db8::",
  "::1",
  "::",
  "fe80:0:0:0:",
  "ffff:1.2.3.4",
  "eyJhbGciOiJIUzI1NiJ9",
  "eyJ",
  ".eyJzdWIiOiIxIn0",
  ".c2ln",
  "..",
  "AKIAIOSFODNN7EXAMPLE",
  "AKIA",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "sk-",
  "proj-",
  "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
  "SG.abcdefghijklmnopqrstuv.",
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
  "xoxb-1234567890-ab",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "q8Zt3LmXw0Rk5VbN1cYh",
  "==",
  "d41d8cd98f00b204e9800998ecf8427e",
  "-----BEGIN ",
  "-----END ",
  "PRIVATE KEY-----",
  "-----BEGIN RSA PRIVATE KEY-----\n",
  "-----END RSA PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\\n",
  "Proc-Type: 4,ENCRYPTED\n",
  "MIIEowIBAAKCAQEAxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
  "MIIEowIBAAKCAQEAxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n",
  "hunter2",
  "hunt",
  "unter22",
  "OPS-12",
  "aaaa",
  "abab",
  "[EMAIL_1]",
  "[EMAIL_",
  // Text inside text.
  "\\n",
  "\\\\n",
  "\\\\\\",
  '\\"',
  '\\\\"',
  "'\\''",
  "\\u0040",
  "\\u{2e}",
  "\\x41",
  "\\ud83d\\ude00",
  "\\ud83d",
  "\\u00",
  "\\033[1m",
  "\\e[",
  "\u001b[31m",
  "\u001b[",
  "\u001b",
  "%40",
  "%2540",
  "%C3%B6",
  "%E2%82",
  "%",
  "%0A",
  "%2B44+20+7946+0958",
  "&#64;",
  "&#x2e;",
  "&amp;",
  "&amp;#64;",
  "&quot;",
  "&",
  "a=b+",
  // What stands before secrets.
  "password=",
  'password":"',
  " token: ",
  "api_key = ",
  "sessionKey",
  "Authorization: Bearer ",
  "bearer ",
  "authorization=",
  "redis://",
  "u:p",
  "@cache",
  "https%3A%2F%2F",
  " --password ",
  "<secret>",
  "</",
  "ssn: ",
  "123-45-6789",
  "123456789",
  "curl -u bob:",
  "name: DB_PASSWORD\n value: ",
  "An@lytics789;",
  "00:1a:2b:3c:4d:5e",
  "0a1b.2c3d.",
  "abc8Q~",
  "123456789:AA",
  "tskey-auth-",
  "o'",
  "ö",
  "\u2019",
  "+33 1 23 45 67 89",
  "0033 1 ",
  "011 44",
];

/** A text of such pieces. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14, size: "max" }),
  fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, {
      weight: 1,
      arbitrary: fc.string({ unit: "binary", maxLength: 4 }),
    }),
    { maxLength: 60, size: "max" },
  ),
  fc.array(fc.constantFrom("a", "b", "ab", "c", "@", ".", "1"), { maxLength: 40, size: "max" }),
).map((pieces) => pieces.join(""));

/** The same with one piece said over and over, which makes runs long. */
export const longText: fc.Arbitrary<string> = fc.tuple(
  anyText,
  fc.constantFrom(...PIECES),
  fc.integer({ min: 100, max: 3000 }),
  anyText,
).map(([before, piece, times, after]) => before + piece.repeat(times) + after);

const rules: fc.Arbitrary<readonly BuiltInRule[] | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant([...BUILT_IN_RULES]),
  fc.subarray([...BUILT_IN_RULES]),
);

const literal = fc.oneof(
  fc.constantFrom(
    "hunter2",
    "hunt",
    "unter22",
    "HUNT",
    "ß",
    "😀",
    "日本語",
    "\ud83d",
    " ",
    "a@",
    "aaab",
  ),
  fc.array(fc.constantFrom("a", "b", "ab", "A", "é"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join("")),
);

const LEAVES = [
  "a",
  "b",
  "[ab]",
  ".",
  "\\d",
  "\\w+",
  "@",
  "\\b",
  "\\B",
  "é",
  "[^a]",
  "😀",
  "\\s",
  "c",
];
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...LEAVES),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((nodes) => nodes.join("")),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,2}")).map((
      [node, times],
    ) => `(${node})${times}`),
  ),
})).node;

/** Patterns that the redactor takes; anchors at their edges now and then. */
export const anyPattern: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom("", "", "", "^", "\\b"),
  pattern,
  fc.constantFrom("", "", "", "$", "\\b"),
  fc.constantFrom("a", "b", "1", "@"),
).map(([before, middle, after, letter]) => `${before}${letter}(?:${middle})${after}`);

/** What of the options decides what is found. */
export const anyOptions: fc.Arbitrary<RedactOptions> = fc.record({
  rules,
  literals: fc.option(fc.array(literal, { maxLength: 6 }), { nil: undefined }),
  patterns: fc.option(
    fc.array(
      fc.oneof(
        anyPattern,
        fc.tuple(anyPattern, fc.constantFrom("", "m", "is", "s")).map(
          ([source, flags]) => new RegExp(source, flags),
        ),
      ),
      { maxLength: 3 },
    ),
    { nil: undefined },
  ),
  ignoreCase: fc.boolean(),
});

/** Cuts a text at places between 0 and 1. */
export function cut(text: string, places: readonly number[]): string[] {
  const at = places.map((place) => Math.floor(place * (text.length + 1))).sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
}

/** Places to cut at: none, some, or one at every character. */
export const anyCuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
  fc.integer({ min: 1, max: 300 }).map((n) => Array.from({ length: n }, (_, i) => i / n)),
);
