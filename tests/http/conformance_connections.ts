/** Where connections go, and through what: the address that was checked, TLS with people's own authorities, proxies. */

import assert from "assertions";
import { programMissing } from "../support/needs.ts";
import { listening, raw, serving, unusedPort } from "../support/servers.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay } from "../support/values.ts";
import {
  certificates,
  clientsOf,
  httpTest,
  type MakeClient,
  rejects,
  relayed,
  requestHead,
  serveSecurely,
  writeAll,
} from "./support.ts";

const noOpenssl = programMissing("openssl", "openssl");

/** Registers the suite for one twin. */
export function httpConnectionConformance(twin: Twin): void {
  const test = (name: string, body: Parameters<typeof httpTest>[2]): void =>
    httpTest(twin, name, body);
  const secureTest = (name: string, body: (make: MakeClient) => Promise<void>): void =>
    testOf("http", { ...twin, missing: twin.missing ?? noOpenssl }, name, async () => {
      await body(clientsOf(twin));
      await twin.idle();
    });

  test("a name is resolved once, and the connection goes where it was checked to go", async (make) => {
    await serving((request) => new Response(request.headers.get("host")), async (address) => {
      const [, port] = address.split(":");
      let asked = 0;
      await using client = make({
        // A name that changes its mind as soon as it was checked.
        resolver: (name) => {
          assert.equal(name, "rebinding.test");
          return Promise.resolve(asked++ === 0 ? ["127.0.0.1"] : ["169.254.169.254"]);
        },
      });
      const url = `http://rebinding.test:${port}/`;
      const response = await client.fetch(url);
      assert.equal(await response.text(), `rebinding.test:${port}`);
      assert.equal(asked, 1);
      await rejects(client.fetch(url), "SCOPE", /\(169\.254\.169\.254\) is a metadata service/);
      assert.equal(asked, 2);
    });
  });

  test("one bad address among good ones is enough", async (make) => {
    await using client = make({
      resolver: () => Promise.resolve(["127.0.0.1", "fd00:ec2::254"]),
    });
    await rejects(client.fetch("http://two.test/"), "SCOPE", /metadata service/);
  });

  test("the next address is tried where one does not answer", async (make) => {
    await serving(() => new Response("ok"), async (address) => {
      const [, port] = address.split(":");
      await using client = make({ resolver: () => Promise.resolve(["127.0.0.2", "127.0.0.1"]) });
      assert.equal(await (await client.fetch(`http://two.test:${port}/`)).text(), "ok");
    });
  });

  test("a resolver that fails, finds nothing, or gives what is no address", async (make) => {
    const given: [() => Promise<string[]>, (error: unknown) => boolean][] = [
      [() => Promise.reject(new Error("broken")), (error) => (error as Error).message === "broken"],
      [() => Promise.resolve([]), (error) => (error as { code: string }).code === "NOT_FOUND"],
      [
        () => Promise.resolve(["nowhere"]),
        (error) => (error as { code: string }).code === "SCOPE",
      ],
    ];
    for (const [resolver, isExpected] of given) {
      await using client = make({ resolver });
      await assert.rejects(client.fetch("http://odd.test/"), isExpected);
    }
  });

  test("the time for a connection begins with the name's addresses", async (make) => {
    await serving(() => new Response("ok"), async (address) => {
      const [, port] = address.split(":");
      await using never = make({
        resolver: () => new Promise(() => {}),
        timeouts: { connectMs: 100 },
      });
      const url = `http://never.test:${port}/`;
      const message = /never\.test:\d+ took no connection within 100 ms/;
      const { details } = await rejects(never.fetch(url), "TIMEOUT", message);
      assert.deepEqual(details, { operation: "connect", timeoutMs: 100 });
      for await (const outcome of never.fetchMany([url])) {
        assert.match(String(!outcome.ok && outcome.error), message);
      }
      await using slow = make({
        resolver: () => delay(50).then(() => ["127.0.0.1"]),
        timeouts: { connectMs: 30_000 },
      });
      assert.equal(await (await slow.fetch(url)).text(), "ok");
    });
  });

  test("port 0 and addresses with a zone are asked for nothing", async (make) => {
    await using client = make();
    await rejects(client.fetch("http://127.0.0.1:0/"), "SCOPE", /nothing listens on port 0/);
    await serving(() => new Response("ok"), async (address) => {
      const [, port] = address.split(":");
      await using zoned = make({ resolver: () => Promise.resolve(["fe80::1%lo"]) });
      const message = /\(fe80::1%lo\) is an address with a zone/;
      await rejects(zoned.fetch(`http://zoned.test:${port}/`), "SCOPE", message);
      await using both = make({ resolver: () => Promise.resolve(["fe80::1%lo", "127.0.0.1"]) });
      assert.equal(await (await both.fetch(`http://zoned.test:${port}/`)).text(), "ok");
    });
  });

  test("a resolver that never answers ends with the call", async (make) => {
    await using client = make({ resolver: () => new Promise(() => {}), timeoutMs: 50 });
    await rejects(client.fetch("http://never.test/"), "TIMEOUT", /not finished within 50 ms/);
    const controller = new AbortController();
    const waiting = client.fetch("http://never.test/", {
      signal: controller.signal,
      timeoutMs: 60_000,
    });
    controller.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
  });

  secureTest(
    "TLS with an authority of one's own, for the name that was asked for",
    async (make) => {
      await serveSecurely(
        (request) => new Response(new URL(request.url).host),
        async (port, authority) => {
          const resolver = (): Promise<string[]> => Promise.resolve(["127.0.0.1"]);
          await using client = make({ caCerts: [authority], resolver });
          for (const host of ["secure.test", "127.0.0.1"]) {
            const response = await client.fetch(`https://${host}:${port}/`);
            assert.equal(await response.text(), `${host}:${port}`);
          }
          const wrongName = client.fetch(`https://other.test:${port}/`);
          await rejects(wrongName, "UNAVAILABLE", /no trusted TLS with other\.test/);
          await using stranger = make({ resolver });
          const untrusted = stranger.fetch(`https://secure.test:${port}/`);
          await rejects(untrusted, "UNAVAILABLE", /no trusted TLS .* caCerts/);
          for await (const outcome of stranger.fetchMany([`https://secure.test:${port}/`])) {
            assert.ok(!outcome.ok && /no trusted TLS/.test(String(outcome.error)));
          }
        },
      );
    },
  );

  test("what is no TLS at all", async (make) => {
    await listening(raw("HTTP/1.1 400 Bad Request\r\n\r\n"), async (address) => {
      await using client = make();
      await rejects(client.fetch(`https://${address}/`), "UNAVAILABLE", /no trusted TLS with/);
    });
  });

  test("a proxy forwards http:, with its user info as a field", async (make) => {
    const heads: string[] = [];
    await listening(async (connection) => {
      for (let head = await requestHead(connection); head !== undefined;) {
        heads.push(head);
        await writeAll(connection, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy");
        head = await requestHead(connection);
      }
    }, async (address) => {
      await using client = make({ proxy: `http://user:p%40ss@${address}` });
      const response = await client.fetch("http://somewhere.test/a?b");
      assert.equal(await response.text(), "proxy");
      assert.equal(response.url, "http://somewhere.test/a?b");
      const [head] = heads;
      assert.match(head!, /^GET http:\/\/somewhere\.test\/a\?b HTTP\/1\.1\r\n/);
      assert.match(head!, /\r\nhost: somewhere\.test\r\n/i);
      assert.match(head!, new RegExp(`proxy-authorization: Basic ${btoa("user:p@ss")}\r\n`, "i"));
      // What is written as an address is checked all the same.
      await rejects(client.fetch("http://169.254.169.254/"), "SCOPE", /metadata service/);
    });
  });

  secureTest("https: goes through a tunnel, its TLS with the origin itself", async (make) => {
    await serveSecurely((request) => new Response(request.url), async (port, authority) => {
      const heads: string[] = [];
      await listening(async (connection) => {
        const head = await requestHead(connection);
        heads.push(head!);
        if (!head!.startsWith("CONNECT secure.test:")) {
          return await writeAll(connection, "HTTP/1.1 403 Forbidden\r\n\r\n");
        }
        const origin = await Deno.connect({ hostname: "127.0.0.1", port });
        await writeAll(connection, "HTTP/1.1 200 Connection established\r\n\r\n");
        await Promise.all([relayed(connection, origin), relayed(origin, connection)]);
        origin.close();
      }, async (address) => {
        const client = make({ caCerts: [authority], proxy: `http://a:b@${address}` });
        const url = `https://secure.test:${port}/x`;
        assert.equal(await (await client.fetch(url)).text(), url);
        assert.match(heads[0]!, new RegExp(`proxy-authorization: Basic ${btoa("a:b")}\r\n`, "i"));
        const refused = client.fetch(`https://other.test:${port}/`);
        await rejects(refused, "UNAVAILABLE", /cannot be reached/);
        await client.close();
      });
    });
  });

  secureTest("a proxy that wants TLS itself, for http: and https:", async (make) => {
    await serveSecurely((request) => new Response(request.url), async (port, authority) => {
      const { certificate, key } = await certificates();
      const proxy = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: certificate, key });
      const served: Promise<void>[] = [];
      const serve = async (connection: Deno.TlsConn): Promise<void> => {
        const head = await requestHead(connection).catch(() => undefined);
        if (head?.startsWith("GET http://plain.test/x ")) {
          await writeAll(connection, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nplain");
        } else if (head?.startsWith("CONNECT ")) {
          const origin = await Deno.connect({ hostname: "127.0.0.1", port });
          await writeAll(connection, "HTTP/1.1 200 Connection established\r\n\r\n");
          await Promise.all([relayed(connection, origin), relayed(origin, connection)]);
          origin.close();
        }
        connection.close();
      };
      const accepting = (async () => {
        for await (const connection of proxy) served.push(serve(connection).catch(() => {}));
      })();
      const address = `https://127.0.0.1:${proxy.addr.port}`;
      const client = make({ caCerts: [authority], proxy: address });
      const plain = await client.fetch("http://plain.test/x");
      assert.equal(await plain.text(), "plain");
      const url = `https://secure.test:${port}/x`;
      assert.equal(await (await client.fetch(url)).text(), url);
      const wrongName = client.fetch(`https://other.test:${port}/`);
      await rejects(wrongName, "UNAVAILABLE", /no trusted TLS with/);
      await client.close();
      proxy.close();
      await accepting;
      await Promise.all(served);
    });
  });

  test("a proxy that is not there", async (make) => {
    await using client = make({ proxy: `http://127.0.0.1:${unusedPort()}` });
    await rejects(client.fetch("http://x.test/"), "UNAVAILABLE", /cannot be reached/);
  });
}
