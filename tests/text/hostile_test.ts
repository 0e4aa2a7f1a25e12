/**
 * Input made to hurt, through every text function and both twins: the same result or the same clear error. Sizes are such
 * that work which grows faster than the input would not come to its end within the test.
 */

import assert from "node:assert/strict";
import {
  BUILT_IN_RULES,
  countTokens,
  type Encoding,
  hash,
  hashMany,
  keywords,
  loadEncoding,
  matcher,
  prepareRedaction,
  processBatch,
  rank,
  redact,
  redactor,
  similarity,
  transform,
} from "@agent/runtime/text";
import { redactDoor } from "../../src/ffi/doors/redact.ts";
import { textDoor } from "../../src/ffi/doors/text.ts";
import { textManyDoor } from "../../src/ffi/doors/text_many.ts";
import { tokensDoor } from "../../src/ffi/doors/tokens.ts";
import { METRICS, OPERATIONS } from "../../src/text/check.ts";
import { normalized } from "../../src/normal_form.ts";

textDoor.require();
textManyDoor.require();
tokensDoor.require();
redactDoor.require();

const TWINS = ["pure", "native"] as const;
type Twin = (typeof TWINS)[number];
const ENCODINGS: Readonly<Record<Twin, Encoding>> = {
  pure: await loadEncoding("o200k_base", { implementation: "pure" }),
  native: await loadEncoding("o200k_base", { implementation: "native" }),
};

/** Letters picked by the minimal standard generator. */
function random(length: number, letters: string, seed = 1): string {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    seed = seed * 48271 % 2147483647;
    bytes[i] = letters.charCodeAt(seed % letters.length);
  }
  return new TextDecoder().decode(bytes);
}

function filled(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** What a twin gives, or what it says. A digest in place of long strings keeps failures readable. */
async function outcome(twin: Twin, work: (twin: Twin) => unknown): Promise<unknown> {
  try {
    const result = await work(twin);
    return typeof result === "string" && result.length > 200
      ? `${result.length} units, ${hash(result)}`
      : result;
  } catch (error) {
    assert.ok(error instanceof Error);
    const { name, message } = error;
    return { name, message, code: "code" in error ? error.code : undefined };
  }
}

/** Both twins do the same; gives what they do. */
async function alike(work: (twin: Twin) => unknown, what: string): Promise<unknown> {
  const pure = await outcome("pure", work);
  assert.deepEqual(await outcome("native", work), pure, what);
  return pure;
}

const MILLION: readonly string[] = Array.from(
  { length: 1_000_000 },
  (_, i) => String.fromCharCode(97 + i % 26),
);
const LONE = filled("\ud83d \ude00x\udc00", 200_000);
const SHAPES: Readonly<Record<string, string>> = {
  "invalid UTF-16": LONE,
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

Deno.test("hostile: transform() of any shape, by every operation", async () => {
  for (const [name, text] of Object.entries(SHAPES)) {
    for (const operation of OPERATIONS) {
      const what = `${operation} of ${name}`;
      await alike((implementation) => transform([text], operation, { implementation })[0], what);
    }
  }
});

Deno.test("hostile: transform() puts a million marks in order", async () => {
  for (const marks of ["\u0323\u0307", "\u0307\u0323", "\u0301\uff9e", "\u0f73\u0344\u0334"]) {
    for (const operation of ["nfc", "nfkc"] as const) {
      const text = `e${filled(marks, 500_000)}x${filled(marks, 300)}`;
      await alike(
        (implementation) => transform([text], operation, { implementation })[0],
        `${operation} of ${JSON.stringify(marks)}`,
      );
    }
  }
});

Deno.test("hostile: normal forms of long runs of marks are the engine's", () => {
  const marks: string[] = [];
  for (let code = 0x300; code < 0x1f000; code++) {
    const character = String.fromCodePoint(code);
    if (/\p{M}/u.test(character)) marks.push(character);
  }
  let seed = 7;
  const next = (below: number): number => (seed = seed * 48271 % 2147483647) % below;
  const between = ["a", "é", "\u0f73", "\u0344", "\uff9e", "가", "\u034f"];
  let changed = 0;
  for (let round = 0; round < 300; round++) {
    const pool = Array.from({ length: 1 + next(8) }, () => marks[next(marks.length)]!);
    let text = "x".repeat(next(200)) + between[next(between.length)]!;
    for (let i = next(900); i >= 0; i--) {
      text += next(150) === 0 ? between[next(between.length)]! : pool[next(pool.length)]!;
    }
    for (const form of ["NFC", "NFKC"] as const) {
      const expected = text.normalize(form);
      if (expected !== text) changed++;
      assert.equal(normalized(text, form) === expected, true, JSON.stringify(text));
    }
  }
  assert.ok(changed > 100, `${changed} changed`);
});

Deno.test("hostile: a million one-character strings", async () => {
  for (const operation of OPERATIONS) {
    await alike(
      (implementation) => transform(MILLION, operation, { implementation }).join(""),
      operation,
    );
  }
  const some = MILLION.slice(0, 100_000);
  await alike(
    async (implementation) => (await hashMany(some, { implementation })).join(""),
    "hashMany",
  );
  const options = { limit: 3 };
  await alike((implementation) => rank("m", MILLION, { ...options, implementation }), "rank");
  await alike(async (implementation) => {
    using prepared = matcher(MILLION, { implementation });
    return await prepared.rankMany(["a", "", "zz", "\ud83d"], options);
  }, "matcher");
  await alike(async (implementation) => {
    const results = await processBatch(some, { implementation, reference: "b" });
    return results.map(({ processed, similarity }) => `${processed}${similarity}`).join("");
  }, "processBatch");
});

Deno.test("hostile: keys of 1 MB", async () => {
  const keys = [random(1 << 20, "key "), random(1 << 20, "key ", 3)];
  for (const metric of METRICS) {
    const what = `rank by ${metric}`;
    await alike((implementation) => rank("key", keys, { metric, implementation }), what);
    const pair = await alike(
      (implementation) => similarity(keys[0]!, keys[1]!, { metric, implementation }),
      `similarity by ${metric}`,
    );
    if (!metric.startsWith("jaro")) assert.equal((pair as { code: unknown }).code, "TOO_LARGE");
    assert.equal(similarity(keys[0]!, keys[0]!, { metric, implementation: "native" }), 1);
  }
  await alike((implementation) => keys.map((key) => hash(key, { implementation })), "hash");
});

Deno.test("hostile: keywords() and processBatch() of any shape", async () => {
  const distinct = Array.from({ length: 200_000 }, (_, i) => `word${i.toString(36)}`).join(" ");
  for (const [name, text] of Object.entries({ ...SHAPES, "distinct words": distinct })) {
    await alike((implementation) => keywords(text, { implementation }), name);
    await alike(async (implementation) => {
      const [result] = await processBatch([text], { implementation });
      return { ...result, durationMs: 0 };
    }, name);
  }
});

Deno.test("hostile: tokens of any shape", async () => {
  for (const [name, text] of Object.entries(SHAPES)) {
    await alike(async (twin) => {
      const encoding = ENCODINGS[twin];
      const tokens = encoding.encode(text);
      assert.deepEqual(await encoding.countMany([text]), [tokens.length]);
      assert.equal(encoding.decode(tokens) === text.toWellFormed(), true);
      assert.equal(await countTokens(text, { implementation: twin }), tokens.length);
      return hash(new Uint8Array(tokens.buffer));
    }, name);
  }
});

Deno.test("hostile: split() of any shape, with the smallest and largest bounds", async () => {
  for (const [name, text] of Object.entries(SHAPES)) {
    const bounds = [[1, 0], [4, 3], [512, 0], [512, 511], [1_000_000, 999_999]] as const;
    for (const [maxTokens, overlapTokens] of bounds) {
      const part = text.slice(0, maxTokens < 100 ? 2_000 : overlapTokens > 0 ? 10_000 : 40_000);
      await alike((twin) => {
        const chunks = ENCODINGS[twin].split(part, { maxTokens, overlapTokens });
        return chunks.map(({ start, end, tokens }) => `${start} ${end} ${tokens}`).join();
      }, `${name}, ${maxTokens} and ${overlapTokens}`);
    }
  }
});

Deno.test("hostile: wrong token ids, empty lists", async () => {
  for (const ids of [[-1], [1, 2 ** 32], [0.5], [NaN], [Infinity], [200_019], [199_998], ["1"]]) {
    const error = await alike((twin) => ENCODINGS[twin].decode(ids as number[]), String(ids));
    assert.match((error as Error).message, /^tokens\[\d\] /);
  }
  assert.equal(await alike((twin) => ENCODINGS[twin].decode([]), "decode"), "");
  for (const bounds of [{ maxTokens: 0 }, { maxTokens: 2, overlapTokens: 2 }]) {
    const error = await alike((twin) => ENCODINGS[twin].split("a", bounds), "split");
    assert.equal((error as Error).name, "RangeError");
  }
  const none: readonly string[] = [];
  const empty = await alike(async (implementation) => {
    using prepared = matcher(none, { implementation });
    return [
      transform(none, "nfc", { implementation }),
      await hashMany(none, { implementation }),
      rank("", none, { implementation }),
      prepared.rank("a"),
      await prepared.rankMany(none),
      keywords("", { implementation }),
      await processBatch(none, { implementation }),
      await ENCODINGS[implementation].countMany(none),
      ENCODINGS[implementation].split("", { maxTokens: 1 }),
      redact("", { implementation, literals: [], patterns: [] }).matches,
    ];
  }, "empty");
  assert.deepEqual(empty, Array.from({ length: 10 }, () => []));
});

Deno.test("hostile: redact() of what rules look for, again and again", async () => {
  const units = [
    ..."-4e+(:.",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
    "eyJhbGciOiJIUzI1NiJ9.",
    "a@",
    "a.b-",
    "b.",
    "41111 ",
    "4 ",
    "1.",
    "a:",
    "::",
    "DE89 ",
    "sk-",
    "aB1/",
    "(0",
  ];
  for (const unit of [...units, ...Object.values(SHAPES)]) {
    const text = `a@${filled(unit, 300_000)}`;
    const options = { rules: BUILT_IN_RULES };
    await alike(
      (implementation) => redact(text, { ...options, implementation }).text,
      JSON.stringify(unit.slice(0, 20)),
    );
  }
});

Deno.test("hostile: patterns meant to explode", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["(a{1,50}){1,19}b", "a".repeat(500_000)],
    ["(a{1,50}){1,50}", "a".repeat(500_000)],
    ["(a{1,30}b?){1,30}c", random(300_000, "ab")],
    ["(x+x+)+y", "x".repeat(1_000_000)],
    ["(a|aa)+$", `${"a".repeat(1_000_000)}b`],
    ["(.*)(.*)(.*)[^x]z", "x".repeat(1_000_000)],
    ["a.*b.*c.*d.*q", random(500_000, "abcdef \n")],
    ["[ab]*a[ab]{200}c", random(60_000, "ab")],
    ["a[ab]{150}b[ab]{150}c", random(60_000, "ab")],
  ];
  for (const [pattern, text] of cases) {
    await alike(
      (implementation) => redact(text, { rules: [], patterns: [pattern], implementation }).text,
      pattern,
    );
  }
  const refused = await alike(
    (implementation) => redact("a", { patterns: ["(a{1,500}){1,500}"], implementation }).text,
    "too many states",
  );
  assert.equal((refused as Error).name, "RangeError");
  assert.match((refused as Error).message, /states/);
});

Deno.test("hostile: literals that all begin alike, and many", async () => {
  const alikeOnes = Array.from({ length: 200 }, (_, i) => `${"a".repeat(16_000 - i)}b`);
  const many = Array.from({ length: 100_000 }, (_, i) => i.toString(36));
  for (const literals of [alikeOnes, many, MILLION.slice(0, 100_000)]) {
    const text = `${"a".repeat(500_000)}${random(500_000, "abcdefghij0123")}`;
    await alike((implementation) => {
      const prepared = prepareRedaction({ rules: [], literals, implementation });
      return prepared.redact(text).text;
    }, literals[0]!.slice(0, 10));
  }
});

Deno.test("hostile: redactor() with a character at a time, while much is held", async () => {
  const pem = `-----BEGIN PRIVATE KEY-----\n${
    filled("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 150_000)
  }`;
  const cases = [
    [pem, { rules: BUILT_IN_RULES }],
    [filled("eyJhbGciOiJIUzI1NiJ9.", 60_000), { rules: BUILT_IN_RULES }],
    ["a".repeat(100_000), { rules: [], literals: [`${"a".repeat(16_000)}b`] }],
    ["a".repeat(60_000), { rules: [], patterns: ["a+b", "(a{1,50}){1,19}b"] }],
  ] as const;
  for (const [text, options] of cases) {
    const whole = await alike(async (implementation) => {
      const stream = redactor({ ...options, implementation });
      return (await Array.fromAsync(ReadableStream.from([...text]).pipeThrough(stream))).join("");
    }, text.slice(0, 20));
    assert.equal(await outcome("pure", () => redact(text, options).text), whole);
  }
});
