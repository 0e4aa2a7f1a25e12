/**
 * The HTTP client: safe by default, with retries, caps and batches, twice: over an engine in Rust and over one in
 * TypeScript.
 *
 * @module
 */

import type { HttpClient, HttpClientOptions, PageOptions, PageOutcome } from "./types.ts";
import { fieldsOf } from "../shared/arguments.ts";
import { Client } from "./client/client.ts";

export * from "../shared/errors.ts";
export type * from "./types.ts";
export * from "./limiter/mod.ts";
export { type ByteSource, lines, ndjson, parseEvents } from "./events/mod.ts";

/**
 * Makes a client. It opens nothing before its first request.
 *
 * Every address is checked before anything is sent, at each redirect anew: the scheme is `http:` or `https:`, Deno's
 * permissions cover the host, and no address that its name leads to is this machine's, a private network's or a
 * metadata service's. Names are resolved once, and the connection goes to the address that was checked. `allowPrivate`
 * opens this machine and private networks, never metadata services.
 *
 * @param options See {@linkcode HttpClientOptions}. Times in milliseconds, sizes in bytes.
 * @returns The client; `await using` closes it.
 * @throws {TypeError} If an option has a wrong type.
 * @throws {RangeError} If an option has a wrong value.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 *
 * @example
 * ```ts
 * import { createHttpClient } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * const server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   (request) => new Response(new URL(request.url).pathname),
 * );
 * const base = `http://127.0.0.1:${server.addr.port}`;
 *
 * await using client = createHttpClient({ allowPrivate: true });
 * const response = await client.fetch(`${base}/one`);
 * assert.equal(await response.text(), "/one");
 *
 * for await (const outcome of client.fetchMany([`${base}/a`, `${base}/b`, "ftp://c/"])) {
 *   if (outcome.ok) assert.match(await outcome.response.text(), /^\/[ab]$/);
 *   else assert.equal(outcome.index, 2);
 * }
 *
 * await client.close();
 * await server.shutdown();
 * ```
 */
export function createHttpClient(options?: HttpClientOptions): HttpClient {
  return new Client(options);
}

/**
 * Fetches pages and gives them as Markdown, as they finish, each failure on its own. The same is a client's method
 * `pages`; this function makes a client for the call unless it gets one.
 *
 * A body is decoded by the charset that a byte order mark, the server or the page declares, in the HTML standard's order;
 * its main content becomes Markdown as `toMarkdown` makes it, and its tokens are counted. The native twin does all of
 * that off the JavaScript heap. HTML, XHTML, text, Markdown and JSON (as a block of code) are pages.
 *
 * An address that is there twice in a list is fetched once; in a stream, while it is under way. robots.txt is honoured
 * (RFC 9309): a page that it refuses is a failure of code `SCOPE`; where a server fails to say, its pages are failures of
 * code `UNAVAILABLE`. A `Crawl-delay` is kept, up to ten seconds. The client's own rules (addresses, permissions,
 * redirects, retries, caching) hold for each request.
 *
 * Some dozens of pages are held at most: the next are fetched as outcomes are taken.
 *
 * @param urls Addresses, `http:` or `https:`; a stream may be endless, and may go on from the links of earlier outcomes.
 * @param options What is wanted of each page, and the client.
 * @returns The outcomes. `index` says which address one is of.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 * @throws {AgentError} From the iterator: as `loadEncoding`, if the vocabulary cannot be had.
 *
 * @example
 * ```ts
 * import { createHttpClient, pages } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) =>
 *   request.url.endsWith("/robots.txt")
 *     ? new Response("User-agent: *\nDisallow: /private")
 *     : new Response("<title>Tea</title><nav>Home</nav><p>Boil <a href=water>water</a>.", {
 *       headers: { "content-type": "text/html" },
 *     }));
 * const base = `http://127.0.0.1:${server.addr.port}`;
 *
 * await using client = createHttpClient({ allowPrivate: true });
 * for await (const outcome of pages([`${base}/tea`, `${base}/private`], { client })) {
 *   if (outcome.ok) {
 *     assert.equal(outcome.title, "Tea");
 *     assert.equal(outcome.markdown, `Boil [water](${base}/water).`);
 *     assert.deepEqual(outcome.links, [`${base}/water`]);
 *     assert(outcome.tokens > 0);
 *   } else assert.equal(outcome.index, 1);
 * }
 *
 * await client.close();
 * await server.shutdown();
 * ```
 */
export function pages(
  urls: Iterable<string | URL> | AsyncIterable<string | URL>,
  options?: PageOptions & { client?: HttpClient },
): AsyncIterable<PageOutcome> {
  const { client } = fieldsOf(options, "options") as { client?: HttpClient };
  if (client !== undefined) return client.pages(urls, options);
  const own = new Client(undefined);
  return closing(own, own.pages(urls, options));
}

/** Closes a client after its last outcome. */
async function* closing(
  client: HttpClient,
  outcomes: AsyncIterable<PageOutcome>,
): AsyncGenerator<PageOutcome, void, undefined> {
  await using _closing = client;
  yield* outcomes;
}
