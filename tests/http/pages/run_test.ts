/** Many pages: order, duplicates, failures, robots.txt, giving up, memory. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";

import { serving } from "../../support/servers.ts";
import { heldBy, testOf, type Twin, twins } from "../../support/twins.ts";
import {
  createHttpClient,
  type HttpClient,
  type Page,
  type PageOptions,
  type PageOutcome,
  pages,
} from "@agent/runtime/http";

const html = (body: string, status = 200): Response =>
  new Response(`<title>${body}</title><p>${body}`, {
    status,
    headers: { "content-type": "text/html" },
  });

/** A server with a robots.txt that refuses `/no`. */
function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case "/robots.txt":
      return new Response("User-agent: *\nDisallow: /no");
    case "/gone":
      return html("gone", 404);
    case "/down":
      return html("down", 503);
    case "/pdf":
      return new Response("%PDF", { headers: { "content-type": "application/pdf" } });
    case "/moved":
      return Response.redirect(new URL("/target", request.url));
  }
  return html(pathname.slice(1));
}

function suite(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("pages()", twin, name, body);
  const implementation = twin.name;
  const opened = (): HttpClient => createHttpClient({ allowPrivate: true, implementation });
  const gather = async (
    urls: Iterable<string | URL> | AsyncIterable<string | URL>,
    options: PageOptions = {},
  ): Promise<PageOutcome[]> => {
    await using client = opened();
    const outcomes = await Array.fromAsync(client.pages(urls, { implementation, ...options }));
    return outcomes.sort((a, b) => a.index - b.index);
  };

  test("each address has its outcome, failures on their own", async () => {
    await serving(answer, async (address) => {
      const base = `http://${address}`;
      const [page, moved, gone, down, pdf, no, wrong] = await gather([
        `${base}/page#part`,
        new URL(`${base}/moved`),
        `${base}/gone`,
        `${base}/down`,
        `${base}/pdf`,
        `${base}/no/entry`,
        "ftp://h.example/",
      ]);
      assert(page?.ok && moved?.ok);
      assert.deepEqual([page.url, page.title, page.markdown], [`${base}/page`, "page", "page"]);
      assert.deepEqual([moved.url, moved.title], [`${base}/target`, "target"]);
      const codeOf = (outcome: PageOutcome | undefined): string =>
        outcome?.ok === false && AgentError.is(outcome.error) ? outcome.error.code : "none";
      assert.deepEqual([gone, down, pdf, no].map(codeOf), [
        "NOT_FOUND",
        "UNAVAILABLE",
        "UNSUPPORTED",
        "SCOPE",
      ]);
      assert(wrong?.ok === false && wrong.error instanceof TypeError);
      assert.match(wrong.error.message, /^urls\[6\] must be an http: or https: address, got "ftp/);
    });
  });

  test("duplicates of a list are fetched once", async () => {
    await serving(answer, async (address, requests) => {
      const urls = ["a", "b", "a", "a#x", "no", "no"].map((path) => `http://${address}/${path}`);
      const outcomes = await gather(urls);
      assert.deepEqual(outcomes.map(({ index, ok }) => [index, ok]), [
        [0, true],
        [1, true],
        [2, true],
        [3, true],
        [4, false],
        [5, false],
      ]);
      const [first, , second] = outcomes as (Page & { ok: true; index: number })[];
      assert.deepEqual({ ...first, index: 2 }, second);
      assert.notEqual(first!.links, second!.links, "no outcome shares a list with another");
      assert.deepEqual(requests.toSorted(), ["GET /a", "GET /b", "GET /robots.txt"]);
    });
  });

  test("a stream of addresses may go on from what was found", async () => {
    await serving((request) => {
      const at = Number(new URL(request.url).pathname.slice(1));
      return new Response(`<p>${at} <a href="/${at + 1}">next</a>`, {
        headers: { "content-type": "text/html" },
      });
    }, async (address) => {
      let push: (url: string) => void = () => {};
      const readable = new ReadableStream<string>({
        start(controller): void {
          push = (url) => controller.enqueue(url);
          push(`http://${address}/1`);
        },
      });
      const seen: string[] = [];
      await using client = opened();
      for await (
        const outcome of client.pages(readable, { implementation, robots: false })
      ) {
        assert(outcome.ok);
        seen.push(outcome.markdown.split(" ")[0]!);
        if (seen.length === 5) break;
        push(outcome.links[0]!);
      }
      assert.deepEqual(seen, ["1", "2", "3", "4", "5"]);
    });
  });

  test("robots: false asks nothing, a token is looked up", async () => {
    const file = "User-agent: mine\nDisallow: /a\nUser-agent: agent-runtime\nDisallow: /b";
    const server = (request: Request): Response =>
      request.url.endsWith("/robots.txt") ? new Response(file) : answer(request);
    await serving(server, async (address, requests) => {
      const urls = ["a", "b"].map((path) => `http://${address}/${path}`);
      const oks = async (robots?: boolean | string): Promise<boolean[]> =>
        (await gather(urls, robots === undefined ? {} : { robots })).map(({ ok }) => ok);
      assert.deepEqual(await oks(false), [true, true]);
      assert(!requests.includes("GET /robots.txt"));
      assert.deepEqual(await oks("Mine"), [false, true]);
      assert.deepEqual(await oks(), [true, false]);
      assert.deepEqual(await oks(true), [true, false]);
    });
  });

  test("a crawl delay is kept between requests", async () => {
    const times: number[] = [];
    await serving((request) => {
      if (request.url.endsWith("/robots.txt")) {
        return new Response("User-agent: *\nCrawl-delay: 0.2");
      }
      times.push(performance.now());
      return answer(request);
    }, async (address) => {
      await gather([1, 2, 3].map((path) => `http://${address}/${path}`));
      assert.equal(times.length, 3);
      // What was sent later cannot have come much earlier.
      assert(times[2]! - times[0]! > 300, `${times}`);
    });
  });

  test("a signal ends it with its reason; so does leaving", async () => {
    const never = Promise.withResolvers<Response>();
    await serving(
      (request) =>
        request.url.endsWith("/slow")
          ? never.promise.then((late) => late.clone())
          : answer(request),
      async (address) => {
        const urls = ["fast", "slow"].map((path) => `http://${address}/${path}`);
        await using client = opened();
        const controller = new AbortController();
        const seen: string[] = [];
        await assert.rejects(async () => {
          const { signal } = controller;
          for await (const outcome of client.pages(urls, { implementation, signal })) {
            seen.push(outcome.url);
            controller.abort(new Error("enough"));
          }
        }, /enough/);
        assert.deepEqual(seen, [urls[0]]);
        await assert.rejects(gather(urls, { signal: controller.signal }), /enough/);
        for await (const outcome of client.pages(urls, { implementation })) {
          assert.equal(outcome.url, urls[0]);
          break;
        }
        const left = client.pages(urls, { implementation });
        await left[Symbol.asyncIterator]().return!();
        never.resolve(html("late"));
      },
    );
    await twin.idle();
  });

  test("progress is told to the end", async () => {
    await serving(answer, async (address) => {
      const seen: string[] = [];
      await gather([1, 2, 2].map((path) => `http://${address}/${path}`), {
        onProgress: ({ done, total }) => seen.push(`${done}/${total}`),
      });
      assert.equal(seen.at(-1), "3/3");
      assert.equal(seen.filter((line) => line === "3/3").length, 1);
    });
  });

  test("what nobody takes is not fetched", async () => {
    let served = 0;
    await serving((request) => {
      served++;
      return answer(request);
    }, async (address) => {
      const urls = Array.from({ length: 2000 }, (_, at) => `http://${address}/${at}`);
      await using client = opened();
      const outcomes = client.pages(urls, { implementation, robots: false })
        [Symbol.asyncIterator]();
      await outcomes.next();
      // As long as it takes: everything that will be fetched unasked has been when nothing comes any more.
      for (let before = -1; before !== served;) {
        before = served;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert(served < 200, `${served} pages were fetched for one`);
      await outcomes.return!();
    });
    await twin.idle();
  });

  if (twin.name === "native") {
    test("nothing in native memory is left, whatever the end", async () => {
      const held = heldBy("http");
      const before = held.handles();
      await serving(answer, async (address) => {
        const paths = ["a", "moved", "gone", "down", "pdf", "no", "b", "c"];
        const urls = Array.from(
          { length: 80 },
          (_, at) => `http://${address}/${paths[at % 8]}?${at}`,
        );
        await gather(urls);
        await using client = opened();
        for (const takes of [0, 1, 7]) {
          let taken = 0;
          for await (const _ of client.pages(urls, { robots: false })) {
            if (++taken > takes) break;
          }
        }
        const controller = new AbortController();
        await assert.rejects(async () => {
          for await (const _ of client.pages(urls, { signal: controller.signal })) {
            controller.abort();
          }
        }, { name: "AbortError" });
      });
      await twin.idle();
      assert.equal(held.handles(), before);
    });
  }

  test("a client that is closed meanwhile ends it", async () => {
    await serving(answer, async (address) => {
      await using client = opened();
      const urls = Array.from({ length: 50 }, (_, at) => `http://${address}/${at}`);
      await assert.rejects(async () => {
        for await (const _ of client.pages(urls)) await client.close();
      }, (error) => AgentError.is(error, "CLOSED"));
      assert.throws(() => client.pages(urls), (error) => AgentError.is(error, "CLOSED"));
    });
    await twin.idle();
  });

  test("what the client's cache has is not fetched again", async () => {
    const fresh = (request: Request): Response => {
      const response = answer(request);
      response.headers.set("cache-control", "max-age=60");
      return response;
    };
    await serving(fresh, async (address, requests) => {
      await using client = createHttpClient({ allowPrivate: true, implementation, cache: true });
      const urls = ["a", "b"].map((path) => `http://${address}/${path}`);
      for (let round = 0; round < 2; round++) {
        const titles = [];
        for await (const page of client.pages(urls)) titles.push(page.ok && page.title);
        assert.deepEqual(titles.sort(), ["a", "b"]);
      }
      assert.deepEqual(requests.toSorted(), ["GET /a", "GET /b", "GET /robots.txt"]);
    });
    await twin.idle();
  });

  test("arguments are checked at once", async () => {
    await using client = opened();
    const of = (urls: unknown, options?: unknown) => () =>
      pages(urls as string[], { client, ...options as PageOptions });
    assert.throws(of("http://h.example"), {
      name: "TypeError",
      message: /^urls must be a stream or another iterable of parts, got "http/,
    });
    assert.throws(of([], { content: "text" }), { name: "TypeError", message: /options\.content/ });
    assert.throws(of([], { encoding: "x" }), { name: "TypeError", message: /options\.encoding/ });
    assert.throws(of([], { maxTokens: 0 }), { name: "RangeError", message: /options\.maxTokens/ });
    assert.throws(of([], { robots: "a b" }), { name: "TypeError", message: /options\.robots/ });
    assert.throws(of([], { robots: 1 }), { name: "TypeError", message: /options\.robots/ });
    assert.throws(of([], { perHost: 0 }), { name: "RangeError", message: /options\.perHost/ });
    assert.throws(of([], { implementation: "fast" }), { name: "TypeError" });
  });
}

twins("http").each.forEach(suite);
