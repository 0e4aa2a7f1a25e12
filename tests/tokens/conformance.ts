/**
 * What tokens must do, whichever twin does it. How often progress is
 * reported is no part of any result.
 */

import assert from "assertions";
import { countTokens, type Encoding, type EncodingName, loadEncoding } from "@agent/runtime/text";
import { AgentError } from "@agent/runtime";
import vectors from "../vectors/tokens.json" with { type: "json" };
import { splitConformance } from "./conformance_split.ts";
import { streamsConformance } from "./conformance_streams.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

const NAMES: readonly EncodingName[] = ["cl100k_base", "o200k_base"];

/** The text of a long vector: a unit repeated, or letters picked by the minimal standard generator. */
function longText(vector: { unit?: string; alphabet?: string; times: number }): string {
  if (vector.unit !== undefined) return vector.unit.repeat(vector.times);
  const letters = vector.alphabet!;
  let x = 1;
  let text = "";
  for (let i = 0; i < vector.times; i++) {
    x = x * 48271 % 2147483647;
    text += letters[x % letters.length];
  }
  return text;
}

async function sha256(ids: Uint32Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", ids)).toHex();
}

/** Registers the suite for one twin. */
export function tokensConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const options = { implementation };
  const test = (what: string, body: (encoding: Encoding) => void | Promise<void>): void => {
    for (const name of NAMES) {
      testOf("tokens", twin, `${name}: ${what}`, async () => {
        using encoding = await loadEncoding(name, options);
        await body(encoding);
        await twin.idle();
      });
    }
  };

  test("encode(), count() and decode() give the reference's results", (encoding) => {
    for (const vector of vectors.cases) {
      const { text } = vector;
      const ids = encoding.encode(text);
      assert.deepEqual([...ids], vector[encoding.name as EncodingName], JSON.stringify(text));
      assert.equal(encoding.count(text), ids.length, JSON.stringify(text));
      assert.equal(encoding.decode(ids), text);
      assert.equal(encoding.decode([...ids]), text);
    }
  });

  test("long runs give the reference's results", async (encoding) => {
    for (const vector of vectors.long) {
      const text = longText(vector);
      const ids = encoding.encode(text);
      const { count, sha256: digits } = vector[encoding.name as EncodingName];
      const what = `${vector.times} x ${vector.unit ?? vector.alphabet}`;
      assert.equal(ids.length, count, what);
      assert.equal(await sha256(ids), digits, what);
      assert.equal(encoding.count(text), count, what);
      assert.equal(encoding.decode(ids), text);
    }
  });

  test("special tokens are text unless they are allowed", (encoding) => {
    for (const vector of vectors.special) {
      const { text } = vector;
      const expected = vector[encoding.name as EncodingName];
      assert.deepEqual([...encoding.encode(text, { allowedSpecial: "all" })], expected, text);
      assert.equal(encoding.count(text, { allowedSpecial: "all" }), expected.length);
      assert.equal(encoding.decode(expected), text);
      assert.deepEqual(encoding.encode(text, { allowedSpecial: [] }), encoding.encode(text));
      assert.equal(encoding.count(text, {}), encoding.encode(text).length);
    }
    const end = encoding.specials["<|endoftext|>"]!;
    const only = encoding.encode("<|endofprompt|><|endoftext|>", {
      allowedSpecial: ["<|endoftext|>"],
    });
    assert.equal(only.at(-1), end);
    assert.ok(only.length > 3);
    assert.throws(() => encoding.encode("a", { allowedSpecial: ["<|none|>"] }), RangeError);
    assert.throws(() => encoding.count("a", { allowedSpecial: wrong("some") }), TypeError);
  });

  test("the whole text is encoded as its parts are, however long it is", (encoding) => {
    const part = "Words, 123 numbers and Größe; 日本語 too. ";
    const times = 40_000;
    const once = encoding.encode(`${part}${part}x`);
    const twice = encoding.encode(`${part}${part}${part}x`);
    const text = `${part.repeat(times)}x`;
    const expected = once.length + (times - 2) * (twice.length - once.length);
    assert.equal(encoding.count(text), expected);
    const ids = encoding.encode(text);
    assert.equal(ids.length, expected);
    assert.ok(encoding.decode(ids) === text);
  });

  test("lone surrogates count as U+FFFD", (encoding) => {
    for (const text of ["\ud83d", "a\udc00b\ud800", "\udc00\ud800", "x\ud83d \ude00"]) {
      assert.deepEqual(encoding.encode(text), encoding.encode(text.toWellFormed()));
      assert.equal(encoding.count(text), encoding.count(text.toWellFormed()));
    }
  });

  test("decode() replaces what is no UTF-8 and keeps a byte order mark", (encoding) => {
    const ids = encoding.encode("🀄");
    assert.ok(ids.length > 1);
    assert.equal(encoding.decode(ids.subarray(0, 1)), "\ufffd");
    assert.equal(encoding.decode(encoding.encode("\ufeffa")), "\ufeffa");
    assert.equal(encoding.decode([]), "");
    assert.equal(encoding.decode(new Uint32Array(0)), "");
  });

  test("decode() names the id that is none", (encoding) => {
    const gap = encoding.name === "cl100k_base" ? 100256 : 199998;
    for (const id of [gap, encoding.size, -1, 1.5, NaN, Infinity, 2 ** 32, 2 ** 32 + 5]) {
      assert.throws(
        () => encoding.decode([1, 2, id]),
        (error) => error instanceof RangeError && error.message.startsWith(`tokens[2] is ${id}`),
      );
    }
    assert.throws(() => encoding.decode(Uint32Array.of(gap)), RangeError);
    assert.throws(() => encoding.decode(wrong(["1"])), TypeError);
    assert.throws(() => encoding.decode(wrong("12")), TypeError);
    assert.throws(() => encoding.decode(wrong(undefined)), TypeError);
  });

  test("every token's text is that token again, or its own bytes' encoding", (encoding) => {
    let same = 0;
    const limit = encoding.name === "cl100k_base" ? 100256 : 199998;
    for (let id = 0; id < limit; id += 97) {
      const text = encoding.decode([id]);
      if (text.includes("\ufffd")) continue;
      const again = encoding.encode(text);
      assert.equal(encoding.decode(again), text);
      if (again.length === 1) {
        assert.equal(again[0], id);
        same++;
      }
    }
    assert.ok(same > limit / 97 * 0.9, String(same));
  });

  test("countMany() counts each text by itself", async (encoding) => {
    const texts = ["", "a", "one two", "\n", "", "\ud83d", "\ude00", "日本語", "x".repeat(9000)];
    const expected = texts.map((text) => encoding.count(text));
    assert.deepEqual(await encoding.countMany(texts), expected);
    assert.deepEqual(await encoding.countMany([]), []);
    const many = Array.from({ length: 5000 }, (_, i) => `text ${i} ${"word ".repeat(i % 50)}`);
    many[77] = `${"A long text, with words. ".repeat(20_000)}end`;
    assert.deepEqual(
      await encoding.countMany(many),
      many.map((text) => encoding.count(text)),
    );
  });

  test("countMany() takes a million one-character strings", async (encoding) => {
    const texts = Array.from({ length: 1_000_000 }, (_, i) => String.fromCharCode(i % 0xd800));
    const counts = await encoding.countMany(texts);
    assert.equal(counts.length, texts.length);
    for (let i = 0; i < texts.length; i += 997) {
      assert.equal(counts[i], encoding.count(texts[i]!), String(i));
    }
  });

  test("countMany() reports progress and stops at a signal", async (encoding) => {
    const texts = Array.from({ length: 3000 }, (_, i) => `${i} `.repeat(100));
    let last = { done: 0, total: 0 };
    await encoding.countMany(texts, {
      onProgress: (progress) => {
        assert.ok(progress.done >= last.done && progress.total === texts.length);
        last = progress;
      },
    });
    assert.deepEqual(last, { done: 3000, total: 3000 });
    const reason = new Error("enough");
    await assert.rejects(
      encoding.countMany(texts, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const controller = new AbortController();
    const big = Array.from({ length: 400 }, (_, i) => `${i} words and words `.repeat(2000));
    const counting = encoding.countMany(big, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(counting, (error) => error === reason);
    await twin.idle();
  });

  test("closing meanwhile changes nothing in what has begun", async (encoding) => {
    const texts = Array.from({ length: 300 }, (_, i) => `${i} words and words `.repeat(500));
    const expected = texts.map((text) => encoding.count(text));
    using other = await loadEncoding(encoding.name, options);
    const counting = other.countMany(texts);
    other.close();
    assert.deepEqual(await counting, expected);
  });

  test("a closed encoding says so", async (encoding) => {
    const other = await loadEncoding(encoding.name, options);
    other.close();
    other.close();
    const closed = (error: unknown): boolean => AgentError.is(error, "CLOSED");
    assert.throws(() => other.count("a"), closed);
    assert.throws(() => other.encode("a"), closed);
    assert.throws(() => other.decode([1]), closed);
    assert.throws(() => other.split("a", { maxTokens: 1 }), closed);
    await assert.rejects(other.countMany(["a"]), closed);
    assert.equal(encoding.count("a"), 1, "others go on");
  });

  test("wrong arguments are refused", async (encoding) => {
    for (const text of [undefined, null, 1, {}, ["a"]]) {
      assert.throws(() => encoding.count(wrong(text)), TypeError);
      assert.throws(() => encoding.encode(wrong(text)), TypeError);
      assert.throws(() => encoding.split(wrong(text), { maxTokens: 5 }), TypeError);
    }
    await assert.rejects(encoding.countMany(wrong("abc")), TypeError);
    await assert.rejects(encoding.countMany(wrong(["a", 1])), TypeError);
  });

  testOf("tokens", twin, "loadEncoding() and countTokens()", async () => {
    for (const name of NAMES) {
      using encoding = await loadEncoding(name, options);
      assert.equal(encoding.name, name);
      assert.equal(encoding.implementation, implementation);
      assert.equal(encoding.size, name === "cl100k_base" ? 100277 : 200019);
      const text = "Größe <|endoftext|>";
      assert.equal(await countTokens(text, { ...options, encoding: name }), encoding.count(text));
    }
    assert.equal(await countTokens("Hello, world!", options), 4);
    await assert.rejects(loadEncoding(wrong("none")), TypeError);
    await assert.rejects(loadEncoding(wrong(undefined)), TypeError);
    await assert.rejects(loadEncoding("o200k_base", { implementation: wrong("fast") }), TypeError);
    await assert.rejects(countTokens(wrong(1)), TypeError);
    await assert.rejects(countTokens("a", { encoding: wrong("toString") }), TypeError);
    const reason = new Error("no more");
    await assert.rejects(
      loadEncoding("o200k_base", { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  splitConformance(twin);
  streamsConformance(twin);
}
