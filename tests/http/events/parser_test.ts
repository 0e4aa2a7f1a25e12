/**
 * The parser of event streams. The cases are those of the HTML standard's algorithm and examples (9.2.5, 9.2.6), in
 * words of our own; the oracle of the random ones is that algorithm written plainly over the whole text.
 */

import assert from "assertions";
import fc from "fast-check";
import { EventParser, parseEvents } from "../../../src/http/events/parser.ts";
import type { ServerSentEvent } from "../../../src/http/types.ts";
import { check } from "../../support/arbitraries.ts";
import { wrong } from "../../support/values.ts";

const encoder = new TextEncoder();

function parsed(chunks: readonly (string | Uint8Array)[], most = 1 << 20): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const parser = new EventParser(most);
  for (const chunk of chunks) {
    parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk, (e) => events.push(e));
  }
  return events;
}

const message = (data: string, id = "", event = "message"): ServerSentEvent => ({
  event,
  data,
  id,
});

Deno.test("events are parsed as the standard says", async (t) => {
  const cases: [string, string, ServerSentEvent[]][] = [
    ["several lines of data", "data: first\ndata: +2\ndata: 10\n\n", [message("first\n+2\n10")]],
    [
      "a comment, ids, an id that is emptied, a space that is kept, and an event that is not ended",
      ": comment\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third",
      [message("first", "1"), message("second")],
    ],
    ["no colon is an empty value", "data\n\ndata\ndata\n\ndata:", [message(""), message("\n")]],
    ["one space goes, no more", "data:test\n\ndata: test\n\ndata:  test\n\n", [
      ...[message("test"), message("test"), message(" test")],
    ]],
    ["a type, for one event alone", "event: add\ndata: 1\n\ndata: 2\n\n", [
      ...[message("1", "", "add"), message("2")],
    ]],
    ["an event without data is none, and its type goes", "event: a\n\ndata: 1\n\n", [message("1")]],
    ["an id without data takes effect", "id: 5\n\ndata: 1\n\n", [message("1", "5")]],
    ["an id stays", "id: 5\ndata: 1\n\ndata: 2\n\n", [message("1", "5"), message("2", "5")]],
    ["an id with NUL is none", "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [
      ...[message("a", "1"), message("b", "1")],
    ]],
    ["fields of other names", "Data: 1\n data: 2\ndatax: 3\nfoo: 4\ndata: 5\n\n", [message("5")]],
    ["CR", "data: 1\rdata: 2\r\rdata: 3\r\r", [message("1\n2"), message("3")]],
    ["CRLF", "data: 1\r\ndata: 2\r\n\r\n", [message("1\n2")]],
    ["mixed", "data: 1\r\ndata: 2\rdata: 3\ndata: 4\r\n\n", [message("1\n2\n3\n4")]],
    ["LF, CR are two ends", "data: 1\n\rdata: 2\n\r", [message("1"), message("2")]],
    ["a mark of byte order, once", "\ufeffdata: 1\n\n\ufeffdata: 2\n\ndata: 3\n\n", [
      ...[message("1"), message("3")],
    ]],
    ["colons in values", "data: a:b: c\n\n", [message("a:b: c")]],
    ["comments between", ":\n:x\ndata: 1\n: y\ndata: 2\n\n", [message("1\n2")]],
    ["an empty stream", "", []],
    ["blank lines alone", "\n\n\r\r\n\n", []],
    ["an end that is missing", "data: 1\n", []],
    ["characters of all lengths", "data: aß水😀\nevent: ü\n\n", [message("aß水😀", "", "ü")]],
    ["a tab is no space", "data:\t1\n\n", [message("\t1")]],
  ];
  for (const [what, text, expected] of cases) {
    await t.step(what, () => {
      assert.deepEqual(parsed([text]), expected);
      const bytes = encoder.encode(text);
      assert.deepEqual(parsed(Array.from(bytes, (byte) => new Uint8Array([byte]))), expected);
    });
  }
});

Deno.test("bytes that are no UTF-8 become U+FFFD", () => {
  assert.deepEqual(
    parsed([new Uint8Array([...encoder.encode("data: a"), 0xff, 0xc3, 0x0a, 0x0a])]),
    [
      message("a\ufffd\ufffd"),
    ],
  );
});

Deno.test("retry takes digits only", () => {
  const retry = (text: string): number | undefined => {
    const parser = new EventParser(1000);
    parser.push(encoder.encode(text), () => {});
    return parser.retryMs;
  };
  assert.equal(retry("retry: 250\n"), 250);
  assert.equal(retry("retry:0\n"), 0);
  for (const value of ["", "1.5", "-1", "+1", "1e3", "1 ", "x", "٣", "0x10"]) {
    assert.equal(retry(`retry: 7\nretry: ${value}\n`), 7, value);
  }
  assert.equal(retry(`retry: ${"9".repeat(400)}\n`), 2 ** 31 - 1);
  // What was not ended says nothing.
  assert.equal(retry("retry: 250"), undefined);
});

/** The standard's algorithm over a whole text. */
function oracle(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  // What follows the last end is no line.
  lines.pop();
  let data = "";
  let type = "";
  let id = "";
  for (const line of lines) {
    if (line === "") {
      if (data !== "") events.push(message(data.slice(0, -1), id, type || "message"));
      data = "";
      type = "";
      continue;
    }
    const [, name, , value = ""] = /^([^:]*)(: ?(.*))?$/s.exec(line)!;
    if (name === "data") data += `${value}\n`;
    else if (name === "event") type = value;
    else if (name === "id" && !value.includes("\0")) id = value;
  }
  return events;
}

const piece = fc.constantFrom(
  ...["data", "event", "id", "retry", "dat", ":", ": ", ":  ", "\n", "\r", "\r\n", "\n\n", "\0"],
  ...["1", "x y", "ß", "水", "😀", "\ufeff", "data: a\n\n", "id: 7\n", "event: e\r", "\ufffd"],
);
const streamText = fc.array(piece, { maxLength: 60, size: "max" }).map((parts) => parts.join(""));

Deno.test("however the bytes are cut, the events are those of the whole text", () => {
  check(fc.property(streamText, fc.array(fc.nat(), { maxLength: 20 }), (text, cuts) => {
    const bytes = encoder.encode(text);
    const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    const chunks = [0, ...places].map((from, i) => bytes.subarray(from, places[i]));
    const expected = oracle(text);
    assert.deepEqual(parsed(chunks), expected);
    assert.deepEqual(parsed([text]), expected);
  }));
});

Deno.test("a line and an event have a bound, wherever the chunks are cut", () => {
  const cases: [string, string | undefined][] = [
    ["data: 34567890\n\n", undefined],
    ["data: 345678901\n\n", "line"],
    [":23456789012345", "line"],
    ["data:12345678\n".repeat(1) + "\n" + "data:12345678\n\n", undefined],
    ["data:1234\ndata:1234\ndata:12\n\n", undefined],
    ["data:1234\ndata:1234\ndata:1234\n\n", "event"],
    ["data\n".repeat(14) + "\n", undefined],
    ["data\n".repeat(15) + "\n", "event"],
  ];
  for (const [text, what] of cases) {
    for (const chunks of [[text], [...text]]) {
      const run = (): unknown => parsed(chunks, 14);
      if (what === undefined) run();
      else {assert.throws(run, {
          code: "TOO_LARGE",
          details: { what, size: 15, limit: 14 },
        });}
    }
  }
});

Deno.test("time grows with the stream alone: one line in many chunks, many lines in one", () => {
  const long = encoder.encode("x".repeat(64));
  const parser = new EventParser(1 << 29);
  const events: ServerSentEvent[] = [];
  parser.push(encoder.encode("data: "), () => {});
  for (let i = 0; i < 200_000; i++) parser.push(long, () => {});
  parser.push(encoder.encode("\n\n"), (event) => events.push(event));
  assert.equal(events[0]!.data.length, 12_800_000);
  // A CR far behind each LF is looked for once.
  assert.equal(parsed(["data: x\n\n".repeat(300_000) + "\r"]).length, 300_000);
  assert.equal(parsed(["data: x\r\r".repeat(300_000) + "\n"]).length, 300_000);
});

Deno.test("parseEvents() reads a response, a stream, and nothing", async () => {
  const text = "data: 1\n\ndata: 2\n\n";
  const expected = [message("1"), message("2")];
  assert.deepEqual(await Array.fromAsync(parseEvents(new Response(text))), expected);
  const stream = ReadableStream.from([encoder.encode(text)]);
  assert.deepEqual(await Array.fromAsync(parseEvents(stream)), expected);
  assert.deepEqual(await Array.fromAsync(parseEvents(new Response(null))), []);
});

Deno.test("leaving the loop cancels the stream, and what it fails with comes through", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode("data: 1\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const { data } of parseEvents(endless)) {
    assert.equal(data, "1");
    break;
  }
  assert.equal(cancelled, true);
  const failing = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("gone")),
  });
  await assert.rejects(Array.fromAsync(parseEvents(failing)), { message: "gone" });
  const tooLong = parseEvents(new Response("data: 123456789\n\n"), { maxEventLength: 5 });
  await assert.rejects(Array.fromAsync(tooLong), { code: "TOO_LARGE" });
});

Deno.test("parseEvents() refuses wrong arguments", () => {
  assert.throws(() => parseEvents(wrong("text")), TypeError);
  assert.throws(() => parseEvents(new Response(""), { maxEventLength: 0 }), RangeError);
  assert.throws(() => parseEvents(new Response(""), { maxEventLength: wrong("1") }), TypeError);
});
