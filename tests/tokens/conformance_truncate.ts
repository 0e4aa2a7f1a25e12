/** `Encoding.truncate` and `isWithin`: what holds for every text, on either twin. */

import assert from "assertions";
import fc from "fast-check";
import { loadEncoding } from "@agent/runtime/text/tokens";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

const KEEPS = ["start", "end", "both"] as const;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Registers the suite for a twin. */
export function truncateConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("tokens", twin, `truncate: ${name}`, body);
  const load = () => loadEncoding("o200k_base", { implementation: twin.name });

  test("what fits comes back as it is, what does not is cut where it is said", async () => {
    using encoding = await load();
    const text = "The quick brown fox jumps over the lazy dog.";
    assert.equal(encoding.count(text), 10);
    assert.equal(encoding.truncate(text, { maxTokens: 10 }), text);
    assert.equal(encoding.truncate(text, { maxTokens: 3 }), "The quick brown");
    assert.equal(encoding.truncate(text, { maxTokens: 3, keep: "end" }), " lazy dog.");
    assert.equal(encoding.truncate(text, { maxTokens: 5, keep: "both" }), "The quick… dog.");
    assert.equal(encoding.truncate(text, { maxTokens: 0 }), "");
    assert.equal(encoding.truncate("", { maxTokens: 0, keep: "both" }), "");
  });

  test("isWithin() says what count() says", async () => {
    using encoding = await load();
    for (const text of ["", "a", "hello world", "字".repeat(50), "😀".repeat(9), "\ud800x"]) {
      const count = encoding.count(text);
      for (const most of [0, 1, count - 1, count, count + 1, 1e9, Number.MAX_SAFE_INTEGER]) {
        if (most >= 0) {
          assert.equal(encoding.isWithin(text, most), count <= most, `${text} ${most}`);
        }
      }
    }
  });

  test("never too many tokens, always a part, never a broken grapheme", async () => {
    using encoding = await load();
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(
        "👩‍👧",
        "é",
        "e\u0301",
        "字",
        " \n\n  ",
        "aaaaaaaaaaaa",
        "word ",
        "\ud800",
        "🇫🇷",
      ),
    );
    const text = fc.array(piece, { maxLength: 60, size: "max" }).map((parts) => parts.join(""));
    fc.assert(fc.property(text, fc.nat(60), fc.constantFrom(...KEEPS), (text, maxTokens, keep) => {
      const result = encoding.truncate(text, { maxTokens, keep });
      assert.ok(encoding.count(result) <= maxTokens);
      assert.equal(encoding.isWithin(text, maxTokens), encoding.count(text) <= maxTokens);
      if (encoding.count(text) <= maxTokens) return assert.equal(result, text);
      const [start, end] = partsOf(text, result, keep);
      const borders = new Set([0, text.length]);
      for (const { index } of graphemes.segment(text)) borders.add(index);
      assert.ok(borders.has(start.length), "the end of the first part");
      assert.ok(borders.has(text.length - end.length), "the begin of the last part");
    }));
  });

  test("flags, long clusters and lone surrogates", async () => {
    using encoding = await load();
    const flags = "a" + "🇩🇪".repeat(300);
    for (const keep of KEEPS) {
      const result = encoding.truncate(flags, { maxTokens: 100, keep });
      assert.ok(encoding.count(result) <= 100 && result.length > 40);
      for (const part of result.split("…")) {
        assert.match(part, /^a?(?:🇩🇪)*$/u);
      }
    }
    assert.match(encoding.truncate("🇩🇪".repeat(40), { maxTokens: 2, keep: "end" }), /^(?:🇩🇪)*$/u);
    const clusters = "क्".repeat(20) + "क";
    const cut = encoding.truncate(clusters, { maxTokens: 8, keep: "end" });
    assert.ok(cut === "" || cut === clusters, "one cluster, which does not fit");
    // A cluster of more than 64 units is broken rather than lost.
    const marks = "e" + "\u0301".repeat(200);
    for (const keep of ["start", "end"] as const) {
      assert.ok(encoding.truncate(marks, { maxTokens: 60, keep }).length > 20, keep);
    }
    for (const keep of KEEPS) {
      const lone = encoding.truncate("\ude00 and some more words here", { maxTokens: 4, keep });
      assert.ok(lone.length > 0 && encoding.count(lone) <= 4);
    }
  });

  test("a long text is read no further than needed, from either end", async () => {
    using encoding = await load();
    const text = `begin ${"lorem ipsum dolor sit amet ".repeat(40_000)} end`;
    assert.equal(encoding.isWithin(text, 100), false);
    const start = encoding.truncate(text, { maxTokens: 100 });
    assert.equal(encoding.count(start), 100);
    assert.ok(text.startsWith(start));
    const end = encoding.truncate(text, { maxTokens: 100, keep: "end" });
    assert.ok(encoding.count(end) === 100 && text.endsWith(end));
  });

  test("wrong arguments", async () => {
    using encoding = await load();
    const range = { name: "RangeError" };
    const type = { name: "TypeError" };
    assert.throws(() => encoding.truncate(wrong(1), { maxTokens: 1 }), type);
    assert.throws(() => encoding.truncate("a", wrong(undefined)), type);
    assert.throws(() => encoding.truncate("a", wrong({})), type);
    assert.throws(() => encoding.truncate("a", { maxTokens: -1 }), range);
    assert.throws(() => encoding.truncate("a", { maxTokens: 1.5 }), range);
    assert.throws(() => encoding.truncate("a", { maxTokens: 1, keep: wrong("middle") }), type);
    assert.throws(() => encoding.isWithin("a", NaN), range);
    assert.throws(() => encoding.isWithin("a", wrong("1")), type);
    const closed = await load();
    closed.close();
    assert.throws(() => closed.truncate("a", { maxTokens: 1 }), { code: "CLOSED" });
    assert.throws(() => closed.isWithin("a", 1), { code: "CLOSED" });
  });
}

/** The two parts of which a result is made; one of them empty where only one end was kept. */
function partsOf(text: string, result: string, keep: string): [start: string, end: string] {
  if (keep === "end") {
    assert.ok(text.endsWith(result));
    return ["", result];
  }
  if (text.startsWith(result)) return [result, ""];
  assert.equal(keep, "both");
  for (let at = result.indexOf("…"); at >= 0; at = result.indexOf("…", at + 1)) {
    const [start, end] = [result.slice(0, at), result.slice(at + 1)];
    if (text.startsWith(start) && text.endsWith(end)) return [start, end];
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(result)} is no part of the text` });
}
