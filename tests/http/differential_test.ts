/**
 * Both twins on the same answers, right and wrong, put together at random: the same response or the same error, by
 * `fetch` and by `fetchMany`.
 */

import assert from "assertions";
import fc from "fast-check";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import type { HttpClient, HttpResponse } from "../../src/http/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { CASES, checkAsync } from "../support/arbitraries.ts";
import { testOfBoth, twins } from "../support/twins.ts";
import { answering, clientsOf } from "./support.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** One value most of the time, else one of the others. */
function mostly<T>(usual: T, weight: number, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, {
    weight: 1,
    arbitrary: fc.constantFrom(...others),
  });
}

const statusLine = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("200 OK", "404 Not Found", "206", "200 ", "500 \xe9") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "204 No",
      "304 No",
      "99 Low",
      "2000 Long",
      "abc",
    ),
  },
).map((rest) => `HTTP/1.1 ${rest}`);
const version = fc.oneof(
  { weight: 10, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "HTTP/1.0 200 OK",
      "HTTP/2 200 OK",
      "HTTP/1.1",
      "http/1.1 200 OK",
      "ICY 200 OK",
      "",
    ),
  },
);
const field = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(
      fc.constantFrom("X-A", "x-a", "Content-Type", "ETag", "x_b", "x!c"),
      fc.constantFrom("", " ", " v", "v \t", " a, b", " \xfc\xff", ' "q"', " a:b"),
    ).map(([name, value]) => `${name}:${value}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "no colon",
      ": no name",
      "a b: c",
      "a : b",
      " folded: yes",
      "x: \0",
      "x: a\rb",
      "x(y): z",
      "\xe9: x",
      "Connection: close",
      "Connection: keep-alive",
    ),
  },
);

/** A body and the fields that say how long it is, most of them true. */
const framed = (body: Bytes): fc.Arbitrary<[fields: string[], content: Bytes]> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constant<[string[], Bytes]>([[`Content-Length: ${body.length}`], body]),
    },
    { weight: 3, arbitrary: chunked(body) },
    { weight: 1, arbitrary: fc.constant<[string[], Bytes]>([[], body]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<string[]>(
        [`content-length: ${body.length}`, `content-length: ${body.length}`],
        [`content-length: ${body.length}, ${body.length}`],
        [`content-length: ${body.length + 1}`],
        [`content-length: ${body.length}`, "content-length: 1"],
        ["content-length: -1"],
        ["content-length: 1x"],
        ["content-length: +5"],
        ["content-length:"],
        ["content-length: 99999999999999999999"],
        ["transfer-encoding: identity"],
        ["transfer-encoding: gzip"],
        ["transfer-encoding: gzip, chunked"],
        ["transfer-encoding: chunked, chunked"],
      ).map((fields): [string[], Bytes] => [fields, body]),
    },
  );

function chunked(body: Bytes): fc.Arbitrary<[string[], Bytes]> {
  const ends = ["0\r\n\r\n", "0\r\nX-T: 1\r\n\r\n", "000;a=b\r\n\r\n", "", "0\r\n", "x\r\n\r\n"];
  return fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom("", ";a", ' ; a="b"', ";"),
    mostly(ends[0]!, 6, ...ends),
    mostly("\r\n", 9, "\n", "", "x\r\n"),
  ).map(([size, extension, end, after]) => {
    const pieces: Bytes[] = [];
    for (let at = 0; at < body.length; at += size) {
      const piece = body.subarray(at, at + size);
      const line = encoder.encode(`${piece.length.toString(16)}${extension}\r\n`);
      pieces.push(line, piece, encoder.encode(after));
    }
    return [["Transfer-Encoding: chunked"], joined([...pieces, encoder.encode(end)])];
  });
}

function joined(pieces: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const plain = fc.oneof(fc.constantFrom("", "a", "hello ".repeat(20)), fc.string({ maxLength: 60 }))
  .map((text) => encoder.encode(text));

/** A body in a coding, most of them as it says. */
const coded: fc.Arbitrary<[fields: string[], content: Bytes]> = fc.tuple(
  plain,
  fc.constantFrom<[string, (bytes: Uint8Array) => Uint8Array]>(
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
    ["GZip , identity", gzipSync],
    ["gzip, deflate", (bytes) => deflateSync(gzipSync(bytes))],
    ["identity", (bytes) => bytes],
    ["compress", (bytes) => bytes],
    ["", (bytes) => bytes],
    ["gzip", (bytes) => bytes],
    // Not any bytes: a few of them are an empty block of metadata, at whose end the twins need not look alike.
    ["br", () => encoder.encode("\xff\xff not brotli")],
    ["zstd", (bytes) => bytes],
    ["deflate", (bytes) => bytes],
    ["gzip", (bytes) => joined([gzipSync(bytes), gzipSync(bytes)])],
    ["zstd", (bytes) => joined([zstdCompressSync(bytes), zstdCompressSync(bytes)])],
  ),
  fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 30 }),
  }),
).map(([bytes, [name, code], cut]) => {
  const all = Uint8Array.from(code(bytes));
  return [[`Content-Encoding: ${name}`], all.slice(0, Math.max(0, all.length - cut))];
});

/** Of a body that is wrong in two ways either may be told, so that a coded one has a length that is true. */
const content: fc.Arbitrary<[fields: string[], content: Bytes]> = fc.oneof(
  { weight: 2, arbitrary: plain.chain(framed) },
  {
    weight: 1,
    arbitrary: coded.map(([fields, body]): [string[], Bytes] => [
      [...fields, `content-length: ${body.length}`],
      body,
    ]),
  },
);

const answer: fc.Arbitrary<Bytes> = fc.tuple(
  version,
  statusLine,
  fc.array(field, { maxLength: 4 }),
  content,
  mostly("\r\n", 9, "\n"),
  mostly("", 12, "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 Switch\r\n\r\n", "\r\n"),
).map(([version, status, fields, [framing, content], end, before]) => {
  const isCoded = framing[0]?.startsWith("Content-Encoding") === true;
  const first = isCoded ? "HTTP/1.1 200 OK" : version ?? status;
  const head = [first, ...(isCoded ? [] : fields), ...framing, "", ""].join(end);
  return joined([Uint8Array.from(before + head, (c) => c.charCodeAt(0)), content]);
});

async function described(response: HttpResponse): Promise<unknown> {
  return {
    status: response.status,
    headers: [...response.headers],
    body: new TextDecoder("latin1").decode(await response.bytes()),
  };
}

function failure(error: unknown): unknown {
  assert.ok(AgentError.is(error), String(error));
  return { code: error.code, message: error.message, details: error.details };
}

async function outcomes(client: HttpClient, url: string): Promise<unknown[]> {
  const both: unknown[] = [];
  try {
    both.push(await described(await client.fetch(url)));
  } catch (error) {
    both.push(failure(error));
  }
  for await (const outcome of client.fetchMany([url])) {
    both.push(outcome.ok ? await described(outcome.response) : failure(outcome.error));
  }
  return both;
}

const both = twins("http");

testOfBoth("http", both, "answers put together at random", async () => {
  await using native = clientsOf(both.native)();
  await using pure = clientsOf(both.pure)();
  await checkAsync(
    fc.asyncProperty(answer, (bytes) =>
      answering(bytes, async (address) => {
        const url = `http://${address}/`;
        const [byNative, byPure] = [await outcomes(native, url), await outcomes(pure, url)];
        const shown = new TextDecoder("latin1").decode(bytes);
        assert.deepEqual(byNative, byPure, shown);
        assert.deepEqual(byPure[0], byPure[1], shown);
      })),
    CASES / 4,
  );
});
