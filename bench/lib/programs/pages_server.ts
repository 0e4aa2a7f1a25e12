/**
 * Serves documentation pages, made from a seed, on a port of the loopback, until it is killed. `/0` is the first page;
 * numbers beyond the last begin again.
 *
 * Arguments: the port, how many pages. Prints "ready" when it listens.
 */

import { Random } from "../random.ts";
import { webPage } from "../web_page.ts";

/** Pages of documentation have 8 to 58 KB of HTML, 33 KB in the middle, as those of Rust's standard library do. */
const SMALLEST = 8_000;
const SPREAD = 50_000;

const [port = "", count = ""] = Deno.args;
const random = new Random(7);
const encoder = new TextEncoder();
const pages = Array.from(
  { length: Number(count) },
  () => encoder.encode(webPage(random, SMALLEST + random.below(SPREAD))),
);
const headers = { "content-type": "text/html; charset=utf-8" };

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen: () => void Deno.stdout.writeSync(encoder.encode("ready\n")),
}, (request) => {
  const number = Number(new URL(request.url).pathname.slice(1));
  return Number.isInteger(number)
    ? new Response(pages[number % pages.length]!, { headers })
    : new Response(null, { status: 404 });
});
