/** Who may ask: tokens, browsers, hosts, origins. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import { preloadNative } from "../../mod.ts";
import { createServer } from "../../src/server/mod.ts";
import { chat, QUESTION, raw, served, TOKEN } from "./support.ts";

preloadNative();

const ROUTES = [
  "GET /",
  "GET /app.js",
  "GET /nothing",
  "GET /api/status",
  "GET /api/live",
  "GET /api/document?name=tea.md",
  "GET /api/openapi.json",
  "GET /api/commands",
  "POST /api/commands/ask",
  "GET /metrics",
  "GET /v1/models",
  "GET /v1/models/agent",
  "POST /v1/chat/completions",
  "POST /v1/responses",
  "POST /v1/embeddings",
  "POST /mcp",
];

Deno.test("every route but /healthz needs the token", async () => {
  await served(async ({ url }) => {
    const healthy = await fetch(`${url}/healthz`);
    assert.equal(healthy.status, 200);
    assert.equal(await healthy.text(), "ok\n");
    const wrong = [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Bearer ${TOKEN} ${TOKEN}`,
      `Bearer ${TOKEN.toUpperCase()}`,
      `Bearer é${TOKEN.slice(1)}`,
      `Basic ${btoa(`agent:${TOKEN}`)}`,
      TOKEN,
    ];
    for (const route of ROUTES) {
      const [method = "", path = ""] = route.split(" ");
      for (const authorization of wrong) {
        const response = await fetch(`${url}${path}`, {
          method,
          headers: authorization === undefined ? {} : { authorization },
          ...(method === "POST" && { body: "{}" }),
        });
        const text = await response.text();
        assert.equal(response.status, 401, `${route} with ${authorization}`);
        assert.ok(!text.includes(TOKEN.slice(1)));
      }
      // Nor does a token in the address count.
      const response = await fetch(`${url}${path}${path.includes("?") ? "&" : "?"}token=${TOKEN}`, {
        method,
        ...(method === "POST" && { body: "{}" }),
      });
      await response.body?.cancel();
      assert.equal(response.status, 401);
    }
  });
});

/** Opens the page as a browser does. */
async function signIn(url: string, path: string): Promise<{ cookie: string; key: string }> {
  const response = await fetch(`${url}${path}`, { redirect: "manual" });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  const set = response.headers.get("set-cookie") ?? "";
  assert.match(set, /; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const key = /^\/#key=([\w-]{43})$/.exec(response.headers.get("location") ?? "")?.[1];
  assert.ok(key !== undefined);
  return { cookie: set.split(";")[0]!, key };
}

Deno.test("a browser: the code holds once, the cookie only with the key, and not for ever", async () => {
  await served(async ({ server, url }) => {
    const path = server.signInPath();
    const { cookie, key } = await signIn(url, path);
    const again = await fetch(`${url}${path}`, { redirect: "manual" });
    await again.body?.cancel();
    assert.equal(again.status, 401, "a code that was used");
    assert.equal(again.headers.get("set-cookie"), null);
    const status = async (headers: Record<string, string>, to = "/api/status") => {
      const response = await fetch(`${url}${to}`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status({ cookie, "x-agent-key": key }), 200);
    assert.equal(await status({ cookie }), 401, "what another port of this host is sent too");
    assert.equal(await status({ "x-agent-key": key }), 401);
    assert.equal(await status({ cookie, "x-agent-key": `${key}x` }), 401);
    const other = await signIn(url, server.signInPath());
    assert.equal(await status({ cookie, "x-agent-key": other.key }), 401, "another browser's key");
    assert.equal(await status({ cookie }, "/"), 200, "the page itself holds nothing");
    const token = await status({ cookie, "x-agent-key": key, authorization: "Bearer wrong" });
    assert.equal(token, 401, "a wrong token is not made up for");
  });
  await served(async ({ server, url }) => {
    const { cookie, key } = await signIn(url, server.signInPath());
    await new Promise((resolve) => setTimeout(resolve, 30));
    const response = await fetch(`${url}/api/status`, { headers: { cookie, "x-agent-key": key } });
    await response.body?.cancel();
    assert.equal(response.status, 401, "a session that ended");
  }, { limits: { sessionMs: 10 } });
});

Deno.test("a program with the token has a browser signed in", async () => {
  await served(async ({ url, ask }) => {
    const made = await ask("/api/sign-in", { method: "POST" });
    const { path } = await made.json();
    const { cookie, key } = await signIn(url, path);
    const fromBrowser = await fetch(`${url}/api/sign-in`, {
      method: "POST",
      headers: { cookie, "x-agent-key": key },
    });
    await fromBrowser.body?.cancel();
    assert.equal(fromBrowser.status, 403, "a browser makes no other one");
  });
});

Deno.test("other host names are refused (DNS rebinding), whatever the token", async () => {
  await served(async ({ url }) => {
    const port = new URL(url).port;
    const asked = async (host: string, target = "/v1/models"): Promise<string> =>
      (await raw(
        url,
        `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`,
      )).split("\r\n")[0]!;
    for (
      const host of [
        `127.0.0.1:${port}`,
        `localhost:${port}`,
        `[::1]:${port}`,
        "LOCALHOST",
        "127.1",
      ]
    ) {
      // 127.1 is another spelling of the same address.
      const line = await asked(host);
      assert.match(line, host === "127.1" ? / 421 / : / 200 /, host);
    }
    for (
      const host of [
        "evil.example",
        `evil.example:${port}`,
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1/evil",
        "127.0.0.1#evil",
        "0.0.0.0",
        "localhost.",
      ]
    ) {
      assert.match(await asked(host), / (421|400) /, host);
    }
    assert.match(await asked(`127.0.0.1:${port}`, "http://evil.example/v1/models"), / 421 /);
    const health = await asked("evil.example", "/healthz");
    assert.match(health, / 421 /, "not even whether it is there");
  });
  await served(async ({ url }) => {
    const request = `GET /healthz HTTP/1.1\r\nhost: box.lan:80\r\nconnection: close\r\n\r\n`;
    assert.match(await raw(url, request), /^HTTP\/1.1 200 /);
  }, { allowedHosts: ["box.lan"] });
});

Deno.test("pages of other origins may send nothing (CSRF), and none is framed", async () => {
  await served(async ({ server, url }) => {
    const { cookie, key } = await signIn(url, server.signInPath());
    const { port } = new URL(url);
    const body = JSON.stringify(chat(QUESTION));
    const send = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { cookie, "x-agent-key": key, "content-type": "application/json", ...headers },
        body,
      });
      await response.body?.cancel();
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      assert.equal(response.headers.get("x-frame-options"), "DENY");
      assert.match(response.headers.get("content-security-policy")!, /frame-ancestors 'none'/);
      return response.status;
    };
    assert.equal(await send({}), 200);
    assert.equal(await send({ origin: url, "sec-fetch-site": "same-origin" }), 200);
    for (
      const origin of [
        "null",
        "https://evil.example",
        `https://127.0.0.1:${port}`,
        `http://localhost:${port}`,
        `http://127.0.0.1:${Number(port) + 1}`,
      ]
    ) {
      assert.equal(await send({ origin }), 403, origin);
    }
    assert.equal(await send({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await send({ "sec-fetch-site": "same-site" }), 403, "another port of this host");
    assert.equal(await send({ "content-type": "text/plain" }), 415, "what a form can send");
    const preflight = await fetch(`${url}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
    await preflight.body?.cancel();
    assert.equal(preflight.status, 403);
    assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  });
});

Deno.test("wrong options are refused, and no message has the token", async () => {
  await using agent = createAgent();
  const wrong = [
    {},
    { agent, token: "short" },
    { agent, token: `${TOKEN}\n` },
    { agent, token: `${TOKEN} ` },
    { agent, token: 5 },
    { agent, allowedHosts: ["box.lan:80"] },
    { agent, allowedHosts: ["http://box.lan"] },
    { agent, limits: { bodyBytes: 0 } },
    { agent, limits: { bodybytes: 5 } },
    { agent, tokn: TOKEN },
  ];
  for (const options of wrong) {
    assert.throws(() => createServer(options as never), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(!error.message.includes(TOKEN));
      return true;
    });
  }
  await using one = createServer({ agent });
  await using other = createServer({ agent });
  assert.match(one.token, /^[\w-]{43}$/);
  assert.notEqual(one.token, other.token);
});

Deno.test("close: no more requests, and what is asked meanwhile is told so", async () => {
  await using agent = createAgent();
  const server = createServer({ agent, token: TOKEN });
  await server.close();
  await server.close();
  const response = await server.fetch(new Request("http://127.0.0.1/healthz"));
  await response.body?.cancel();
  assert.equal(response.status, 503);
  assert.throws(() => server.signInPath(), { code: "CLOSED" });
});
