/** robots.txt: the rules of RFC 9309, and how the file is fetched. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { createHttpClient } from "@agent/runtime/http";
import { Robots } from "../../../src/http/pages/robots/mod.ts";
import { RobotsRules } from "../../../src/http/pages/robots/rules.ts";
import { serving, unusedPort } from "../../support/servers.ts";
// Opens the libraries before the first test, so that none seems to leak them.
import "../../support/twins.ts";
import { plainClient } from "./client.ts";

function allowed(lines: readonly string[], path: string, token = "ExampleBot"): boolean {
  const rules = RobotsRules.read(lines.join("\n"), token);
  return rules.check(new URL(path, "https://h.example")).allowed;
}

Deno.test("rules: the group of the token counts, all of them together, else that of *", () => {
  const file = [
    "User-agent: examplebot/1.2 # a comment",
    "Disallow: /one",
    "",
    "user-agent: *",
    "disallow: /",
    "USER-AGENT : ExampleBot",
    "DisAllow:/two#three",
  ];
  assert(!allowed(file, "/one"));
  assert(!allowed(file, "/two"));
  assert(allowed(file, "/three"));
  assert(!allowed(file, "/three", "otherbot"));
  assert(!allowed(file, "/three", "Example"));
  assert(allowed(["User-agent: foobot", "Disallow: /"], "/x", "barbot"));
  assert(allowed(["Disallow: /"], "/x"), "a rule before any group is none");
});

Deno.test("rules: several agents share a group; other lines do not end it", () => {
  const file = [
    "User-agent: a",
    "Sitemap: https://h.example/sitemap.xml",
    "User-agent: b",
    "Crawl-delay: 3",
    "Unknown: line",
    "Disallow: /x",
    "User-agent: c",
    "Allow: /x",
  ];
  for (const token of ["a", "b"]) {
    assert(!allowed(file, "/x", token));
  }
  assert(allowed(file, "/x", "c"));
  assert.equal(RobotsRules.read(file.join("\r\n"), "b").crawlDelay, 3);
  assert.equal(RobotsRules.read(file.join("\r"), "c").crawlDelay, 0);
});

Deno.test("rules: the longest match counts, and of equals the allowing one", () => {
  const agent = "User-agent: *";
  const file = [
    agent,
    "Allow: /example/page/",
    "Disallow: /example/page/disallowed.gif",
    "Disallow: /example/",
  ];
  assert(allowed(file, "/example/page/x"));
  assert(!allowed(file, "/example/page/disallowed.gif"));
  assert(!allowed(file, "/example/other"));
  assert(allowed([agent, "Disallow: /a", "Allow: /a"], "/a"));
  assert(allowed([agent, "Disallow:"], "/a"), "an empty rule is none");
  assert(allowed([agent, "Disallow: /"], "/robots.txt"));
  assert(!allowed([agent, "Disallow: /"], "/robots.txt.html"));
  assert(allowed([agent, "Disallow: a"], "/a"), "a path begins with a slash");
});

Deno.test("rules: * stands for anything, $ for the end", () => {
  const disallowed = (pattern: string, path: string): boolean =>
    !allowed(["User-agent: *", `Disallow: ${pattern}`], path);
  assert(disallowed("/*.gif$", "/a/b.gif"));
  assert(!disallowed("/*.gif$", "/a/b.gif?x"));
  assert(disallowed("*.gif", "/a/b.gif?x"));
  assert(disallowed("/this/*/exactly", "/this/path/very/exactly?a"));
  assert(!disallowed("/this/*/exactly", "/this/exactly"));
  assert(disallowed("/a**b", "/a-b"));
  assert(disallowed("/$", "/"));
  assert(!disallowed("/$", "/a"));
  assert(disallowed("/a*a$", "/aa"));
  assert(!disallowed("/a*a$", "/a"), "what stands before * is not matched twice");
  assert(disallowed("/a$b", "/a$b"), "a $ elsewhere is itself");
  assert(disallowed("/file-%2A.html", "/file-*.html"));
  assert(!disallowed("/file-%2A.html", "/file-x.html"));
  assert(disallowed("/foo-%24", "/foo-$"));
  assert(disallowed("/*/private", "/a?next=/private"));
});

Deno.test("rules: percent-encoding is compared in one form", () => {
  const disallowed = (pattern: string, path: string): boolean =>
    !allowed(["User-agent: *", `Disallow: ${pattern}`], path);
  assert(disallowed("/foo/bar?baz=quz", "/foo/bar?baz=quz"));
  assert(disallowed("/foo?to=https://x.example", "/foo?to=https%3A%2F%2Fx.example"));
  assert(disallowed("/foo?to=https%3A%2F%2Fx.example", "/foo?to=https://x.example"));
  assert(disallowed("/ツ", "/%E3%83%84"));
  assert(disallowed("/%e3%83%84", "/ツ"));
  assert(disallowed("/%62%61%7A", "/baz"));
  assert(disallowed("/baz", "/%62%61%7a"));
  assert(!disallowed("/a%2Fb", "/a/b"));
  assert(!disallowed("/FOO", "/foo"), "paths have case");
});

Deno.test("rules: hostile files are read in linear time", () => {
  const many = Array.from({ length: 20_000 }, (_, at) => `Disallow: /${"*a".repeat(5)}${at}$`);
  const url = `/${"a".repeat(4000)}`;
  assert(allowed(["User-agent: *", ...many], url));
  assert(!allowed(["User-agent: *", `Disallow: /${"*a".repeat(3000)}`], url));
});

/** Asks for `/page` of a server that answers as given. */
async function admission(
  answer: (path: string, address: string) => Response,
  body: (
    admit: (path?: string) => Promise<number>,
    requests: string[],
    clock: { now: number },
  ) => Promise<void>,
): Promise<void> {
  let host = "";
  await serving(
    (request) => answer(new URL(request.url).pathname, host),
    async (address, requests) => {
      host = address;
      const clock = { now: 1e12 };
      const robots = new Robots(plainClient(), () => clock.now);
      const { signal } = new AbortController();
      await body(
        (path = "/page") => robots.admit(new URL(path, `http://${address}`), "ExampleBot", signal),
        requests,
        clock,
      );
    },
  );
}

const REFUSING = "User-agent: *\nDisallow: /page";

Deno.test("robots: a refusal is SCOPE and names the rule", async () => {
  await admission(() => new Response(REFUSING), async (admit) => {
    await assert.rejects(
      admit(),
      (error) =>
        AgentError.is(error, "SCOPE") && error.details.reason === "robots.txt: Disallow: /page" &&
        /robots\.txt says "Disallow: \/page" to ExampleBot/.test(error.message),
    );
    assert.equal(await admit("/other"), 0);
  });
});

Deno.test("robots: one request for an origin at a time, and one a day", async () => {
  await admission(() => new Response(REFUSING), async (admit, requests, clock) => {
    await Promise.all([admit("/a"), admit("/b"), assert.rejects(admit())]);
    clock.now += 23.9 * 3_600_000;
    await admit("/c");
    assert.equal(requests.length, 1);
    clock.now += 0.2 * 3_600_000;
    await admit("/c");
    assert.equal(requests.length, 2);
  });
});

Deno.test("robots: 4xx allows, 5xx forbids and is asked again after a minute", async () => {
  for (const status of [400, 401, 403, 404, 410, 429]) {
    await admission(() => new Response(REFUSING, { status }), async (admit) => {
      assert.equal(await admit(), 0);
    });
  }
  await admission(() => new Response("", { status: 503 }), async (admit, requests, clock) => {
    const unavailable = (error: unknown): boolean =>
      AgentError.is(error, "UNAVAILABLE") && /answered 503/.test(error.message);
    await assert.rejects(admit(), unavailable);
    await assert.rejects(admit("/other"), unavailable);
    assert.equal(requests.length, 1);
    clock.now += 61_000;
    await assert.rejects(admit(), unavailable);
    assert.equal(requests.length, 2);
  });
});

Deno.test("robots: an unreachable server forbids", async () => {
  const robots = new Robots(plainClient());
  const url = new URL(`http://127.0.0.1:${unusedPort()}/page`);
  await assert.rejects(
    robots.admit(url, "x", new AbortController().signal),
    (error) => AgentError.is(error, "UNAVAILABLE"),
  );
});

Deno.test("robots: five redirects are followed, a sixth means no rules", async () => {
  const hops = (most: number) => (path: string, address: string): Response => {
    const at = Number(path.slice(1)) || 0;
    return at < most ? Response.redirect(`http://${address}/${at + 1}`) : new Response(REFUSING);
  };
  await admission(hops(5), async (admit) => {
    await assert.rejects(admit(), (error) => AgentError.is(error, "SCOPE"));
  });
  await admission(hops(6), async (admit) => assert.equal(await admit(), 0));
});

Deno.test("robots: 500 KiB are read, and no line that is cut", async () => {
  const fill = (size: number): string => `${`# ${"x".repeat(97)}\n`.repeat(size / 100)}`;
  await admission(
    () => new Response(`${fill(511_000)}\nUser-agent: *\nDisallow: /page\n${fill(600_000)}`),
    async (admit) => {
      await assert.rejects(admit(), (error) => AgentError.is(error, "SCOPE"));
    },
  );
  const head = "User-agent: *\n";
  const cut = `${head}${"#".repeat(512_000 - head.length - 14)}\nDisallow: /pages-of-old`;
  await admission(() => new Response(cut), async (admit) => assert.equal(await admit(), 0));
});

Deno.test("robots: a crawl delay spreads requests, ten seconds at most", async () => {
  const file = (delay: string) => new Response(`User-agent: *\nCrawl-delay: ${delay}`);
  await admission(() => file("1.5"), async (admit, _, clock) => {
    assert.deepEqual([await admit(), await admit(), await admit()], [0, 1500, 3000]);
    clock.now += 3500;
    assert.deepEqual([await admit(), await admit()], [1000, 2500]);
  });
  await admission(() => file("86400"), async (admit) => {
    assert.deepEqual([await admit(), await admit()], [0, 10_000]);
  });
});

Deno.test("robots: who gives up does not wait, and the others go on", async () => {
  const gate = Promise.withResolvers<void>();
  await serving(async () => {
    await gate.promise;
    return new Response(REFUSING);
  }, async (address, requests) => {
    const robots = new Robots(plainClient());
    const url = new URL(`http://${address}/page`);
    const first = new AbortController();
    const given = robots.admit(url, "x", first.signal);
    const waiting = robots.admit(url, "x", new AbortController().signal);
    first.abort(new Error("enough"));
    await assert.rejects(given, /enough/);
    gate.resolve();
    await assert.rejects(waiting, (error) => AgentError.is(error, "SCOPE"));
    assert.equal(requests.length, 1);
  });
});

Deno.test("robots: where the client does not even ask, the page itself is refused", async () => {
  const code = async (url: string): Promise<string> => {
    await using client = createHttpClient();
    for await (const outcome of client.pages([url])) {
      assert(!outcome.ok && AgentError.is(outcome.error));
      assert(outcome.error.message.startsWith(url), outcome.error.message);
      return outcome.error.code;
    }
    return "";
  };
  assert.equal(await code("http://127.0.0.1:9/page"), "SCOPE");
});

Deno.test("robots: a redirect to what may not be asked is no answer", async () => {
  await serving(
    () => Response.redirect("http://169.254.169.254/robots.txt"),
    async (address) => {
      await using client = createHttpClient({ allowPrivate: true });
      const robots = new Robots(client);
      await assert.rejects(
        robots.admit(new URL(`http://${address}/`), "x", new AbortController().signal),
        (error) => AgentError.is(error, "UNAVAILABLE"),
      );
    },
  );
});
