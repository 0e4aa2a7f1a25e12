/** Retries: what is repeated, how often, after how long, and what never is. */

import assert from "assertions";
import { Client } from "../../src/http/client/client.ts";
import type { HttpClientOptions } from "../../src/http/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { listening, serving, unusedPort } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import { httpTest, rejects, requestHead, response, writeAll } from "./support.ts";

/** Answers as the path says, `/503,503,200`: an entry an attempt, the last for ever. */
function answering(): { answer: (request: Request) => Promise<Response>; bodies: string[] } {
  const bodies: string[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const statuses = url.pathname.slice(1).split(",").map(Number);
    const status = statuses[Math.min(bodies.length, statuses.length - 1)]!;
    bodies.push(await request.text());
    const after = url.searchParams.get("after");
    return new Response(`${status}`, {
      status,
      headers: after !== null && status !== 200 ? { "retry-after": after } : {},
    });
  };
  return { answer, bodies };
}

/** Registers the suite for one twin. */
export function httpRetryConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void => httpTest(twin, name, body);
  // Chance gives the same each time, and waits are short.
  const client = (options?: HttpClientOptions): Client =>
    new Client({ implementation: twin.name, allowPrivate: true, ...options }, {
      random: () => 0.01,
    });

  test("idempotent methods are repeated after 429, 502, 503 and 504, others are not", async () => {
    for (const status of [429, 502, 503, 504]) {
      for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"]) {
        const { answer, bodies } = answering();
        await serving(answer, async (address) => {
          await using one = client();
          const body = ["GET", "HEAD"].includes(method) ? undefined : "again";
          const response = await one.fetch(`http://${address}/${status},200`, { method, body });
          const isRepeated = !["POST", "PATCH"].includes(method);
          assert.equal(response.status, isRepeated ? 200 : status, method);
          assert.equal(response.attempts, isRepeated ? 2 : 1);
          assert.deepEqual(bodies, Array(response.attempts).fill(body ?? ""));
          await response.body?.cancel();
        });
      }
    }
    const { answer } = answering();
    await serving(answer, async (address) => {
      await using one = client();
      for (const status of [400, 404, 500, 501]) {
        const response = await one.fetch(`http://${address}/${status}`);
        assert.deepEqual([response.status, response.attempts], [status, 1]);
        assert.equal(await response.text(), `${status}`);
      }
    });
  });

  test("an idempotency key allows it, the same key each time", async () => {
    const keys: (string | null)[] = [];
    await serving((request) => {
      keys.push(request.headers.get("idempotency-key"));
      return new Response(null, { status: keys.length % 2 === 1 ? 503 : 200 });
    }, async (address) => {
      await using one = client();
      const post = { method: "POST", body: "x" };
      const own = await one.fetch(`http://${address}/`, { ...post, idempotencyKey: "k-1" });
      assert.deepEqual([own.status, own.attempts], [200, 2]);
      const made = await one.fetch(`http://${address}/`, { ...post, idempotencyKey: true });
      assert.deepEqual([made.status, made.attempts], [200, 2]);
      assert.deepEqual(keys.slice(0, 2), ["k-1", "k-1"]);
      assert.match(keys[2]!, /^[0-9a-f-]{36}$/);
      assert.equal(keys[2], keys[3]);
    });
  });

  test("the last answer is given when there are no more retries", async () => {
    const { answer, bodies } = answering();
    await serving(answer, async (address) => {
      await using one = client({ retries: 3 });
      const response = await one.fetch(`http://${address}/503`);
      assert.deepEqual([response.status, response.attempts, bodies.length], [503, 4, 4]);
      assert.equal(await response.text(), "503");
      const none = await one.fetch(`http://${address}/503`, { retries: 0 });
      assert.deepEqual([none.status, none.attempts], [503, 1]);
      await none.body?.cancel();
    });
  });

  test("connections that break are repeated, an error tells the last", async () => {
    let connections = 0;
    const content = response("200 OK\r\ncontent-length: 2", "ok");
    await listening(async (connection) => {
      if (await requestHead(connection) === undefined) return;
      if (++connections % 3 !== 0) return;
      await writeAll(connection, content);
    }, async (address) => {
      await using one = client();
      const got = await one.fetch(`http://${address}/`);
      assert.deepEqual([await got.text(), got.attempts], ["ok", 3]);
      const post = one.fetch(`http://${address}/`, { method: "POST", body: "x" });
      await rejects(post, "UNAVAILABLE", /ended the connection before/);
      assert.equal(connections, 4);
    });
    await using one = client();
    const nobody = one.fetch(`http://127.0.0.1:${unusedPort()}/`);
    await rejects(nobody, "UNAVAILABLE", /cannot be reached/);
  });

  test("a stream is never sent a second time", async () => {
    const { answer, bodies } = answering();
    await serving(answer, async (address) => {
      await using one = client();
      const body = new Blob(["once"]).stream();
      const response = await one.fetch(`http://${address}/503,200`, { method: "PUT", body });
      assert.deepEqual([response.status, bodies], [503, ["once"]]);
      await response.body?.cancel();
    });
  });

  test("Retry-After is waited for, in seconds and as a date", async () => {
    for (const form of ["seconds", "date"]) {
      const after = form === "date" ? new Date(Date.now() + 2_000).toUTCString() : "1";
      const { answer } = answering();
      await serving(answer, async (address) => {
        await using one = client();
        const begun = performance.now();
        const url = `http://${address}/429,200?after=${encodeURIComponent(after)}`;
        const response = await one.fetch(url);
        assert.deepEqual([response.status, response.attempts], [200, 2]);
        await response.body?.cancel();
        assert.ok(performance.now() - begun > 500, "it did not wait");
      });
    }
  });

  test("what asks for more time than there is is given as it is", async () => {
    const { answer, bodies } = answering();
    await serving(answer, async (address) => {
      await using one = client({ timeoutMs: 2_000 });
      const response = await one.fetch(`http://${address}/503,200?after=3600`);
      assert.deepEqual([response.status, bodies.length], [503, 1]);
      await response.body?.cancel();
    });
  });

  test("a signal and the client's end stop the waiting", async () => {
    const { answer } = answering();
    await serving(answer, async (address) => {
      const one = client();
      const url = `http://${address}/503?after=30`;
      const controller = new AbortController();
      const aborted = one.fetch(url, { signal: controller.signal });
      const closed = one.fetch(url);
      setTimeout(() => controller.abort(new Error("enough")), 50);
      await assert.rejects(aborted, /enough/);
      const ended = assert.rejects(closed, (error) => AgentError.is(error, "CLOSED"));
      await one.close();
      await ended;
    });
  });
}
