/** Seeded random strings of the kinds that tell implementations apart, and properties that run on them. */

import assert from "assertions";
import fc from "fast-check";

function casesFromEnvironment(): number {
  const name = { name: "env", variable: "AGENT_TEST_CASES" } as const;
  if (Deno.permissions.querySync(name).state !== "granted") return 2000;
  return Number(Deno.env.get("AGENT_TEST_CASES") ?? 2000);
}

/** How many random cases each function gets: AGENT_TEST_CASES, or 2,000. */
export const CASES: number = casesFromEnvironment();

/** The longest time that a property may run. Making a long failing text small could take hours. */
const LIMIT_MS = 300_000;

/** How a property runs: a whole number of times, once at least, from a fixed seed. */
function parameters<T>(cases: number): fc.Parameters<T> {
  return {
    seed: 20_240_601,
    numRuns: Math.max(1, Math.round(cases)),
    interruptAfterTimeLimit: LIMIT_MS,
    // Not all cases within the time is no pass.
    markInterruptAsFailure: true,
  };
}

/** Runs a property `CASES` times from a fixed seed. */
export function check<T>(property: fc.IProperty<T>, cases: number = CASES): void {
  fc.assert(property, parameters(cases));
}

/** The same for a property that awaits. */
export async function checkAsync<T>(
  property: fc.IAsyncProperty<T>,
  cases: number = CASES,
): Promise<void> {
  await fc.assert(property, parameters(cases));
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

/** A call of a twin with arguments of any type. */
type OddCall = (
  twin: { implementation: "pure" | "native" },
  a: never,
  b: never,
  c: never,
) => unknown;

/** Checks that both twins give the same result or the same error for arguments of any type. */
export function sameErrors(calls: readonly OddCall[]): void {
  const odd = fc.oneof(
    fc.anything(),
    fc.constantFrom(NaN, -1, 1.5, Infinity, 2 ** 53, "x".repeat(70_000), ["a"], ["a", 1]),
  );
  const outcome = (call: () => unknown): string => {
    try {
      return JSON.stringify(call()) ?? "undefined";
    } catch (error) {
      assert.ok(error instanceof Error);
      return `${error.name} ${(error as { code?: string }).code} ${error.message}`;
    }
  };
  check(fc.property(odd, odd, odd, (x, y, z) => {
    const [a, b, c] = [x as never, y as never, z as never];
    for (const call of calls) {
      const [native, pure] = (["native", "pure"] as const).map((implementation) =>
        outcome(() => call({ implementation }, a, b, c))
      );
      assert.equal(native, pure);
    }
  }));
}
