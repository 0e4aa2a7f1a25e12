/**
 * Fetches pages, many at once, with a cache that follows HTTP's own rules, and says what came from it.
 *
 * deno run --allow-net examples/cached_fetch.ts https://example.com/ https://example.org/
 */

import { createHttpClient } from "@agent/runtime/http";

await using client = createHttpClient({
  cache: true,
  timeoutMs: 10_000,
  // Pages on one's own machine are refused unless they are asked for by name.
  allowPrivate: Deno.args.some((url) => new URL(url).hostname === "127.0.0.1"),
});
// The second round is served from the cache as far as the servers allow it.
for (const round of ["first", "second"]) {
  for await (const outcome of client.fetchMany(Deno.args)) {
    if (!outcome.ok) {
      console.error(`${round} ${Deno.args[outcome.index]}: ${outcome.error}`);
      continue;
    }
    const { response } = outcome;
    const text = await response.text();
    const from = response.fromCache ? "cache" : "network";
    console.log(
      `${round} ${response.url} ${response.status} ${text.length} characters from the ${from}`,
    );
  }
}
