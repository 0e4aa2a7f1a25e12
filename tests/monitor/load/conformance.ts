/**
 * What a load test is, for every twin.
 *
 * Not part of the contract: how many requests a second there are, how late the generator is, and with it whether the
 * figures are valid on a machine that is busy with other things.
 */

import assert from "assertions";
import { loadTest } from "../../../src/monitor/mod.ts";
import type { LoadProgress, LoadReport, LoadTestOptions } from "../../../src/monitor/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { certify } from "../../support/certificates.ts";
import { listening, serving } from "../../support/servers.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { delay } from "../../support/values.ts";
import { each, h2Server } from "./servers.ts";

/** Registers the suite for one twin. */
export function loadConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("loadTest", twin, name, body);
  const run = async (address: string, options: LoadTestOptions = {}): Promise<LoadReport> => {
    const url = address.includes("://") ? address : `http://${address}/`;
    const report = await loadTest(url, { implementation: twin.name, ...options });
    await twin.idle();
    return report;
  };

  test("the closed model makes just as many requests as were asked for", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const report = await run(address, { requests: 137, connections: 5 });
      assert.equal(requests.length, 137);
      const { succeeded, failed, errors, statuses, bytes, ended, model, askedRate } = report;
      assert.deepEqual({ succeeded, failed, errors, ended }, {
        succeeded: 137,
        failed: 0,
        errors: {},
        ended: "done",
      });
      assert.deepEqual(statuses, { "200": 137 });
      assert.equal(bytes, 137 * 5);
      assert.deepEqual([model, askedRate, report.connections, report.http], ["closed", null, 5, 1]);
      assert.deepEqual([report.service, report.service.count], [report.response, 137]);
      assert.equal(report.generator.implementation, twin.name);
      assert.equal(report.unfinished, 0);
      whole(report);
    });
  });

  test("the open model makes each start of its schedule", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const report = await run(address, { rate: 400, requests: 80, connections: 20 });
      assert.equal(requests.length, 80);
      assert.deepEqual([report.model, report.askedRate, report.succeeded], ["open", 400, 80]);
      assert.ok(report.achievedRate <= 400, `${report.achievedRate}`);
      whole(report);
    });
  });

  test("the open model by time makes its rate times its time", async () => {
    await serving(() => new Response(), async (address, requests) => {
      const report = await run(address, { rate: 100, durationMs: 500, connections: 50 });
      assert.equal(report.requests + report.generator.missedStarts, 50);
      assert.equal(report.requests, requests.length);
    });
  });

  test("what begins in the warm-up is in none of the figures", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const options = { rate: 100, requests: 20, warmUpMs: 300, connections: 10 };
      const report = await run(address, options);
      assert.equal(requests.length, 50);
      assert.deepEqual([report.requests, report.warmUpRequests, report.bytes], [20, 30, 100]);
      assert.equal(report.response.count, 20);
      assert.equal(sum(report.timeline.map((row) => row.requests)), 20);
      const closed = await run(address, { requests: 20, warmUpMs: 100, connections: 2 });
      assert.equal(requests.length, 50 + 20 + closed.warmUpRequests);
      assert.ok(closed.warmUpRequests > 0);
    });
  });

  test("method, fields and body arrive, and nothing that was not given", async () => {
    const seen: Record<string, string>[] = [];
    const answer = async (request: Request): Promise<Response> => {
      const body = await request.text();
      seen.push({ ...Object.fromEntries(request.headers), method: request.method, body });
      return new Response(null, { status: 204, headers: { "set-cookie": "a=b" } });
    };
    await serving(answer, async (address, requests) => {
      const report = await run(`http://${address}/a%20b?c=d#e`, {
        requests: 3,
        connections: 1,
        body: "grüße",
        headers: { "X-One": " two ", "User-Agent": "me" },
      });
      assert.deepEqual(report.statuses, { "204": 3 });
      assert.equal(report.url, `http://${address}/a%20b?c=d`);
      assert.deepEqual(requests, Array(3).fill("POST /a%20b"));
      for (const request of seen) {
        assert.deepEqual(request, {
          accept: "*/*",
          "content-length": "7",
          "user-agent": "me",
          "x-one": "two",
          method: "POST",
          body: "grüße",
          host: address,
        });
      }
    });
  });

  test("answers in chunks, without a length, and of HEAD are whole", async () => {
    const chunks = new TextEncoder().encode(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n",
    );
    await listening(each(() => chunks), async (address) => {
      const report = await run(address, { requests: 7, connections: 2 });
      assert.deepEqual([report.succeeded, report.bytes], [7, 91]);
    });
    const endless = new TextEncoder().encode("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    await listening(each(() => endless, { once: true }), async (address) => {
      const report = await run(address, { requests: 5, connections: 2 });
      assert.deepEqual([report.succeeded, report.bytes], [5, 65]);
    });
    await serving(() => new Response("hello"), async (address) => {
      const report = await run(address, { requests: 5, connections: 2, method: "head" });
      assert.deepEqual([report.succeeded, report.bytes], [5, 0]);
    });
    const early = new TextEncoder().encode(
      "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    );
    await listening(each(() => early), async (address) => {
      const report = await run(address, { requests: 5, connections: 1 });
      assert.deepEqual([report.statuses, report.bytes], [{ "200": 5 }, 10]);
    });
  });

  test("a redirect is an answer, and is not followed", async () => {
    await serving(() => new Response("there"), async (there, asked) => {
      const answer = (): Response => Response.redirect(`http://${there}/`, 302);
      await serving(answer, async (address) => {
        const report = await run(address, { requests: 6, connections: 2 });
        assert.deepEqual([report.statuses, report.succeeded], [{ "302": 6 }, 6]);
      });
      assert.deepEqual(asked, []);
    });
  });

  test("HTTP/2 carries several requests on a connection", async () => {
    await h2Server(async (address, requests) => {
      const report = await run(address, { requests: 60, connections: 2, streams: 4, http: 2 });
      assert.deepEqual([report.succeeded, report.http, report.bytes], [60, 2, 300]);
      assert.deepEqual(requests, { count: 60, sessions: 2, bodies: "" });
      const posted = await run(address, { requests: 2, connections: 1, http: 2, body: "ab" });
      assert.equal(posted.succeeded, 2);
      assert.equal(requests.bodies, "abab");
    });
  });

  test("TLS is verified, and an authority of one's own is trusted", async () => {
    const folder = await Deno.makeTempDir();
    try {
      await certify(folder);
      const read = (name: string): string => Deno.readTextFileSync(`${folder}/${name}`);
      const server = Deno.serve({
        hostname: "127.0.0.1",
        port: 0,
        cert: read("server.crt"),
        key: read("server.key"),
        onListen() {},
      }, () => new Response("hello"));
      const address = `https://127.0.0.1:${server.addr.port}/`;
      const options = { requests: 4, connections: 2, maxErrorShare: 1 };
      const distrusted = await run(address, options);
      assert.deepEqual([distrusted.errors, distrusted.succeeded], [{ tls: 4 }, 0]);
      for (const http of [1, 2] as const) {
        const trusted = await run(address, { ...options, http, caCerts: [read("ca.crt")] });
        assert.deepEqual([trusted.errors, trusted.succeeded], [{}, 4], `HTTP/${http}`);
      }
      await server.shutdown();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  test("thresholds are held against what was measured", async () => {
    await serving(() => new Response("hello"), async (address) => {
      const report = await run(address, {
        requests: 20,
        connections: 2,
        thresholds: ["p99 < 3600 s", "errors < 1 %", "rate > 1000000000"],
      });
      assert.deepEqual(report.thresholds.map(({ met }) => met), [true, true, false]);
      assert.equal(report.thresholds[1]!.value, 0);
      assert.equal(report.thresholds[0]!.value, report.response.p99);
      assert.equal(report.passed, false);
    });
  });

  test("progress is told, and the end once", async () => {
    await serving(() => new Response("hello"), async (address) => {
      const told: LoadProgress[] = [];
      await run(address, {
        rate: 100,
        durationMs: 600,
        connections: 10,
        onProgress: (progress) => told.push(progress),
      });
      assert.ok(told.length >= 2, `${told.length}`);
      assert.ok(told.every(({ total }) => total === 600));
      assert.ok(told.every(({ done }, at) => at === 0 || done >= told[at - 1]!.done));
      const ends = told.filter(({ done, total }) => done === total);
      assert.equal(ends.length, 1);
      assert.equal(told.at(-1)!.done, 600);
      assert.ok(told.at(-1)!.requests > 0 && told.at(-1)!.failed === 0);
    });
  });

  test("an aborted test gives the report of what was measured", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const controller = new AbortController();
      const report = await run(address, {
        durationMs: 20_000,
        connections: 3,
        signal: controller.signal,
        onProgress: ({ requests }) => {
          if (requests > 10) controller.abort(new Error("enough"));
        },
      });
      assert.equal(report.ended, "aborted");
      assert.ok(report.requests > 10 && report.succeeded === report.requests);
      // Three were under way at most.
      assert.ok(requests.length - report.requests <= 3, `${requests.length} ${report.requests}`);
      assert.ok(report.durationMs < 20_000);
      whole(report);
    });
  });

  test("aborted before it begins, it rejects with the reason", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const reason = new Error("no");
      await assert.rejects(run(address, { signal: AbortSignal.abort(reason) }), reason);
      assert.deepEqual(requests, []);
    });
  });

  test("targets that may not be put under load are refused before anything is sent", async () => {
    const hosts = [
      "8.8.8.8",
      "169.254.169.254",
      "0xa9.254.169.254",
      "[::ffff:8.8.8.8]",
      "224.0.0.1",
    ];
    for (const host of hosts) {
      await assert.rejects(run(`http://${host}/`), (error: unknown) => {
        assert.ok(AgentError.is(error, "SCOPE"), String(error));
        assert.match((error as Error).message, /is not put under load|is put under load only/);
        return true;
      });
    }
    const authorization = { scope: ["203.0.113.0/24"], reference: "T-1", expires: "2999-01-01" };
    await assert.rejects(run("http://198.51.100.1/", { authorization }), { code: "SCOPE" });
    const over = { ...authorization, expires: "2001-01-01" };
    await assert.rejects(run("http://203.0.113.1/", { authorization: over }), { code: "SCOPE" });
  });

  test("a name is put under load at an address that answers", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const report = await run(`http://localhost:${address.split(":")[1]}/`, { requests: 4 });
      assert.deepEqual([report.address, report.succeeded, requests.length], ["127.0.0.1", 4, 4]);
    });
  });

  test("a stall is seen by each request that should have been made meanwhile", async () => {
    // The server holds everything from the 51st request on until the 71st is there, 200 ms later.
    const held = Promise.withResolvers<void>();
    let count = 0;
    const answer = async (): Promise<Response> => {
      count++;
      if (count > 50 && count <= 70) await held.promise;
      if (count > 70) held.resolve();
      return new Response("hello");
    };
    await serving(answer, async (address) => {
      const report = await run(address, { rate: 100, requests: 100, connections: 50 });
      assert.equal(report.succeeded, 100);
      // The 51st waits for 200 ms at least, the 52nd for 190, ..., the 70th for 10.
      assert.ok(report.response.max >= 199, `max ${report.response.max}`);
      assert.ok(report.response.p99 >= 189, `p99 ${report.response.p99}`);
      assert.ok(report.response.p90 >= 99, `p90 ${report.response.p90}`);
      whole(report);
    });
  });

  test("with every connection busy, the wait for one is in the response time", async () => {
    let count = 0;
    const answer = async (): Promise<Response> => {
      if (++count === 10) await delay(300);
      return new Response("hello");
    };
    await serving(answer, async (address) => {
      const report = await run(address, { rate: 100, requests: 60, connections: 1 });
      assert.equal(report.succeeded, 60);
      // One request waited for the server, thirty for that one.
      assert.ok(report.response.p90 >= 235, `p90 ${report.response.p90}`);
      assert.ok(report.service.max >= 299, `max ${report.service.max}`);
      whole(report);
    });
  });

  test("a rate that cannot be reached makes the figures invalid, with the reason", async () => {
    const answer = async (): Promise<Response> => {
      await delay(50);
      return new Response("hello");
    };
    await serving(answer, async (address) => {
      const report = await run(address, { rate: 500, durationMs: 500, connections: 2 });
      assert.equal(report.valid, false);
      assert.match(report.invalidReason!, /starts were not made .* all 2 connections were busy/);
      assert.ok(report.generator.missedStarts >= 200, `${report.generator.missedStarts}`);
      assert.equal(report.requests + report.generator.missedStarts, 250);
      assert.ok(report.achievedRate < 500);
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What holds for every report. */
function whole(report: LoadReport): void {
  const { requests, succeeded, failed, errors, statuses, service, response } = report;
  assert.equal(requests, succeeded + failed);
  assert.equal(sum(Object.values(errors)), failed);
  assert.ok(sum(Object.values(statuses)) <= requests);
  assert.equal(sum(report.timeline.map((row) => row.requests)), requests);
  assert.equal(sum(report.timeline.map((row) => row.failed)), failed);
  assert.equal(report.valid, report.invalidReason === undefined);
  for (const { min, p50, p90, p95, p99, p999, max } of [service, response]) {
    const order = [min, p50, p90, p95, p99, p999, max];
    assert.deepEqual(order.toSorted((a, b) => a - b), order);
  }
  for (const key of ["p50", "p90", "p95", "p99", "p999", "max", "mean"] as const) {
    assert.ok(response[key] >= service[key], `${key}: ${response[key]} < ${service[key]}`);
  }
  const points = report.distribution;
  assert.ok(points.length > 0 && points.at(-1)!.percent === 100);
  assert.equal(points.at(-1)!.responseMs, response.max);
  assert.ok(Number.isFinite(Date.parse(report.startedAt)));
}
