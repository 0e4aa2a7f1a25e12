/** The native transport: streams, uploads, bodies that stay, and that nothing of an exchange outlives its end. */

import assert from "assertions";
import { TransportFault } from "../../../src/http/transport/fault.ts";
import type { IncomingResponse } from "../../../src/http/transport/types.ts";
import { listening, serving, untilClosed } from "../../support/servers.ts";
import { delay, until } from "../../support/values.ts";
import { answering, requestHead, scripted, writeAll } from "../support.ts";
import { exchangeWith, HELD, transportTest } from "./support.ts";

function streamOf(response: IncomingResponse): ReadableStream<Uint8Array<ArrayBuffer>> {
  assert.ok(response.body instanceof ReadableStream);
  return response.body;
}

transportTest("a body of any size, whole and as a stream", async (transport) => {
  const bodies = [0, 1, 1000, 16_384, 16_385, 65_536, 300_000, 5_000_000].map((size) =>
    new Uint8Array(size).map((_, at) => at * 31 + size)
  );
  await serving(
    (request) => new Response(bodies[Number(new URL(request.url).searchParams.get("n"))]),
    async (address) => {
      for (const [n, body] of bodies.entries()) {
        const url = `http://${address}/?n=${n}`;
        const whole = await transport.exchange(exchangeWith(url));
        assert.ok(whole.body instanceof Uint8Array);
        assert.equal(whole.body.buffer.byteLength, body.length, "the buffer is the body's own");
        assert.deepEqual(whole.body, body);
        const streamed = await transport.exchange(exchangeWith(url, { wholeBody: false }));
        assert.deepEqual(await new Response(streamOf(streamed)).bytes(), body);
      }
    },
  );
});

transportTest("many at once keep to their own", async (transport) => {
  await serving((request) => new Response(new URL(request.url).search), async (address) => {
    const one = async (n: number): Promise<void> => {
      const response = await transport.exchange(exchangeWith(`http://${address}/?${n}`));
      assert.equal(new TextDecoder().decode(response.body as Uint8Array), `?${n}`);
    };
    await Promise.all(Array.from({ length: 300 }, (_, n) => one(n)));
  });
});

transportTest("a stream that nobody reads holds the server up", async (transport) => {
  let written = 0;
  await scripted(async (connection) => {
    const piece = new Uint8Array(65_536);
    await writeAll(connection, "HTTP/1.1 200 OK\r\n\r\n");
    for (;;) {
      await writeAll(connection, piece);
      written += piece.length;
    }
  }, async (address) => {
    const response = await transport.exchange(
      exchangeWith(`http://${address}/`, { wholeBody: false }),
    );
    let before = -1;
    await until(async () => {
      const same = written === before;
      before = written;
      await delay(100);
      return same && written > 0;
    }, "the server is never held up");
    // What the system keeps for both ends, and no more.
    assert.ok(written < 32 << 20, `${written} bytes were taken`);
    const reader = streamOf(response).getReader();
    for (let read = 0; read < 40 << 20;) read += (await reader.read()).value!.length;
    assert.ok(written > 32 << 20);
    await reader.cancel();
  });
});

transportTest("giving a stream up closes its connection", async (transport) => {
  let closed = false;
  await scripted(async (connection) => {
    await writeAll(connection, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
    await untilClosed(connection);
    closed = true;
  }, async (address) => {
    const response = await transport.exchange(
      exchangeWith(`http://${address}/`, { wholeBody: false }),
    );
    const reader = streamOf(response).getReader();
    assert.equal((await reader.read()).value!.length, 3);
    await reader.cancel();
    await HELD.ended();
    await until(() => closed, "the connection is still open");
  });
});

transportTest("a signal ends the native work, in every part of it", async (transport) => {
  const parts = ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"];
  for (const part of parts) {
    for (const wholeBody of [true, false]) {
      let closed = false;
      let reached = false;
      await scripted(async (connection) => {
        await writeAll(connection, part);
        reached = true;
        await untilClosed(connection);
        closed = true;
      }, async (address) => {
        const controller = new AbortController();
        const { signal } = controller;
        const reading = transport.exchange(
          exchangeWith(`http://${address}/`, { wholeBody, signal }),
        ).then(({ body }) => new Response(body).bytes());
        await until(() => reached, "the server was not reached");
        controller.abort(new Error("enough"));
        await assert.rejects(reading, /enough/);
        await HELD.ended();
        await until(() => closed, "the connection is still open");
      });
    }
  }
});

transportTest("one signal for many, some of which were over", async (transport) => {
  const large = new Uint8Array(40_000);
  await serving(
    (request) => request.url.endsWith("slow") ? givenUp(request) : new Response(large),
    async (address) => {
      const controller = new AbortController();
      const { signal } = controller;
      const outcomes = Array.from(
        { length: 40 },
        (_, n) =>
          transport.exchange(
            exchangeWith(`http://${address}/${n % 2 ? "slow" : ""}`, { signal }),
          ).then(() => "there", (error: Error) => error.message),
      );
      await Promise.all(outcomes.filter((_, n) => n % 2 === 0));
      controller.abort(new Error("enough"));
      const found = await Promise.all(outcomes);
      assert.deepEqual(found.filter((_, n) => n % 2 === 1), new Array(20).fill("enough"));
      assert.deepEqual(found.filter((_, n) => n % 2 === 0), new Array(20).fill("there"));
    },
  );
});

/** Answers when the client is gone. */
function givenUp({ signal }: Request): Promise<Response> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Response())));
}

transportTest("closing ends what is under way", async (transport) => {
  await listening(async (connection) => {
    await requestHead(connection);
    await untilClosed(connection);
  }, async (address) => {
    const waiting = transport.exchange(exchangeWith(`http://${address}/`));
    await delay(20);
    transport.close();
    await assert.rejects(waiting, TransportFault);
    await assert.rejects(transport.exchange(exchangeWith(`http://${address}/`)), TransportFault);
  });
});

transportTest("a body that stays in native memory", async (transport) => {
  await serving(
    (request) =>
      new Response(request.url.endsWith("none") ? null : "x".repeat(70_000), {
        status: request.url.endsWith("none") ? 204 : 200,
        headers: { "x-a": "b" },
      }),
    async (address) => {
      const before = HELD.handles();
      const { held, body, headers } = await transport.exchange(
        exchangeWith(`http://${address}/`, { hold: true }),
      );
      assert.equal(body, null);
      assert.equal(headers.get("x-a"), "b");
      assert.equal(held!.byteLength, 70_000);
      assert.equal(HELD.handles(), before + 1);
      held!.close();
      held!.close();
      assert.equal(HELD.handles(), before);
      const none = await transport.exchange(
        exchangeWith(`http://${address}/none`, { hold: true }),
      );
      assert.equal(none.held, undefined);
      assert.equal(HELD.handles(), before);
    },
  );
  await answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", async (address) => {
    await assert.rejects(
      transport.exchange(exchangeWith(`http://${address}/`, { hold: true })),
      TransportFault,
    );
  });
});

transportTest(
  "fields are bytes, and come in the order of their names' first lines",
  async (transport) => {
    const head = "HTTP/1.1 200 OK\r\nB: 1\r\na: \xe4\xff\x80\r\nb:2\r\ncontent-length: 0\r\n\r\n";
    await answering(Uint8Array.from(head, (c) => c.charCodeAt(0)), async (address) => {
      const { headers } = await transport.exchange(
        exchangeWith(`http://${address}/`, { headers: [["x", "\xe9"]] }),
      );
      assert.equal(headers.get("B"), "1, 2");
      assert.equal(headers.get("A"), "\xe4\xff\x80");
      assert.equal(headers.get("c"), null);
      assert.deepEqual(headers.entries().map(([name]) => name), ["b", "b", "a", "content-length"]);
    });
  },
);
