/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { countTokens, type Encoding, hash, loadEncoding } from "@agent/runtime/text";
import { alike, SHAPES } from "../support/hostile.ts";
import { PURE, testOfBoth, type TwinName, twins } from "../support/twins.ts";

const both = twins("text");

const ENCODINGS = Object.fromEntries(
  await Promise.all(
    both.each.filter(({ missing }) => missing === undefined)
      .map(async ({ name }) => [name, await loadEncoding("o200k_base", { implementation: name })]),
  ),
) as Record<TwinName, Encoding>;

testOfBoth("tokens", both, "hostile: tokens of any shape", async () => {
  for (const [name, text] of Object.entries(SHAPES)) {
    await alike(async (twin) => {
      const encoding = ENCODINGS[twin];
      const tokens = encoding.encode(text);
      assert.deepEqual(await encoding.countMany([text]), [tokens.length]);
      assert.equal(encoding.decode(tokens) === text.toWellFormed(), true);
      assert.equal(await countTokens(text, { implementation: twin }), tokens.length);
      return hash(new Uint8Array(tokens.buffer), PURE);
    }, name);
  }
});

testOfBoth(
  "tokens",
  both,
  "hostile: split() of any shape, with the smallest and largest bounds",
  async () => {
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
  },
);

testOfBoth("tokens", both, "hostile: wrong token ids, empty lists", async () => {
  for (const ids of [[-1], [1, 2 ** 32], [0.5], [NaN], [Infinity], [200_019], [199_998], ["1"]]) {
    const error = await alike((twin) => ENCODINGS[twin].decode(ids as number[]), String(ids));
    assert.match((error as Error).message, /^tokens\[\d\] /);
  }
  assert.equal(await alike((twin) => ENCODINGS[twin].decode([]), "decode"), "");
  for (const bounds of [{ maxTokens: 0 }, { maxTokens: 2, overlapTokens: 2 }]) {
    const error = await alike((twin) => ENCODINGS[twin].split("a", bounds), "split");
    assert.equal((error as Error).name, "RangeError");
  }
  const empty = await alike(async (twin) => [
    await ENCODINGS[twin].countMany([]),
    ENCODINGS[twin].split("", { maxTokens: 1 }),
  ], "empty");
  assert.deepEqual(empty, [[], []]);
});
