/** Crowds: connections that do nothing, and clients that never read. */

import assert from "assertions";
import { preloadNative } from "../../mod.ts";
import { chat, QUESTION, served, TOKEN } from "./support.ts";

preloadNative();

/** So many; ten thousand were tried by hand, with the bound on open files raised. */
const CROWD = 400;
const ENCODER = new TextEncoder();

Deno.test("connections that were answered and do nothing more, or never ask, hold nobody up", async () => {
  await served(async ({ url, post, ask }) => {
    const { hostname, port } = new URL(url);
    const crowd: Deno.TcpConn[] = [];
    try {
      for (let at = 0; at < CROWD; at++) {
        const connection = await Deno.connect({ hostname, port: Number(port) });
        crowd.push(connection);
        if (at % 2 === 0) continue;
        await connection.write(
          ENCODER.encode(`GET /healthz HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`),
        );
        assert.ok(await connection.read(new Uint8Array(2_048)));
      }
      const answer = await post("/v1/chat/completions", chat(QUESTION));
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
      const metrics = await (await ask("/metrics")).text();
      assert.match(metrics, /^agent_server_in_work 1$/m, "what waits is not in work");
    } finally {
      for (const connection of crowd) connection.close();
    }
  });
});

Deno.test("answers that nobody reads: their places come back, and others are answered meanwhile", async () => {
  await served(async ({ url, post, ask }) => {
    const { hostname, port } = new URL(url);
    const body = JSON.stringify(chat(QUESTION, { stream: true }));
    const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\n` +
      `authorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`;
    const silent: Deno.TcpConn[] = [];
    const inWork = async (): Promise<number> => {
      const text = await (await ask("/metrics")).text();
      return Number(/^agent_server_in_work (\d+)$/m.exec(text)?.[1]);
    };
    try {
      for (let at = 0; at < 40; at++) {
        const connection = await Deno.connect({ hostname, port: Number(port) });
        silent.push(connection);
        await connection.write(ENCODER.encode(request));
      }
      const answer = await post("/v1/chat/completions", chat(QUESTION));
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    } finally {
      while (await inWork() > 1);
      for (const connection of silent) connection.close();
    }
  }, { limits: { streamsPerClient: 64, stalledMs: 200 } });
});
