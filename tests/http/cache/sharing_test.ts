/** One exchange for equal requests at once: who joins, what they get, and whose abort ends what. */

import assert from "assertions";
import { until } from "../../support/values.ts";
import { type Answer, bytesOf, PAGE, Site } from "./support.ts";

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;
const FRESH = { "cache-control": "max-age=100" };

/** A server whose answers wait until a test lets them go. */
function gated(answer: (n: number) => Answer): { site: Site; open: () => void } {
  const gate = Promise.withResolvers<void>();
  const site = new Site(async (request, n) => {
    const stopped = Promise.withResolvers<never>();
    request.signal?.addEventListener("abort", () => stopped.reject(request.signal!.reason), {
      once: true,
    });
    stopped.promise.catch(() => {});
    await Promise.race([gate.promise, stopped.promise]);
    return answer(n);
  });
  return { site, open: gate.resolve };
}

/** A body that a test fills, and says whether it was cancelled. */
function tap(): { stream: Stream; push(text: string): void; end(): void; cancelled(): boolean } {
  let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  return {
    stream,
    push: (text) => controller.enqueue(bytesOf(text)),
    end: () => controller.close(),
    cancelled: () => cancelled,
  };
}

/** Lets everything that can happen now happen. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("equal requests at once are one exchange, and each gets a body of its own", async () => {
  for (const wholeBody of [false, true]) {
    const { site, open } = gated(() => ({ headers: FRESH, body: "shared" }));
    await using server = site;
    const asked = Array.from({ length: 20 }, () => server.send(PAGE, { wholeBody }));
    await until(() => server.count > 0);
    open();
    const bodies = await Promise.all(asked.map(async (each) => (await each).body));
    const texts = await Promise.all(bodies.map((body) => new Response(body as BodyInit).text()));
    assert.deepEqual([server.count, new Set(texts)], [1, new Set(["shared"])]);
    assert.equal(new Set(bodies).size, 20);
    const from = await Promise.all(asked.map(async (each) => (await each).fromCache));
    assert.equal(from.filter((each) => each).length, 19);
  }
});

Deno.test("who asks while the body is on its way joins too, whether or not the first one reads it", async () => {
  const body = tap();
  await using server = new Site(() => ({ headers: FRESH, body: body.stream }));
  const first = await server.send(PAGE);
  body.push("one ");
  const second = server.ask();
  const third = server.ask();
  body.push("two");
  body.end();
  assert.deepEqual([(await second).text, (await third).text], ["one two", "one two"]);
  assert.equal(await new Response(first.body).text(), "one two");
  assert.equal(server.count, 1);
});

Deno.test("what may not be shared is asked for by each: all at once, and the next time without waiting", async () => {
  const { site, open } = gated((n) => ({
    headers: { "cache-control": "no-store" },
    body: `${n}`,
  }));
  await using server = site;
  const asked = Array.from({ length: 5 }, () => server.ask());
  await until(() => server.count === 1);
  await settle();
  assert.equal(server.count, 1);
  open();
  const texts = new Set((await Promise.all(asked)).map(({ text }) => text));
  assert.deepEqual([server.count, texts.size], [5, 5]);
  const again = gated(() => ({}));
  server.answer = again.site.answer;
  const more = [server.ask(), server.ask()];
  await until(() => server.count === 7);
  again.open();
  await Promise.all(more);
  await again.site[Symbol.asyncDispose]();
});

Deno.test("a response that must be validated each time is nobody else's", async () => {
  for (const value of ["no-cache", "max-age=0"]) {
    const { site, open } = gated(() => ({ headers: { "cache-control": value, etag: '"a"' } }));
    await using server = site;
    const asked = [server.ask(), server.ask()];
    await until(() => server.count > 0);
    open();
    const texts = (await Promise.all(asked)).map(({ text }) => text);
    assert.deepEqual([server.count, texts.sort()], [2, ["answer 1", "answer 2"]]);
  }
});

Deno.test("a response for others by Vary is not given; equal ones among those still share", async () => {
  const { site, open } = gated((n) => ({ headers: { ...FRESH, vary: "foo" }, body: `${n}` }));
  await using server = site;
  const ask = (foo: string) => server.ask(PAGE, { headers: { foo } });
  const asked = [ask("a"), ask("b"), ask("b"), ask("b"), ask("a")];
  await until(() => server.count > 0);
  open();
  const texts = (await Promise.all(asked)).map(({ text }) => text);
  assert.deepEqual([server.count, texts], [2, ["1", "2", "2", "2", "1"]]);
});

Deno.test("who wants the server's own word, or a fresher one, does not join", async () => {
  const { site, open } = gated(() => ({ headers: FRESH }));
  await using server = site;
  const asked = [
    server.ask(),
    server.ask(PAGE, { mode: "no-cache" }),
    server.ask(PAGE, { mode: "reload" }),
    server.ask(PAGE, { headers: { "cache-control": "max-age=0" } }),
  ];
  await until(() => server.count === 4);
  open();
  await Promise.all(asked);
});

Deno.test("an error reaches all who wait, and is not kept", async () => {
  const { site, open } = gated((n) => {
    if (n === 1) throw new Error("gone");
    return { headers: FRESH };
  });
  await using server = site;
  const asked = [server.ask(), server.ask(), server.ask()];
  await until(() => server.count > 0);
  open();
  for (const each of await Promise.allSettled(asked)) {
    assert.equal(each.status === "rejected" && each.reason.message, "gone");
  }
  assert.deepEqual([server.count, (await server.ask()).text], [1, "answer 2"]);
});

Deno.test("an abort ends only the waiting of who gave the signal, the first one's too", async () => {
  for (const aborting of [0, 1]) {
    const { site, open } = gated(() => ({ headers: FRESH }));
    await using server = site;
    const controller = new AbortController();
    const reason = new Error("enough");
    const asked = [0, 1, 2].map((i) =>
      server.ask(PAGE, { signal: i === aborting ? controller.signal : undefined })
    );
    await until(() => server.count === 1);
    controller.abort(reason);
    await assert.rejects(asked[aborting]!, reason);
    assert.equal(server.requests[0]!.signal!.aborted, false);
    open();
    for (const i of [0, 1, 2]) {
      if (i !== aborting) assert.equal((await asked[i]!).text, "answer 1");
    }
    assert.deepEqual([server.count, (await server.ask()).fromCache], [1, true]);
  }
});

Deno.test("when all have given up the exchange ends, and the next one begins another", async () => {
  const { site, open } = gated(() => ({ headers: FRESH }));
  await using server = site;
  const controllers = [new AbortController(), new AbortController()];
  const asked = controllers.map(({ signal }) => server.ask(PAGE, { signal }));
  await until(() => server.count === 1);
  for (const controller of controllers) controller.abort(new Error("enough"));
  for (const each of asked) await assert.rejects(each, { message: "enough" });
  assert.equal(server.requests[0]!.signal!.aborted, true);
  const next = server.ask();
  await until(() => server.count === 2);
  open();
  assert.equal((await next).text, "answer 2");
});

Deno.test("a signal that is aborted already sends nothing on", async () => {
  await using server = new Site(() => ({ headers: FRESH }));
  await assert.rejects(server.ask(PAGE, { signal: AbortSignal.abort(new Error("before")) }), {
    message: "before",
  });
});

Deno.test("who stops reading its body ends it alone, if others wait; else it ends the exchange", async () => {
  for (const how of ["cancel", "abort"] as const) {
    const body = tap();
    await using server = new Site(() => ({ headers: FRESH, body: body.stream }));
    const controller = new AbortController();
    const leave = async (stream: Stream): Promise<void> => {
      if (how === "cancel") return await stream.cancel();
      controller.abort(new Error("enough"));
      await assert.rejects(new Response(stream).text(), { message: "enough" });
    };
    const first = await server.send(PAGE, { signal: controller.signal });
    body.push("one ");
    const second = server.ask();
    await settle();
    await leave(first.body as Stream);
    body.push("two");
    body.end();
    assert.equal((await second).text, "one two");
    assert.deepEqual([server.count, body.cancelled()], [1, false]);

    const alone = tap();
    server.answer = () => ({ headers: FRESH, body: alone.stream });
    const other = new AbortController();
    const third = await server.send(`${PAGE}?alone`, { signal: other.signal });
    if (how === "cancel") await (third.body as Stream).cancel();
    else other.abort(new Error("enough"));
    await until(() => alone.cancelled());
    server.answer = () => ({ headers: FRESH, body: "new" });
    assert.equal((await server.ask(`${PAGE}?alone`)).text, "new");
  }
});

Deno.test("when the last one who waits gives up, the first one still reads on", async () => {
  const body = tap();
  await using server = new Site(() => ({ headers: FRESH, body: body.stream }));
  const first = await server.send(PAGE);
  body.push("one ");
  const controller = new AbortController();
  const second = server.ask(PAGE, { signal: controller.signal });
  await settle();
  controller.abort(new Error("enough"));
  await assert.rejects(second, { message: "enough" });
  body.push("two");
  body.end();
  assert.equal(await new Response(first.body).text(), "one two");
  assert.equal((await server.ask()).fromCache, true);
});

Deno.test("who waits for a body that is too large, or fails, asks for himself", async () => {
  const body = tap();
  await using server = new Site(
    (_, n) => ({ headers: FRESH, body: n === 1 ? body.stream : "small" }),
    { maxBodyBytes: 10 },
  );
  const first = await server.send(PAGE);
  body.push("123456");
  const second = server.ask();
  await settle();
  body.push("789012");
  assert.equal((await second).text, "small");
  body.end();
  assert.equal(await new Response(first.body).text(), "123456789012");

  const failing = tap();
  server.answer = (_, n) => ({ headers: FRESH, body: n === 3 ? failing.stream : "small" });
  const third = await server.send(`${PAGE}?failing`);
  const fourth = server.ask(`${PAGE}?failing`);
  await settle();
  failing.push("12345678901");
  assert.equal((await fourth).text, "small");
  await (third.body as Stream).cancel();
  assert.equal(failing.cancelled(), true);
});

Deno.test("a body is read no faster than its caller reads it", async () => {
  let pulled = 0;
  await using server = new Site(() => ({
    headers: FRESH,
    body: new ReadableStream({
      pull(controller) {
        controller.enqueue(bytesOf(`${++pulled} `));
        if (pulled === 100) controller.close();
      },
    }, { highWaterMark: 0 }),
  }));
  const { body } = await server.send(PAGE);
  const reader = (body as Stream).getReader();
  for (let i = 0; i < 3; i++) await reader.read();
  await settle();
  assert.equal(pulled, 3);
  await reader.cancel();
});

Deno.test("the listeners of a signal go with the exchange", async () => {
  await using server = new Site((_, n) => ({ headers: n % 2 === 0 ? FRESH : {} }));
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...given: Parameters<typeof add>) => (listeners++, add(...given)),
    removeEventListener: (...given: Parameters<typeof remove>) => (listeners--, remove(...given)),
  });
  for (let i = 0; i < 10; i++) await server.ask(`${PAGE}?${i}`, { signal });
  await settle();
  assert.ok(listeners <= 0, `${listeners} are left`);
});
