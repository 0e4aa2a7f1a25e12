/** The response of `fetchMany` does what a real one does. */

import assert from "assertions";
import { LazyResponse } from "../../src/http/client/response.ts";

const encoder = new TextEncoder();

/** The headers of the platform's response are all that the lazy one has to have, too. */
const FIELDS: [string, string][] = [
  ["content-type", "text/plain; charset=utf-8"],
  ["x-a", "1"],
  ["x-a", "2"],
];

function pair(body: string | null, status = 200): [LazyResponse, Response] {
  const lazy = new LazyResponse(
    {
      status,
      url: "http://x.test/a",
      attempts: 2,
      fromCache: false,
      body: body === null ? null : encoder.encode(body),
      headers: { get: () => null, entries: () => FIELDS.map(([name, value]) => [name, value]) },
    },
    true,
    5,
  );
  const content = body === null ? null : encoder.encode(body);
  return [lazy, new Response(content, { status, headers: FIELDS })];
}

/** What a call comes to: its value as text, or the name of its error. */
async function outcome(call: () => unknown): Promise<string> {
  try {
    let value = await call();
    if (value instanceof ReadableStream) value = await new Response(value).bytes();
    if (value instanceof Blob) value = `${value.type} ${await value.text()}`;
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    return value instanceof Uint8Array
      ? `bytes ${[...value]}`
      : JSON.stringify(value) ?? "undefined";
  } catch (error) {
    return (error as Error).name;
  }
}

/** Everything that reads a body, and what may come between. */
const CALLS: Record<string, (response: Response) => unknown> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  bytes: (response) => response.bytes(),
  arrayBuffer: (response) => response.arrayBuffer(),
  blob: (response) => response.blob(),
  formData: (response) => response.formData(),
  body: (response) => response.body,
  used: (response) => response.bodyUsed,
  locked: (response) => response.body?.locked,
  reader: (response) => void response.body?.getReader(),
  cancel: (response) => response.body?.cancel(),
  clone: async (response) => await response.clone().text(),
  headers: (response) => [...response.headers],
  ok: (response) => [response.ok, response.status, response.statusText, response.type],
};

Deno.test("each pair of calls comes to the same on both", async () => {
  const bodies: [string | null, number][] = [
    ['{"a":1}', 200],
    ["text ü \ufeff", 404],
    ["\ufeffmark", 200],
    ["", 200],
    [null, 204],
    [null, 304],
    [null, 200],
  ];
  for (const [body, status] of bodies) {
    for (const [first, one] of Object.entries(CALLS)) {
      for (const [second, two] of Object.entries(CALLS)) {
        const [lazy, real] = pair(body, status);
        const got = [await outcome(() => one(lazy)), await outcome(() => two(lazy)), lazy.bodyUsed];
        const wanted = [
          await outcome(() => one(real)),
          await outcome(() => two(real)),
          real.bodyUsed,
        ];
        assert.deepEqual(got, wanted, `${JSON.stringify(body)} ${status}: ${first}, ${second}`);
      }
    }
  }
});

Deno.test("it is a Response by instanceof, with what it took", () => {
  const [lazy] = pair("x");
  assert.ok(lazy instanceof Response);
  assert.deepEqual(
    [lazy.url, lazy.redirected, lazy.attempts, lazy.fromCache, lazy.durationMs],
    ["http://x.test/a", true, 2, false, 5],
  );
  const copy = lazy.clone();
  assert.deepEqual([copy.url, copy.attempts, copy.status], [lazy.url, 2, 200]);
});

Deno.test("every member of the platform's response is there", () => {
  const [lazy] = pair("x");
  const own = Object.getOwnPropertyNames(LazyResponse.prototype);
  for (const name of Object.getOwnPropertyNames(Response.prototype)) {
    assert.ok(own.includes(name) || Object.hasOwn(lazy, name), `${name} is the platform's own`);
  }
});

Deno.test("the bytes that are given do not change with what is given elsewhere", async () => {
  const [lazy] = pair("abc");
  const copy = lazy.clone();
  (await lazy.bytes()).fill(0);
  assert.equal(await copy.text(), "abc");
});
