/** Bodies of requests that are streams: in bounded memory, ended by whichever side ends first. */

import assert from "assertions";
import { listening, serving, untilClosed } from "../../support/servers.ts";
import { delay, until } from "../../support/values.ts";
import { requestHead, scripted, writeAll } from "../support.ts";
import { exchangeWith, transportTest } from "./support.ts";

const PIECE = 100_000;

/** A stream of so many pieces that says how many were asked for, and whether it was cancelled. */
function source(pieces: number): {
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  asked(): number;
  cancelled(): boolean;
} {
  let asked = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (asked === pieces) controller.close();
      else controller.enqueue(new Uint8Array(PIECE).fill(asked++));
    },
    cancel() {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { stream, asked: () => asked, cancelled: () => cancelled };
}

transportTest("all of a stream arrives", async (transport) => {
  await serving(async (request) => {
    const sum = (await request.bytes()).reduce((sum, byte) => sum + byte + 1, 0);
    return new Response(String(sum));
  }, async (address) => {
    const { stream } = source(50);
    const { body } = await transport.exchange(
      exchangeWith(`http://${address}/`, { method: "POST", body: stream }),
    );
    const expected = PIECE * (50 * 51 / 2);
    assert.equal(new TextDecoder().decode(body as Uint8Array), String(expected));
  });
});

transportTest("a server that does not read holds the stream up", async (transport) => {
  await listening(async (connection) => {
    await requestHead(connection);
    // Until the client goes: closing with bytes unread resets.
    await delay(400);
  }, async (address) => {
    const { stream, asked, cancelled } = source(100_000);
    const exchange = transport.exchange(
      exchangeWith(`http://${address}/`, { method: "POST", body: stream }),
    );
    const failing = assert.rejects(exchange);
    await delay(200);
    assert.ok(asked() > 0 && asked() * PIECE < 64 << 20, `${asked()} pieces were taken`);
    await failing;
    await until(cancelled, "the stream goes on");
  });
});

transportTest("an answer before the end ends the stream", async (transport) => {
  await scripted(async (connection) => {
    await writeAll(connection, "HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\nno");
    await untilClosed(connection);
  }, async (address) => {
    const { stream, cancelled } = source(100_000);
    const { status } = await transport.exchange(
      exchangeWith(`http://${address}/`, { method: "PUT", body: stream }),
    );
    assert.equal(status, 413);
    await until(cancelled, "the stream goes on");
  });
});

transportTest("a stream that fails, fails the exchange with its reason", async (transport) => {
  let ended = 0;
  await scripted(async (connection) => {
    await untilClosed(connection).catch(() => {});
    ended++;
  }, async (address) => {
    const failing = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        controller.enqueue(new Uint8Array(10));
        controller.error(new Error("the disk is gone"));
      },
    });
    const wrong = new ReadableStream({
      pull(controller) {
        controller.enqueue("text");
      },
    });
    const send = (body: ReadableStream<Uint8Array>) =>
      transport.exchange(exchangeWith(`http://${address}/`, { method: "PUT", body }));
    await assert.rejects(send(failing), /the disk is gone/);
    await assert.rejects(send(wrong), /must give Uint8Arrays/);
    await until(() => ended > 0, "the connection is still open");
  });
});

transportTest("a stream that waits is cancelled with its exchange", async (transport) => {
  await scripted(untilClosed, async (address) => {
    let cancelled: unknown;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      cancel(reason) {
        cancelled = reason ?? "no reason";
      },
    });
    const controller = new AbortController();
    const exchange = transport.exchange(
      exchangeWith(`http://${address}/`, {
        method: "PUT",
        body: stream,
        signal: controller.signal,
      }),
    );
    await delay(30);
    controller.abort(new Error("enough"));
    await assert.rejects(exchange, /enough/);
    await until(() => cancelled !== undefined, "the stream still waits");
  });
});
