/** Which proxy is taken: the one that is named, or those of the environment where the caller says so. */

import assert from "assertions";
import { readProxy } from "../../src/http/client/proxy.ts";

const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Runs a body with these variables and none of the others, and puts all back. */
function withEnvironment(variables: Record<string, string>, body: () => void): void {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of VARIABLES) Deno.env.delete(name);
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

/** The proxy for an address by the environment. */
function proxyFor(url: string): string | undefined {
  return readProxy("environment")(new URL(url))?.url.href;
}

Deno.test("a named proxy takes everything, its user info as a field", () => {
  const choice = readProxy("http://us%65r:p%3Ass@proxy.test:3128/path");
  const named = choice(new URL("https://x.test/"))!;
  assert.equal(named.url.href, "http://proxy.test:3128/");
  assert.equal(named.authorization, `Basic ${btoa("user:p:ss")}`);
  assert.equal(readProxy("https://p.test")(new URL("http://x/"))!.authorization, undefined);
  assert.equal(readProxy(undefined)(new URL("http://x/")), undefined);
});

Deno.test("the environment names a proxy by scheme, small letters first", () => {
  withEnvironment({}, () => assert.equal(proxyFor("http://x/"), undefined));
  const both = {
    http_proxy: "http://a.test:1",
    HTTP_PROXY: "http://b.test:1",
    HTTPS_PROXY: "c.test:2",
  };
  withEnvironment(both, () => {
    assert.equal(proxyFor("http://x/"), "http://a.test:1/");
    assert.equal(proxyFor("https://x/"), "http://c.test:2/");
  });
  withEnvironment({ HTTP_PROXY: "http://user:secret@[" }, () => {
    assert.throws(() => proxyFor("http://x/"), (error) => {
      assert.ok(error instanceof RangeError && !error.message.includes("secret"));
      return true;
    });
  });
});

Deno.test("NO_PROXY leaves hosts out, with those under them", () => {
  const table: [string, string, boolean][] = [
    ["*", "http://x.test/", false],
    ["x.test", "http://x.test/", false],
    ["x.test", "http://a.x.test/", false],
    [".x.test", "http://a.x.test/", false],
    ["*.x.test", "http://a.x.test/", false],
    ["x.test", "http://ax.test/", true],
    [" y.test , x.test ", "http://x.test:8080/", false],
    ["x.test:8080", "http://x.test:8080/", false],
    ["x.test:8080", "http://x.test/", true],
    ["x.test:80", "http://x.test/", false],
    ["127.0.0.1", "http://127.0.0.1/", false],
    ["[::1]", "http://[::1]/", false],
    ["::1", "http://[::1]/", false],
    ["X.TEST", "http://x.test/", false],
    ["", "http://x.test/", true],
  ];
  for (const [exceptions, url, isProxied] of table) {
    withEnvironment({ HTTP_PROXY: "http://p.test", NO_PROXY: exceptions }, () => {
      assert.equal(proxyFor(url) !== undefined, isProxied, `${exceptions} ${url}`);
    });
  }
});
