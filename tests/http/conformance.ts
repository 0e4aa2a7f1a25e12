/**
 * What `fetch` of the HTTP client does, for every twin. Not part of the contract: the order of fields of a request, when
 * a connection is used again, and the words of an error's cause.
 */

import assert from "assertions";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { AgentError } from "../../src/shared/errors.ts";
import { serving, untilClosed } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import { delay, until } from "../support/values.ts";
import { answering, httpTest, rejects, response, scripted, writeAll } from "./support.ts";

/** What a server of the tests says about a request. */
interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

async function echo(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return Response.json({
    method: request.method,
    url: `${pathname}${search}`,
    headers: Object.fromEntries(request.headers),
    // One that is given up cannot be read to its end.
    body: await request.text().catch(() => ""),
  });
}

/** Registers the suite for one twin. */
export function httpConformance(twin: Twin): void {
  const test = (name: string, body: Parameters<typeof httpTest>[2]): void =>
    httpTest(twin, name, body);

  test("a real Response, with what it took", async (make) => {
    await serving(echo, async (address) => {
      await using client = make();
      assert.equal(client.implementation, twin.name);
      const response = await client.fetch(`http://${address}/a?b=c#d`);
      assert.ok(response instanceof Response);
      assert.equal(response.url, `http://${address}/a?b=c`);
      assert.equal(response.status, 200);
      assert.equal(response.ok, true);
      assert.equal(response.redirected, false);
      assert.equal(response.attempts, 1);
      assert.equal(response.fromCache, false);
      assert.ok(response.durationMs > 0);
      assert.ok(response.body instanceof ReadableStream);
      assert.match(response.headers.get("content-type")!, /json/);
      const copy = response.clone();
      assert.equal(copy.url, response.url);
      const said: Echo = await response.json();
      assert.deepEqual(await copy.json(), said);
      assert.equal(said.method, "GET");
      assert.equal(said.url, "/a?b=c");
      assert.equal(said.headers["accept"], "*/*");
      assert.equal(said.headers["accept-encoding"], "gzip, deflate, br, zstd");
    });
  });

  test("methods, fields and bodies of every form", async (make) => {
    await serving(echo, async (address) => {
      const url = new URL(`http://${address}/`);
      await using client = make({ headers: { "x-all": "1", accept: "text/plain" } });
      const said = async (init: Parameters<typeof client.fetch>[1]): Promise<Echo> =>
        await (await client.fetch(url, init)).json();
      const form = new FormData();
      form.append("a", "b");
      const stream = new Blob(["stre", "am"]).stream();
      const forms: [BodyInit, RegExp | undefined, string | RegExp][] = [
        ["text ü", /^text\/plain;charset=UTF-8$/, "text ü"],
        [new TextEncoder().encode("bytes"), undefined, "bytes"],
        [new Uint8Array([104, 105]).buffer, undefined, "hi"],
        [new URLSearchParams({ a: "b c" }), /^application\/x-www-form-urlencoded/, "a=b+c"],
        [new Blob(["blob"], { type: "text/x" }), /^text\/x$/, "blob"],
        [form, /^multipart\/form-data; boundary=/, /name="a"\r\n\r\nb\r\n/],
        [stream, undefined, "stream"],
        ["x".repeat(200_000), /^text\/plain/, "x".repeat(200_000)],
      ];
      for (const [body, type, expected] of forms) {
        const { method, headers, body: got } = await said({ method: "post", body });
        assert.equal(method, "POST");
        if (type === undefined) assert.equal(headers["content-type"], undefined);
        else assert.match(headers["content-type"]!, type);
        if (typeof expected === "string") assert.equal(got, expected);
        else assert.match(got, expected);
      }
      const own = await said({ method: "PUT", headers: [["X-Own", " two "], ["x-all", "3"]] });
      assert.equal(own.method, "PUT");
      assert.equal(own.headers["x-own"], "two");
      assert.equal(own.headers["x-all"], "3");
      assert.equal(own.headers["accept"], "text/plain");
      assert.equal(own.headers["content-length"], "0");
      const typed = await said({ method: "PATCH", headers: { "Content-Type": "a/b" }, body: "" });
      assert.deepEqual([typed.method, typed.headers["content-type"]], ["PATCH", "a/b"]);
      const latin = await said({ headers: new Headers({ "x-bytes": "caf\xe9" }) });
      assert.equal(latin.headers["x-bytes"], "caf\xe9");
    });
  });

  test("HEAD, 204 and 304 have no body; an empty one is empty", async (make) => {
    await serving(
      (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/empty") return new Response("");
        if (request.method === "HEAD") return new Response("four");
        return new Response(null, { status: Number(pathname.slice(1)) });
      },
      async (address) => {
        await using client = make();
        const head = await client.fetch(`http://${address}/`, { method: "head" });
        assert.deepEqual([head.status, head.body, await head.text()], [200, null, ""]);
        for (const status of [204, 304]) {
          const none = await client.fetch(`http://${address}/${status}`);
          assert.deepEqual([none.status, none.body], [status, null]);
        }
        const empty = await client.fetch(`http://${address}/empty`);
        assert.equal((await empty.bytes()).length, 0);
      },
    );
  });

  test("each coding is undone, and its fields are gone", async (make) => {
    const text = "All work and no play. ".repeat(3_000);
    const coded: Record<string, Uint8Array> = {
      gzip: gzipSync(text),
      "x-gzip": gzipSync(text),
      deflate: deflateSync(text),
      "DEFLATE": deflateRawSync(text),
      br: brotliCompressSync(text),
      zstd: zstdCompressSync(text),
      "gzip, br": brotliCompressSync(gzipSync(text)),
      "identity": new TextEncoder().encode(text),
    };
    for (const [coding, content] of Object.entries(coded)) {
      const bytes = Uint8Array.from(content);
      const head = `200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}`;
      await answering(response(head, bytes), async (address) => {
        await using client = make();
        const response = await client.fetch(`http://${address}/`);
        assert.equal(await response.text(), text, coding);
        if (coding !== "identity") {
          assert.equal(response.headers.get("content-encoding"), null, coding);
          assert.equal(response.headers.get("content-length"), null, coding);
        }
        for await (const outcome of client.fetchMany([`http://${address}/`])) {
          assert.ok(outcome.ok, coding);
          assert.equal(await outcome.response.text(), text, coding);
          if (coding !== "identity") {
            assert.equal(outcome.response.headers.get("content-encoding"), null, coding);
          }
        }
      }, false);
    }
  });

  test("a coding that is not known is handed on as it is", async (make) => {
    const bytes = response("200 OK\r\ncontent-encoding: compress\r\ncontent-length: 3", "abc");
    await answering(bytes, async (address) => {
      await using client = make();
      const response = await client.fetch(`http://${address}/`);
      assert.equal(response.headers.get("content-encoding"), "compress");
      assert.equal(response.headers.get("content-length"), "3");
      assert.equal(await response.text(), "abc");
    });
  });

  test("fields of the answer: several of a name, bytes, blanks, none", async (make) => {
    const head = "200 OK\r\nX-A: 1\r\nx-a:2\r\nset-cookie: a=b\r\nset-cookie: c=d\r\n" +
      "x-blank:  \t spaced \t\r\nx-empty:\r\ncontent-length: 0";
    await answering(response(head), async (address) => {
      await using client = make();
      const { headers } = await client.fetch(`http://${address}/`);
      assert.equal(headers.get("x-a"), "1, 2");
      assert.deepEqual(headers.getSetCookie(), ["a=b", "c=d"]);
      assert.equal(headers.get("x-blank"), "spaced");
      assert.equal(headers.get("x-empty"), "");
    });
  });

  test("bodies in chunks, with extensions and trailers, and until the end", async (make) => {
    const chunked = "200 OK\r\ntransfer-encoding: chunked";
    const bodies: [string, string][] = [
      [chunked, "3;a=b\r\nabc\r\n00a\r\n0123456789\r\n0\r\nx-t: 1\r\n\r\n"],
      ["200 OK", "abc0123456789"],
      ["200 OK\r\ncontent-length: 13\r\ncontent-length: 13", "abc0123456789"],
    ];
    for (const [head, body] of bodies) {
      await answering(response(head, body), async (address) => {
        await using client = make();
        assert.equal(await (await client.fetch(`http://${address}/`)).text(), "abc0123456789");
        for await (const outcome of client.fetchMany([`http://${address}/`])) {
          assert.ok(outcome.ok);
          assert.equal(await outcome.response.text(), "abc0123456789");
        }
      });
    }
  });

  test("answers before the answer are passed over", async (make) => {
    const bytes = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n" +
      "content-length: 2\r\n\r\nok";
    await answering(bytes, async (address) => {
      await using client = make();
      const response = await client.fetch(`http://${address}/`);
      assert.equal(response.headers.get("link"), null);
      assert.equal(await response.text(), "ok");
    });
  });

  test("a body streams as it comes, and can be given up", async (make) => {
    let cancelled = false;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    await serving(() => {
      const pieces = new ReadableStream<Uint8Array>({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode("tick\n"));
          await delay(1);
        },
        cancel() {
          cancelled = true;
          resolve();
        },
      });
      return new Response(pieces);
    }, async (address) => {
      await using client = make();
      const response = await client.fetch(`http://${address}/`);
      const reader = response.body!.getReader();
      const { value } = await reader.read();
      assert.match(new TextDecoder().decode(value), /^tick\n/);
      await reader.cancel();
      await over;
      assert.equal(cancelled, true);
      await delay(5); // the server's last wait
    });
  });

  test("a stream goes out at its own pace; its failure is the call's", async (make) => {
    await serving(echo, async (address) => {
      await using client = make({ timeouts: { firstByteMs: 200 } });
      const url = `http://${address}/`;
      let pieces = 0;
      const slow = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await delay(60);
          if (++pieces > 5) return controller.close();
          controller.enqueue(new TextEncoder().encode(`${pieces}`));
        },
      }, { highWaterMark: 0 });
      const said: Echo = await (await client.fetch(url, { method: "POST", body: slow })).json();
      assert.equal(said.body, "12345");
      const broken = new ReadableStream<Uint8Array>({
        pull() {
          throw new Error("no more of it");
        },
      }, { highWaterMark: 0 });
      await assert.rejects(client.fetch(url, { method: "POST", body: broken }), /no more of it/);
      const odd = new ReadableStream({ start: (c) => c.enqueue("text") });
      await assert.rejects(client.fetch(url, { method: "POST", body: odd }), TypeError);
    });
  });

  test("a body of no bytes is said to be one, none is not", async (make) => {
    await scripted(async (connection, head) => {
      const lengths = head.split("\r\n").filter((line) =>
        /^(?:content-length|transfer)/i.test(line)
      );
      await writeAll(connection, response(`200 OK\r\nx: ${lengths.join()}`));
    }, async (address) => {
      await using client = make();
      const said = async (method: string, body?: BodyInit): Promise<string | null> => {
        const answer = await client.fetch(`http://${address}/`, { method, body });
        await answer.body?.cancel();
        return answer.headers.get("x");
      };
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]) {
        for (const body of ["", new Uint8Array(0), new Blob([])]) {
          assert.equal(await said(method, body), "content-length: 0", method);
        }
      }
      for (const method of ["POST", "PUT", "PATCH"]) {
        assert.equal(await said(method), "content-length: 0", method);
      }
      for (const method of ["GET", "HEAD", "DELETE", "OPTIONS"]) {
        assert.equal(await said(method), "");
      }
    });
  });

  test("a stream is told why it is given up: by the caller's reason alone", async (make) => {
    const endless = (): {
      body: ReadableStream<Uint8Array<ArrayBuffer>>;
      told: Promise<unknown>;
    } => {
      const { promise: told, resolve } = Promise.withResolvers<unknown>();
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: resolve,
      });
      return { body, told };
    };
    // One that takes nothing, one that answers at once, one that goes away.
    const waiting = async (connection: Deno.TcpConn): Promise<void> => {
      await untilClosed(connection);
    };
    await scripted(waiting, async (address) => {
      await using client = make();
      const { body, told } = endless();
      const controller = new AbortController();
      const call = client.fetch(`http://${address}/`, {
        method: "POST",
        body,
        signal: controller.signal,
      });
      await delay(30);
      controller.abort("enough");
      await call.catch((reason) => assert.equal(reason, "enough"));
      assert.equal(await told, "enough");
    });
    await scripted(async (connection) => {
      await writeAll(connection, response("413 No\r\ncontent-length: 2", "no"));
      await untilClosed(connection);
    }, async (address) => {
      await using client = make();
      const { body, told } = endless();
      assert.equal(
        (await client.fetch(`http://${address}/`, { method: "POST", body })).status,
        413,
      );
      assert.equal(await told, undefined);
    });
    await scripted(() => Promise.resolve(), async (address) => {
      await using client = make();
      const { body, told } = endless();
      await rejects(
        client.fetch(`http://${address}/`, { method: "POST", body }),
        "UNAVAILABLE",
        /./,
      );
      assert.equal(await told, undefined);
    });
  });

  test("an answer that comes before all was sent ends the sending", async (make) => {
    const early = response("413 Too Large\r\ncontent-length: 5", "enough".slice(0, 5));
    await answering(early, async (address) => {
      await using client = make();
      const { promise: cancelled, resolve } = Promise.withResolvers<void>();
      let isFirst = true;
      const endless = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (!isFirst) await delay(5);
          isFirst = false;
          controller.enqueue(new Uint8Array(10));
        },
        cancel: () => resolve(),
      }, { highWaterMark: 0 });
      const init = { method: "POST", body: endless };
      const got = await client.fetch(`http://${address}/`, init);
      assert.equal(got.status, 413);
      assert.equal(await got.text(), "enoug");
      await cancelled;
      await delay(10); // the stream's last wait
    }, false);
  });

  test("a signal ends the call with its reason, before, during and in the body", async (make) => {
    const reason = new Error("enough");
    await serving((request) => {
      if (request.url.endsWith("/body")) {
        return new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(10)) }));
      }
      return new Promise<Response>((resolve) => {
        request.signal.addEventListener("abort", () => resolve(new Response()));
      });
    }, async (address) => {
      await using client = make();
      const isReason = (error: unknown): boolean => error === reason;
      const early = AbortSignal.abort(reason);
      await assert.rejects(client.fetch(`http://${address}/`, { signal: early }), isReason);
      const controller = new AbortController();
      const waiting = client.fetch(`http://${address}/`, { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 20);
      await assert.rejects(waiting, isReason);
      const late = new AbortController();
      const { body } = await client.fetch(`http://${address}/body`, { signal: late.signal });
      const reader = body!.getReader();
      assert.equal((await reader.read()).value!.length, 10);
      late.abort(reason);
      await assert.rejects(reader.read(), isReason);
    });
  });

  test("closing ends what is under way, and what comes after", async (make) => {
    await serving((request) =>
      new Promise<Response>((resolve) => {
        request.signal.addEventListener("abort", () => resolve(new Response()));
      }), async (address, requests) => {
      const client = make();
      const closed = (error: unknown): boolean => AgentError.is(error, "CLOSED");
      const waiting = assert.rejects(client.fetch(`http://${address}/`), closed);
      await until(() => requests.length > 0);
      await client.close();
      await waiting;
      await client.close();
      await assert.rejects(client.fetch(`http://${address}/`), closed);
      assert.throws(() => client.fetchMany([]), closed);
    });
  });

  test("a body over the cap is an error, by what it says and by what it is", async (make) => {
    await serving(
      (request) =>
        new URL(request.url).pathname === "/says"
          ? new Response(new Uint8Array(1_001))
          : new Response(new Blob([new Uint8Array(1_001)]).stream()),
      async (address) => {
        await using client = make({ maxBodyBytes: 1_000 });
        for (const path of ["says", "is"]) {
          const got = async (): Promise<unknown> =>
            await (await client.fetch(`http://${address}/${path}`)).bytes();
          const error = await rejects(got(), "TOO_LARGE", /over 1000 bytes; maxBodyBytes/);
          assert.deepEqual(error.details, { what: "the decoded body", size: 1_001, limit: 1_000 });
          const init = { maxBodyBytes: 1_001 };
          const more = await client.fetch(`http://${address}/${path}`, init);
          assert.equal((await more.bytes()).length, 1_001);
        }
      },
    );
  });

  test("a connection is used again, and one that has ended is not missed", async (make) => {
    let connections = 0;
    const content = response("200 OK\r\ncontent-length: 2", "ok");
    const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serve = (async () => {
      for await (const connection of server) {
        connections++;
        // Two answers, then its end without a word.
        for (let answers = 0; answers < 2; answers++) {
          await connection.read(new Uint8Array(4096));
          await connection.write(content);
        }
        connection.close();
      }
    })();
    {
      await using client = make();
      for (let i = 0; i < 6; i++) {
        const response = await client.fetch(`http://127.0.0.1:${server.addr.port}/`);
        assert.equal(await response.text(), "ok");
        assert.equal(response.status, 200);
      }
      assert.ok(connections >= 3 && connections < 6, `${connections} connections`);
    }
    server.close();
    await serve;
  });
}
