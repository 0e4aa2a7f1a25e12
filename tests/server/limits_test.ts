/** Bounds: bodies, streams, clients, connections, and the folder. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import type { ChatProvider } from "../../src/agent/types.ts";
import { preloadNative } from "../../mod.ts";
import { createServer } from "../../src/server/mod.ts";
import { temporary } from "../support/programs.ts";
import { chat, QUESTION, raw, served, TOKEN } from "./support.ts";

preloadNative();

/** A model that answers when it is told to. */
function waiting(): { model: ChatProvider; asked(): number; aborted(): number; go(): void } {
  let asked = 0;
  let aborted = 0;
  const gate = Promise.withResolvers<void>();
  return {
    asked: () => asked,
    aborted: () => aborted,
    go: gate.resolve,
    model: {
      name: "waiting",
      async chat(_messages, { signal }) {
        asked++;
        const stopped = new Promise<never>((_, reject) => {
          signal?.addEventListener("abort", () => {
            aborted++;
            reject(signal.reason);
          }, { once: true });
        });
        await Promise.race([gate.promise, stopped]);
        return { text: "Green tea steeps for two minutes [1]." };
      },
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("a question of 10 MB is refused: declared, in chunks, and as a question of 1 MB", async () => {
  await served(async ({ url, post }) => {
    const big = JSON.stringify(chat("tea ".repeat(2_621_440)));
    const declared = await post("/v1/chat/completions", big);
    assert.equal(declared.status, 413);
    await declared.body?.cancel();
    const bytes = new TextEncoder().encode(big);
    let sent = 0;
    const chunks = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(sent, sent += 65_536));
      },
    });
    const refused = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: chunks,
    }).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    }, () => 413); // the connection may be cut before the answer is read
    assert.equal(refused, 413);
    assert.ok(sent < bytes.length, "the rest was not read");
    const long = await post("/v1/chat/completions", chat("tea ".repeat(250_000)));
    assert.equal(long.status, 400);
    assert.equal((await long.json()).error.code, "context_length_exceeded");
    for (const [name, field] of [["ask", "question"], ["search", "query"]] as const) {
      const path = `/api/commands/${name}`;
      const over = await post(path, { [field]: "a ".repeat(16_385) });
      assert.equal(over.status, 400);
      const { error } = await over.json();
      assert.deepEqual([error.param, error.code], [field, "context_length_exceeded"]);
      const most = await post(path, { [field]: `tea${" ".repeat(32_765)}` });
      assert.equal(most.status, 200);
      await most.body?.cancel();
    }
    const after = await post("/v1/chat/completions", chat(QUESTION));
    assert.match((await after.json()).choices[0].message.content, /two minutes/);
  });
});

Deno.test("slow clients hold nobody up: heads that never end, bodies that never come", async () => {
  await served(async ({ url, post }) => {
    const { hostname, port } = new URL(url);
    const slow: Deno.TcpConn[] = [];
    try {
      for (let at = 0; at < 200; at++) {
        const connection = await Deno.connect({ hostname, port: Number(port) });
        slow.push(connection);
        await connection.write(new TextEncoder().encode("GET /v1/models HTTP/1.1\r\nhost: "));
      }
      const answer = await post("/v1/chat/completions", chat(QUESTION));
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    } finally {
      for (const connection of slow) connection.close();
    }
    const body = await raw(
      url,
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${TOKEN}\r\n` +
        "content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
      5_000,
    );
    assert.match(body, /^HTTP\/1.1 408 /);
  }, { limits: { bodyMs: 300 } });
});

Deno.test("heads that are too large are refused", async () => {
  await served(async ({ url, post }) => {
    const head = `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-long: ${
      "a".repeat(1 << 20)
    }\r\n\r\n`;
    const answer = await raw(url, head).catch(() => "");
    assert.ok(!answer.startsWith("HTTP/1.1 200"), answer.slice(0, 40));
    const after = await post("/v1/chat/completions", chat(QUESTION));
    await after.body?.cancel();
    assert.equal(after.status, 200);
  });
});

Deno.test("a client has so many requests and streams; what is over is 429 and goes when others end", async () => {
  const { model, asked, go } = waiting();
  await served(async ({ post, ask }) => {
    const held = [1, 2].map((n) => post("/v1/chat/completions", chat(`${QUESTION} ${n}`)));
    await until(() => asked() === 2);
    const over = await post("/v1/chat/completions", chat(QUESTION));
    assert.equal(over.status, 429);
    assert.equal(over.headers.get("retry-after"), "1");
    assert.equal((await over.json()).error.type, "rate_limit_error");
    go();
    for (const response of await Promise.all(held)) {
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    const stream = await ask("/api/live");
    const second = await ask("/api/live");
    assert.deepEqual([stream.status, second.status], [200, 429]);
    await second.body?.cancel();
    await stream.body?.cancel();
    let status = 429;
    while (status === 429) {
      const again = await ask("/api/live");
      status = again.status;
      await again.body?.cancel();
    }
    assert.equal(status, 200);
  }, {
    limits: { requestsPerClient: 2, streamsPerClient: 1 },
    agentOptions: { model, cache: false },
  });
});

Deno.test("over all clients: 503", async () => {
  const { model, asked, go } = waiting();
  await served(async ({ post, ask }) => {
    const held = post("/v1/chat/completions", chat(QUESTION));
    await until(() => asked() === 1);
    const over = await ask("/v1/models");
    assert.equal(over.status, 503);
    await over.body?.cancel();
    const health = await ask("/healthz");
    assert.equal(await health.text(), "ok\n", "a full server is a healthy one");
    go();
    await (await held).body?.cancel();
  }, { limits: { requests: 1 }, agentOptions: { model, cache: false } });
});

Deno.test("a client that never reads its stream loses its place", async () => {
  await served(async ({ url, ask }) => {
    const { hostname, port } = new URL(url);
    using silent = await Deno.connect({ hostname, port: Number(port) });
    const streams = 4;
    for (let at = 0; at < streams; at++) {
      await silent.write(new TextEncoder().encode(
        `GET /api/live HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      ));
    }
    const inWork = async (): Promise<number> => {
      const text = await (await ask("/metrics")).text();
      return Number(/^agent_server_in_work (\d+)$/m.exec(text)?.[1]);
    };
    await until(() => true);
    // Its own request is one.
    while (await inWork() < 2);
    silent.close();
    while (await inWork() > 1);
  }, { limits: { stalledMs: 200 } });
});

Deno.test("closing ends streams with what was begun, and waits for answers", async () => {
  const { model, asked, go } = waiting();
  await served(async ({ server, post, ask }) => {
    const stream = await ask("/api/live");
    const reader = stream.body!.getReader();
    assert.equal((await reader.read()).done, false);
    const held = post("/v1/chat/completions", chat(QUESTION));
    await until(() => asked() === 1);
    const closing = server.close();
    while (!(await reader.read()).done);
    go();
    const answer = await held;
    assert.equal(answer.status, 200);
    assert.match((await answer.json()).choices[0].message.content, /two minutes/);
    await closing;
  }, { agentOptions: { model, cache: false } });
});

Deno.test("a client that has gone is not answered: the model is told", async () => {
  const { model, asked, aborted } = waiting();
  await served(async ({ post }) => {
    const gone = new AbortController();
    const held = post("/v1/chat/completions", chat(QUESTION), { signal: gone.signal });
    await until(() => asked() === 1);
    gone.abort();
    await assert.rejects(held);
    await until(() => aborted() === 1);
  }, { agentOptions: { model, cache: false } });
});

Deno.test("one folder, one server: the second is refused, the token stays, the lock goes with the first", async () => {
  await temporary(async (folder) => {
    await using agent = createAgent();
    const data = `${folder}/state`;
    const first = createServer({ agent, data });
    assert.throws(() => createServer({ agent, data }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "UNAVAILABLE");
      assert.match(error.message, /Another server uses the folder/);
      return true;
    });
    const { token } = first;
    await first.close();
    await using second = createServer({ agent, data });
    assert.equal(second.token, token);
    const { mode } = await Deno.stat(`${data}/server-token`);
    assert.equal(mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(data)).mode! & 0o777, 0o700);
  });
});

Deno.test("a folder that cannot be used is said clearly, and is let go", async () => {
  await temporary(async (folder) => {
    await using agent = createAgent();
    await Deno.writeTextFile(`${folder}/file`, "no folder");
    assert.throws(() => createServer({ agent, data: `${folder}/file/state` }), { code: "IO" });
    // Nobody may write there, not even root.
    assert.throws(() => createServer({ agent, data: "/proc/agent" }), { code: /IO|PERMISSION/ });
    const data = `${folder}/corrupt`;
    await Deno.mkdir(data);
    await Deno.writeTextFile(`${data}/server-token`, "short");
    assert.throws(() => createServer({ agent, data }), { code: "CORRUPT" });
    await Deno.remove(`${data}/server-token`);
    await using server = createServer({ agent, data });
    assert.equal(server.token.length, 43);
  });
});
