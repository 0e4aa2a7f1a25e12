/**
 * HTTP: answers are whole and the right ones, whatever else servers do. Servers that mean harm, by the tests' own
 * mixture; and clients that live long, with a cache, redirects, pages, event streams, requests that are given up, and a
 * limiter.
 */

import { createCache, type TtlCache } from "@agent/runtime/cache";
import { createHttpClient, createLimiter, type HttpClient, ndjson } from "@agent/runtime/http";
import { harmed } from "../../../tests/http/faults.ts";
import { twins as testTwins } from "../../../tests/support/twins.ts";
import { type Context, inTurn, must, type Open, type TwinName, type Work } from "../work.ts";
import { Texts } from "../texts.ts";

const REOPENED_AFTER = 25;
/** How long a server may say nothing in the mixture of faults: long enough for a machine that does other things, too. */
const PATIENCE_MS = 15_000;

function bodyOf(number: number): string {
  return `${number} `.repeat(1 + number * 37 % 2_000);
}

/** A server of good answers. */
function serve(texts: Texts): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const [, word = "", text = "0"] = pathname.split("/");
    const number = Number(text);
    switch (word) {
      case "body":
        return new Response(bodyOf(number), { headers: { "cache-control": "no-store" } });
      case "fresh":
        return new Response(bodyOf(number), { headers: { "cache-control": "max-age=30" } });
      case "tagged": {
        const headers = { etag: `"${number}"`, "cache-control": "no-cache" };
        const known = request.headers.get("if-none-match") === headers.etag;
        return known
          ? new Response(null, { status: 304, headers })
          : new Response(bodyOf(number), { headers });
      }
      case "away":
        return new Response(null, {
          status: 302,
          headers: { location: number % 4 === 0 ? `/body/${number}` : `/away/${number - 1}` },
        });
      case "page":
        return new Response(texts.html(texts.rare(number)), {
          headers: { "content-type": "text/html" },
        });
      case "echo":
        return new Response(request.body);
      case "events": {
        const body = Array.from({ length: 20 }, (_, at) => `id: ${at}\ndata: ${number} ${at}\n\n`);
        return new Response(body.join(""), { headers: { "content-type": "text/event-stream" } });
      }
      case "lines":
        return new Response(Array.from({ length: 50 }, (_, n) => `{"n":${n}}\n`).join(""));
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, 200));
        return new Response("late");
      default:
        return new Response(null, { status: 404 });
    }
  });
}

/** A client that lives for some steps. */
class Clients {
  readonly #context: Context;
  readonly #base: string;
  readonly #twin: TwinName;
  readonly #texts: Texts;
  readonly #cache: TtlCache<Uint8Array>;
  #client: HttpClient;
  #turn = 0;

  constructor(context: Context, base: string, twin: TwinName, texts: Texts) {
    this.#context = context;
    this.#base = base;
    this.#twin = twin;
    this.#texts = texts;
    this.#cache = createCache({ codec: "bytes", maxBytes: 2_000_000 });
    this.#client = this.#make();
  }

  #make(): HttpClient {
    const options = { allowPrivate: true, cache: this.#cache, implementation: this.#twin };
    return createHttpClient(options);
  }

  async step(): Promise<void> {
    const { below, did, lost } = this.#context;
    const expect = (what: string, got: unknown, wanted: unknown): void => {
      if (got !== wanted) lost(`${what} over ${this.#twin}: ${String(got).slice(0, 60)}`);
      did();
    };
    for (const word of ["body", "fresh", "tagged", "away"]) {
      const number = below(200);
      const response = await this.#client.fetch(`${this.#base}/${word}/${number}`);
      expect(word, await response.text(), bodyOf(word === "away" ? number - number % 4 : number));
    }
    const sent = this.#texts.words(500);
    const echoed = await this.#client.fetch(`${this.#base}/echo`, { method: "POST", body: sent });
    expect("echo", await echoed.text(), sent);
    const urls = Array.from({ length: 30 }, () => `${this.#base}/body/${below(200)}`);
    let answers = 0;
    for await (const outcome of this.#client.fetchMany(urls)) {
      must(outcome.ok, () => String((outcome as { error?: unknown }).error));
      const number = Number(urls[outcome.index]!.split("/").at(-1));
      expect("many", await outcome.response.text(), bodyOf(number));
      answers++;
    }
    expect("answers of many", answers, urls.length);
    await this.#given(lost);
    await this.#read(expect);
    if (++this.#turn % REOPENED_AFTER === 0) {
      await this.#client.close();
      this.#client = this.#make();
    }
  }

  /** Requests that are given up, before and in their answers. */
  async #given(lost: (what: string) => void): Promise<void> {
    const signal = AbortSignal.timeout(20);
    const slow = this.#client.fetch(`${this.#base}/slow`, { signal });
    if (await slow.then(() => true, () => false)) lost("a request that was given up has an answer");
    const stop = new AbortController();
    const left = await this.#client.fetch(`${this.#base}/body/199`, { signal: stop.signal });
    const reader = left.body!.getReader();
    await reader.read();
    stop.abort();
    await reader.cancel().catch(() => {});
    const unread = await this.#client.fetch(`${this.#base}/body/7`);
    await unread.body?.cancel();
  }

  /** Pages, events and lines. */
  async #read(expect: (what: string, got: unknown, wanted: unknown) => void): Promise<void> {
    const { below } = this.#context;
    const number = below(10_000);
    const pages = [`${this.#base}/page/${number}`];
    for await (const page of this.#client.pages(pages, { robots: false, maxTokens: 100 })) {
      expect("page", page.ok && page.title, this.#texts.rare(number));
    }
    let events = 0;
    for await (
      const { data } of this.#client.events(`${this.#base}/events/${number}`, { reconnect: false })
    ) {
      expect("event", data, `${number} ${events++}`);
      if (events === 15) break;
    }
    let lines = 0;
    const response = await this.#client.fetch(`${this.#base}/lines`);
    for await (const value of ndjson(response)) expect("line", (value as { n: number }).n, lines++);
    expect("lines", lines, 50);
  }

  async close(): Promise<void> {
    await this.#client.close();
    this.#cache.close();
  }
}

/** A limiter of either twin, which gives no more than it may. */
async function limited({ did, lost }: Context, implementation: TwinName): Promise<void> {
  using limiter = createLimiter({ requestsPerMinute: 50, tokensPerMinute: 1_000, implementation });
  for (let at = 0; at < 40; at++) {
    using reservation = await limiter.reserve(10);
    await reservation.settle(5);
  }
  const { tokensLeft } = await limiter.stats();
  if (tokensLeft !== 800) lost(`a limiter has ${tokensLeft} tokens left of 800`);
  did(40);
}

const open: Open = (context): Promise<Work> => {
  const texts = new Texts(context.below);
  const server = serve(texts);
  const base = `http://127.0.0.1:${server.addr.port}`;
  const clients = context.twins.map((twin) => new Clients(context, base, twin, texts));
  const harm = testTwins("http");
  let turn = 0;
  return Promise.resolve({
    async step() {
      turn++;
      for (const one of clients) await one.step();
      const twin = inTurn(context.twins, turn);
      await limited(context, twin);
      if (turn % 4 !== 0) return;
      const { good, faults } = await harmed(
        harm[inTurn(context.twins, turn / 4)],
        1,
        PATIENCE_MS,
        context.chance,
      );
      context.did(good + faults);
    },
    async close() {
      for (const one of clients) await one.close();
      await server.shutdown();
    },
  });
};

export default open;
