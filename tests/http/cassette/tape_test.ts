/** What is recorded, and which recording a request gets. */

import assert from "assertions";
import fc from "fast-check";
import { scrubText, scrubUrl } from "../../../src/http/cassette/scrub.ts";
import { check } from "../../support/arbitraries.ts";
import { API, type Ask, type Bytes, Studio, textOf } from "./support.ts";

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

Deno.test("what was recorded is replayed, and nothing is sent", async () => {
  await using studio = new Studio(() => ({
    status: 201,
    headers: { "content-type": "application/json; charset=utf-8", "x-own": "gone", etag: '"a"' },
    body: '{ "a": [1, 2.50, null],\n "ü": "水" }',
  }));
  const ask = { headers: JSON_TYPE, body: '{"q":1}' };
  const first = await studio.program("record")(API, ask);
  assert.deepEqual([first.attempts, first.headers.get("x-own")], [1, "gone"]);
  assert.equal(await textOf(first), '{ "a": [1, 2.50, null],\n "ü": "水" }');
  for (const wholeBody of [false, true]) {
    const again = await studio.program("replay")(API, { ...ask, wholeBody });
    assert.equal(again.body instanceof Uint8Array, wholeBody);
    assert.deepEqual(JSON.parse(await textOf(again)), { a: [1, 2.5, null], ü: "水" });
    assert.deepEqual([again.status, again.attempts, again.fromCache, again.url], [
      201,
      0,
      false,
      API,
    ]);
    assert.deepEqual(again.headers.entries(), [
      ["content-type", "application/json; charset=utf-8"],
      ["etag", '"a"'],
    ]);
  }
  assert.equal(studio.requests.length, 1);
});

Deno.test("servers are told apart, by their addresses in figures too", async () => {
  await using studio = new Studio();
  const hosts = [
    "127.0.0.1:80",
    "127.0.0.2:80",
    "[2001:db8::1]",
    "[2001:db8::2]",
    "a.test",
    "b.test",
  ];
  const record = studio.program("record");
  for (const host of hosts) await textOf(await record(`http://${host}/who`));
  const replay = studio.program("replay");
  for (const [i, host] of hosts.entries()) {
    assert.equal(await textOf(await replay(`http://${host}/who`)), `answer ${i + 1}`);
  }
  await assert.rejects(replay("http://127.0.0.3/who"), /127\.0\.0\.3/);
});

Deno.test("all kinds of bodies come back as they were", async () => {
  const bodies: (string | Bytes | null)[] = [
    ...[
      "plain",
      "",
      "a\r\nb\u0001c\ufeff",
      "\ufeffbom",
      '{"big":12345678901234567890}',
      "[1,",
      "12",
      "true",
    ],
    ...['"text"', '{"a":1}', "data: {}\n\n", '{"__proto__":{"a":1},"a":1}'],
    ...[new Uint8Array([0, 255, 254, 1]), bytesOf("a\0b"), new Uint8Array([0xc3]), null],
  ];
  await using studio = new Studio((_, n) => ({ body: bodies[n - 1] ?? null }));
  const record = studio.program("record");
  for (const i of bodies.keys()) await textOf(await record(`${API}/${i}`));
  const replay = studio.program("replay");
  for (const [i, body] of bodies.entries()) {
    const { body: got } = await replay(`${API}/${i}`, { wholeBody: true });
    assert.deepEqual(
      got,
      typeof body === "string" ? bytesOf(body) : body ?? new Uint8Array(0),
      `${i}`,
    );
  }
});

Deno.test("a HEAD and a 204 have no body", async () => {
  await using studio = new Studio(({ method }) => ({
    status: method === "HEAD" ? 200 : 204,
    body: null,
  }));
  const record = studio.program("record");
  await record(API, { method: "HEAD" });
  await record(API, { method: "DELETE" });
  const replay = studio.program("replay");
  for (const method of ["HEAD", "DELETE"]) {
    assert.equal((await replay(API, { method })).body, null);
    assert.equal((await replay(API, { method, wholeBody: true })).body, null);
  }
});

Deno.test("requests are equal by method, address, chosen fields and canonical body", async () => {
  const multipart = (boundary: string): Ask => ({
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body:
      `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`,
  });
  const equal: [string, Ask, string, Ask][] = [
    [API, { headers: JSON_TYPE, body: '{"a":1,"b":{"d":[1,2],"c":2}}' }, API, {
      headers: JSON_TYPE,
      body: ' {"b": {"c":2, "d":[1, 2]},\n"a": 1} ',
    }],
    [API, { headers: FORM_TYPE, body: "b=2&a=1&a=0" }, API, {
      headers: FORM_TYPE,
      body: "a=0&a=1&b=2",
    }],
    [API, multipart("abc"), API, multipart("----x9")],
    [API, { headers: { "x-request-id": "1" } }, API, { headers: { "x-request-id": "2" } }],
    [API, { headers: { authorization: "a", "x-api-key": "b" } }, API, {
      headers: { authorization: "c" },
    }],
    [`${API}?key=one&a=1`, {}, `${API}?key=two&a=1`, {}],
    [API, { headers: JSON_TYPE, body: '{"password":"a"}' }, API, {
      headers: JSON_TYPE,
      body: '{"password":"b"}',
    }],
    [API, { body: new Uint8Array([0, 255]) }, API, {
      body: ReadableStream.from([new Uint8Array([0]), new Uint8Array([255])]),
    }],
  ];
  for (const [url, ask, other, again] of equal) {
    await using studio = new Studio();
    await textOf(await studio.program("record")(url, ask));
    assert.equal(await textOf(await studio.program("replay")(other, again)), "answer 1");
  }
  const different: [string, Ask, string, Ask][] = [
    [API, {}, API, { method: "DELETE" }],
    [API, {}, `${API}/x`, {}],
    [API, {}, API.replace("https", "http"), {}],
    [`${API}?a=1`, {}, `${API}?a=2`, {}],
    [`${API}?a=1&b=2`, {}, `${API}?b=2&a=1`, {}],
    [API, { headers: { accept: "a" } }, API, { headers: { accept: "b" } }],
    [API, { headers: JSON_TYPE, body: '{"a":[1,2]}' }, API, {
      headers: JSON_TYPE,
      body: '{"a":[2,1]}',
    }],
    [API, { headers: JSON_TYPE, body: '{"a":1}' }, API, { headers: JSON_TYPE, body: '{"a":"1"}' }],
    [API, { body: "a" }, API, { body: "b" }],
    [API, { body: new Uint8Array([0, 1]) }, API, { body: new Uint8Array([0, 2]) }],
  ];
  for (const [url, ask, other, again] of different) {
    await using studio = new Studio();
    await textOf(await studio.program("record")(url, ask));
    await assert.rejects(studio.program("replay")(other, again), { code: "NOT_FOUND" });
  }
});

Deno.test("a caller chooses the fields that count, but none with credentials", async () => {
  await using studio = new Studio();
  const options = { matchHeaders: ["X-Version"] };
  await textOf(
    await studio.program("record", options)(API, { headers: { "x-version": "1", accept: "a" } }),
  );
  const replay = studio.program("replay", options);
  await textOf(await replay(API, { headers: { "x-version": "1", accept: "b" } }));
  await assert.rejects(replay(API, { headers: { "x-version": "2" } }), {
    message: /header x-version/,
  });
  for (
    const name of ["Authorization", "cookie", "Set-Cookie", "x-api-key", "X-Auth-Token", "a b", ""]
  ) {
    assert.throws(() => studio.program("replay", { matchHeaders: [name] }), RangeError, name);
  }
});

Deno.test("the n-th of equal requests gets the n-th recording, then the last one again", async () => {
  await using studio = new Studio();
  const record = studio.program("record");
  for (let i = 0; i < 3; i++) await textOf(await record(API));
  assert.equal(studio.recordings().length, 3);
  for (const mode of ["replay", "auto"] as const) {
    const replay = studio.program(mode);
    const texts: string[] = [];
    for (let i = 0; i < 5; i++) texts.push(await textOf(await replay(API)));
    assert.deepEqual(texts, ["answer 1", "answer 2", "answer 3", "answer 3", "answer 3"]);
  }
  assert.equal(studio.requests.length, 3);
});

Deno.test("equal requests at once keep the order in which they were sent", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using studio = new Studio(async (_, n) => {
    await gates[n - 1]!.promise;
    return { body: `answer ${n}` };
  });
  const record = studio.program("record");
  const one = record(API).then(textOf);
  const two = record(API).then(textOf);
  gates[1]!.resolve();
  assert.equal(await two, "answer 2");
  gates[0]!.resolve();
  assert.equal(await one, "answer 1");
  const replay = studio.program("replay");
  assert.deepEqual([await replay(API).then(textOf), await replay(API).then(textOf)], [
    "answer 1",
    "answer 2",
  ]);
});

Deno.test("record writes anew, auto adds what is missing", async () => {
  await using studio = new Studio();
  await textOf(await studio.program("auto")(`${API}/a`));
  const auto = studio.program("auto");
  assert.equal(await textOf(await auto(`${API}/a`)), "answer 1");
  assert.equal(await textOf(await auto(`${API}/b`)), "answer 2");
  assert.deepEqual(studio.recordings().map(({ request }) => request.url), [`${API}/a`, `${API}/b`]);
  await textOf(await studio.program("record")(`${API}/c`));
  assert.deepEqual(studio.recordings().map(({ request }) => request.url), [`${API}/c`]);
});

Deno.test("a stream goes through as it comes, and is recorded at its end", async () => {
  let push!: (text: string) => void;
  let end!: () => void;
  await using studio = new Studio(() => ({
    headers: { "content-type": "text/event-stream" },
    body: new ReadableStream<Bytes>({
      start(controller) {
        push = (text) => controller.enqueue(bytesOf(text));
        end = () => controller.close();
      },
    }),
  }));
  const { body } = await studio.program("record")(API);
  const reader = (body as ReadableStream<Bytes>).getReader();
  push("data: 1\n\n");
  assert.deepEqual((await reader.read()).value, bytesOf("data: 1\n\n"));
  push("data: 2\n\n");
  end();
  await reader.read();
  assert.equal((await reader.read()).done, true);
  assert.equal(await textOf(await studio.program("replay")(API)), "data: 1\n\ndata: 2\n\n");
});

Deno.test("who leaves a stream early has recorded what he read; one that fails is not recorded", async () => {
  let cancelled = false;
  await using studio = new Studio((_, n) => ({
    body: new ReadableStream<Bytes>({
      pull(controller) {
        if (n === 2) controller.error(new Error("gone"));
        else controller.enqueue(bytesOf("data: x\n\n"));
      },
      cancel: () => {
        cancelled = true;
      },
    }),
  }));
  const record = studio.program("record");
  const { body } = await record(API);
  for await (const _ of body as ReadableStream) break;
  assert.equal(cancelled, true);
  assert.equal(studio.recordings()[0].response.truncated, true);
  assert.equal(await textOf(await studio.program("replay")(API)), "data: x\n\n");
  await assert.rejects(record(`${API}/2`).then(textOf), { message: "gone" });
  studio.answer = () => Promise.reject(new Error("refused"));
  await assert.rejects(record(`${API}/3`), { message: "refused" });
  assert.equal(studio.recordings().length, 1);
});

Deno.test("bytes with a secret are left out, and asking for them says so", async () => {
  const secret = new Uint8Array([0xff, 0, ...bytesOf("ada@example.org"), 0xff]);
  await using studio = new Studio(() => ({ body: secret }));
  await textOf(await studio.program("record")(API));
  assert.deepEqual(studio.recordings()[0].response.body, {
    omitted: "the bytes hold what looks like a secret",
    bytes: secret.length,
  });
  await assert.rejects(studio.program("replay")(API), { code: "UNSUPPORTED", message: /left out/ });
});

Deno.test("a miss names the nearest recording and the first part that differs", async () => {
  await using studio = new Studio();
  const record = studio.program("record");
  const chat = {
    model: "m",
    messages: [{ role: "user", content: "What is up?" }],
    "a b": { c: 1 },
  };
  const post = (value: unknown): Ask => ({ headers: JSON_TYPE, body: JSON.stringify(value) });
  await textOf(await record(API, post(chat)));
  await textOf(await record("https://other.test/x?page=1&size=5", { headers: { accept: "a" } }));
  await textOf(await record("https://other.test/form", { headers: FORM_TYPE, body: "a=1&b=2" }));
  await textOf(await record("https://other.test/text", { body: "some text" }));
  await textOf(await record("https://other.test/bytes", { body: new Uint8Array([0, 255]) }));
  const replay = studio.program("replay");
  const at = (content: string): unknown => ({ ...chat, messages: [{ role: "user", content }] });
  const list: [string, Ask, string][] = [
    [
      API,
      post(at("What is down?")),
      'the body at $.messages[0].content: recorded "What is up?", asked "What is down?"',
    ],
    [API, post({ ...chat, "a b": { c: 2 } }), 'the body at $["a b"].c: recorded 1, asked 2'],
    [API, post({ ...chat, extra: true }), "the body at $.extra: recorded nothing, asked true"],
    [API, post({ ...chat, model: undefined }), 'the body at $.model: recorded "m", asked nothing'],
    [API, post([1]), "the body at $: recorded {"],
    [API, { headers: JSON_TYPE, method: "POST" }, "the body: recorded json, asked nothing"],
    [API, { ...post(chat), method: "PUT" }, 'the method: recorded "POST", asked "PUT"'],
    [`${API}s`, post(chat), 'the path: recorded "/v1/chat", asked "/v1/chats"'],
    [
      "https://api.test:1/v1/chat",
      post(chat),
      'the host: recorded "https://api.test", asked "https://api.test:1"',
    ],
    [
      "https://other.test/x?page=2&size=5",
      { headers: { accept: "a" } },
      'the query\'s "page": recorded "1", asked "2"',
    ],
    [
      "https://other.test/x?page=1",
      { headers: { accept: "a" } },
      'the query\'s "size": recorded "5", asked nothing',
    ],
    ["https://other.test/x?size=5&page=1", { headers: { accept: "a" } }, "the order of the query"],
    ["https://other.test/x?page=1&size=5", {}, 'the header accept: recorded "a", asked nothing'],
    [
      "https://other.test/form",
      { headers: FORM_TYPE, body: "a=1&b=3" },
      'the form\'s "b": recorded "2", asked "3"',
    ],
    [
      "https://other.test/text",
      { body: "some test" },
      'the body at character 8: recorded "xt", asked "st"',
    ],
    [
      "https://other.test/bytes",
      { body: new Uint8Array([0, 254]) },
      'the body: recorded bytes "AP8="',
    ],
  ];
  for (const [url, ask, expected] of list) {
    const error = await replay(url, ask).catch((thrown) => thrown);
    assert.equal(error.code, "NOT_FOUND", `${url} ${JSON.stringify(ask)}`);
    assert.ok(
      error.message.includes(`which differs in ${expected}`),
      `${expected}\n${error.message}`,
    );
  }
  const long = await replay(API, post(at("x".repeat(10_000)))).catch((thrown) => thrown);
  assert.ok(long.message.length < 1_000);
});

Deno.test("a cassette that is empty or missing says so", async () => {
  await using studio = new Studio();
  await assert.rejects(studio.program("replay")(API), {
    code: "NOT_FOUND",
    message: /no cassette/,
  });
  Deno.writeTextFileSync(studio.path, '{"format":"agent-cassette","version":1,"recordings":[]}');
  await assert.rejects(studio.program("replay")(API), { message: /has no recordings/ });
});

Deno.test("an aborted signal ends it before", async () => {
  await using studio = new Studio();
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(studio.program("record")(API, { signal }), { message: "enough" });
  assert.equal(studio.requests.length, 0);
});

Deno.test("what was redacted stays as it is when it is redacted again", () => {
  const piece = fc.constantFrom(
    ...[
      "password",
      "=",
      ": ",
      '"',
      "'",
      "\\",
      "{",
      "}",
      "[",
      "]",
      "&",
      "?",
      "%40",
      "%2540",
      " ",
      "\n",
    ],
    ...[
      "ada@example.org",
      "kX9vQ2mZ7pL4rT8wY1nB6cJ3",
      "Bearer ",
      "https://x.test/",
      "code",
      "key",
      "a",
      "<",
      ">",
    ],
    ...[
      "<input name=",
      "<password>",
      "</password>",
      " value=",
      "<![CDATA[",
      "]]>",
      "|",
      "- ",
      "  ",
    ],
    ...["--password", "-u ", "curl ", "name", '{"', '":', "value", "token: |\n  ", "&quot;", "is "],
    ...[
      "/token/",
      "\t",
      "#",
      "'''",
      "\\u0070",
      "name: password\n",
      "+",
      "(",
      ")",
      ",",
      "| ",
      "%2F",
    ],
    ...["4111111111111111", "[REDACTED]", "[EMAIL]", "user:", "://", "@", "10.0.0.1", "token", "/"],
  );
  const text = fc.array(piece, { maxLength: 14, size: "max" }).map((parts) => parts.join(""));
  check(
    fc.property(text, (given) => {
      const once = scrubText(given);
      assert.equal(scrubText(once), once);
      const url = URL.parse(`https://x.test/${given}`);
      if (url === null) return;
      const scrubbed = scrubUrl(url);
      const again = URL.parse(scrubbed);
      if (again !== null) assert.equal(scrubUrl(again), scrubbed);
    }),
    3000,
  );
});
