/** Event streams that are opened again: when, after how long, with which id, and when not. */

import assert from "assertions";
import { type EventsClock, type EventsFetch, openEvents } from "../../../src/http/events/source.ts";
import { TransportFault } from "../../../src/http/transport/fault.ts";
import type { EventsInit, HttpRequestInit, ServerSentEvent } from "../../../src/http/types.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { serving } from "../../support/servers.ts";
import { wrong } from "../../support/values.ts";

const URL = "http://events.test/stream";

/** A server that answers one after the other, and what was asked and waited for. */
class Script {
  readonly asked: { url: string; init: HttpRequestInit; id: string | null }[] = [];
  readonly waits: number[] = [];
  readonly #answers: (Response | Error)[];
  readonly clock: EventsClock = {
    now: () => Date.UTC(2026, 0, 1),
    random: () => 1,
    sleep: (ms, signal) => {
      this.waits.push(ms);
      return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
    },
  };

  constructor(...answers: (Response | Error)[]) {
    this.#answers = answers;
  }

  readonly fetch: EventsFetch = (url, init) => {
    this.asked.push({ url: String(url), init, id: new Headers(init.headers).get("last-event-id") });
    const answer = this.#answers.shift() ?? new Response(null, { status: 204 });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };

  events(init?: EventsInit): AsyncIterable<ServerSentEvent> {
    return openEvents(this.fetch, URL, init, this.clock);
  }

  /** The data of all events. */
  async data(init?: EventsInit): Promise<string[]> {
    const data: string[] = [];
    for await (const event of this.events(init)) data.push(event.data);
    return data;
  }
}

const stream = (text: string, headers: HeadersInit = {}): Response =>
  new Response(text, { headers: { "content-type": "text/event-stream", ...headers } });
const status = (code: number, headers: HeadersInit = {}): Response =>
  new Response("no", { status: code, headers });

Deno.test("a stream that ends is opened again with the last id, until the server says 204", async () => {
  const script = new Script(
    stream("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost"),
    stream("data: c\n\n"),
    stream("id: \ndata: d\n\n"),
  );
  assert.deepEqual(await script.data(), ["a", "b", "c", "d"]);
  assert.deepEqual(script.asked.map(({ id }) => id), [null, "2", "2", null]);
  assert.deepEqual(script.waits, [1000, 1000, 1000]);
});

Deno.test("events carry the id of the connection before", async () => {
  const script = new Script(stream("id: 1\ndata: a\n\n"), stream("data: b\n\n"));
  const ids: string[] = [];
  for await (const { id } of script.events()) ids.push(id);
  assert.deepEqual(ids, ["1", "1"]);
});

Deno.test("the request asks for events, keeps out of caches, has no bounds, and sends an id's bytes", async () => {
  const script = new Script(stream("id: ü水\ndata: a\n\n"));
  await script.data({ headers: { "x-own": "1" }, lastEventId: "0" });
  const [first, second] = script.asked;
  const headers = new Headers(first!.init.headers);
  assert.deepEqual([headers.get("accept"), headers.get("x-own"), first!.id], [
    "text/event-stream",
    "1",
    "0",
  ]);
  assert.equal(first!.init.cache, "no-store");
  assert.equal(first!.init.maxBodyBytes, 0x7fff_ffff);
  const bytes = Uint8Array.from(second!.id!, (c) => c.charCodeAt(0));
  assert.equal(new TextDecoder().decode(bytes), "ü水");
  assert.equal("lastEventId" in first!.init || "reconnect" in first!.init, false);
});

Deno.test("the server's retry time is kept to, from then on", async () => {
  const script = new Script(
    stream("retry: 50\ndata: a\n\n"),
    stream("data: b\n\n"),
    stream("retry: 99999\ndata: c\n\n"),
  );
  await script.data();
  assert.deepEqual(script.waits, [100, 100, 99999]);
});

Deno.test("each failure in a row doubles the pause up to a bound, and an event begins anew", async () => {
  const gone = (): Error => new TransportFault("reset", "gone");
  const script = new Script(
    ...[stream("data: a\n\n"), gone(), gone(), gone(), gone(), gone(), gone()],
    ...[stream("data: b\n\n"), gone()],
  );
  assert.deepEqual(await script.data(), ["a", "b"]);
  assert.deepEqual(script.waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 1000, 2000]);
});

Deno.test("after so many failures in a row the last error is thrown", async () => {
  const gone = (n: number): Error => new AgentError("UNAVAILABLE", `gone ${n}`, { server: "x" });
  for (
    const [reconnect, tries] of [[undefined, 10], [true, 10], [3, 3], [0, 0], [false, 0]] as const
  ) {
    const script = new Script(...Array.from({ length: 20 }, (_, n) => gone(n)));
    await assert.rejects(script.data({ reconnect }), { message: `gone ${tries}` });
    assert.equal(script.asked.length, tries + 1);
  }
  const endless = new Script(...Array.from({ length: 50 }, (_, n) => gone(n)));
  assert.deepEqual(await endless.data({ reconnect: Infinity }), []);
});

Deno.test("a stream that breaks gives what came, and goes on", async () => {
  const broken = (): Response => {
    const parts = ["id: 1\ndata: a\n\ndata: half"].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part !== undefined) controller.enqueue(part);
        else controller.error(new TransportFault("body-incomplete", "cut"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  };
  const script = new Script(broken(), stream("data: b\n\n"));
  assert.deepEqual(await script.data(), ["a", "b"]);
  assert.equal(script.asked[1]!.id, "1");
  const once = new Script(broken());
  await assert.rejects(once.data({ reconnect: false }), { message: "cut" });
});

Deno.test("a stream that is switched off, or of a method that does something, ends when it ends", async () => {
  for (
    const init of [{ reconnect: false }, { method: "POST", body: "{}" }, {
      method: "post",
    }] as const
  ) {
    const script = new Script(stream("data: a\n\n"), stream("data: b\n\n"));
    assert.deepEqual(await script.data(init), ["a"]);
    assert.equal(script.asked.length, 1);
  }
  const post = new Script(stream("id: 1\ndata: a\n\n"), stream("data: b\n\n"));
  assert.deepEqual(await post.data({ method: "POST", body: "{}", reconnect: true }), ["a", "b"]);
  assert.deepEqual([post.asked[1]!.init.method, post.asked[1]!.init.body, post.asked[1]!.id], [
    ...["POST", "{}", "1"],
  ]);
  const body = ReadableStream.from([new Uint8Array(1)]);
  const streamed = new Script(stream("data: a\n\n"), stream("data: b\n\n"));
  assert.deepEqual(await streamed.data({ method: "POST", body, reconnect: true }), ["a"]);
});

Deno.test("429 and 503 are tried again after Retry-After, in seconds or as a date", async () => {
  const script = new Script(
    ...[
      status(429, { "retry-after": "7" }),
      status(503, { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }),
    ],
    ...[status(503), status(429, { "retry-after": "soon" }), stream("data: a\n\n")],
  );
  assert.deepEqual(await script.data(), ["a"]);
  assert.deepEqual(script.waits, [7000, 60_000, 4000, 8000, 1000]);
  for (const refusal of [status(429), status(429, { "retry-after": "999999" })]) {
    const once = new Script(refusal);
    const reconnect = refusal.headers.has("retry-after");
    await assert.rejects(once.data({ reconnect }), { code: "UNAVAILABLE", message: /429/ });
    assert.equal(once.asked.length, 1);
  }
});

Deno.test("another status and what is no event stream are errors at once", async () => {
  for (const code of [400, 401, 404, 500, 502, 504, 201, 206, 302]) {
    const script = new Script(status(code));
    await assert.rejects(script.data(), {
      code: "UNAVAILABLE",
      message: new RegExp(`events.test.*${code}`),
    });
    assert.equal(script.asked.length, 1);
  }
  for (
    const type of ["text/html", "text/event-streams", "application/json", "", "text/event-stream+x"]
  ) {
    const script = new Script(new Response("data: a\n\n", { headers: { "content-type": type } }));
    await assert.rejects(script.data(), { code: "UNSUPPORTED" });
  }
  for (
    const type of ["text/event-stream", "Text/Event-Stream;charset=utf-8", " text/event-stream ; x"]
  ) {
    const script = new Script(new Response("data: a\n\n", { headers: { "content-type": type } }));
    assert.deepEqual(await script.data(), ["a"], type);
  }
});

Deno.test("errors that trying again does not help are thrown at once", async () => {
  for (
    const error of [
      new TransportFault("tls", "no"),
      new AgentError("PERMISSION", "no", { permission: "net", target: "x" }),
      new AgentError("SCOPE", "no", { target: "x", address: "10.0.0.1", reason: "private" }),
      new TypeError("no"),
    ]
  ) {
    await assert.rejects(new Script(error).data(), error);
  }
  const long = new Script(stream(`data: ${"x".repeat(100)}\n\n`));
  await assert.rejects(long.data({ maxEventLength: 50 }), { code: "TOO_LARGE" });
  assert.equal(long.asked.length, 1);
});

Deno.test("a signal ends the waiting with its reason", async () => {
  const controller = new AbortController();
  const script = new Script(new TransportFault("reset", "gone"));
  const clock = { ...script.clock, sleep: undefined };
  const events = openEvents(script.fetch, URL, { signal: controller.signal }, {
    ...clock,
    sleep: (_ms, signal) =>
      new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason), { once: true });
        controller.abort(new Error("enough"));
      }),
  });
  await assert.rejects(Array.fromAsync(events), { message: "enough" });
});

Deno.test("options are checked at once, and nothing is asked before the events are", () => {
  const script = new Script();
  script.events();
  assert.equal(script.asked.length, 0);
  assert.throws(() => script.events(wrong(5)), TypeError);
  assert.throws(() => script.events({ lastEventId: "a\nb" }), TypeError);
  assert.throws(() => script.events({ reconnect: -1 }), RangeError);
  assert.throws(() => script.events({ reconnect: wrong("yes") }), TypeError);
  assert.throws(() => script.events({ maxEventLength: 0.5 }), RangeError);
});

Deno.test("with a server: events come as they are sent, reconnecting goes on, leaving closes", async () => {
  let opened = 0;
  let closed = 0;
  const answer = (request: Request): Response => {
    opened++;
    const last = Number(request.headers.get("last-event-id") ?? 0);
    let n = last;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        n++;
        controller.enqueue(new TextEncoder().encode(`retry: 1\nid: ${n}\ndata: ${n}\n\n`));
        if (n === last + 3 && opened < 3) controller.close();
      },
      cancel: () => {
        closed++;
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  await serving(answer, async (address) => {
    const client: EventsFetch = (url, { timeoutMs: _t, maxBodyBytes: _m, cache: _c, ...init }) =>
      fetch(url, init as RequestInit);
    const seen: string[] = [];
    for await (const { data } of openEvents(client, `http://${address}/`)) {
      seen.push(data);
      if (seen.length === 8) break;
    }
    assert.deepEqual(seen, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert.equal(opened, 3);
  });
  assert.equal(closed, 1);
});
