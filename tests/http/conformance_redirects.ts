/** Redirects, hop by hop: what goes along, what is checked, where it ends. */

import assert from "assertions";
import { serving } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import { httpTest, rejects, serveSecurely } from "./support.ts";

/** Redirects as the path says (`/302?to=...`); whatever else is said back. */
async function redirecting(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const to = searchParams.get("to");
  if (to !== null) {
    await request.body?.cancel();
    return new Response("moved", { status: Number(pathname.slice(1)), headers: { location: to } });
  }
  return Response.json({
    method: request.method,
    path: pathname,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
}

/** Registers the suite for one twin. */
export function httpRedirectConformance(twin: Twin): void {
  const test = (name: string, body: Parameters<typeof httpTest>[2]): void =>
    httpTest(twin, name, body);

  test("method and body after each status", async (make) => {
    await serving(redirecting, async (address) => {
      await using client = make();
      const table: [number, string, string][] = [
        [301, "POST", "GET"],
        [302, "POST", "GET"],
        [303, "POST", "GET"],
        [307, "POST", "POST"],
        [308, "POST", "POST"],
        [301, "PUT", "PUT"],
        [302, "PUT", "PUT"],
        [303, "PUT", "GET"],
        [303, "GET", "GET"],
        [307, "DELETE", "DELETE"],
      ];
      for (const [status, method, after] of table) {
        const body = method === "GET" ? undefined : "text";
        const response = await client.fetch(`http://${address}/${status}?to=/end`, {
          method,
          body,
        });
        const said = await response.json();
        assert.equal(said.method, after, `${status} ${method}`);
        assert.equal(said.body, after === "GET" ? "" : "text", `${status} ${method}`);
        const hasType = "content-type" in said.headers;
        assert.equal(hasType, after !== "GET", `${status} ${method}`);
        assert.equal(response.redirected, true);
        assert.equal(response.url, `http://${address}/end`);
        assert.equal(response.attempts, 2);
      }
      const head = await client.fetch(`http://${address}/303?to=/end`, { method: "HEAD" });
      assert.deepEqual([head.status, head.body], [200, null]);
    });
  });

  test("manual gives the redirect, error refuses it, no location ends it", async (make) => {
    await serving(redirecting, async (address) => {
      await using client = make();
      const url = `http://${address}/302?to=/end`;
      const manual = await client.fetch(url, { redirect: "manual" });
      assert.deepEqual([manual.status, manual.redirected], [302, false]);
      assert.equal(manual.headers.get("location"), "/end");
      assert.equal(await manual.text(), "moved");
      await rejects(client.fetch(url, { redirect: "error" }), "UNAVAILABLE", /redirect is "error"/);
    });
    await serving(() => new Response("here", { status: 302 }), async (address) => {
      await using client = make();
      assert.equal(await (await client.fetch(`http://${address}/`)).text(), "here");
    });
  });

  test("10,000 redirects and circles come to an end", async (make) => {
    await serving((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/a") {
        return new Response(null, { status: 307, headers: { location: "/b" } });
      }
      if (pathname === "/b") {
        return new Response(null, { status: 307, headers: { location: "/a" } });
      }
      const count = Number(pathname.slice(1));
      const location = `/${count + 1}`;
      return count === 10_000
        ? new Response("end")
        : new Response(null, { status: 302, headers: { location } });
    }, async (address, requests) => {
      await using client = make();
      const endless = client.fetch(`http://${address}/0`);
      await rejects(endless, "UNAVAILABLE", /redirects more than 10 times/);
      assert.equal(requests.length, 11);
      await rejects(client.fetch(`http://${address}/a`), "UNAVAILABLE", /redirects in a circle/);
      await using none = make({ maxRedirects: 0 });
      await rejects(none.fetch(`http://${address}/0`), "UNAVAILABLE", /more than 0 times/);
      await using most = make({ maxRedirects: 100 });
      const end = await most.fetch(`http://${address}/9900`);
      assert.deepEqual([await end.text(), end.attempts], ["end", 101]);
    });
  });

  test("what may hold credentials stays with its origin", async (make) => {
    await serving(redirecting, async (other) => {
      await serving(redirecting, async (address) => {
        const headers = {
          authorization: "Bearer a",
          cookie: "b=c",
          "x-api-key": "d",
          "private-token": "e",
          "idempotency-key": "f",
          "x-other": "e",
        };
        await using client = make({ headers });
        const kept = await (await client.fetch(`http://${address}/307?to=/end`)).json();
        assert.equal(kept.headers["authorization"], "Bearer a");
        assert.equal(kept.headers["cookie"], "b=c");
        const far = await client.fetch(`http://${address}/307?to=http://${other}/end`);
        const said = await far.json();
        for (const name of ["authorization", "cookie", "x-api-key", "private-token"]) {
          assert.equal(said.headers[name], undefined, name);
        }
        assert.equal(said.headers["x-other"], "e");
        // They do not come back with the way back.
        const back = encodeURIComponent(`http://${address}/end`);
        const way = encodeURIComponent(`http://${other}/307?to=${back}`);
        const there = await client.fetch(`http://${address}/307?to=${way}`);
        assert.equal(there.url, `http://${address}/end`);
        assert.equal((await there.json()).headers["authorization"], undefined);
      });
    });
  });

  test("each hop is checked: its scheme, user info, address, name", async (make) => {
    await serving(redirecting, async (address) => {
      await using client = make({
        resolver: (name) =>
          Promise.resolve(name === "open.test" ? ["127.0.0.1"] : ["169.254.169.254"]),
      });
      const [, port] = address.split(":");
      const hops: [string, RegExp][] = [
        ["ftp://open.test/", /neither http: nor https:/],
        ["file:///etc/passwd", /neither http: nor https:/],
        ["data:text/plain,x", /neither http: nor https:/],
        [`http://a:b@open.test:${port}/`, /user info/],
        ["http://169.254.169.254/latest/meta-data", /metadata service/],
        ["http://0xa9fea9fe/", /metadata service/],
        ["http://[::ffff:a9fe:a9fe]/", /metadata service/],
        ["http://169.254.169.254.nip.test/", /\(169\.254\.169\.254\) is a metadata service/],
        ["http://metadata.google.internal/", /metadata service/],
      ];
      for (const [to, message] of hops) {
        const url = `http://open.test:${port}/302?to=${encodeURIComponent(to)}`;
        await rejects(client.fetch(url), "SCOPE", message);
      }
      const url = `http://open.test:${port}/302?to=${encodeURIComponent("http://[")}`;
      await rejects(client.fetch(url), "UNAVAILABLE", /redirects to what is no address/);
    });
  });

  test("a stream is never sent a second time", async (make) => {
    await serving(redirecting, async (address) => {
      await using client = make();
      const stream = (): ReadableStream<Uint8Array> => new Blob(["once"]).stream();
      const init = { method: "POST", body: stream() };
      const again = client.fetch(`http://${address}/307?to=/end`, init);
      await rejects(again, "UNAVAILABLE", /a stream, which cannot be sent again/);
      const dropped = { method: "POST", body: stream() };
      const said = await (await client.fetch(`http://${address}/303?to=/end`, dropped)).json();
      assert.deepEqual([said.method, said.body], ["GET", ""]);
    });
  });

  test("locations are relative, and bytes of UTF-8", async (make) => {
    await serving((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/a/b") {
        return new Response(null, { status: 302, headers: { location: "../c%20d?x#y" } });
      }
      return new Response(pathname);
    }, async (address) => {
      await using client = make();
      const response = await client.fetch(`http://${address}/a/b`);
      assert.equal(response.url, `http://${address}/c%20d?x`);
    });
  });

  test("https: never leads to http:", async (make) => {
    await serving(redirecting, async (address) => {
      await serveSecurely(redirecting, async (port, authority) => {
        await using client = make({ caCerts: [authority] });
        const url = `https://127.0.0.1:${port}/302?to=`;
        const down = client.fetch(`${url}http://${address}/end`);
        await rejects(down, "UNAVAILABLE", /from https: to http:/);
        assert.equal((await client.fetch(`${url}/end`)).redirected, true);
        // The other direction is fine.
        const target = encodeURIComponent(`https://127.0.0.1:${port}/end`);
        const up = await client.fetch(`http://${address}/302?to=${target}`);
        assert.equal(up.url, `https://127.0.0.1:${port}/end`);
      });
    });
  });
}
