/** The registry over HTTP: what is declared is what there is, and nothing beyond it can be said. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import { commandsOf, REGISTRY } from "../../src/commands/mod.ts";
import type { RegisteredCommand } from "../../src/commands/types.ts";
import { commandTools } from "../../src/mcp/server/commands.ts";
import { createRuntime, preloadNative } from "../../mod.ts";
import { eventStream } from "../../src/server/sse.ts";
import { temporary } from "../support/programs.ts";
import { QUESTION, raw, served, TOKEN } from "./support.ts";

preloadNative();

interface Route {
  post?: { operationId: string; requestBody: { content: Record<string, { schema: Schema }> } };
}
interface Schema {
  properties: Record<string, unknown>;
  required: string[];
  additionalProperties: boolean;
}

/** A value for a field that no command takes for what it is. */
const ANYTHING = "x";

Deno.test("HTTP, its document and MCP have the commands that are declared for them, with their remote fields", async () => {
  const names = commandsOf("http").map(({ name }) => name).sort();
  assert.ok(names.length >= 20);
  await served(async ({ ask }) => {
    const { commands } = await (await ask("/api/commands")).json();
    assert.deepEqual(commands.map(({ name }: { name: string }) => name).sort(), names);
    const { paths } = await (await ask("/api/openapi.json")).json() as {
      paths: Record<string, Route>;
    };
    const routes = Object.keys(paths).filter((path) => path.startsWith("/api/commands/"));
    assert.deepEqual(routes.map((path) => path.slice(14)).sort(), names);
    for (const { name, remote, input } of commandsOf("http")) {
      const schema = paths[`/api/commands/${name}`]!.post!.requestBody
        .content["application/json"]!.schema;
      assert.deepEqual(Object.keys(schema.properties).sort(), [...remote].sort(), name);
      assert.equal(schema.additionalProperties, false);
      const required = (input as unknown as Schema).required ?? [];
      assert.deepEqual(schema.required, required.filter((field) => remote.includes(field)), name);
    }
  });
  await using runtime = createRuntime();
  const tools = commandTools(runtime);
  const declared = commandsOf("mcp");
  for (const { name, input } of tools) {
    const command = declared.find((one) => one.name === name);
    assert.ok(command !== undefined, `${name} is not declared for MCP`);
    const { properties } = input as unknown as Schema;
    for (const field of Object.keys(properties)) {
      assert.ok(command.remote.includes(field), `${name}.${field}`);
    }
  }
});

Deno.test("commands that are not declared for HTTP are not there, nor fields that are not remote", async () => {
  await served(async ({ post }) => {
    const status = async (name: string, input: unknown): Promise<[number, string]> => {
      const response = await post(`/api/commands/${name}`, input);
      return [response.status, (await response.json()).error?.message ?? ""];
    };
    for (const { name, surfaces } of REGISTRY) {
      if (!surfaces.includes("http")) assert.equal((await status(name, {}))[0], 404, name);
    }
    for (const name of ["nothing", "__proto__", "constructor", "Ask", "ask%20", "get-metrics"]) {
      assert.equal((await status(name, {}))[0], 404, name);
    }
    const fields = (command: RegisteredCommand): string[] =>
      Object.keys((command.input as unknown as Schema).properties);
    for (const command of commandsOf("http")) {
      const { name, remote, input } = command;
      const required = (input as unknown as Schema).required ?? [];
      for (const field of [...fields(command), "surface", "bounds", "__proto__"]) {
        if (remote.includes(field)) continue;
        const given = Object.fromEntries([...required, field].map((one) => [one, ANYTHING]));
        Object.defineProperty(given, field, { value: ANYTHING, enumerable: true });
        const [code] = await status(name, given);
        assert.equal(code, 400, `${name}.${field}`);
      }
    }
  });
});

Deno.test("a command gives its result, or what happens", async () => {
  await served(async ({ post }) => {
    const whole = await (await post("/api/commands/ask", { question: QUESTION })).json();
    assert.match(whole.answer, /two minutes/);
    const stream = await post("/api/commands/ask", { question: QUESTION }, {
      headers: { accept: "text/event-stream" },
    });
    assert.equal(stream.headers.get("content-type"), "text/event-stream; charset=utf-8");
    const told = (await stream.text()).split("\n\n").filter((part) => part !== "").map((part) => {
      const [event = "", data = ""] = part.split("\n");
      return [event.slice(7), JSON.parse(data.slice(6))];
    });
    assert.deepEqual(told.map(([event]) => event), ["sources", "text", "done"]);
    assert.equal(told.at(-1)?.[1].result.answer, whole.answer);
    const failed = await post("/api/commands/security_scan", { target: "192.0.2.1" }, {
      headers: { accept: "text/event-stream" },
    });
    const text = await failed.text();
    assert.match(text, /^event: error\ndata: .*"code":"scope"/);
    const empty = await post("/api/commands/get_metrics", "{}");
    assert.ok((await empty.json()).questions >= 2);
  });
});

Deno.test("targets out of the scope are refused whatever their spelling; within it they are scanned", async () => {
  await served(async ({ post }) => {
    for (
      const target of ["192.0.2.1", "169.254.169.254", "0xa9fea9fe", "example.org", "10.0.0.1"]
    ) {
      const response = await post("/api/commands/security_scan", { target, ports: "80" });
      await response.body?.cancel();
      assert.ok([400, 403].includes(response.status), `${target}: ${response.status}`);
    }
    const here = await post("/api/commands/security_scan", { target: "127.0.0.1", ports: "9" });
    assert.equal(here.status, 200);
    assert.equal((await here.json()).address, "127.0.0.1");
  });
});

Deno.test("no path leads out: of routes, of documents, of the roots", async () => {
  await temporary(async (folder) => {
    const root = `${folder}/root`;
    await Deno.mkdir(`${root}/inside`, { recursive: true });
    await Deno.writeTextFile(`${root}/inside/a.md`, "Inside there is tea.");
    await Deno.writeTextFile(`${folder}/secret.md`, "The password is on the wall.");
    await Deno.symlink(folder, `${root}/link`);
    await served(async ({ url, ask, post }) => {
      const add = async (path: string): Promise<number> => {
        const response = await post("/api/commands/index_folder", { folder: path });
        await response.body?.cancel();
        return response.status;
      };
      assert.equal(await add("inside"), 200);
      for (
        const path of [
          "..",
          "../secret.md",
          "inside/../../secret.md",
          `${folder}/secret.md`,
          "link",
          "link/secret.md",
          "/etc/passwd",
          "/",
          "file:///etc/passwd",
          `${root}\0/../secret.md`,
          "%2e%2e/secret.md",
          "nothing",
        ]
      ) {
        assert.equal(await add(path), 403, path);
      }
      for (const name of ["/etc/passwd", "../secret.md", `${folder}/secret.md`, ""]) {
        const response = await ask(`/api/document?name=${encodeURIComponent(name)}`);
        await response.body?.cancel();
        assert.equal(response.status, 404, name);
      }
      for (
        const path of [
          "/../deno.json",
          "/..%2fdeno.json",
          "/%2e%2e/%2e%2e/etc/passwd",
          "/page/app.js",
          "/app.js/../../server.ts",
          "/.git/config",
          "/v1/models/..%2f..%2fetc%2fpasswd",
          "//etc/passwd",
          "/app.js%00.css",
        ]
      ) {
        const response = await fetch(`${url}${path}`, {
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        const text = await response.text();
        assert.equal(response.status, 404, path);
        assert.ok(!text.includes("root:") && !text.includes("import "), path);
      }
    }, { roots: [root] });
  });
});

Deno.test("wrong methods are 405, a HEAD has no body, and every refusal is JSON", async () => {
  await served(async ({ ask }) => {
    const refused = await ask("/v1/models", { method: "DELETE" });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get("allow"), "GET");
    assert.equal((await refused.json()).error.code, "wrong_method");
    const posted = await ask("/api/commands/ask");
    assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "POST"]);
    await posted.body?.cancel();
    const health = await ask("/healthz", { method: "POST" });
    assert.deepEqual([health.status, health.headers.get("allow")], [405, "GET"]);
    await health.body?.cancel();
    const head = await ask("/v1/models", { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    const nothing = await ask("/v2/anything");
    assert.equal((await nothing.json()).error.code, "not_found");
  });
});

Deno.test("a command without fields needs no body: no size and no type are said", async () => {
  await served(async ({ url }) => {
    const post = (fields: string, body = ""): Promise<string> =>
      raw(
        url,
        `POST /api/commands/cache_stats HTTP/1.1\r\nhost: ${new URL(url).host}\r\n` +
          `authorization: Bearer ${TOKEN}\r\nconnection: close\r\n${fields}\r\n${body}`,
      );
    assert.match(await post(""), /^HTTP\/1\.1 200 /);
    assert.match(await post("content-length: 0\r\n"), /^HTTP\/1\.1 200 /);
    assert.match(await post("content-length: 2\r\n", "{}"), /^HTTP\/1\.1 415 /);
    assert.match(await post("content-type: text/plain\r\n"), /^HTTP\/1\.1 415 /);
  });
});

Deno.test("figures: the machine's, the operations', the responses' of this server", async () => {
  await served(async ({ ask, post }) => {
    await (await post("/api/commands/ask", { question: QUESTION })).body?.cancel();
    await (await ask("/v1/nothing")).body?.cancel();
    const response = await ask("/metrics");
    assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    assert.match(text, /^agent_server_responses_total\{status="200"\} 1$/m);
    assert.match(text, /^agent_server_responses_total\{status="404"\} 1$/m);
    assert.match(text, /^node_memory_MemTotal_bytes \d/m);
    assert.match(text, /operation="http api\/commands"/);
    assert.ok(!text.includes(QUESTION) && !text.includes(TOKEN));
  });
});

Deno.test("a document's part: the place, its headings, and no half of a character", async () => {
  await using agent = createAgent();
  const text = `# Long\n\n${"😀".repeat(30_000)}\n\nThe end is marked here.\n`;
  await agent.knowledge.add([{ document: "long.md", text }]);
  await served(async ({ ask }) => {
    const stored = agent.knowledge.text("long.md")!;
    const start = stored.indexOf("The end");
    const part = await (await ask(`/api/document?name=long.md&start=${start}&end=${start + 7}`))
      .json();
    assert.equal(part.text.slice(start - part.offset, start - part.offset + 7), "The end");
    assert.ok(part.text.isWellFormed());
    assert.deepEqual([part.length, part.heading], [stored.length, ["Long"]]);
    const far = await (await ask("/api/document?name=long.md&start=999999999999999")).json();
    assert.ok(far.text.endsWith("marked here.\n"));
    for (const wrong of ["-1", "1.5", "x", "1e9", "9999999999999999"]) {
      const response = await ask(`/api/document?name=long.md&start=${wrong}`);
      await response.body?.cancel();
      assert.equal(response.status, 400, wrong);
    }
  }, { agent });
});

Deno.test("a stream whose client reads nothing ends after a while, and its source with it", async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let made = 0;
  let stopped = false;
  const response = eventStream(async function* (signal) {
    try {
      while (!signal.aborted) {
        made++;
        yield { data: { made } };
        await Promise.resolve();
      }
    } finally {
      stopped = true;
    }
  }, {
    signal: new AbortController().signal,
    stalledMs: 30,
    failed: () => [],
    ended: resolve,
  });
  const reader = response.body!.getReader();
  await reader.read();
  await ended;
  await assert.rejects(reader.read(), { name: "TimeoutError" });
  assert.ok(stopped);
  assert.equal(made, 1, "nothing is made before it is read");
});
