/** Seeded random strings for the text tests, of the kinds that tell implementations apart. */

import fc from "fast-check";

function casesFromEnvironment(): number {
  const name = { name: "env", variable: "AGENT_TEST_CASES" } as const;
  if (Deno.permissions.querySync(name).state !== "granted") return 2000;
  return Number(Deno.env.get("AGENT_TEST_CASES") ?? 2000);
}

/** How many random cases each function gets: AGENT_TEST_CASES, or 2,000. */
export const CASES: number = casesFromEnvironment();

/** Runs a property `CASES` times from a fixed seed. */
export function check<T>(property: fc.IProperty<T>, cases: number = CASES): void {
  fc.assert(property, { seed: 20_240_601, numRuns: cases });
}

/** The same for a property that awaits. */
export async function checkAsync<T>(
  property: fc.IAsyncProperty<T>,
  cases: number = CASES,
): Promise<void> {
  await fc.assert(property, { seed: 20_240_601, numRuns: cases });
}

// Code points that the engine's Unicode version does not know may be letters to the other twin.
const UNASSIGNED = /\p{Cn}/u;

const PIECES = [
  ..."abcdeABC  xyz'-.,09\n\t\0\r",
  "\r\n",
  "\u00a0",
  "\u0085",
  "\u3000",
  "\ufeff",
  "\u2019",
  "ß",
  "İ",
  "ı",
  "Σ",
  "ς",
  "ΑΣ",
  "ﬁ",
  "e\u0301",
  "\u0323\u0307",
  "\u1112\u1161\u11ab",
  "한",
  "日本",
  "デー",
  "ひ",
  "мир",
  "שלום",
  "ع",
  "नमस्ते",
  "กำ",
  "😀",
  "👩‍👩‍👧",
  "👍🏽",
  "🇩🇪",
  "🇫",
  "\u200d",
  "𝒜",
  "𐐀",
  "\ud83d",
  "\ude00",
  "\uffff",
  "the ",
  " und ",
  "l'",
  "don't ",
];

const anyCodePoint: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 0, max: 0x2ff }),
  fc.integer({ min: 0, max: 0xffff }),
  fc.integer({ min: 0, max: 0x10ffff }),
).map((codePoint) => String.fromCodePoint(codePoint))
  .filter((character) => !UNASSIGNED.test(character));

function joined(part: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> {
  return fc.array(part, { maxLength, size: "max" }).map((parts) => parts.join(""));
}

/** Any string up to some length: few letters, tricky pieces, or all code points. */
export function anyString(maxLength: number): fc.Arbitrary<string> {
  return fc.oneof(
    joined(fc.constantFrom("a", "b"), maxLength),
    joined(fc.constantFrom(..."abcd e"), maxLength),
    joined(fc.constantFrom(...PIECES), Math.ceil(maxLength / 2)),
    joined(fc.oneof(anyCodePoint, fc.constantFrom(...PIECES)), Math.ceil(maxLength / 2)),
  );
}

/** Two strings, often nearly the same. */
export function anyPair(maxLength: number): fc.Arbitrary<[string, string]> {
  const edited = fc.tuple(
    anyString(maxLength),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...PIECES)), { maxLength: 5 }),
  ).map(([text, edits]): [string, string] => {
    let changed = text;
    for (const [place, removed, piece] of edits) {
      const at = place % (changed.length + 1);
      changed = changed.slice(0, at) + piece + changed.slice(at + removed);
    }
    return [text, changed];
  });
  return fc.oneof(fc.tuple(anyString(maxLength), anyString(maxLength)), edited);
}
