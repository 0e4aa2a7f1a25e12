/**
 * Input made to hurt, for text functions of both twins: the same result or the same clear error. Sizes are such that
 * work which grows faster than the input would not come to its end within the test.
 */

import assert from "assertions";
import { hash } from "@agent/runtime/text";
import type { TwinName } from "./twins.ts";

/** Letters picked by the minimal standard generator. */
export function random(length: number, letters: string, seed = 1): string {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    seed = seed * 48271 % 2147483647;
    bytes[i] = letters.charCodeAt(seed % letters.length);
  }
  return new TextDecoder().decode(bytes);
}

/** A unit again and again, cut at a length. */
export function filled(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** What a twin gives, or what it says. A digest in place of long strings keeps failures readable. */
async function outcome(
  twin: TwinName,
  work: (twin: TwinName) => unknown,
): Promise<unknown> {
  try {
    const result = await work(twin);
    return typeof result === "string" && result.length > 200
      ? `${result.length} units, ${hash(result, { implementation: "pure" })}`
      : result;
  } catch (error) {
    assert.ok(error instanceof Error);
    const { name, message } = error;
    return { name, message, code: "code" in error ? error.code : undefined };
  }
}

/** Both twins do the same; gives what they do. */
export async function alike(work: (twin: TwinName) => unknown, what: string): Promise<unknown> {
  const pure = await outcome("pure", work);
  assert.deepEqual(await outcome("native", work), pure, what);
  return pure;
}

/** A million strings of one character. */
export function million(): string[] {
  return Array.from({ length: 1_000_000 }, (_, i) => String.fromCharCode(97 + i % 26));
}

/** Texts of extreme shapes. */
export const SHAPES: Readonly<Record<string, string>> = {
  "invalid UTF-16": filled("\ud83d \ude00x\udc00", 200_000),
  "one letter": "a".repeat(400_000),
  "no border": random(200_000, "abcdefghijklmnop"),
  "punctuation": random(200_000, "!?.,;:-=+"),
  "blanks": " ".repeat(500_000),
  "line ends": "\n".repeat(500_000),
  "marks": filled("a\u0323\u0307", 300_000),
  "one cluster": filled("👩\u200d", 300_000),
  "ideographs": filled("日本語", 200_000),
  "headings": filled("# h\n", 200_000),
  "fences": filled("```\n", 200_000),
};
