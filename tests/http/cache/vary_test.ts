/**
 * Variants of one address. The cases are those of the public HTTP caching tests (http-tests/cache-tests: vary,
 * vary-parse, conditional-inm) that apply to a client, in words of our own; what needs the meaning of a field's values
 * (the order of languages) is not done.
 */

import assert from "assertions";
import { PAGE, Site, site } from "./support.ts";

type Headers = Record<string, string>;

/** Whether a response to `first` is given to `second`. */
async function reused(vary: string | string[], first: Headers, second: Headers): Promise<boolean> {
  await using server = site({ "cache-control": "max-age=100", vary });
  await server.ask(PAGE, { headers: first });
  return (await server.ask(PAGE, { headers: second })).fromCache;
}

Deno.test("a response is for requests that say the same in the fields it varies by", async () => {
  const list: [string | string[], Headers, Headers, boolean][] = [
    ["Foo", { foo: "1" }, { foo: "1" }, true],
    ["Foo", { foo: "1" }, { foo: "2" }, false],
    ["Foo", { foo: "1" }, {}, false],
    ["Foo", {}, { foo: "1" }, false],
    ["Foo", {}, { foo: "" }, false],
    ["Foo", {}, {}, true],
    ["Foo", { foo: "1", other: "2" }, { foo: "1", other: "3" }, true],
    ["Foo, Bar", { foo: "1", bar: "abc" }, { foo: "1", bar: "abc" }, true],
    ["Foo, Bar", { foo: "1", bar: "abc" }, { foo: "2", bar: "abc" }, false],
    ["Foo, Bar", { foo: "1", bar: "abc" }, { foo: "1", bar: "abcde" }, false],
    ["Foo, Bar", { foo: "1", bar: "abc" }, { foo: "1" }, false],
    [["Foo", "Bar"], { foo: "1", bar: "abc" }, { foo: "1", bar: "x" }, false],
    ["Foo, Bar, Baz", { foo: "1", bar: "2", baz: "3" }, { baz: "3", bar: "2", foo: "1" }, true],
    ["Foo, Bar, Baz", { foo: "1", bar: "2", baz: "3" }, { baz: "3", bar: "x", foo: "1" }, false],
    ["Foo, Bar, Baz", { foo: "1", baz: "3" }, { foo: "1", baz: "3" }, true],
    ["FOO,,", { foo: "1" }, { foo: "1" }, true],
    ["Foo", { foo: "a b" }, { foo: "ab" }, false],
    ["Foo", { foo: "1, 2" }, { foo: "1,2" }, false],
    ["Accept-Language", { "accept-language": "en, de" }, { "accept-language": "EN,de" }, true],
    ["Accept-Language", { "accept-language": "en, de" }, { "accept-language": "de, en" }, false],
    ["Accept", { accept: "text/html, a/b" }, { accept: "text/html,a/b" }, true],
    ["Foo", { foo: "1", authorization: "a" }, { foo: "1", authorization: "b" }, false],
    ["Authorization", { authorization: "a" }, { authorization: "a" }, true],
  ];
  for (const [vary, first, second, expected] of list) {
    assert.equal(
      await reused(vary, first, second),
      expected,
      JSON.stringify([vary, first, second]),
    );
  }
});

Deno.test("a response that varies by everything is for nobody else", async () => {
  for (const vary of ["*", "*, *", ["*", "*"], ", *", ["", "*"], "*, Foo", "Foo, *", " * "]) {
    assert.equal(await reused(vary, { foo: "1" }, { foo: "1" }), false, JSON.stringify(vary));
  }
});

Deno.test("fields cannot be shifted into each other", async () => {
  assert.equal(await reused("a, b", { a: "1", b: "2" }, { a: "1 2" }), false);
  assert.equal(await reused("a, b", { a: "1" }, { b: "1" }), false);
});

Deno.test("many variants are kept side by side, the newest eight, each with its own fields", async () => {
  await using server = new Site((request, n) => ({
    headers: { "cache-control": `max-age=${n === 2 ? 10 : 100}`, vary: "foo", "x-n": `${n}` },
    body: `for ${request.headers[0]![1]}`,
  }));
  const ask = (foo: string) => server.ask(PAGE, { headers: { foo } });
  for (let i = 1; i <= 8; i++) await ask(`${i}`);
  for (let i = 1; i <= 8; i++) {
    const got = await ask(`${i}`);
    assert.deepEqual([got.text, got.get("x-n"), got.fromCache], [`for ${i}`, `${i}`, true]);
  }
  // A ninth, and the oldest has gone.
  await ask("9");
  assert.equal((await ask("8")).fromCache, true);
  assert.equal((await ask("1")).fromCache, false);
  server.later(50);
  assert.deepEqual([(await ask("3")).fromCache, (await ask("2")).fromCache], [true, false]);
});

Deno.test("a newer response for the same requests is the one, also when it varies by other fields", async () => {
  await using server = new Site((_, n) => ({
    headers: { "cache-control": "max-age=100", vary: n === 1 ? "foo" : "foo, bar" },
  }));
  const headers = { foo: "1", bar: "2" };
  await server.ask(PAGE, { headers });
  assert.equal((await server.ask(PAGE, { headers, mode: "reload" })).text, "answer 2");
  assert.equal((await server.ask(PAGE, { headers })).text, "answer 2");
  assert.equal((await server.ask(PAGE, { headers: { foo: "1", bar: "3" } })).text, "answer 1");
});

Deno.test("a variant is validated with what the request says in the fields it varies by", async () => {
  await using server = new Site((request) => ({
    status: request.headers.some(([name]) => name === "if-none-match") ? 304 : 200,
    headers: { "cache-control": "max-age=2", vary: "foo", etag: '"a"' },
  }));
  await server.ask(PAGE, { headers: { foo: "1" } });
  await server.ask(PAGE, { headers: { foo: "2" } });
  server.later(3);
  assert.equal((await server.ask(PAGE, { headers: { foo: "1" } })).text, "answer 1");
  assert.deepEqual([server.asked("foo"), server.asked("if-none-match")], ["1", '"a"']);
  assert.equal((await server.ask(PAGE, { headers: { foo: "1" } })).text, "answer 1");
  assert.equal(server.count, 3);
});
