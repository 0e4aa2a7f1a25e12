/**
 * What nearDuplicates() must do, whichever twin does it. Not part of
 * any result: how often progress is reported.
 */

import assert from "assertions";
import { nearDuplicates } from "@agent/runtime/text";
import { bruteGroups, Numbers } from "./oracle.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** Registers the suite for one twin. */
export function duplicatesConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("duplicates", twin, name, body);
  const find = (texts: readonly string[], threshold?: number): Promise<number[][]> =>
    nearDuplicates(texts, { implementation, threshold });

  test("groups are ascending, in the order of their first texts", async () => {
    const sentences = ["one two three four five", "six seven eight nine ten", "a b c d e"];
    const texts = [2, 0, 1, 0, 1, 2, 0].map((i) => sentences[i]!);
    assert.deepEqual(await find(texts), [[0, 5], [1, 3, 6], [2, 4]]);
    assert.deepEqual(await find([]), []);
    assert.deepEqual(await find(["alone"]), []);
    assert.deepEqual(await find(["one", "two"]), []);
  });

  test("the threshold itself is enough, and nothing below it", async () => {
    // 4 of 5 shingles.
    const texts = ["a b c d e f", "a b c d e f g"];
    assert.deepEqual(await find(texts, 0.8), [[0, 1]]);
    assert.deepEqual(await find(texts), [[0, 1]]);
    assert.deepEqual(await find(texts, 0.8 + 2 ** -53), []);
    assert.deepEqual(await find(["a b c d", "c d a b c"], 2 / 3), [[0, 1]].slice(1));
    assert.deepEqual(await find(["x a b c", "a b c y"], 1 / 3), [[0, 1]]);
    assert.deepEqual(await find(["x a b c", "a b c y"], 0.34), []);
    assert.deepEqual(await find(["x y z", "a b c"], Number.MIN_VALUE), []);
    assert.deepEqual(await find(["a b c a b c a b c", "b c a b c a"], 1), [[0, 1]]);
  });

  test("case, punctuation, spaces and normal form do not count; digits do", async () => {
    assert.deepEqual(
      await find([
        "Über 40 Straßen, don\u2019t!",
        "u\u0308ber (40) straßen\n\ndon t",
        "Über 41 Straßen, don't!",
        "ΟΔΟΣ ΟΔΟΣ",
        "οδος; οδος",
        "是什么，abc",
        "是 什 么 ABC",
        "สวัสดี",
        "ส.ว.ั.ส.ด.ี",
      ], 1),
      [[0, 1], [3, 4], [5, 6], [7, 8]],
    );
    // A character of a script without spaces is a word: 4 of 6 shingles.
    assert.deepEqual(await find(["今日は天気が", "今日は天気だね"], 0.5), [[0, 1]]);
  });

  test("short texts are one shingle, those without a word only their own", async () => {
    assert.deepEqual(await find(["a", "A!", "a b", "b a", "a, b"], 0.1), [[0, 1], [2, 4]]);
    const odd = ["", " ", "!", "?", "", "!", "👍", "👎", "👍", "\ud800", "\udc00", "\ufffd"];
    assert.deepEqual(await find(odd, 0.01), [[0, 4], [2, 5], [6, 8], [9, 10, 11]]);
    assert.deepEqual(await find(["a\ud800b c", "a\udfffb c", "a b c"]), [[0, 1, 2]]);
  });

  test("a chain of near duplicates is one group", async () => {
    const words = Array.from({ length: 100 }, (_, i) => `w${i}`);
    const chain = Array.from({ length: 10 }, (_, i) => words.slice(i, i + 40).join(" "));
    assert.deepEqual(await find([chain[0]!, chain[9]!]), []);
    assert.deepEqual(await find(chain), [chain.map((_, i) => i)]);
    assert.deepEqual(await find(chain.toReversed(), 37 / 39), [chain.map((_, i) => i)]);
    assert.deepEqual(await find(chain, 37.5 / 39), []);
  });

  for (const threshold of [0.3, 0.5, 0.8, 0.9, 1]) {
    test(`of 1,000 pairs at a threshold of ${threshold} at least 990 are found`, async () => {
      const numbers = new Numbers(7 + threshold * 100);
      const shingles = 200;
      const changed = Math.floor(shingles * (1 - threshold) / (1 + threshold));
      const word = (): string => `w${numbers.below(1e9)}`;
      const texts: string[] = [];
      for (let i = 0; i < 1000; i++) {
        const kept = Array.from({ length: shingles + 2 - changed }, word);
        for (let side = 0; side < 2; side++) {
          texts.push([...kept, ...Array.from({ length: changed }, word)].join(" "));
        }
      }
      // For a threshold of 1 the pairs are different spellings.
      if (threshold === 1) texts.forEach((text, i) => texts[i] = i % 2 === 0 ? text : `${text}.`);
      const groups = await find(texts, threshold);
      for (const [a, b, ...more] of groups) {
        assert.deepEqual([a! % 2, b, more], [0, a! + 1, []], "a pair that was not made");
      }
      assert.ok(groups.length >= 990, `${groups.length} found`);
    });
  }

  test("no pair under the threshold joins among many texts", async () => {
    const numbers = new Numbers(3);
    // Twelve words make many shingles that texts share.
    const texts = Array.from(
      { length: 400 },
      () =>
        Array.from({ length: 3 + numbers.below(9) }, () => "abcdefghijkl"[numbers.below(3)]).join(
          " ",
        ),
    );
    for (const threshold of [0.2, 0.5, 0.75, 1]) {
      const groups = await find(texts, threshold);
      const exact = bruteGroups(texts, threshold);
      const groupOf = new Map(exact.flatMap((group) => group.map((i) => [i, group[0]])));
      assert.ok(groups.length > 0);
      for (const group of groups) {
        assert.equal(new Set(group.map((i) => groupOf.get(i))).size, 1);
        assert.notEqual(groupOf.get(group[0]!), undefined);
      }
    }
  });

  test("65 different texts are compared all with all, whatever the threshold", async () => {
    const numbers = new Numbers(11);
    const texts = Array.from(
      { length: 65 },
      (_, i) => `${i} ${Array.from({ length: 8 }, () => "abcdef"[numbers.below(6)]).join(" ")}`,
    );
    for (const threshold of [1e-9, 0.01, 0.1, 0.3, 0.6]) {
      assert.deepEqual(await find(texts, threshold), bruteGroups(texts, threshold));
    }
  });

  test("many, long and crowded inputs end", async () => {
    const characters = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(97 + i % 26));
    const groups = await find(characters);
    assert.equal(groups.length, 26);
    assert.equal(groups[25]!.length, 200_000 / 26 | 0);
    const text = "the same words in the same order again and again ".repeat(20);
    assert.deepEqual((await find(Array<string>(20_000).fill(text)))[0]!.length, 20_000);
    // Equal but for what does not count: one bucket has them all.
    const crowd = Array.from(
      { length: 5000 },
      (_, i) => text + "!".repeat(i % 200) + " ".repeat(i / 200),
    );
    assert.deepEqual((await find(crowd)).map((group) => group.length), [5000]);
    // Everything in the buckets of a part that all share, nothing alike enough.
    const shared = Array.from({ length: 600 }, (_, i) => `w${i} x${i}`).join(" ");
    const apart = Array.from(
      { length: 300 },
      (_, text) => `${shared} ${Array.from({ length: 400 }, (_, i) => `t${text}w${i}`).join(" ")}`,
    );
    assert.deepEqual(await find(apart), []);
    const marks = "a\u0301\u0323\u0300".repeat(2) + "\u0301\u0323".repeat(50_000);
    assert.deepEqual(await find([marks, `${marks} b c d`, marks]), [[0, 2]]);
    const long = "lorem ipsum dolor sit amet ".repeat(20_000);
    assert.deepEqual(await find([`${long}a`, `${long}b`, "a".repeat(1e6), "漢字".repeat(2e5)]), []);
    assert.deepEqual(await find([`${long}a`, `${long}b`], 0.5), [[0, 1]]);
    assert.deepEqual(await find(["!".repeat(1e6), `${"!".repeat(1e6)}?`, "!".repeat(1e6)]), [[
      0,
      2,
    ]]);
  });

  test("the list may change while the work goes on", async () => {
    const texts = Array.from({ length: 100 }, (_, i) => `one two three ${i % 50}`);
    const running = find(texts, 1);
    texts.length = 0;
    assert.equal((await running).length, 50);
  });

  test("ends by its signal and reports progress", async () => {
    const reason = new Error("enough");
    const text = Array.from({ length: 3000 }, (_, i) => `word${i}`).join(" ");
    const texts = Array.from({ length: 4000 }, (_, i) => `${text} ${i}`);
    const controller = new AbortController();
    const running = nearDuplicates(texts, { implementation, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(running, (error) => error === reason);
    await twin.idle();
    await assert.rejects(
      nearDuplicates([], { implementation, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const seen: { done: number; total: number }[] = [];
    await nearDuplicates(texts.slice(0, 100), { implementation, onProgress: (p) => seen.push(p) });
    assert.deepEqual(seen.at(-1), { done: 100, total: 100 });
    seen.reduce((before, { done }) => (assert.ok(done >= before), done), 0);
  });

  test("refuses wrong arguments", async () => {
    const refused = async (texts: unknown, options: object, error: object): Promise<void> => {
      await assert.rejects(nearDuplicates(wrong(texts), { implementation, ...options }), error);
    };
    const type = { name: "TypeError" };
    await refused("abc", {}, type);
    await refused(["a", 1], {}, { ...type, message: /texts\[1\] must be a string, got 1/ });
    await refused([], { threshold: "0.5" }, type);
    await refused([], { threshold: null }, type);
    await refused([], { onProgress: 1 }, type);
    await refused([], { implementation: "rust" }, type);
    for (const threshold of [0, -0, -1, 1.0001, NaN, Infinity]) {
      const message = `options.threshold must be over 0 and at most 1, got ${threshold}`;
      await refused([], { threshold }, { name: "RangeError", message });
    }
    await assert.rejects(nearDuplicates([], wrong(null)), type);
  });
}
