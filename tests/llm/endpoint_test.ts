/** Models at an address: the three protocols say the same, whole and in pieces, and what goes wrong is told. */

import assert from "assertions";
import { openModel } from "../../src/llm/endpoint.ts";
import type { ChatEvent, ChatProvider, Message, ModelOptions } from "../../src/llm/types.ts";
import { createLimiter } from "../../src/http/limiter/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { wrong } from "../support/values.ts";
import {
  eventsOf,
  eventStream,
  modelServer,
  open,
  PROTOCOLS,
  type Said,
  whole,
} from "./servers.ts";

const SAID: Said = {
  text: "It is 21 °C in Ávila 🌤.",
  calls: [
    { id: "a1", name: "weather", input: '{"place":"Ávila","days":[1,2]}' },
    { id: "b2", name: "clock", input: "{}" },
  ],
};
const ASKED: Message[] = [
  { role: "system", content: "Be short." },
  { role: "user", content: "How warm is it?" },
];
const WEATHER = {
  name: "weather",
  description: "Says how warm it is.",
  parameters: { type: "object", properties: { place: { type: "string" } } },
};

async function allOf(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  return await Array.fromAsync(events);
}

function stream(model: ChatProvider, signal?: AbortSignal): AsyncIterable<ChatEvent> {
  return model.stream!(ASKED, { ...(signal && { signal }) });
}

for (const protocol of PROTOCOLS) {
  Deno.test(`${protocol}: a reply with its words, calls, usage and end`, async () => {
    await modelServer(() => SAID, async (options) => {
      const reply = await open(options(protocol)).chat(ASKED, { tools: [WEATHER] });
      assert.deepEqual(reply, {
        text: SAID.text,
        finishReason: "tool-calls",
        toolCalls: SAID.calls!.map(({ id, name, input }) => ({ id, name, arguments: input })),
        usage: { inputTokens: 11, outputTokens: 7, cachedInputTokens: 3 },
        model: "scripted-1",
      });
    });
  });

  Deno.test(`${protocol}: in pieces it comes to the same`, async () => {
    await modelServer(() => ({ ...SAID, thought: "Hm, let me see." }), async (options, seen) => {
      const model = open(options(protocol));
      const events = await allOf(stream(model));
      const last = events.at(-1)!;
      assert.equal(last.type, "done");
      assert.deepEqual(last.type === "done" && last.reply, await model.chat(ASKED, {}));
      const joined = (type: "text" | "reasoning"): string =>
        events.map((event) => event.type === type ? event.text : "").join("");
      assert.equal(joined("text"), SAID.text);
      assert.equal(joined("reasoning"), "Hm, let me see.");
      const started = events.filter(({ type }) => type === "tool-call-start");
      assert.deepEqual(started.map((event) => "name" in event && event.name), ["weather", "clock"]);
      const given = events.map((event) => event.type === "tool-call-arguments" ? event.text : "");
      assert.equal(given.join(""), SAID.calls!.map(({ input }) => input).join(""));
      assert.equal(seen[0]!.body.stream, true);
      assert.equal(seen[1]!.body.stream, undefined);
    });
  });

  Deno.test(`${protocol}: a conversation with tools goes there and back`, async () => {
    await modelServer(() => ({ text: "So." }), async (options, seen) => {
      const calls = SAID.calls!.map(({ id, name, input }) => ({ id, name, arguments: input }));
      await open(options(protocol)).chat([
        ...ASKED,
        { role: "assistant", content: "", toolCalls: calls },
        { role: "tool", content: "21", toolCallId: "a1", name: "weather" },
        { role: "tool", content: "no clock", toolCallId: "b2", name: "clock", isError: true },
      ], { tools: [WEATHER], toolChoice: "required", maxOutputTokens: 50, temperature: 0 });
      const { body, headers } = seen[0]!;
      const text = JSON.stringify(body);
      assert.equal(body.model, "scripted");
      assert.ok(text.includes("Be short.") && text.includes("no clock"), text);
      // Both calls and both results carry their ids.
      for (const id of ["a1", "b2"]) assert.equal(text.split(`"${id}"`).length, 3, text);
      const key = protocol === "anthropic"
        ? headers.get("x-api-key")
        : headers.get("authorization");
      assert.match(key!, /^(Bearer )?sk-scripted-key-0123456789$/);
      if (protocol === "anthropic") {
        assert.deepEqual(body.messages.map(({ role }: { role: string }) => role), [
          ...["user", "assistant", "user"],
        ]);
        assert.equal(body.tool_choice.type, "any");
      } else assert.equal(body.tool_choice, "required");
    });
  });

  Deno.test(`${protocol}: a reply of a shape`, async () => {
    const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const responseSchema = { name: "answer", schema };
    const said: Said = protocol === "anthropic"
      ? { calls: [{ id: "x", name: "answer", input: '{"n":4}' }] }
      : { text: '{"n":4}' };
    await modelServer(() => said, async (options, seen) => {
      const model = open(options(protocol));
      const reply = await model.chat(ASKED, { responseSchema });
      assert.deepEqual(JSON.parse(reply.text), { n: 4 });
      assert.equal(reply.toolCalls, undefined);
      assert.equal(reply.finishReason, "stop");
      const events = await allOf(model.stream!(ASKED, { responseSchema }));
      assert.equal(
        events.map((event) => event.type === "text" ? event.text : "").join(""),
        reply.text,
      );
      assert.ok(!events.some(({ type }) => type.startsWith("tool-call")));
      assert.ok(JSON.stringify(seen[0]!.body).includes(JSON.stringify(schema)));
    });
  });

  Deno.test(`${protocol}: a reply that is cut or filtered says so`, async () => {
    for (const finish of ["length", "filter"] as const) {
      await modelServer(() => ({ text: "Well", finish }), async (options) => {
        const model = open(options(protocol));
        assert.equal((await model.chat(ASKED, {})).finishReason, finish);
        const last = (await allOf(stream(model))).at(-1)!;
        assert.equal(last.type === "done" && last.reply.finishReason, finish);
      });
    }
  });

  Deno.test(`${protocol}: a stream that ends early, or says what is no JSON, throws`, async () => {
    const events = eventsOf(protocol, SAID);
    const cases: readonly [(object | string)[], RegExp][] = [
      [events.slice(0, 6), /ended its reply before it was whole/],
      [[...events.slice(0, 4), "data: {nonsense\n\n"], /an event is no JSON/],
      [[], /ended its reply before it was whole/],
    ];
    for (const [part, message] of cases) {
      await modelServer(() => eventStream(part), async (options) => {
        const got: ChatEvent[] = [];
        await assert.rejects(async () => {
          for await (const event of stream(open(options(protocol)))) got.push(event);
        }, (error) => AgentError.is(error, "UNAVAILABLE") && message.test(error.message));
        assert.ok(!got.some(({ type }) => type === "done"));
      });
    }
  });

  Deno.test(`${protocol}: what the server says of a failure is told, its key is not`, async () => {
    const error = { type: "x", message: "Wrong key sk-scripted-key-0123456789\x1b[2J given" };
    const refused = (): Response => Response.json({ type: "error", error }, { status: 401 });
    await modelServer(refused, async (options, seen) => {
      const model = open(options(protocol));
      for (const call of [() => model.chat(ASKED, {}), () => allOf(stream(model))]) {
        await assert.rejects(call, (error) => {
          assert.ok(AgentError.is(error, "UNAVAILABLE"));
          assert.match(
            error.message,
            /^The model scripted at http:\S+ answered 401: Wrong key \[KEY\]/,
          );
          assert.ok(!/\p{Cc}|sk-scripted/u.test(error.message));
          return true;
        });
      }
      assert.equal(seen.length, 2, "what the server refuses is not tried again");
    });
  });

  Deno.test(`${protocol}: busy servers are asked again, as they wish`, async () => {
    const answering = (_: unknown, at: number): Said | Response =>
      at < 2 ? new Response("busy", { status: 429, headers: { "retry-after": "0" } }) : SAID;
    await modelServer(answering, async (options, seen) => {
      const reply = await open(options(protocol)).chat(ASKED, {});
      assert.equal(reply.text, SAID.text);
      assert.equal(seen.length, 3);
      const keys = new Set(seen.map(({ headers }) => headers.get("idempotency-key")));
      assert.equal(keys.size, 1);
      assert.ok(!keys.has(null));
    });
  });

  Deno.test(`${protocol}: an abort in the middle ends the exchange`, async () => {
    const gone = Promise.withResolvers<void>();
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        async start(controller) {
          const part = await eventStream(eventsOf(protocol, SAID).slice(0, 9)).bytes();
          controller.enqueue(part);
        },
        cancel: () => gone.resolve(),
      });
    const answering = (): Response =>
      new Response(body(), { headers: { "content-type": "text/event-stream" } });
    await modelServer(answering, async (options) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      await assert.rejects(async () => {
        for await (const event of stream(open(options(protocol)), controller.signal)) {
          if (event.type === "text") controller.abort(reason);
        }
      }, (error) => error === reason);
      await gone.promise;
    });
  });

  Deno.test(`${protocol}: a server without streams gives all at once`, async () => {
    await modelServer(() => Response.json(whole(protocol, SAID)), async (options) => {
      const events = await allOf(stream(open(options(protocol))));
      assert.deepEqual(events.map(({ type }) => type), ["text", "done"]);
    });
  });

  Deno.test(`${protocol}: what is no reply is an error`, async () => {
    for (const body of ["<html>", "null", "{}", "[]", '"x"', '{"error":"out of memory"}', "3"]) {
      await modelServer(
        () => new Response(body, { headers: { "content-type": "application/json" } }),
        async (options) => {
          await assert.rejects(open(options(protocol)).chat(ASKED, {}), {
            code: "UNAVAILABLE",
          });
        },
      );
    }
  });
}

Deno.test("models: redirects are not followed, with or without a key", async () => {
  const elsewhere = (): Response =>
    new Response(null, { status: 307, headers: { location: "http://127.0.0.1:1/v1/chat" } });
  await modelServer(elsewhere, async (options, seen) => {
    await assert.rejects(open(options("openai-chat")).chat(ASKED, {}), AgentError);
    assert.equal(seen.length, 1);
  });
});

Deno.test("models: the limiter is asked before, and settled with what it took", async () => {
  await modelServer(() => SAID, async (options) => {
    using limiter = createLimiter({ tokensPerMinute: 10_000, requestsPerMinute: 10 });
    const model = open(options("openai-chat", { limiter }));
    await model.chat(ASKED, { maxOutputTokens: 100 });
    await allOf(stream(model));
    const { tokensLeft, requestsLeft, active } = await limiter.stats();
    assert.deepEqual([tokensLeft, requestsLeft, active], [10_000 - 2 * 18, 8, 0]);
  });
});

Deno.test("models: without tools it refuses them, and has what is known of it", async () => {
  const model = openModel({
    url: "http://127.0.0.1:1",
    model: "openai/gpt-4o-2024-08-06",
    tools: false,
  });
  await assert.rejects(model.chat(ASKED, { tools: [WEATHER] }), { code: "UNSUPPORTED" });
  assert.deepEqual(model.price, { input: 2.5, cachedInput: 1.25, output: 10 });
  assert.equal(model.contextTokens, 128_000);
  const other = openModel({ url: "http://127.0.0.1:1", model: "gpt-5-codex-max" });
  assert.deepEqual([other.price, other.contextTokens], [undefined, undefined]);
});

Deno.test("models: wrong options are refused, a key never shown", () => {
  const good: ModelOptions = { url: "http://127.0.0.1:1", model: "m" };
  const cases: readonly [object, RegExp][] = [
    [{ url: "ftp://x" }, /^model\.url must be an address/],
    [{ url: "http://me:secret@x/" }, /^model\.url must not hold a user or a password/],
    [{ url: "http://x/?key=1" }, /without \? and #/],
    [{ model: "" }, /^model\.model/],
    [{ apiKey: "se cret" }, /^model\.apiKey must be a string of visible ASCII characters$/],
    [{ protocol: "grpc" }, /^model\.protocol must be one of/],
    [{ apikey: "x" }, /did you mean apiKey\?$/],
    [{ price: { input: -1, output: 1 } }, /^model\.price\.input/],
    [{ retries: -1 }, /^model\.retries/],
  ];
  for (const [more, message] of cases) {
    assert.throws(() => openModel(wrong({ ...good, ...more })), (error) => {
      assert.match((error as Error).message, message);
      assert.ok(!/secret|se cret/.test((error as Error).message));
      return true;
    });
  }
});
