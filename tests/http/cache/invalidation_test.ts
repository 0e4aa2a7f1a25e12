/**
 * What a request that changes something makes invalid. The cases are those of the public HTTP caching tests
 * (http-tests/cache-tests: invalidation) in words of our own.
 */

import assert from "assertions";
import { until } from "../../support/values.ts";
import { type Answer, PAGE, Site } from "./support.ts";

const FRESH = { "cache-control": "max-age=100" };

/** A server whose GETs are fresh, and what it answers to the rest. */
function writable(answer: Answer | (() => Answer | Promise<Answer>)): Site {
  return new Site((request) => {
    if (request.method === "GET" || request.method === "HEAD") return { headers: FRESH };
    return typeof answer === "function" ? answer() : answer;
  });
}

Deno.test("a successful unsafe request makes invalid what is stored of its address", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"]) {
    for (
      const [status, kept] of [[200, false], [204, false], [303, false], [400, true], [
        500,
        true,
      ]] as const
    ) {
      await using server = writable({ status });
      await server.ask();
      await server.ask(PAGE, { method });
      assert.equal((await server.ask()).fromCache, kept, `${method} ${status}`);
      await server.ask(PAGE, { method });
      assert.equal(
        (await server.ask(PAGE, { method: "HEAD" })).fromCache,
        kept,
        `${method} ${status}`,
      );
    }
  }
});

Deno.test("a safe one does not", async () => {
  for (const method of ["OPTIONS", "TRACE", "HEAD", "GET"]) {
    await using server = writable({});
    await server.ask();
    await server.ask(PAGE, { method });
    assert.equal((await server.ask()).fromCache, true, method);
  }
});

Deno.test("Location and Content-Location go with it, of the same origin only", async () => {
  for (const name of ["location", "content-location"]) {
    const list: [string, boolean][] = [
      ["/other", false],
      ["other#part", false],
      ["http://site.test/other", false],
      ["http://evil.test/other", true],
      ["https://site.test/other", true],
      ["http://site.test:81/other", true],
      ["http://", true],
    ];
    for (const [value, kept] of list) {
      await using server = writable({ headers: { [name]: value } });
      const base = /^https?:\/\/[^/]/.test(value) ? new URL(value).origin : "http://site.test";
      await server.ask(`${base}/other`);
      await server.ask(PAGE, { method: "POST" });
      assert.equal((await server.ask(`${base}/other`)).fromCache, kept, `${name}: ${value}`);
    }
  }
});

Deno.test("all variants of the address go", async () => {
  await using server = new Site(() => ({ headers: { ...FRESH, vary: "foo" } }));
  for (const foo of ["1", "2"]) await server.ask(PAGE, { headers: { foo } });
  await server.ask(PAGE, { method: "DELETE" });
  for (const foo of ["1", "2"]) {
    assert.equal((await server.ask(PAGE, { headers: { foo } })).fromCache, false);
  }
});

Deno.test("a response that was asked for before the change is not stored after it", async () => {
  const gate = Promise.withResolvers<void>();
  await using server = new Site(async (request, n) => {
    if (n === 1) await gate.promise;
    return { headers: request.method === "GET" ? FRESH : {}, body: `${n}` };
  });
  const old = server.ask();
  await until(() => server.count === 1);
  await server.ask(PAGE, { method: "PUT" });
  gate.resolve();
  assert.equal((await old).text, "1");
  assert.deepEqual([(await server.ask()).text, (await server.ask()).text], ["3", "3"]);
});

Deno.test("nor one whose body comes after it", async () => {
  const gate = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  await using server = new Site((_, n) => ({
    headers: FRESH,
    body: n > 1 ? `${n}` : new ReadableStream({
      async pull(controller) {
        await gate.promise;
        controller.enqueue(encoder.encode("1"));
        controller.close();
      },
    }),
  }));
  const old = server.ask();
  await until(() => server.count === 1);
  await server.ask(PAGE, { method: "PUT" });
  gate.resolve();
  assert.equal((await old).text, "1");
  assert.equal((await server.ask()).text, "3");
});
