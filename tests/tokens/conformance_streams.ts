/** What `Encoding.countStream` and `Encoding.splitter` must do, whichever twin counts: what the whole text gives. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { type Chunk, type Encoding, loadEncoding, type SplitOptions } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";

/** A text cut into parts of these lengths, in turn. */
export function partsOf(text: string, lengths: readonly number[]): string[] {
  const parts: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
}

/** What the splitter makes of parts. */
export async function chunksOf(
  encoding: Encoding,
  parts: readonly string[],
  options: SplitOptions,
): Promise<Chunk[]> {
  return await Array.fromAsync(
    ReadableStream.from(parts).pipeThrough(encoding.splitter(options)),
  );
}

const MARKDOWN = Array.from({ length: 120 }, (_, i) =>
  [
    `# Part ${i}\n\nA paragraph that is\nwrapped over lines. It has two sentences; this is one.\n\n`,
    `Underlined ${i}\n---\n- item one\n- item two\n\n`,
    "```js\n# no heading\n\nconst a = 'it\\'s';\n```\nAfter the code, e.g. this.\n\n",
    `第一句话在这里。第二句话也在这里。😀👩‍👩‍👧 ${"word ".repeat(i % 40)}\r\n\r\n`,
    `${"x".repeat(i * 7)}${" ".repeat(i)}\n`,
  ][i % 5]).join("");

/** Registers the suite for one twin. */
export function streamsConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (what: string, body: (encoding: Encoding) => Promise<void>): void => {
    for (const name of ["cl100k_base", "o200k_base"] as const) {
      testOf("tokens", twin, `${name}: ${what}`, async () => {
        using encoding = await loadEncoding(name, { implementation });
        await body(encoding);
      });
    }
  };

  test("splitter() gives the chunks of the whole", async (encoding) => {
    for (const [maxTokens, overlapTokens] of [[40, 0], [40, 9], [200, 20], [7, 3], [5000, 0]]) {
      const options = { maxTokens: maxTokens!, overlapTokens: overlapTokens! };
      const whole = encoding.split(MARKDOWN, options);
      for (const lengths of [[1], [3, 50, 1], [700], [4096], [1 << 20]]) {
        const parts = partsOf(MARKDOWN, lengths);
        assert.deepEqual(await chunksOf(encoding, parts, options), whole, lengths.join());
      }
    }
    assert.deepEqual(await chunksOf(encoding, [], { maxTokens: 5 }), []);
    assert.deepEqual(await chunksOf(encoding, ["", "a", ""], { maxTokens: 5 }), [
      { text: "a", start: 0, end: 1, tokens: 1, headings: [] },
    ]);
  });

  test("splitter() lets chunks go before the text ends", async (encoding) => {
    const { readable, writable } = encoding.splitter({ maxTokens: 20 });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const writing = writer.write("One sentence after the other. ".repeat(40));
    const { value } = await reader.read();
    assert.match(value!.text, /^One sentence .*\. $/);
    await writing.catch(() => {});
    await reader.cancel();
  });

  test("splitter() fails with what was wrong", async (encoding) => {
    assert.throws(() => encoding.splitter({ maxTokens: 0 }), RangeError);
    assert.throws(() => encoding.splitter({ maxTokens: 4, overlapTokens: 4 }), RangeError);
    const filler = "ok ".repeat(300);
    await assert.rejects(
      chunksOf(encoding, [filler, "🀄"], { maxTokens: 1 }),
      (error) =>
        error instanceof RangeError && error.message.includes(`U+1F004 at ${filler.length} has`),
    );
    await assert.rejects(chunksOf(encoding, [7 as unknown as string], { maxTokens: 5 }), TypeError);
    const stream = encoding.splitter({ maxTokens: 5 });
    encoding.close();
    await assert.rejects(
      Array.fromAsync(ReadableStream.from(["a"]).pipeThrough(stream)),
      (error) => AgentError.is(error, "CLOSED"),
    );
  });

  test("countStream() counts what the whole has", async (encoding) => {
    const text = MARKDOWN.repeat(20);
    const whole = encoding.count(text);
    for (const lengths of [[100, 7000, 1], [1 << 16], [300_000], [text.length]]) {
      const parts = partsOf(text, lengths);
      assert.equal(await encoding.countStream(parts), whole);
      assert.equal(await encoding.countStream(ReadableStream.from(parts)), whole);
    }
    assert.equal(await encoding.countStream([]), 0);
  });

  test("countStream() counts runs without a border whole, up to its limit", async (encoding) => {
    const run = `${"=-".repeat(200_000)} and a word`;
    const count = await encoding.countStream(partsOf(run, [65_536]));
    assert.equal(count, encoding.count(run));
    const endless = (function* (): Generator<string> {
      const part = "=".repeat(1 << 20);
      for (;;) yield part;
    })();
    await assert.rejects(
      encoding.countStream(endless),
      (error) => AgentError.is(error, "TOO_LARGE") && error.message.includes("33554432"),
    );
  });

  test("countStream() stops for a signal, a part that is none, close()", async (encoding) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const endless = (function* (): Generator<string> {
      for (let i = 0;; i++) {
        if (i === 200) controller.abort(reason);
        yield "some words ".repeat(10_000);
      }
    })();
    await assert.rejects(encoding.countStream(endless, { signal: controller.signal }), reason);
    await assert.rejects(encoding.countStream([1 as unknown as string]), TypeError);
    for (const none of [7, null, {}, "text"]) {
      await assert.rejects(encoding.countStream(none as unknown as string[]), TypeError);
    }
    const closing = (function* (): Generator<string> {
      yield "a";
      encoding.close();
      yield "b";
    })();
    await assert.rejects(
      encoding.countStream(closing),
      (error) => AgentError.is(error, "CLOSED"),
    );
  });
}
