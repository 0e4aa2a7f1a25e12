import assert from "assertions";
import { createMcpHandler, type McpHandlerOptions } from "../../src/mcp/mod.ts";
import { readBody } from "../../src/mcp/http/body.ts";
import { SessionEvents } from "../../src/mcp/http/events.ts";
import { connect, connectBefore, echo, modern, post, serve, textOf } from "./support.ts";

const URL_OF_IT = "http://127.0.0.1:8080/mcp";
const TOKEN = "a-token-of-the-tests";
const { body: LIST, headers: LIST_HEADERS } = modern("tools/list");

function request(headers: Record<string, string>, body = LIST): Request {
  return new Request(URL_OF_IT, {
    method: "POST",
    body,
    headers: {
      host: "127.0.0.1:8080",
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...LIST_HEADERS,
      ...headers,
    },
  });
}

function handler(more: Partial<McpHandlerOptions> = {}) {
  return createMcpHandler({ tools: [echo()], access: { token: TOKEN }, ...more });
}

Deno.test("only who sends the token is answered", async () => {
  await using mcp = handler();
  for (
    const authorization of [
      ...["", "Bearer", "Bearer ", `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN],
      ...[`Basic ${TOKEN}`, `Bearer ${TOKEN} ${TOKEN}`, `Bearer ${TOKEN.toUpperCase()}`],
      `Bearer ${"x".repeat(100_000)}`,
    ]
  ) {
    const response = await mcp.fetch(request({ authorization }));
    assert.equal(response.status, 401, authorization.slice(0, 50));
    assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="mcp"');
    assert.doesNotMatch(await response.text(), new RegExp(TOKEN));
  }
  assert.equal((await mcp.fetch(request({}))).status, 200);
  // Nobody gets in by the address, where tokens would end in logs.
  const byAddress = new Request(`${URL_OF_IT}?token=${TOKEN}`, { method: "POST", body: LIST });
  assert.equal((await mcp.fetch(byAddress)).status, 401);
});

Deno.test("a token is made where none is given, and a weak one is refused without being repeated", async () => {
  await using first = createMcpHandler({});
  await using second = createMcpHandler({});
  assert.match(first.token ?? "", /^[\w-]{43}$/);
  assert.notEqual(first.token, second.token);
  for (const token of ["short", "with a space in the middle", "ünïcödé-ünïcödé-ünïcödé"]) {
    assert.throws(() => createMcpHandler({ access: { token } }), (error: Error) => {
      assert.ok(!error.message.includes(token), error.message);
      return true;
    });
  }
});

Deno.test("a name that leads to this machine is not one of this machine", async () => {
  await using mcp = handler();
  for (const host of ["evil.example", "127.0.0.1.evil.example", "evil.example:8080", "0.0.0.0"]) {
    assert.equal((await mcp.fetch(request({ host }))).status, 403, host);
  }
  for (const host of ["127.0.0.1", "127.0.0.1:1", "LOCALHOST:8080", "[::1]:8080"]) {
    assert.equal((await mcp.fetch(request({ host }))).status, 200, host);
  }
});

Deno.test("pages of other sites reach nothing", async () => {
  await using mcp = handler();
  for (
    const origin of [
      ...["https://evil.example", "null", "", "http://127.0.0.1.evil.example", "file://"],
      "http://localhost@evil.example",
    ]
  ) {
    const response = await mcp.fetch(request({ origin }));
    assert.equal(response.status, 403, origin);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }
  assert.equal((await mcp.fetch(request({ origin: "http://localhost:3000" }))).status, 200);
  const preflight = new Request(URL_OF_IT, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal((await mcp.fetch(preflight)).status, 403);
  // What a form of another site can send without asking is not read either.
  const form = await mcp.fetch(request({ "content-type": "text/plain" }));
  assert.equal(form.status, 415);
});

Deno.test("other host names are allowed by name, and access may be checked elsewhere", async () => {
  await using named = handler({ access: { token: TOKEN, hosts: ["agent.example"] } });
  assert.equal((await named.fetch(request({ host: "agent.example:443" }))).status, 200);
  assert.equal((await named.fetch(request({ host: "127.0.0.1" }))).status, 403);
  await using open = handler({ access: "checked" });
  assert.equal(open.token, undefined);
  assert.equal((await open.fetch(request({ authorization: "", host: "any" }))).status, 200);
});

Deno.test("malformed messages are refused, and the server goes on", async () => {
  await using server = serve({ tools: [echo()] });
  const messages = [
    ...["", "{", "null", "true", "7", '"x"', "[]", "{}", '{"jsonrpc":"2.0"}'],
    '{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    '{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["a"]}}',
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"__proto__":{"x":1}}}}',
    "\u0000",
    LIST.slice(0, -3),
  ];
  for (const body of messages) {
    const response = await post(server, body);
    const text = await response.text();
    assert.ok(response.status >= 400 && response.status < 500, `${response.status} ${text}`);
    assert.doesNotMatch(text, /at .*\.ts|node_modules|file:\/\//);
  }
  const bytes = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
  const response = await post(server, new Blob([bytes]).stream());
  assert.equal(response.status, 400);
  await response.body?.cancel();
  await using client = await connect(server, "2026-07-28");
  assert.equal((await client.listTools()).tools.length, 1);
});

Deno.test("bodies of 10 MB, of unknown length too, are not read to their end", async () => {
  await using server = serve({ tools: [echo()] });
  const long = "x".repeat(10_000_000);
  const { body, headers } = modern("tools/call", { name: "echo", arguments: { text: long } });
  const whole = await post(server, body, headers);
  assert.equal(whole.status, 413);
  await whole.body?.cancel();
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent > 200_000_000) return controller.close();
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const status = await post(server, endless, headers).then(async (response) => {
    await response.body?.cancel();
    return response.status;
  }, () => 413);
  assert.equal(status, 413);
  assert.ok(sent < 100_000_000, `${sent} bytes were taken`);
  await using client = await connect(server, "legacy");
  const text = "x".repeat(1_000_000);
  const result = await client.callTool({ name: "echo", arguments: { text } });
  assert.equal(textOf(result).length, 1_000_000);
});

Deno.test("a body that does not come to its end is given up", async () => {
  const stalled = new Request(URL_OF_IT, {
    method: "POST",
    body: new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc":')),
    }),
  });
  assert.deepEqual(await readBody(stalled, 50), { status: 408 });
});

Deno.test("batches are refused, and floods are bounded", async () => {
  let most = 0;
  let now = 0;
  const slow = echo({
    run: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now--;
      return "done";
    },
  });
  await using server = serve({ tools: [slow], budget: { concurrent: 4 } });
  const batch = JSON.stringify(Array(10_000).fill(JSON.parse(LIST)));
  const refused = await post(server, batch, LIST_HEADERS);
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /no batch/);
  const { body, headers } = modern("tools/call", { name: "echo", arguments: { text: "" } });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => post(server, body, headers).then((one) => one.text())),
  );
  assert.ok(most <= 4, `${most} at once`);
  assert.ok(answers.some((text) => text.includes("calls are under way")));
  assert.ok(answers.some((text) => text.includes("done")));
});

Deno.test("sessions are bounded in number and time, and nobody uses one of another server", async () => {
  await using server = serve({ tools: [echo()], sessions: 3, sessionMs: 60_000 });
  await using first = await connectBefore(server);
  const others = await Promise.all([1, 2, 3].map(() => connectBefore(server)));
  await assert.rejects(first.listTools(), /session has ended/);
  for (const one of others) {
    assert.equal((await one.listTools()).tools.length, 1);
    await one.close();
  }
  const stranger = await post(server, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', {
    "mcp-session-id": crypto.randomUUID(),
  });
  assert.equal(stranger.status, 404);
  await stranger.body?.cancel();
  const without = await post(server, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
  assert.equal(without.status, 400);
  await without.body?.cancel();
});

Deno.test("a client that never reads holds up nobody else", async () => {
  await using server = serve({ tools: [echo()] });
  const { body, headers } = modern("tools/call", {
    name: "echo",
    arguments: { text: "x".repeat(900_000) },
  });
  const connections: Deno.TcpConn[] = [];
  const { port } = new URL(server.url);
  const head = [
    "POST /mcp HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${server.token}`,
    "content-type: application/json",
    "accept: application/json, text/event-stream",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ].join("\r\n");
  try {
    for (let at = 0; at < 20; at++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      connections.push(connection);
      const bytes = new TextEncoder().encode(`${head}\r\n\r\n${body}`);
      for (let sent = 0; sent < bytes.length;) {
        sent += await connection.write(bytes.subarray(sent));
      }
    }
    await using client = await connect(server, "2026-07-28");
    const result = await client.callTool({ name: "echo", arguments: { text: "hello" } });
    assert.equal(textOf(result), "hello");
  } finally {
    for (const connection of connections) connection.close();
  }
});

Deno.test("what is kept of a session's streams is bounded", async () => {
  const events = new SessionEvents<{ text: string }>();
  const ids: string[] = [];
  for (let at = 0; at < 1_000; at++) {
    ids.push(await events.storeEvent(at % 2 === 0 ? "even" : "odd", { text: `${at}` }));
  }
  assert.equal(await events.getStreamIdForEventId(ids[0]!), undefined);
  const sent: string[] = [];
  const stream = await events.replayEventsAfter(ids[995]!, {
    send: (_, { text }) => Promise.resolve(void sent.push(text)),
  });
  assert.deepEqual([stream, sent], ["odd", ["997", "999"]]);
  await assert.rejects(
    events.replayEventsAfter("1-even", { send: () => Promise.resolve() }),
    /not known/,
  );
  for (let at = 0; at < 3; at++) ids.push(await events.storeEvent("x", { text: "x".repeat(3e6) }));
  assert.equal(await events.getStreamIdForEventId(ids.at(-2)!), undefined);
});

Deno.test("an answer to a question counts for that call, once", async () => {
  const ran: string[] = [];
  const tool = echo({
    approval: "always",
    run: (input) => {
      ran.push((input as { text: string }).text);
      return "done";
    },
  });
  await using server = serve({ tools: [tool], ask: ["echo"] });
  const call = async (text: string, more: Record<string, unknown> = {}) => {
    const { body, headers } = modern("tools/call", { name: "echo", arguments: { text }, ...more });
    const capable = body.replace('Capabilities":{}', 'Capabilities":{"elicitation":{"form":{}}}');
    return await (await post(server, capable, headers)).json();
  };
  const inputResponses = { allow: { action: "accept", content: { allow: true } } };
  const asked = (await call("harmless")).result;
  assert.equal(asked.resultType, "input_required");
  const { requestState } = asked;
  // An answer without the question, to another call, with a state that was changed.
  assert.equal((await call("harmless", { inputResponses })).result.resultType, "input_required");
  const other = await call("rm -rf /", { inputResponses, requestState });
  assert.equal(other.result.resultType, "input_required");
  const changed = `${requestState.slice(0, -2)}${requestState.endsWith("A") ? "B" : "A"}=`;
  const tampered = await call("harmless", { inputResponses, requestState: changed });
  assert.equal(tampered.error?.code, -32602);
  assert.deepEqual(ran, []);
  assert.match(JSON.stringify(await call("harmless", { inputResponses, requestState })), /done/);
  const again = await call("harmless", { inputResponses, requestState });
  assert.equal(again.result.resultType, "input_required");
  assert.deepEqual(ran, ["harmless"]);
});

Deno.test("after close nothing is answered", async () => {
  const mcp = handler();
  assert.equal((await mcp.fetch(request({}))).status, 200);
  await mcp.close();
  await mcp.close();
  assert.equal((await mcp.fetch(request({}))).status, 503);
});
