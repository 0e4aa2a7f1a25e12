/** Servers of models that do not keep to anything: wrong types, resets in the middle, arguments and answers without end. */

import assert from "assertions";
import type { ChatEvent, ChatProvider, Message } from "../../src/llm/types.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import {
  eventsOf,
  eventStream,
  modelServer,
  open,
  PROTOCOLS,
  type Said,
  whole,
} from "./servers.ts";

const ASKED: readonly Message[] = [{ role: "user", content: "Go." }];
const SAID: Said = { text: "It is warm today, and it will be warm tomorrow." };
const TOOL = { name: "look", description: "Looks.", parameters: { type: "object" } };

/** What came before it failed, and the failure. */
async function failing(model: ChatProvider): Promise<{ text: string; error: unknown }> {
  let text = "";
  try {
    for await (const event of model.stream!(ASKED, { tools: [TOOL] })) {
      if (event.type === "text") text += event.text;
      assert.notEqual(event.type, "done");
    }
  } catch (error) {
    return { text, error };
  }
  throw new Error("it did not fail");
}

for (const protocol of PROTOCOLS) {
  Deno.test(`${protocol}: half an answer and then a reset is thrown, behind what came`, async () => {
    const events = eventsOf(protocol, SAID);
    const half = await eventStream(events.slice(0, events.length >> 1)).text();
    const size = new TextEncoder().encode(half).length.toString(16);
    const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked";
    const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let asked = 0;
    const serving = (async () => {
      for await (const connection of server) {
        asked++;
        await connection.read(new Uint8Array(65_536));
        // The last chunk, which says that it was all, never comes.
        const bytes = new TextEncoder().encode(`${head}\r\n\r\n${size}\r\n${half}\r\n`);
        await connection.write(bytes);
        connection.close();
      }
    })();
    const url = `http://127.0.0.1:${server.addr.port}/v1`;
    const model = open({ url, model: "m", protocol });
    try {
      const { text, error } = await failing(model);
      assert.ok(AgentError.is(error, "UNAVAILABLE"), String(error));
      assert.ok(text.length > 0 && SAID.text!.startsWith(text), text);
      // What was said cannot be taken back, so it is not asked again.
      assert.equal(asked, 1);
    } finally {
      await model.close();
      server.close();
      await serving;
    }
  });

  Deno.test(`${protocol}: an answer of another type than was asked for is an error`, async () => {
    const types: readonly [string, string][] = [
      ["text/html", "<html><body>Log in</body></html>"],
      ["application/octet-stream", "\0\x01\x02"],
      ["application/json", "data: {}\n\n"],
      ["text/plain", "busy"],
    ];
    for (const [type, said] of types) {
      const answering = () => new Response(said, { headers: { "content-type": type } });
      await modelServer(answering, async (options) => {
        const model = open(options(protocol, { retries: 0 }));
        const { error } = await failing(model);
        assert.ok(AgentError.is(error, "UNAVAILABLE"), `${type}: ${error}`);
        await assert.rejects(model.chat(ASKED, {}), { code: "UNAVAILABLE" }, type);
      });
    }
  });

  Deno.test(`${protocol}: ten megabytes of arguments come as they are`, async () => {
    const input = `{"n":"${"x".repeat(10 * 2 ** 20)}"}`;
    const said: Said = { calls: [{ id: "1", name: "look", input }] };
    await modelServer(() => Response.json(whole(protocol, said)), async (options) => {
      const { toolCalls } = await open(options(protocol)).chat(ASKED, { tools: [TOOL] });
      assert.equal(toolCalls![0]!.arguments.length, input.length);
    });
  });

  Deno.test(`${protocol}: a slow drip comes whole, and ends with its time`, async () => {
    const bytes = new TextEncoder().encode(await eventStream(eventsOf(protocol, SAID)).text());
    // Three bytes at a time cut lines, fields and characters anywhere; forever is a comment again and again.
    let waits: Promise<void> = Promise.resolve();
    const dripping = (forever: boolean): ReadableStream<Uint8Array> => {
      let at = 0;
      return new ReadableStream({
        async pull(controller) {
          await (waits = new Promise((resolve) => setTimeout(resolve, 1)));
          if (at >= bytes.length) return controller.close();
          controller.enqueue(
            forever ? new TextEncoder().encode(": \n") : bytes.subarray(at, at += 3),
          );
        },
      });
    };
    const headers = { "content-type": "text/event-stream" };
    await modelServer(() => new Response(dripping(false), { headers }), async (options) => {
      let text = "";
      for await (const event of open(options(protocol)).stream!(ASKED, {})) {
        if (event.type === "text") text += event.text;
      }
      assert.equal(text, SAID.text);
    });
    await modelServer(() => new Response(dripping(true), { headers }), async (options) => {
      const { text, error } = await failing(open(options(protocol, { timeoutMs: 300 })));
      assert.equal(text, "");
      assert.ok(AgentError.is(error, "TIMEOUT"), String(error));
    });
    await waits;
  });

  Deno.test(`${protocol}: a stream without an end is ended`, async () => {
    const first = eventsOf(protocol, { text: "x".repeat(40) })
      .find((event) => JSON.stringify(event).includes("xxxx"));
    const piece = new TextEncoder().encode(
      await eventStream([
        JSON.parse(JSON.stringify(first).replace("xxxx", "x".repeat(2 ** 20))),
      ]).text(),
    );
    let sent = 0;
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller) {
          sent++;
          controller.enqueue(piece);
        },
      });
    await modelServer(
      () => new Response(body(), { headers: { "content-type": "text/event-stream" } }),
      async (options) => {
        const { error } = await failing(open(options(protocol)));
        assert.ok(AgentError.is(error, "UNAVAILABLE") || AgentError.is(error, "TOO_LARGE"));
      },
    );
    assert.ok(sent < 200, `${sent} MB were sent`);
  });
}

Deno.test("models: a reply over 32 MiB is an error", async () => {
  const said = { text: "x".repeat(33 * 2 ** 20) };
  await modelServer(() => Response.json(whole("openai-chat", said)), async (options) => {
    await assert.rejects(
      open(options("openai-chat", { retries: 0 })).chat(ASKED, {}),
      (error) => AgentError.is(error, "TOO_LARGE") || AgentError.is(error, "UNAVAILABLE"),
    );
  });
});

Deno.test("models: a server that is not there is an error that names it", async () => {
  const model = open({ url: "http://127.0.0.1:1/v1", model: "m", retries: 0 });
  try {
    await assert.rejects(model.chat(ASKED, {}), { code: "UNAVAILABLE", message: /127\.0\.0\.1:1/ });
    const events: ChatEvent[] = [];
    await assert.rejects(async () => {
      for await (const event of model.stream!(ASKED, {})) events.push(event);
    }, { code: "UNAVAILABLE" });
    assert.deepEqual(events, []);
  } finally {
    await model.close();
  }
});
