/** `fetchMany`: results as they finish, each failure on its own, in bounded memory, fair between hosts. */

import assert from "assertions";
import type { HttpOutcome, HttpRequest } from "../../src/http/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { serving } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import { delay, until, wrong } from "../support/values.ts";
import { httpTest } from "./support.ts";

/** Names of the tests' own, all of them this machine. */
const resolver = (): Promise<string[]> => Promise.resolve(["127.0.0.1"]);

async function all(outcomes: AsyncIterable<HttpOutcome>): Promise<HttpOutcome[]> {
  const list: HttpOutcome[] = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list;
}

/** What a server that is slow waits for, and how long at the most: a wrong client ends its test by an assertion. */
async function patience(condition: () => boolean): Promise<void> {
  for (let waits = 0; waits < 300 && !condition(); waits++) await delay(10);
}

/** Registers the suite for one twin. */
export function httpManyConformance(twin: Twin): void {
  const test = (name: string, body: Parameters<typeof httpTest>[2]): void =>
    httpTest(twin, name, body);

  test("every request has its outcome, in the order of their ends", async (make) => {
    const outcomes: HttpOutcome[] = [];
    await serving(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/slow") {
        await delay(150);
        await patience(() => outcomes.length === 5);
      }
      return new Response(pathname + await request.text(), { headers: { "x-a": "b" } });
    }, async (address) => {
      await using client = make();
      const base = `http://${address}`;
      const requests: HttpRequest[] = [
        `${base}/slow`,
        new URL(`${base}/one`),
        { url: `${base}/two`, method: "POST", body: "!" },
        "not an address",
        "http://169.254.169.254/",
        { url: `${base}/three`, headers: { "a\n": "b" } },
      ];
      const progress: [number, number][] = [];
      const onProgress = ({ done, total }: { done: number; total?: number | undefined }): void => {
        progress.push([done, total!]);
      };
      for await (const outcome of client.fetchMany(requests, { onProgress })) {
        outcomes.push(outcome);
      }
      assert.equal(outcomes.at(-1)!.index, 0);
      outcomes.sort((a, b) => a.index - b.index);
      const texts = await Promise.all(
        outcomes.map(async (outcome) =>
          outcome.ok ? await outcome.response.text() : (outcome.error as Error).name
        ),
      );
      const expected = ["/slow", "/one", "/two!", "TypeError", "AgentError", "TypeError"];
      assert.deepEqual(texts, expected);
      assert.deepEqual(progress.at(-1), [6, 6]);
      assert.equal(progress.filter(([done, total]) => done === total).length, 1);
      const slow = outcomes[0]!;
      assert.ok(slow.ok && slow.response instanceof Response);
      assert.ok(slow.response.durationMs >= 100);
      assert.equal(slow.response.headers.get("x-a"), "b");
      assert.deepEqual(await all(client.fetchMany([])), []);
    });
  });

  test("caps hold: of the call, of a host, of the client", async (make) => {
    const active = new Map<string, number>();
    let most = 0;
    const mostByHost = new Map<string, number>();
    await serving(async (request) => {
      const host = request.headers.get("host")!;
      active.set(host, (active.get(host) ?? 0) + 1);
      const sum = [...active.values()].reduce((a, b) => a + b, 0);
      most = Math.max(most, sum);
      mostByHost.set(host, Math.max(mostByHost.get(host) ?? 0, active.get(host)!));
      await delay(10);
      active.set(host, active.get(host)! - 1);
      return new Response();
    }, async (address) => {
      const [, port] = address.split(":");
      const urls = Array.from({ length: 60 }, (_, i) => `http://h${i % 3}.test:${port}/${i}`);
      const caps = async (
        client: { concurrency?: number; perHost?: number },
        call: { concurrency?: number; perHost?: number },
      ): Promise<[number, number]> => {
        most = 0;
        mostByHost.clear();
        await using one = make({ resolver, ...client });
        const outcomes = await all(one.fetchMany(urls, call));
        assert.ok(outcomes.every(({ ok }) => ok));
        return [most, Math.max(...mostByHost.values())];
      };
      assert.deepEqual(await caps({}, { concurrency: 5 }), [5, 2]);
      assert.deepEqual(await caps({}, { perHost: 2 }), [6, 2]);
      assert.deepEqual(await caps({ concurrency: 3 }, { concurrency: 50 }), [3, 1]);
      assert.deepEqual(await caps({ perHost: 1 }, {}), [3, 1]);
      // Single calls share the client's.
      most = 0;
      await using one = make({ resolver, concurrency: 2 });
      const responses = await Promise.all(urls.slice(0, 9).map((url) => one.fetch(url)));
      assert.equal(responses.length, 9);
      assert.equal(most, 2);
    });
  });

  test("endless requests, few of them taken ahead; break ends all", async (make) => {
    const ended: string[] = [];
    const over = Promise.withResolvers<void>();
    await serving(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/0") {
        // It is under way for as long as the others take, however slow the machine.
        request.signal.addEventListener("abort", () => {
          ended.push(pathname);
          over.resolve();
        });
        await over.promise;
      }
      return new Response(pathname);
    }, async (address, requests) => {
      using _ended = { [Symbol.dispose]: over.resolve };
      await using client = make();
      let pulled = 0;
      let isReturned = false;
      function* endless(): Generator<string> {
        try {
          for (;; pulled++) yield `http://${address}/${pulled}`;
        } finally {
          isReturned = true;
        }
      }
      let taken = 0;
      for await (const outcome of client.fetchMany(endless(), { concurrency: 4 })) {
        assert.ok(outcome.ok);
        if (++taken === 20) break;
        // Nothing is begun while nothing is taken.
        if (taken === 10) {
          let before = -1;
          for (let waits = 0; waits < 50 && before !== requests.length; waits++) {
            before = requests.length;
            await delay(50);
          }
          assert.equal(requests.length, before);
          assert.ok(before <= taken + 4, `${before} requests for ${taken} results`);
        }
      }
      assert.equal(isReturned, true);
      assert.ok(pulled < 60, `${pulled} requests were taken for 20 results`);
      await until(() => ended.length === 1);
    });
  });

  test("an asynchronous list, one that fails, and one that is no list", async (make) => {
    await serving(() => new Response("x"), async (address) => {
      await using client = make();
      async function* slowly(count: number): AsyncGenerator<string> {
        for (let i = 0; i < count; i++) {
          await delay(1);
          yield `http://${address}/${i}`;
        }
        if (count === 3) throw new Error("no more");
      }
      assert.equal((await all(client.fetchMany(slowly(20)))).length, 20);
      await assert.rejects(all(client.fetchMany(slowly(3))), /no more/);
      for (const odd of [5, null, undefined, "http://x/"]) {
        assert.throws(() => client.fetchMany(wrong(odd)), /requests must be an iterable/);
      }
      const none = { concurrency: 0 };
      assert.throws(() => client.fetchMany([], none), /options.concurrency must be/);
    });
  });

  test("a signal ends all of it with its reason, the client's end likewise", async (make) => {
    await serving(async () => {
      await delay(100);
      return new Response();
    }, async (address) => {
      const client = make();
      function* endless(): Generator<string> {
        for (;;) yield `http://${address}/`;
      }
      const controller = new AbortController();
      const work = all(client.fetchMany(endless(), { signal: controller.signal }));
      setTimeout(() => controller.abort(new Error("enough")), 30);
      await assert.rejects(work, /enough/);
      const signal = AbortSignal.abort(new Error("never"));
      await assert.rejects(all(client.fetchMany(endless(), { signal })), /never/);
      const closed = assert.rejects(
        all(client.fetchMany(endless())),
        (error) => AgentError.is(error, "CLOSED"),
      );
      await delay(20);
      await client.close();
      await closed;
    });
  });

  test("a signal of one request ends that one", async (make) => {
    await serving(async (request) => {
      if (request.url.endsWith("/slow")) await delay(2_000);
      return new Response();
    }, async (address) => {
      await using client = make();
      const signal = AbortSignal.timeout(1_000);
      const outcomes = await all(client.fetchMany([
        { url: `http://${address}/slow`, signal },
        `http://${address}/`,
      ]));
      outcomes.sort((a, b) => a.index - b.index);
      assert.deepEqual(outcomes.map(({ ok }) => ok), [false, true]);
      const failed = outcomes[0]!;
      assert.ok(!failed.ok && (failed.error as Error).name === "TimeoutError");
    });
  });

  test("what comes to a host that is known already is decided as ever", async (make) => {
    const asked = new Map<string, number>();
    await serving((request) => {
      const { pathname } = new URL(request.url);
      const times = (asked.get(pathname) ?? 0) + 1;
      asked.set(pathname, times);
      const status = pathname === "/passing" && times < 3 ? 503 : pathname === "/never" ? 503 : 200;
      if (pathname === "/moved") return Response.redirect(new URL("/there", request.url), 302);
      if (pathname === "/circle") return Response.redirect(request.url, 302);
      if (pathname === "/large") return new Response(new Uint8Array(2_000));
      return new Response(pathname, { status });
    }, async (address) => {
      await using client = make({ retries: 2, maxBodyBytes: 1_000 });
      const paths = ["first", "passing", "never", "moved", "circle", "large", "last"];
      const outcomes = await all(
        client.fetchMany(paths.map((path) => `http://${address}/${path}`), { concurrency: 1 }),
      );
      const seen = outcomes.sort((a, b) => a.index - b.index).map((outcome) => {
        if (!outcome.ok) return AgentError.is(outcome.error) ? outcome.error.code : "odd";
        const { status, attempts, redirected, url } = outcome.response;
        return [status, attempts, redirected, new URL(url).pathname];
      });
      assert.deepEqual(seen, [
        [200, 1, false, "/first"],
        [200, 3, false, "/passing"],
        [503, 3, false, "/never"],
        [200, 2, true, "/there"],
        "UNAVAILABLE",
        "TOO_LARGE",
        [200, 1, false, "/last"],
      ]);
      assert.equal(asked.get("/never"), 3);
    });
  });

  test("a list that gives nothing more holds up no end", async (make) => {
    await serving(() => new Response(), async (address) => {
      async function* idle(): AsyncGenerator<string> {
        yield `http://${address}/`;
        await new Promise(() => {});
      }
      const controller = new AbortController();
      await using client = make();
      const closed = make();
      const ended = (async () => {
        for await (const { ok } of client.fetchMany(idle(), { signal: controller.signal })) {
          assert.ok(ok);
          setTimeout(() => controller.abort(new Error("enough")), 10);
        }
      })();
      await assert.rejects(ended, /enough/);
      const closing = (async () => {
        for await (const { ok } of closed.fetchMany(idle())) {
          assert.ok(ok);
          setTimeout(() => closed.close(), 10);
        }
      })();
      await assert.rejects(closing, { code: "CLOSED" });
      for await (const { ok } of client.fetchMany(idle())) {
        assert.ok(ok);
        break;
      }
    });
  });

  test("leaving early ends what waits, and the list hears of it once", async (make) => {
    await serving(async (request) => {
      if (request.url.endsWith("/slow")) await delay(100);
      return new Response();
    }, async (address) => {
      await using client = make();
      const outcomes = client.fetchMany([`http://${address}/slow`])[Symbol.asyncIterator]();
      const next = outcomes.next();
      await Promise.all([outcomes.return!(), outcomes.return!()]);
      assert.equal((await next).done, true);

      // Aborted while its reader is busy, who comes back when all of it still ends.
      let cleaned = 0;
      function* list(): Generator<string> {
        try {
          for (let i = 0;; i++) yield `http://${address}/${i === 0 ? "" : "slow"}`;
        } finally {
          cleaned++;
        }
      }
      const controller = new AbortController();
      const { signal } = controller;
      await assert.rejects(async () => {
        for await (const { ok } of client.fetchMany(list(), { signal, concurrency: 4 })) {
          assert.ok(ok);
          controller.abort(new Error("enough"));
        }
      }, /enough/);
      await until(() => cleaned === 1);
    });
  });

  test("what onProgress throws ends all of it", async (make) => {
    await serving(() => new Response(), async (address) => {
      await using client = make();
      for (const count of [1, 5]) {
        const urls = Array.from({ length: count }, () => `http://${address}/`);
        const onProgress = (): void => {
          throw new Error("mine");
        };
        await assert.rejects(all(client.fetchMany(urls, { onProgress })), /mine/);
      }
    });
  });

  test("hosts take turns: a slow one holds nobody up", async (make) => {
    let quickly = 0;
    await serving(async (request) => {
      if (request.headers.get("host")!.startsWith("slow")) await patience(() => quickly === 8);
      return new Response();
    }, async (address) => {
      const [, port] = address.split(":");
      await using client = make({ resolver });
      // The slow host comes first, and alone it would take every place.
      const urls = [
        ...Array.from({ length: 8 }, (_, i) => `http://slow.test:${port}/${i}`),
        ...Array.from({ length: 8 }, (_, i) => `http://quick.test:${port}/${i}`),
      ];
      const outcomes: HttpOutcome[] = [];
      for await (const outcome of client.fetchMany(urls, { concurrency: 8, perHost: 4 })) {
        outcomes.push(outcome);
        if (outcome.index >= 8) quickly++;
      }
      const quick = outcomes.slice(0, 8).map(({ index }) => index);
      assert.deepEqual(quick.sort((a, b) => a - b), [8, 9, 10, 11, 12, 13, 14, 15]);
    });
  });

  test("a host that says 429 is left alone for as long as it says; others go on", async (make) => {
    const asked: [string, number][] = [];
    let until = 0;
    await serving((request) => {
      const host = request.headers.get("host")!.split(".")[0]!;
      const now = performance.now();
      asked.push([host, now]);
      if (host !== "busy" || asked.filter(([name]) => name === "busy").length > 1) {
        return new Response(host);
      }
      until = now + 1_000;
      return new Response(null, { status: 429, headers: { "retry-after": "1" } });
    }, async (address) => {
      const [, port] = address.split(":");
      await using client = make({ resolver, retries: 2 });
      const urls = Array.from(
        { length: 40 },
        (_, i) => `http://${i % 2 === 0 ? "busy" : "free"}.test:${port}/${i}`,
      );
      const outcomes = await all(client.fetchMany(urls, { concurrency: 2, perHost: 1 }));
      assert.equal(outcomes.length, 40);
      assert.ok(outcomes.every((outcome) => outcome.ok && outcome.response.status === 200));
      const early = asked.filter(([host, at]) => host === "busy" && at < until - 50);
      assert.equal(early.length, 1, "the busy host was asked within its pause");
      const free = asked.filter(([host, at]) => host === "free" && at < until);
      assert.equal(free.length, 20);
    });
  });

  test("a rate is kept, evenly", async (make) => {
    const times: number[] = [];
    await serving(() => {
      times.push(performance.now());
      return new Response();
    }, async (address) => {
      await using client = make({ rate: { perSecond: 50 } });
      const urls = Array.from({ length: 15 }, () => `http://${address}/`);
      assert.equal((await all(client.fetchMany(urls))).length, 15);
      await Promise.all(urls.slice(0, 5).map((url) => client.fetch(url)));
      assert.ok(times.at(-1)! - times[0]! > 300, "20 requests took less than their time");
    });
  });

  test("one question about permissions and names serves the whole call", async (make) => {
    await serving(() => new Response(), async (address) => {
      const [, port] = address.split(":");
      let asked = 0;
      await using client = make({
        resolver: () => {
          asked++;
          return Promise.resolve(["127.0.0.1"]);
        },
      });
      const urls = Array.from({ length: 50 }, (_, i) => `http://one.test:${port}/${i}`);
      assert.equal((await all(client.fetchMany(urls))).length, 50);
      assert.equal(asked, 1);
    });
  });
}
