/** Arguments of the client: what is wrong is said at once, in the house's dialect. */

import assert from "assertions";
import { createCache } from "../../src/cache/mod.ts";
import { createHttpClient } from "../../src/http/mod.ts";
import { wrong } from "../support/values.ts";

const pure = { implementation: "pure" } as const;

Deno.test("options of the client", () => {
  const table: [Record<string, unknown>, ErrorConstructor, string][] = [
    [{ implementation: "rust" }, TypeError, 'options.implementation must be "auto"'],
    [{ concurrency: 0 }, RangeError, "options.concurrency must be a whole number of at least 1"],
    [{ concurrency: "2" }, TypeError, 'options.concurrency must be a number, got "2"'],
    [{ perHost: 1.5 }, RangeError, "options.perHost must be"],
    [{ timeoutMs: 0 }, RangeError, "options.timeoutMs must be above 0"],
    [{ timeouts: 5 }, TypeError, "options.timeouts must be an object"],
    [{ timeouts: { connectMs: -1 } }, RangeError, "options.timeouts.connectMs must be"],
    [{ retries: -1 }, RangeError, "options.retries must be"],
    [{ maxRedirects: NaN }, RangeError, "options.maxRedirects must be"],
    [{ maxBodyBytes: -1 }, RangeError, "options.maxBodyBytes must be"],
    [{ rate: 5 }, TypeError, "options.rate must be an object"],
    [{ rate: { perSecond: 0 } }, RangeError, "options.rate.perSecond must be above 0"],
    [{ allowPrivate: "yes" }, TypeError, "options.allowPrivate must be a boolean"],
    [{ caCerts: "pem" }, TypeError, "options.caCerts must be an array of strings"],
    [{ caCerts: ["pem"] }, RangeError, "options.caCerts[0] must be certificates in PEM"],
    [
      { caCerts: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] },
      RangeError,
      "options.caCerts[0] must be certificates in PEM",
    ],
    [{ headers: 5 }, TypeError, "options.headers must be Headers"],
    [{ headers: { "a b": "c" } }, TypeError, "A name in options.headers must be a token"],
    [{ resolver: "dns" }, TypeError, "options.resolver must be a function"],
    [{ proxy: 5 }, TypeError, "options.proxy must be a string"],
    [{ proxy: "socks5://x" }, RangeError, "options.proxy must be"],
    [{ proxy: "http://%@x" }, RangeError, "options.proxy must be"],
  ];
  for (const [options, type, message] of table) {
    assert.throws(() => createHttpClient({ ...pure, ...options }), (error) => {
      assert.ok(error instanceof type, `${message}: ${error}`);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  }
  assert.throws(() => createHttpClient(wrong(5)), TypeError);
});

Deno.test("what fetch is given", async () => {
  await using client = createHttpClient({ ...pure });
  const table: [unknown, Record<string, unknown> | undefined, ErrorConstructor, string][] = [
    [5, undefined, TypeError, "url must be a string or a URL, got 5"],
    ["no address", undefined, TypeError, 'url must be an absolute address, got "no address"'],
    ["http://x.test/", { method: "A B" }, RangeError, "init.method must be a token"],
    ["http://x.test/", { method: "connect" }, RangeError, "init.method must be none of CONNECT"],
    ["http://x.test/", { method: 5 }, TypeError, "init.method must be a string"],
    ["http://x.test/", { redirect: "no" }, TypeError, 'init.redirect must be "follow"'],
    ["http://x.test/", { cache: "no" }, TypeError, 'init.cache must be "default"'],
    ["http://x.test/", { signal: 5 }, TypeError, "init.signal must be an AbortSignal"],
    ["http://x.test/", { timeoutMs: -1 }, RangeError, "init.timeoutMs must be above 0"],
    ["http://x.test/", { retries: 0.5 }, RangeError, "init.retries must be"],
    ["http://x.test/", { maxBodyBytes: "1" }, TypeError, "init.maxBodyBytes must be a number"],
    ["http://x.test/", { idempotencyKey: 5 }, TypeError, "init.idempotencyKey must be a string"],
    ["http://x.test/", { body: "x" }, TypeError, "init.body must be left out where the method is"],
    ["http://x.test/", { method: "PUT", body: 5 }, TypeError, "init.body must be a string, bytes"],
    ["http://x.test/", { headers: [["a"]] }, TypeError, "An entry of init.headers must be a pair"],
  ];
  for (const [url, init, type, message] of table) {
    await assert.rejects(client.fetch(wrong(url), init), (error) => {
      assert.ok(error instanceof type, `${message}: ${error}`);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  }
});

Deno.test("a cache that does not hold bytes is refused at once", async () => {
  for (const codec of ["text", "json", undefined] as const) {
    using cache = createCache({ codec: wrong(codec), implementation: "pure" });
    assert.throws(() => createHttpClient({ ...pure, cache: wrong(cache) }), (error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(
        error.message,
        new RegExp(`codec "bytes", got one with codec "${codec ?? "text"}"`),
      );
      return true;
    });
  }
  for (const cache of [5, "yes", {}, null]) {
    assert.throws(() => createHttpClient({ ...pure, cache: wrong(cache) }), TypeError);
  }
  using cache = createCache({ codec: "bytes", implementation: "pure" });
  await createHttpClient({ ...pure, cache }).close();
});

Deno.test("names and values of fields that would break out are refused, and never shown", async () => {
  await using client = createHttpClient({ ...pure });
  const bad: [string, string][] = [
    ["a\r\nb", "c"],
    ["a:", "c"],
    ["", "c"],
    ["a", "secret\r\nx: y"],
    ["a", "secret\n"],
    ["a", "secret\r"],
    ["a", "secret\0"],
    ["a", "secret\x7f"],
    ["a", "secret\u0100"],
  ];
  for (const pair of bad) {
    for (const headers of [[pair], { [pair[0]]: pair[1] }]) {
      await assert.rejects(client.fetch("http://x.test/", { headers: wrong(headers) }), (error) => {
        assert.ok(error instanceof TypeError, String(error));
        assert.ok(!error.message.includes("secret"), error.message);
        return true;
      });
    }
  }
  const own = ["host", "Content-Length", "transfer-encoding", "connection", "TE", "upgrade"];
  for (const name of own) {
    const sent = client.fetch("http://x.test/", { headers: { [name]: "x" } });
    await assert.rejects(sent, /which the client sets itself/);
  }
});
