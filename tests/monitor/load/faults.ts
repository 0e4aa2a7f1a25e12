/** What comes of targets that fail, for every twin: each failure is counted under its kind, and the report is kept. */

import assert from "assertions";
import { loadTest } from "../../../src/monitor/mod.ts";
import type { LoadReport, LoadTestOptions } from "../../../src/monitor/mod.ts";
import { listening, serving, untilClosed, unusedPort } from "../../support/servers.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { delay } from "../../support/values.ts";
import { each } from "./servers.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const WHOLE = bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");

/** Registers the suite for one twin. */
export function loadFaults(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("loadTest", twin, name, body);
  const run = async (address: string, options: LoadTestOptions = {}): Promise<LoadReport> => {
    const report = await loadTest(`http://${address}/`, {
      implementation: twin.name,
      requests: 6,
      connections: 2,
      maxErrorShare: 1,
      ...options,
    });
    await twin.idle();
    return report;
  };

  test("answers of 400 and 500 are failures by class, and are measured", async () => {
    const statuses = [200, 404, 500, 503];
    let at = 0;
    const answer = (): Response => new Response("x", { status: statuses[at++ % 4] });
    await serving(answer, async (address) => {
      const report = await run(address, { requests: 40 });
      assert.deepEqual(report.errors, { "http-4xx": 10, "http-5xx": 20 });
      assert.deepEqual(report.statuses, { "200": 10, "404": 10, "500": 10, "503": 10 });
      assert.deepEqual([report.succeeded, report.failed, report.response.count], [10, 30, 40]);
    });
  });

  test("nobody listens", async () => {
    const report = await run(`127.0.0.1:${unusedPort()}`);
    assert.deepEqual([report.errors, report.requests], [{ refused: 6 }, 6]);
    assert.equal(report.response.count, 0);
    assert.ok(Number.isNaN(report.response.p99));
    assert.deepEqual(report.distribution, []);
    assert.equal(report.valid, false);
    assert.match(report.invalidReason!, /no request was answered/);
  });

  test("the connection ends before an answer", async () => {
    await listening(each(() => undefined), async (address) => {
      assert.deepEqual((await run(address)).errors, { reset: 6 });
    });
    await listening(
      each(() => bytes("HTTP/1.1 200 OK\r\nconte"), { once: true }),
      async (address) => {
        assert.deepEqual((await run(address)).errors, { reset: 6 });
      },
    );
  });

  test("half a body", async () => {
    const halves = [
      "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhalf",
    ];
    for (const half of halves) {
      await listening(each(() => bytes(half), { once: true }), async (address) => {
        assert.deepEqual((await run(address)).errors, { incomplete: 6 }, half);
      });
    }
  });

  test("what is not HTTP", async () => {
    const wrong = [
      "SSH-2.0-x\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ];
    for (const text of wrong) {
      await listening(each(() => bytes(text), { once: true }), async (address) => {
        assert.deepEqual((await run(address)).errors, { protocol: 6 }, text);
      });
    }
  });

  test("what only some would take for HTTP is judged alike", async () => {
    const head = "HTTP/1.1 200 OK\r\n";
    const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
    const cases: [text: string, errors: Record<string, number>][] = [
      [`${head}content-length: 2, 2\r\n\r\nhi`, {}],
      [`${head}content-length: 2, 3\r\n\r\nhi`, { protocol: 6 }],
      [`${head}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`, { protocol: 6 }],
      [`${head}x: a\0b\r\ncontent-length: 2\r\n\r\nhi`, { protocol: 6 }],
      [`\r\n\n${head}content-length: 2\r\n\r\nhi`, {}],
      ["HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n", { protocol: 6 }],
      ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", {}],
      ["hi", { protocol: 6 }],
      ["HTTP/1.1 200 O", { reset: 6 }],
      [`${chunked}2\r\nhiXX0\r\n\r\n`, { protocol: 6 }],
      [`${chunked}ffffffffffffffffff\r\nhi`, { protocol: 6 }],
      [`${chunked}0\r\n${"t: 1\r\n".repeat(20_000)}\r\n`, { protocol: 6 }],
    ];
    for (const [text, errors] of cases) {
      const once = "reset" in errors;
      const server = each(() => bytes(text), { once });
      await listening(server, async (address) => {
        assert.deepEqual((await run(address)).errors, errors, text.slice(0, 100));
      });
    }
  });

  test("given up at any stage, no connection stays open", async () => {
    let open = 0;
    const silent = async (connection: Deno.TcpConn): Promise<void> => {
      open++;
      await untilClosed(connection).finally(() => open--);
    };
    await listening(silent, async (address) => {
      for (
        const [scheme, http] of [["http", 1], ["https", 1], ["http", 2], ["https", 2]] as const
      ) {
        for (const afterMs of [0, 3, 30]) {
          const stop = new AbortController();
          const reason = new Error("enough");
          setTimeout(() => stop.abort(reason), afterMs);
          const call = loadTest(`${scheme}://${address}/`, {
            ...{ implementation: twin.name, connections: 20, http, timeoutMs: 20_000 },
            signal: stop.signal,
          });
          // Before the load begins it rejects, from then on there is a report.
          const ended = await call.then((report) => report.ended, (error) => error);
          assert.ok(ended === "aborted" || ended === reason, String(ended));
        }
      }
      await assert.doesNotReject(run(`${address}`, { timeoutMs: 50, requests: 2 }));
      const late = await loadTest(`https://${address}/`, {
        ...{ implementation: twin.name, requests: 2, connections: 2, timeoutMs: 50 },
      });
      assert.deepEqual(late.errors, { timeout: 2 });
      for (let i = 0; i < 1_000 && open > 0; i++) await delay(5);
      assert.equal(open, 0);
      await twin.idle();
    });
  });

  test("HTTP/2: what is none, and a server that lets every request wait", async () => {
    await listening(
      each(() => bytes("HTTP/1.1 400 Bad\r\n\r\n"), { once: true }),
      async (address) => {
        assert.deepEqual((await run(address, { http: 2 })).errors, { protocol: 6 });
      },
    );
    // Settings that allow no stream at all.
    const none = Uint8Array.of(0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0);
    await listening(each(() => none), async (address) => {
      const { errors } = await run(address, { http: 2, timeoutMs: 100, requests: 4 });
      assert.deepEqual(errors, { timeout: 4 });
    });
  });

  test("heads and bodies without end", async () => {
    const head = bytes(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
    await listening(each(() => head, { once: true }), async (address) => {
      assert.deepEqual((await run(address)).errors, { "too-large": 6 }, "a field");
    });
    const fields = bytes(`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(1_100)}\r\n`);
    await listening(each(() => fields, { once: true }), async (address) => {
      assert.deepEqual((await run(address)).errors, { "too-large": 6 }, "fields");
    });
    const body = bytes(`HTTP/1.1 200 OK\r\n\r\n`);
    const endless = async (connection: Deno.TcpConn): Promise<void> => {
      await connection.read(new Uint8Array(4096));
      await connection.write(body);
      for (;;) await connection.write(new Uint8Array(65_536));
    };
    await listening(endless, async (address) => {
      const report = await run(address, { maxBodyBytes: 1 << 20 });
      assert.deepEqual(report.errors, { "too-large": 6 }, "a body");
    });
  });

  test("no answer in time", async () => {
    await listening(untilClosed, async (address) => {
      const report = await run(address, { timeoutMs: 60 });
      assert.deepEqual(report.errors, { timeout: 6 });
      // To leave them out would make the slowest requests vanish.
      assert.equal(report.response.count, 6);
      assert.ok(report.response.min >= 59, `${report.response.min}`);
    });
    const stalls = async (connection: Deno.TcpConn): Promise<void> => {
      await connection.read(new Uint8Array(4096));
      await connection.write(bytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
      await untilClosed(connection);
    };
    await listening(stalls, async (address) => {
      assert.deepEqual((await run(address, { timeoutMs: 60 })).errors, { timeout: 6 });
    });
  });

  test("a target that is slow to accept is waited for", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served: Promise<void>[] = [];
    const accepting = (async () => {
      await delay(200);
      for await (const connection of listener) {
        const serve = each(() => WHOLE);
        served.push(serve(connection).catch(() => {}).finally(() => connection.close()));
      }
    })();
    const report = await run(`127.0.0.1:${listener.addr.port}`);
    assert.deepEqual([report.succeeded, report.errors], [6, {}]);
    listener.close();
    await accepting;
    await Promise.all(served);
  });

  test("a target that closes each connection is asked on new ones", async () => {
    const closing = bytes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello");
    await listening(each(() => closing, { once: true }), async (address) => {
      const report = await run(address, { requests: 30 });
      assert.deepEqual([report.succeeded, report.errors], [30, {}]);
    });
  });

  test("a target that dies half way ends the test, and what was measured is kept", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections = new Set<Deno.TcpConn>();
    const served: Promise<void>[] = [];
    let answered = 0;
    const serve = each(() => answered++ < 100 ? WHOLE : undefined);
    const accepting = (async () => {
      for await (const connection of listener) {
        connections.add(connection);
        const over = serve(connection).catch(() => {}).finally(() => {
          if (answered >= 100 && connections.size > 0) {
            connections.clear();
            listener.close();
          }
          connection.close();
        });
        served.push(over);
      }
    })();
    const report = await run(`127.0.0.1:${listener.addr.port}`, {
      requests: 1_000_000,
      connections: 4,
      maxErrorShare: 0.5,
    });
    assert.equal(report.ended, "errors");
    assert.equal(report.succeeded, 100);
    assert.ok(report.errors["refused"]! > 0, JSON.stringify(report.errors));
    assert.equal(report.response.count, 100);
    assert.equal(report.requests, 100 + report.failed);
    await accepting.catch(() => {});
    await Promise.all(served);
  });

  test("a test that may fail goes on to its end", async () => {
    const report = await run(`127.0.0.1:${unusedPort()}`, { durationMs: 1_500, requests: 40 });
    assert.deepEqual([report.ended, report.errors], ["done", { refused: 40 }]);
  });
}
