/** What hashing must do, whichever twin does it. How often progress is reported is no part of any result. */

import assert from "assertions";
import { hash, hashMany, hashStream } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import vectors from "../vectors/text_hash.json" with { type: "json" };

/** Registers the suite for one twin. */
export function hashConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("hash", twin, name, body);
  const options = { implementation: twin.name };

  test("hash() gives the vectors' digits", () => {
    for (const { length, hash: digits } of vectors.cases) {
      assert.equal(
        hash(Uint8Array.from({ length }, (_, i) => i % 251), options),
        digits,
        `${length} bytes`,
      );
    }
    for (const { text, hash: digits } of vectors.strings) {
      assert.equal(hash(text, options), digits);
    }
  });

  test("hash() sees a lone surrogate as U+FFFD and a view as its own bytes", () => {
    assert.equal(hash("a\ud800", options), hash("a\ufffd", options));
    const bytes = new Uint8Array([1, 2, 3, 4]);
    assert.equal(hash(bytes.subarray(1, 3), options), hash(new Uint8Array([2, 3]), options));
  });

  test("hashMany() gives what hash() gives, in order", async () => {
    const inputs = Array.from(
      { length: 300 },
      (_, i) => i % 3 === 0 ? new Uint8Array(i * 7).fill(i) : `${"ü".repeat(i)}\n😀`,
    );
    inputs.push("", new Uint8Array(0), "\udfff", "x".repeat(100_000));
    assert.deepEqual(await hashMany(inputs, options), inputs.map((input) => hash(input, options)));
    assert.deepEqual(await hashMany([], options), []);
  });

  test("hashStream() gives what hash() gives for the whole", async () => {
    for (const { length, hash: digits } of vectors.cases) {
      const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
      for (const size of [1 + (length >> 3), 1024, length + 1]) {
        const parts: Uint8Array[] = [];
        for (let at = 0; at < length; at += size) parts.push(bytes.subarray(at, at + size));
        assert.equal(await hashStream(parts, options), digits);
      }
    }
    const texts: readonly (readonly (string | Uint8Array)[])[] = [
      [],
      ["", "a", ""],
      ["\ud83d", "\ude00 x"],
      ["\ud83d", "x", "\ud83d", "\ud83d\ude00", "\ude00"],
      ["\ud83d"],
      ["é".repeat(9_000_000), "end"],
    ];
    for (const parts of texts) {
      const whole = hash(parts.join(""), options);
      assert.equal(await hashStream(parts, options), whole);
      assert.equal(await hashStream(ReadableStream.from(parts), options), whole);
    }
    const mixed = ["\ud83d", new Uint8Array([0x61, 0x62]).subarray(1), "\ude00"];
    assert.equal(await hashStream(mixed, options), hash("\ufffdb\ufffd", options));
  });

  test("hashStream() ends by its signal and with what is wrong", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const endless = (function* (): Generator<Uint8Array> {
      for (let i = 0;; i++) {
        if (i === 20) controller.abort(reason);
        yield new Uint8Array(1 << 20);
      }
    })();
    await assert.rejects(hashStream(endless, { ...options, signal: controller.signal }), reason);
    await assert.rejects(
      hashStream(["a"], { ...options, signal: AbortSignal.abort(reason) }),
      reason,
    );
    const failing = (function* (): Generator<string> {
      yield "a";
      throw reason;
    })();
    await assert.rejects(hashStream(failing, options), reason);
    for (const none of ["text", null, 7, {}]) {
      await assert.rejects(hashStream(none as unknown as string[], options), TypeError);
    }
    await assert.rejects(hashStream(["a", 1 as unknown as string], options), TypeError);
  });

  test("hashMany() ends by its signal and reports progress", async () => {
    const reason = new Error("enough");
    await assert.rejects(
      hashMany(["a"], { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const controller = new AbortController();
    const long = Array.from({ length: 3000 }, (_, i) => `${i}`.repeat(4000));
    const running = hashMany(long, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(running, (error) => error === reason);
    await twin.idle();
    const seen: { done: number; total: number }[] = [];
    await hashMany(["a", "b"], {
      ...options,
      onProgress: (progress) => seen.push({ ...progress }),
    });
    assert.deepEqual(seen.at(-1), { done: 2, total: 2 });
  });

  test("wrong arguments are refused", async () => {
    const type = { name: "TypeError" };
    assert.throws(() => hash(wrong(null), options), type);
    assert.throws(() => hash(wrong([1, 2]), options), type);
    await assert.rejects(hashMany(wrong("ab"), options), type);
    await assert.rejects(hashMany([wrong(5)], options), type);
    assert.throws(() => hash("a", { ...options, signal: wrong("now") }), type);
    assert.throws(() => hash("a", { ...options, onProgress: wrong(1) }), type);
  });
}
