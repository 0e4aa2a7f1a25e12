/** Lines, and JSON values one a line. */

import assert from "assertions";
import fc from "fast-check";
import { lines } from "../../../src/http/events/lines.ts";
import { ndjson } from "../../../src/http/events/ndjson.ts";
import { checkAsync } from "../../support/arbitraries.ts";
import { wrong } from "../../support/values.ts";

const encoder = new TextEncoder();

function chunked(text: string, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = encoder.encode(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return ReadableStream.from([0, ...places].map((from, i) => bytes.slice(from, places[i])));
}

Deno.test("lines end with LF or CRLF, the last one with nothing, wherever the chunks are cut", async () => {
  const piece = fc.constantFrom("\n", "\r\n", "\r", "a", "ß", "😀", "", "bc");
  const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));
  await checkAsync(
    fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 8 }), async (whole, cuts) => {
      const expected = whole.split("\n").map((line) => line.replace(/\r$/, ""));
      if (whole === "" || whole.endsWith("\n")) expected.pop();
      assert.deepEqual(await Array.fromAsync(lines(chunked(whole, cuts))), expected);
    }),
    400,
  );
});

Deno.test("NDJSON gives the values, however it is cut", async () => {
  const value = fc.jsonValue();
  const end = fc.constantFrom("\n", "\r\n", "\n\n", " \n");
  await checkAsync(
    fc.asyncProperty(
      fc.array(fc.tuple(value, end), { maxLength: 8 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (items, ended, cuts) => {
        let text = items.map(([item, after]) => JSON.stringify(item) + after).join("");
        if (!ended) text = text.trimEnd();
        const expected = items.map(([item]) => JSON.parse(JSON.stringify(item)));
        assert.deepEqual(await Array.fromAsync(ndjson(chunked(text, cuts))), expected);
      },
    ),
    400,
  );
});

Deno.test("a mark of byte order is passed over, and an empty response has no values", async () => {
  assert.deepEqual(await Array.fromAsync(ndjson(new Response("\ufeff1\n2"))), [1, 2]);
  assert.deepEqual(await Array.fromAsync(ndjson(new Response(null))), []);
  assert.deepEqual(await Array.fromAsync(lines(new Response(""))), []);
});

Deno.test("what is not JSON is an error that names the line and shows nothing of it", async () => {
  const seen: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const value of ndjson(new Response('{"a":1}\n\n[2]\n{"key": sk-hush}\n3'))) {
      seen.push(value);
    }
  };
  const error = await read().catch((thrown) => thrown);
  assert.deepEqual(seen, [{ a: 1 }, [2]]);
  assert.equal(error.code, "CORRUPT");
  assert.match(error.message, /^Line 4 of the stream is not JSON/);
  assert.equal(/hush/.test(error.message + error.stack + error.cause), false);
  await assert.rejects(Array.fromAsync(ndjson(new Response('1\n{"a":'))), { message: /^Line 2 / });
});

Deno.test("a line has a bound, its end not counted", async () => {
  for (const end of ["\n", "\r\n", ""]) {
    const five = new Response(`12345${end}`);
    assert.deepEqual(await Array.fromAsync(lines(five, { maxLineLength: 5 })), ["12345"]);
    const six = new Response(`123456${end}`);
    await assert.rejects(Array.fromAsync(lines(six, { maxLineLength: 5 })), {
      code: "TOO_LARGE",
      details: { what: "line", size: 6, limit: 5 },
    });
  }
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1000).fill(0x61));
    },
  });
  await assert.rejects(Array.fromAsync(ndjson(endless, { maxLineLength: 10_000 })), {
    code: "TOO_LARGE",
  });
  assert.ok(pulled < 20);
});

Deno.test("leaving the loop cancels the stream; wrong arguments are refused", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode("1\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const value of ndjson(endless)) {
    assert.equal(value, 1);
    break;
  }
  assert.equal(cancelled, true);
  assert.throws(() => ndjson(wrong([1])), TypeError);
  assert.throws(() => lines(new Response(""), { maxLineLength: -1 }), RangeError);
});
