/**
 * What is stored and what is not, by the response, by the request and by who shares the cache. The cases are those of
 * the public HTTP caching tests (http-tests/cache-tests: cc-response, auth, headers, partial, other, cc-freshness,
 * status) that apply to a client, in words of our own.
 */

import assert from "assertions";
import { createCache } from "../../../src/cache/mod.ts";
import { PAGE, Site, site } from "./support.ts";

type Headers = Record<string, string | string[]>;

/** Whether the second request is answered from the cache. */
async function stored(headers: Headers, asked: Record<string, string> = {}): Promise<boolean> {
  await using server = site(headers);
  await server.ask(PAGE, { headers: asked });
  return (await server.ask(PAGE, { headers: asked })).fromCache;
}

/** The same for a cache that others share. */
async function storedShared(
  headers: Headers,
  asked: Record<string, string> = {},
  later = 0,
): Promise<boolean> {
  const cache = sharedCache();
  await using server = new Site(() => ({ headers }), { cache });
  await server.ask(PAGE, { headers: asked });
  server.later(later);
  return (await server.ask(PAGE, { headers: asked })).fromCache;
}

/** A cache that says of itself that others see it, as one with a name does where native code can be used. */
function sharedCache() {
  const cache = createCache({ codec: "bytes", implementation: "pure" });
  return Object.defineProperty(cache, "shared", { value: true });
}

Deno.test("no-store is not stored, in any case of letters and beside whatever else", async () => {
  const fresh = { expires: "Sun, 21 Nov 2286 04:46:39 GMT" };
  assert.equal(await stored({ "cache-control": "no-store" }), false);
  assert.equal(await stored({ "cache-control": "nO-StOrE, max-age=100" }), false);
  assert.equal(await stored({ "cache-control": "max-age=100, no-store", ...fresh }), false);
  assert.equal(await stored({ "cache-control": ["max-age=100", "no-store"], ...fresh }), false);
  assert.equal(
    await stored({ "cache-control": "max-age=100" }, { "cache-control": "no-store" }),
    false,
  );
});

Deno.test("must-understand outweighs no-store where the status is known, and forbids the others", async () => {
  const headers = { "cache-control": "max-age=100, no-store, must-understand" };
  for (
    const [status, expected] of [[200, true], [404, true], [599, false], [299, false]] as const
  ) {
    await using server = site(headers, status);
    await server.ask();
    assert.equal((await server.ask()).fromCache, expected, `${status}`);
  }
});

Deno.test("private is for a cache of one's own, and fields that it names change nothing", async () => {
  assert.equal(await stored({ "cache-control": "private, max-age=100" }), true);
  assert.equal(await storedShared({ "cache-control": "private, max-age=100" }), false);
  assert.equal(await storedShared({ "cache-control": 'private="set-cookie", max-age=100' }), false);
  assert.equal(await storedShared({ "cache-control": "max-age=100" }), true);
});

Deno.test("a shared cache keeps what someone authorized himself for only where the response allows it", async () => {
  const asked = { authorization: "Bearer one" };
  assert.equal(await storedShared({ "cache-control": "max-age=100" }, asked), false);
  for (const allowed of ["public", "must-revalidate", "s-maxage=100"]) {
    assert.equal(
      await storedShared({ "cache-control": `max-age=100, ${allowed}` }, asked),
      true,
      allowed,
    );
  }
  assert.equal(await stored({ "cache-control": "max-age=100" }, asked), true);
});

Deno.test("s-maxage is a shared cache's lifetime", async () => {
  const list: [string, number, boolean][] = [
    ["s-maxage=100", 99, true],
    ["max-age=100, s-maxage=1", 2, false],
    ["s-maxage=1, max-age=100", 2, false],
    ["max-age=1, s-maxage=100", 50, true],
    ["max-age=0, s-maxage=100", 50, true],
  ];
  for (const [value, later, expected] of list) {
    assert.equal(await storedShared({ "cache-control": value }, {}, later), expected, value);
  }
  const expired = { "cache-control": "max-age=0, s-maxage=100", expires: "0" };
  assert.equal(await storedShared(expired, {}, 50), true);
});

Deno.test("what one caller was answered is not another one's, though the response says nothing of it", async () => {
  for (
    const name of [
      "authorization",
      "cookie",
      "x-api-key",
      "apikey",
      "private-token",
      "x-vault-token",
    ]
  ) {
    await using server = site({ "cache-control": "max-age=100" });
    const ask = async (value: string) => await server.ask(PAGE, { headers: { [name]: value } });
    assert.equal((await ask("one")).text, "answer 1");
    assert.equal((await ask("two")).text, "answer 2");
    assert.equal((await server.ask()).text, "answer 3");
    assert.equal((await ask("one")).text, "answer 1");
    assert.equal((await ask("two")).text, "answer 2");
    assert.equal((await server.ask()).text, "answer 3");
  }
});

Deno.test("a shared cache gives what is public to whoever authorizes himself, and to nobody else's cookie", async () => {
  await using server = new Site(
    () => ({
      headers: { "cache-control": "public, max-age=100", "set-cookie": "a=b", "x-a": "1" },
    }),
    { cache: sharedCache() },
  );
  await server.ask(PAGE, { headers: { authorization: "Bearer one" } });
  const second = await server.ask(PAGE, { headers: { authorization: "Bearer two" } });
  assert.deepEqual([second.text, second.get("set-cookie"), second.get("x-a")], [
    "answer 1",
    null,
    "1",
  ]);
});

Deno.test("a cache of one's own keeps Set-Cookie, each line of it", async () => {
  await using server = site({ "cache-control": "max-age=100", "set-cookie": ["a=1, x", "b=2"] });
  await server.ask();
  const { headers, body, fromCache } = await server.send(PAGE);
  await (body as ReadableStream).cancel();
  assert.equal(fromCache, true);
  assert.deepEqual(headers.entries().filter(([name]) => name === "set-cookie"), [
    ["set-cookie", "a=1, x"],
    ["set-cookie", "b=2"],
  ]);
});

Deno.test("fields of the connection are not kept, all others are", async () => {
  const kept = [
    "content-type",
    "content-location",
    "content-language",
    "etag",
    "link",
    "x-frame-options",
  ];
  const dropped = [
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-connection",
  ];
  const more = ["proxy-authorization", "te", "transfer-encoding", "upgrade", "trailer", "a", "b"];
  const headers: Headers = { "cache-control": "max-age=100", connection: "A, b" };
  for (const name of [...kept, ...dropped, ...more, "c"]) headers[name] = "value";
  await using server = site(headers);
  await server.ask();
  const { get, fromCache } = await server.ask();
  assert.equal(fromCache, true);
  for (const name of [...kept, "c", "cache-control", "date"]) {
    assert.notEqual(get(name), null, name);
  }
  for (const name of [...dropped, ...more, "connection"]) assert.equal(get(name), null, name);
});

Deno.test("a request for a part goes to the server, and a part is not kept", async () => {
  await using server = new Site((request) =>
    request.headers.some(([name]) => name === "range")
      ? {
        status: 206,
        headers: { "cache-control": "max-age=100", "content-range": "bytes 0-1/8" },
        body: "an",
      }
      : { headers: { "cache-control": "max-age=100" } }
  );
  const part = { headers: { range: "bytes=0-1" } };
  assert.equal((await server.ask(PAGE, part)).status, 206);
  assert.equal((await server.ask(PAGE, part)).fromCache, false);
  assert.equal((await server.ask()).text, "answer 3");
  assert.equal((await server.ask(PAGE, part)).text, "an");
  assert.equal((await server.ask()).text, "answer 3");
});

Deno.test("a request with conditions of its own goes to the server, and its 304 comes back", async () => {
  await using server = new Site((request) =>
    request.headers.some(([name]) => name === "if-none-match")
      ? { status: 304 }
      : { headers: { "cache-control": "max-age=100", etag: '"a"' } }
  );
  await server.ask();
  const mine = await server.ask(PAGE, { headers: { "if-none-match": '"a"' } });
  assert.deepEqual([mine.status, server.count], [304, 2]);
  assert.equal((await server.ask()).text, "answer 1");
});

Deno.test("addresses that differ in their query are different", async () => {
  await using server = site({ "cache-control": "max-age=100" });
  await server.ask(`${PAGE}?a=1`);
  assert.equal((await server.ask(`${PAGE}?a=2`)).text, "answer 2");
  assert.equal((await server.ask(`${PAGE}?a=1`)).text, "answer 1");
});

Deno.test("what answers a POST is a GET's only if it says so", async () => {
  const fresh = { "cache-control": "max-age=100" };
  const list: [Headers, boolean][] = [
    [{ ...fresh, "content-location": "/page" }, true],
    [{ ...fresh, "content-location": "/other" }, false],
    [{ ...fresh }, false],
    [{ "content-location": "/page", "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" }, false],
    [{ "cache-control": "no-store, max-age=100", "content-location": "/page" }, false],
  ];
  for (const [headers, expected] of list) {
    await using server = site(headers);
    await server.ask(PAGE, { method: "POST", body: "12345" });
    const got = await server.ask();
    assert.deepEqual([got.fromCache, got.text], [expected, expected ? "answer 1" : "answer 2"]);
    await server.ask(PAGE, { method: "POST", body: "12345" });
    assert.equal(server.requests.at(-1)!.method, "POST");
  }
});

Deno.test("a body that is cut short, or not as long as said, is not kept", async () => {
  const headers = { "cache-control": "max-age=100" };
  const bodies:
    (() => { headers: Headers; body: string | ReadableStream<Uint8Array<ArrayBuffer>> })[] = [
      () => ({ headers: { ...headers, "content-length": "7" }, body: "answer" }),
      () => ({
        headers,
        body: new ReadableStream({
          pull: (controller) => controller.error(new Error("cut short")),
        }),
      }),
    ];
  for (const make of bodies) {
    await using server = new Site((_, n) => n === 1 ? make() : { headers });
    await server.ask().catch((error) => assert.equal(error.message, "cut short"));
    assert.deepEqual([(await server.ask()).text, server.count], ["answer 2", 2]);
    assert.equal((await server.ask()).fromCache, true);
  }
});

Deno.test("a body that is too large is passed on whole and not kept, as bytes and as a stream", async () => {
  for (const wholeBody of [false, true]) {
    for (const [size, expected] of [[1000, true], [1001, false]] as const) {
      await using server = new Site(
        () => ({ headers: { "cache-control": "max-age=100" }, body: "x".repeat(size) }),
        { maxBodyBytes: 1000 },
      );
      const first = await server.ask(PAGE, { wholeBody });
      assert.equal(first.text.length, size);
      const second = await server.ask(PAGE, { wholeBody });
      assert.deepEqual([second.fromCache, second.text.length], [expected, size]);
    }
  }
});

Deno.test("an entry that is too heavy for the cache itself is not kept, and nothing fails", async () => {
  const cache = createCache({ codec: "bytes", implementation: "pure", maxBytes: 1000 });
  await using server = new Site((_, n) => ({
    headers: { "cache-control": "max-age=100", vary: "a" },
    body: "x".repeat(n === 1 ? 2000 : 500),
  }), { cache });
  const ask = (a: string) => server.ask(PAGE, { headers: { a } });
  assert.equal((await ask("1")).text.length, 2000);
  assert.equal((await ask("2")).fromCache, false);
  assert.equal((await ask("2")).fromCache, true);
  // Both together would be too heavy: the newer one stays.
  assert.equal((await ask("3")).fromCache, false);
  assert.equal((await ask("3")).fromCache, true);
});

Deno.test("a body is everyone's own: what a caller writes into it changes nothing that is stored", async () => {
  await using server = site({ "cache-control": "max-age=100" });
  for (let i = 0; i < 4; i++) {
    const { body } = await server.send(PAGE, { wholeBody: true });
    assert.equal(new TextDecoder().decode(body as Uint8Array), "answer 1");
    (body as Uint8Array).fill(0);
  }
  for (let i = 0; i < 2; i++) {
    const { body } = await server.send(`${PAGE}?stream`);
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      assert.equal(new TextDecoder().decode(chunk), "answer 2");
      chunk.fill(0);
    }
  }
});
