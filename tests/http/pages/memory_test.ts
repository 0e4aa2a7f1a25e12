/** What many pages leave on the JavaScript heap: titles and links that were kept, and not what they were part of. */

import assert from "assertions";
import { DENO, ROOT, start } from "../../support/programs.ts";
import { serving } from "../../support/servers.ts";
import { testOf, twins } from "../../support/twins.ts";

/** Pages of some 20 KB, so that what was kept of two thousand of them could not be overlooked. */
const page = `<title>The title of a page</title><main>${
  Array.from(
    { length: 250 },
    (_, index) =>
      `<p>A sentence of some length, with <a href=https://h.example/a/link/${index}>a link</a> and <b>bold</b> text.</p>`,
  ).join("")
}</main>`;

for (const twin of twins("http").each) {
  testOf("pages()", twin, "the heap is flat over thousands of pages", async () => {
    const headers = { "content-type": "text/html" };
    await serving(() => new Response(page, { headers }), async (address) => {
      const flags = ["--quiet", "--no-prompt", "--config", `${ROOT}deno.json`];
      const { code, stdout, stderr } = await start(DENO, [
        "run",
        ...flags,
        "--v8-flags=--expose-gc",
        "--allow-read",
        "--allow-ffi",
        `--allow-net=${address}`,
        `${ROOT}bench/lib/programs/pages_heap.ts`,
        twin.name,
        `http://${address}`,
        "300",
        "2300",
      ]);
      assert.equal(code, 0, stderr);
      const { before, after, pages } = JSON.parse(stdout);
      assert.equal(pages, 2300);
      // Kept Markdown alone would be 26 MB.
      assert(after - before < 2_000_000, `${before} bytes before, ${after} after 2,000 pages`);
    });
  });
}
