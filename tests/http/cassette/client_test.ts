/** Cassettes in a client, over both transports. */

import assert from "assertions";
import { serving } from "../../support/servers.ts";
import { twins } from "../../support/twins.ts";
import { httpTest, type MakeClient, rejects } from "../support.ts";

for (const twin of twins("http").each) {
  const test = (name: string, body: (make: MakeClient, path: string) => Promise<void>): void =>
    httpTest(twin, `cassette: ${name}`, async (make) => {
      const folder = await Deno.makeTempDir({ prefix: "agent-cassette-" });
      try {
        await body(make, `${folder}/tape.json`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });

  test(
    "what was recorded is replayed without a server, a name or an address",
    async (make, path) => {
      let base = "";
      const run = async (client: ReturnType<MakeClient>): Promise<unknown[]> => {
        const seen: unknown[] = [];
        const json = await client.fetch(`${base}/json`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: "Bearer hush" },
          body: '{"q":"x"}',
        });
        seen.push(json.status, await json.json());
        const moved = await client.fetch(`${base}/moved`);
        seen.push(await moved.text(), moved.redirected, new URL(moved.url).pathname);
        for await (const outcome of client.fetchMany([`${base}/many/1`, `${base}/many/2`])) {
          assert.ok(outcome.ok);
          seen.push([outcome.index, await outcome.response.text()]);
        }
        for await (const { data, id } of client.events(`${base}/events`, { reconnect: false })) {
          seen.push([data, id]);
        }
        return seen;
      };
      const answer = async (request: Request): Promise<Response> => {
        const { pathname } = new URL(request.url);
        if (pathname === "/json") {
          return Response.json({ got: await request.json(), usage: { total_tokens: 5 } });
        }
        if (pathname === "/moved") {
          return new Response(null, { status: 302, headers: { location: "/to" } });
        }
        if (pathname === "/events") {
          return new Response("id: 1\ndata: a\n\ndata: b\n\n", {
            headers: { "content-type": "text/event-stream" },
          });
        }
        return new Response(`page ${pathname}`);
      };
      let recorded: unknown[] = [];
      await serving(answer, async (address) => {
        base = `http://localhost:${address.split(":")[1]}`;
        await using client = make({
          cassette: { path, mode: "record" },
          resolver: () => Promise.resolve(["127.0.0.1"]),
        });
        recorded = await run(client);
      });
      const resolver = (): Promise<string[]> => Promise.reject(new Error("a name was asked for"));
      await using client = make({ cassette: { path, mode: "replay" }, resolver, perHost: 1 });
      const replayed = await run(client);
      const sorted = (list: unknown[]): string[] => list.map((each) => JSON.stringify(each)).sort();
      assert.deepEqual(sorted(replayed), sorted(recorded));
      assert.equal(Deno.readTextFileSync(path).includes("hush"), false);
      const response = await client.fetch(`${base}/to`);
      assert.equal(response.attempts, 0);
      await response.text();
      await rejects(
        client.fetch(`${base}/other`),
        "NOT_FOUND",
        /differs in the path: recorded .*asked "\/other"/,
      );
    },
  );

  test("behind the cache: a fresh response is asked of neither", async (make, path) => {
    const answer = (): Response =>
      new Response("x", { headers: { "cache-control": "max-age=100" } });
    await serving(answer, async (address, requests) => {
      await using client = make({ cache: true, cassette: { path, mode: "auto" } });
      for (let i = 0; i < 3; i++) await (await client.fetch(`http://${address}/`)).text();
      assert.equal(requests.length, 1);
      assert.equal(JSON.parse(Deno.readTextFileSync(path)).recordings.length, 1);
    });
  });

  test("retries are below: what is recorded is what came in the end", async (make, path) => {
    let n = 0;
    const answer = (): Response =>
      ++n === 1 ? new Response("busy", { status: 503 }) : new Response("done");
    await serving(answer, async (address) => {
      await using client = make({ retries: 2, cassette: { path, mode: "record" } });
      assert.equal(await (await client.fetch(`http://${address}/`)).text(), "done");
    });
    const { recordings } = JSON.parse(Deno.readTextFileSync(path));
    assert.deepEqual(
      recordings.map((each: { response: { status: number } }) => each.response.status),
      [200],
    );
  });
}
