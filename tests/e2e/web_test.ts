/** The commands that fetch pages: what they print, what they store, what they refuse. */

import assert from "assertions";
import { serving } from "../support/servers.ts";
import { agent, documents, Scratch } from "./helpers.ts";

/** A site of some pages; `version` is a word on one of them. */
function site(version = () => "first"): (request: Request) => Response {
  const html = (body: string): Response =>
    new Response(`<!doctype html><html lang=en><title>The manual</title><nav>Menu</nav>${body}`, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  return (request) => {
    const { pathname, port } = new URL(request.url);
    switch (pathname) {
      case "/robots.txt":
        return new Response("User-agent: *\nDisallow: /secret");
      case "/pump":
        return html(
          `<h1>Pump</h1><p>The ${version()} pump turns 41 times a minute. <a href=/lamp>Lamp</a>`,
        );
      case "/secret":
      case "/lamp":
        return html("<h1>Lamp</h1><p>The lamp of the pump is violet.");
      case "/away":
        return Response.redirect(`http://localhost:${port}/lamp`);
    }
    return new Response("gone", { status: 404 });
  };
}

Deno.test("fetch: prints Markdown; of several pages each with its address, in the order given", async () => {
  using scratch = new Scratch();
  await serving(site(), async (address) => {
    const [pump, lamp] = [`http://${address}/pump`, `http://${address}/lamp`];
    const one = await agent(scratch, ["fetch", pump, "--allow-private"]);
    assert.equal(one.code, 0, one.stderr);
    const text = `# Pump\n\nThe first pump turns 41 times a minute. [Lamp](${lamp})\n`;
    assert.equal(one.stdout, text);
    assert.equal(
      (await agent(scratch, ["fetch", "--markdown", pump, "--allow-private"])).stdout,
      text,
    );
    const two = await agent(scratch, ["fetch", pump, lamp, "--allow-private"]);
    assert.equal(
      two.stdout,
      `<!-- ${pump} -->\n\n${text}\n<!-- ${lamp} -->\n\n# Lamp\n\nThe lamp of the pump is violet.\n`,
    );
    const all = await agent(scratch, ["fetch", lamp, "--allow-private", "--content", "all"]);
    assert.match(all.stdout, /^Menu\n/);
  });
});

Deno.test("fetch --json: one document, with what failed; exit code 1", async () => {
  using scratch = new Scratch();
  await serving(site(), async (address) => {
    const base = `http://${address}`;
    const urls = ["pump", "gone", "secret"].map((path) => `${base}/${path}`);
    const { code, stdout } = await agent(scratch, [
      "fetch",
      ...urls,
      "--allow-private",
      "--json",
      "--max-tokens=8",
      "--encoding=cl100k_base",
    ]);
    assert.equal(code, 1);
    const [pump, gone, secret] = JSON.parse(stdout);
    assert.deepEqual([pump.ok, pump.url, pump.title], [true, urls[0], "The manual"]);
    assert.deepEqual([pump.language, pump.charset, pump.links], ["en", "utf-8", [`${base}/lamp`]]);
    assert.equal(pump.chunks.map((chunk: { text: string }) => chunk.text).join(""), pump.markdown);
    assert.deepEqual([gone.ok, gone.url, gone.error.code], [false, urls[1], "NOT_FOUND"]);
    assert.equal(secret.error.code, "SCOPE");
    assert.match(secret.error.message, /"Disallow: \/secret".*--no-robots/);
    const asked = await agent(scratch, ["fetch", urls[2]!, "--allow-private", "--no-robots"]);
    assert.equal(asked.code, 0, asked.stderr);
  });
});

Deno.test("fetch: what may not be reached is named with the flag that allows it", async () => {
  using scratch = new Scratch();
  await serving(site(), async (address, requests) => {
    const closed = await agent(scratch, ["fetch", `http://${address}/pump`]);
    assert.deepEqual([closed.code, closed.stdout, requests.length], [1, "", 0]);
    assert.match(closed.stderr, /127\.0\.0\.1 is .*; --allow-private opens it\n/);
    assert.doesNotMatch(closed.stderr, /allowPrivate/);
    const metadata = await agent(scratch, ["fetch", "http://metadata.google.internal/"]);
    assert.match(metadata.stderr, /is a metadata service\n/);
    const away = await agent(scratch, ["fetch", `http://${address}/away`, "--allow-private"]);
    assert.equal(away.code, 1);
    assert.match(away.stderr, /\/away leads to localhost:\d+, .*--allow-host localhost/);
    assert(!requests.includes("GET /lamp"));
    const allowed = await agent(scratch, [
      "fetch",
      `http://${address}/away`,
      "--allow-private",
      "--allow-host",
      "localhost",
    ]);
    assert.equal(allowed.stdout, "# Lamp\n\nThe lamp of the pump is violet.\n", allowed.stderr);
  });
});

Deno.test("fetch: mistakes are answered before anything is fetched", async () => {
  using scratch = new Scratch();
  for (
    const args of [
      ["fetch"],
      ["fetch", "example.org"],
      ["fetch", "ftp://example.org"],
      ["fetch", "http://127.0.0.1:9", "--content", "some"],
      ["fetch", "http://127.0.0.1:9", "--max-tokens", "0"],
      ["index", "a", "b"],
    ]
  ) {
    const { code, stdout, stderr } = await agent(scratch, args);
    assert.deepEqual([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
  }
});

Deno.test("index: pages become documents that ask answers from", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  let version = "first";
  await serving(site(() => version), async (address) => {
    const base = `http://${address}`;
    const report = async (...args: string[]): Promise<Record<string, number | string[]>> => {
      const { stdout } = await agent(scratch, ["index", ...args, "--allow-private", "--json"]);
      const { pages } = JSON.parse(stdout);
      return { ...pages, failed: pages.failed.map(({ url }: { url: string }) => url) };
    };
    const unchanged = { added: 0, updated: 0, unchanged: 0, removed: 0, failed: [] };
    assert.deepEqual(await report(docs, `${base}/pump`, `${base}/lamp`), {
      ...unchanged,
      added: 2,
    });
    version = "second";
    assert.deepEqual(await report(docs, `${base}/pump`, `${base}/lamp`, `${base}/no`), {
      ...unchanged,
      updated: 1,
      unchanged: 1,
      failed: [`${base}/no`],
    });
    const question = "How many times a minute does the pump turn?";
    const both = await agent(scratch, ["ask", question, "--docs", docs, "--json"]);
    const { answer, sources } = JSON.parse(both.stdout);
    assert.match(answer, /The second pump turns 41 times/);
    assert.deepEqual([sources[0].document, sources[0].line], [`${base}/pump`, null]);

    assert.deepEqual(await report(`${base}/pump`), { ...unchanged, added: 1 });
    const alone = await agent(scratch, ["ask", question, "--docs", `${base}/pump`]);
    assert.match(alone.stdout, new RegExp(`41 times[^]*\\[1\\] ${base}/pump\n +The manual › Pump`));
    const unknown = await agent(scratch, ["ask", question, "--docs", `${base}/lamp`]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Nothing was indexed under .*scripts\/agent index/);
  });
});
