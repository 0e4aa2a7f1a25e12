/** The cache in a client, over both transports, with servers. */

import assert from "assertions";
import { createCache } from "../../../src/cache/mod.ts";
import { serving } from "../../support/servers.ts";
import { twins } from "../../support/twins.ts";
import { delay, until, wrong } from "../../support/values.ts";
import { httpTest, type MakeClient, rejects } from "../support.ts";

/** A server whose pages say how often they were asked for. */
function counting(
  headers: (path: string) => Record<string, string>,
  body: (base: string, requests: string[]) => Promise<void>,
  make: (n: number, request: Request) => string = (n) => `${n}`,
): Promise<void> {
  let n = 0;
  const answer = (request: Request): Response => {
    const path = new URL(request.url).pathname;
    const fields = headers(path);
    if (fields.location !== undefined) return new Response(null, { status: 302, headers: fields });
    return new Response(make(++n, request), { headers: fields });
  };
  return serving(answer, (address, requests) => body(`http://${address}`, requests));
}

const FRESH = { "cache-control": "max-age=100" };

for (const twin of twins("http").each) {
  const test = (name: string, body: (make: MakeClient) => Promise<void>): void =>
    httpTest(twin, `cache: ${name}`, body);

  test("fetch() and fetchMany() answer from it, and say so", (make) =>
    counting(() => FRESH, async (base, requests) => {
      await using client = make({ cache: true });
      const first = await client.fetch(`${base}/a`);
      assert.deepEqual([await first.text(), first.fromCache, first.attempts], ["1", false, 1]);
      const second = await client.fetch(`${base}/a#part`);
      assert.deepEqual([await second.text(), second.fromCache, second.attempts], ["1", true, 0]);
      assert.match(second.headers.get("age")!, /^\d$/);
      for await (const outcome of client.fetchMany([`${base}/a`, `${base}/a`])) {
        assert.ok(outcome.ok);
        assert.deepEqual([await outcome.response.text(), outcome.response.fromCache], ["1", true]);
      }
      assert.equal(requests.length, 1);
    }));

  test("without the option there is none", (make) =>
    counting(() => FRESH, async (base, requests) => {
      for (const cache of [undefined, false] as const) {
        await using client = make({ cache });
        for (let i = 0; i < 2; i++) await (await client.fetch(base)).text();
      }
      assert.equal(requests.length, 4);
    }));

  test("many equal requests at once are one exchange", (make) =>
    counting(() => FRESH, async (base, requests) => {
      await using client = make({ cache: true });
      const texts = new Set<string>();
      const list = Array.from({ length: 100 }, () => `${base}/same`);
      for await (const outcome of client.fetchMany(list)) {
        assert.ok(outcome.ok);
        texts.add(await outcome.response.text());
      }
      assert.deepEqual([requests.length, texts], [1, new Set(["1"])]);
    }));

  test("each hop of a redirect is kept on its own", (make) =>
    counting(
      (path) => path === "/from" ? { location: "/to", ...FRESH } : FRESH,
      async (base, requests) => {
        await using client = make({ cache: true });
        for (let i = 0; i < 2; i++) {
          const response = await client.fetch(`${base}/from`);
          assert.deepEqual([await response.text(), response.url, response.redirected], [
            ...["1", `${base}/to`, true],
          ]);
        }
        assert.deepEqual(requests, ["GET /from", "GET /to"]);
      },
    ));

  test("modes and invalidation", (make) =>
    counting(() => FRESH, async (base, requests) => {
      await using client = make({ cache: true });
      const ask = async (init = {}) => await (await client.fetch(base, init)).text();
      assert.equal((await client.fetch(base, { cache: "only-if-cached" })).status, 504);
      assert.deepEqual([await ask(), await ask({ cache: "reload" }), await ask()], ["1", "2", "2"]);
      assert.deepEqual([await ask({ cache: "no-store" }), await ask()], ["3", "2"]);
      await ask({ method: "POST", body: "x" });
      assert.equal(await ask(), "5");
      assert.equal(requests.length, 5);
    }));

  test("coded bodies are kept decoded, and a 304 brings them back", async (make) => {
    const page = "text ".repeat(1000);
    const answer = async (request: Request): Promise<Response> => {
      if (request.headers.get("if-none-match") === '"a"') {
        return new Response(null, { status: 304, headers: { etag: '"a"' } });
      }
      const coded = new Response(page).body!.pipeThrough(new CompressionStream("gzip"));
      const headers = { "content-encoding": "gzip", etag: '"a"', "cache-control": "no-cache" };
      return new Response(await new Response(coded).bytes(), { headers });
    };
    await serving(answer, async (address, requests) => {
      await using client = make({ cache: true });
      for (let i = 1; i <= 3; i++) {
        const response = await client.fetch(`http://${address}/`);
        assert.equal(response.headers.get("content-encoding"), null);
        assert.deepEqual([await response.text(), response.fromCache, response.attempts], [
          page,
          i > 1,
          1,
        ]);
        assert.equal(requests.length, i);
      }
    });
  });

  test("an abort of one caller leaves the others their answer", async (make) => {
    const gate = Promise.withResolvers<void>();
    const answer = async (): Promise<Response> => {
      await gate.promise;
      return new Response("shared", { headers: FRESH });
    };
    await serving(answer, async (address, requests) => {
      await using client = make({ cache: true });
      const controller = new AbortController();
      const first = client.fetch(`http://${address}/`, { signal: controller.signal });
      await until(() => requests.length === 1);
      const second = client.fetch(`http://${address}/`);
      // It looks into the cache first, and then joins.
      await delay(1);
      controller.abort(new Error("enough"));
      await assert.rejects(first, { message: "enough" });
      gate.resolve();
      assert.equal(await (await second).text(), "shared");
      assert.equal(requests.length, 1);
    });
  });

  test("who waits for another one's exchange waits no longer than he wants", async (make) => {
    const gate = Promise.withResolvers<void>();
    const answer = async (): Promise<Response> => {
      await gate.promise;
      return new Response("late", { headers: FRESH });
    };
    await serving(answer, async (address, requests) => {
      await using client = make({ cache: true });
      const first = client.fetch(`http://${address}/`);
      await until(() => requests.length === 1);
      await rejects(
        client.fetch(`http://${address}/`, { timeoutMs: 20 }),
        "TIMEOUT",
        /within 20 ms/,
      );
      // The first one's time being over is not the second one's.
      const short = client.fetch(`http://${address}/b`, { timeoutMs: 50 });
      await until(() => requests.length === 2);
      const long = client.fetch(`http://${address}/b`);
      await rejects(short, "TIMEOUT", /within 50 ms/);
      gate.resolve();
      assert.deepEqual([await (await first).text(), await (await long).text()], ["late", "late"]);
    });
  });

  test("a stored body is no way round maxBodyBytes", (make) =>
    counting(() => FRESH, async (base) => {
      await using client = make({ cache: true });
      assert.equal((await (await client.fetch(base)).text()).length, 100);
      const small = client.fetch(base, { maxBodyBytes: 99 }).then((response) => response.text());
      await rejects(small, "TOO_LARGE", /over 99 bytes/);
      assert.equal((await client.fetch(base, { maxBodyBytes: 100 })).fromCache, true);
    }, () => "x".repeat(100)));

  test("stale-if-error stands in for a server that has gone; a wrong answer does not", async (make) => {
    await using client = make({ cache: true });
    let base = "";
    await counting(() => ({ "cache-control": "max-age=0, stale-if-error=600" }), async (given) => {
      base = given;
      assert.equal(await (await client.fetch(base)).text(), "1");
    });
    const stale = await client.fetch(base);
    assert.deepEqual([await stale.text(), stale.fromCache], ["1", true]);
    await rejects(client.fetch(base, { cache: "no-cache" }), "UNAVAILABLE", /cannot be reached/);
  });

  test("renewing behind goes on after the answer, and ends with the client", async (make) => {
    let n = 0;
    const gate = Promise.withResolvers<void>();
    const headers = { "cache-control": "max-age=0, stale-while-revalidate=600" };
    const answer = async (): Promise<Response> => {
      if (++n === 3) await gate.promise;
      return new Response(`${n}`, { headers });
    };
    await serving(answer, async (address) => {
      const client = make({ cache: true });
      const ask = async () => await (await client.fetch(`http://${address}/`)).text();
      assert.deepEqual([await ask(), await ask()], ["1", "1"]);
      await until(async () => await ask() !== "1");
      await until(async () => {
        await ask();
        return n === 3;
      });
      await client.close();
      gate.resolve();
    });
  });

  test("two clients over one cache share it, and do not close it", (make) =>
    counting(() => FRESH, async (base, requests) => {
      using cache = createCache({ codec: "bytes", implementation: "pure" });
      for (let i = 0; i < 2; i++) {
        await using client = make({ cache });
        assert.equal(await (await client.fetch(base)).text(), "1");
      }
      assert.deepEqual([requests.length, cache.size], [1, 1]);
    }));

  test("a body that nobody reads holds no other up", (make) =>
    counting(() => FRESH, async (base) => {
      await using client = make({ cache: true, concurrency: 2 });
      const kept = [];
      for (let i = 0; i < 6; i++) kept.push(await client.fetch(`${base}/${i}`));
      for (const response of kept) await response.body?.cancel();
    }));

  test("an option that is no cache is refused", (make) => {
    for (const cache of [5, "yes", {}, null]) {
      assert.throws(() => make({ cache: wrong(cache) }), {
        name: "TypeError",
        message: /options\.cache/,
      });
    }
    return Promise.resolve();
  });
}
