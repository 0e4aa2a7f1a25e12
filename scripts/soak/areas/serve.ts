/**
 * The server: questions are answered with their source, the page and its files are there, streams that clients leave end
 * with them, and tools are called over MCP. A server over some documents lives all the time; clients come and go.
 */

import { createServer } from "@agent/runtime/server";
import { commandTools, createMcpHandler, mcpTools } from "@agent/runtime/mcp";
import { createRuntime } from "@agent/runtime";
import { Texts } from "../texts.ts";
import { must, type Open, type Work } from "../work.ts";

const DOCUMENTS = 40;

const open: Open = async (context): Promise<Work> => {
  const { did, lost, below } = context;
  const texts = new Texts(below);
  const runtime = createRuntime();
  const words = Array.from({ length: DOCUMENTS }, (_, at) => texts.rare(at));
  await runtime.knowledge.add(
    words.map((word, at) => ({ document: `d${at}.md`, text: texts.markdown(word) })),
  );
  const budget = { calls: 1e9, concurrent: 8 };
  const mcp = createMcpHandler({
    ...{ tools: commandTools(runtime, { roots: [], scope: [] }), knowledge: runtime.knowledge },
    ...{ allow: ["search"], access: "checked", budget },
  });
  const server = createServer({ runtime, mcp, embedder: "default" });
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => server.fetch(request, info),
  );
  const base = `http://127.0.0.1:${http.addr.port}`;
  const authorization = `Bearer ${server.token}`;
  const client = Deno.createHttpClient({});

  const ask = async (path: string, body?: unknown, more: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`${base}${path}`, {
      ...{ client, headers: { authorization, "content-type": "application/json" } },
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      ...more,
    });
    must(response.ok, () => `${path} is answered by ${response.status}`);
    return response;
  };
  const question = (number: number, stream = false) => ({
    ...{ model: "agent", stream },
    messages: [{ role: "user", content: `What is known of ${words[number]}?` }],
  });

  /** Asks one that was asked before, and one that was not. */
  async function questions(): Promise<void> {
    const number = below(DOCUMENTS);
    const answer = await (await ask("/v1/chat/completions", question(number))).json();
    const sources = answer.agent.sources as { document: string }[];
    if (!sources.some(({ document }) => document === `d${number}.md`)) {
      lost(`no source of d${number}.md`);
    }
    const text = await (await ask("/v1/chat/completions", question(number, true))).text();
    if (!text.includes("data: [DONE]")) lost("a streamed answer has no end");
    const { hits } = await (await ask("/api/commands/search", { query: words[number] })).json();
    if (hits[0]?.document !== `d${number}.md`) lost(`a search does not find d${number}.md`);
    const { data } =
      await (await ask("/v1/embeddings", { model: "minilm-256-2", input: words[number] })).json();
    if (data[0].embedding.length !== 256) lost("a vector has another length");
    did(4);
  }

  /** Loads the page and its files, signed in as a browser is. */
  async function page(): Promise<void> {
    const signedIn = await fetch(`${base}${server.signInPath()}`, { client, redirect: "manual" });
    await signedIn.body?.cancel();
    for (const path of ["/", "/metrics", "/api/status", "/api/openapi.json", "/healthz"]) {
      const text = await (await ask(path)).text();
      if (text === "") lost(`${path} is empty`);
    }
    did(6);
  }

  /** Streams that are left: some after an event, some before. */
  async function left(): Promise<void> {
    const stop = new AbortController();
    const live = await ask("/api/live", undefined, { signal: stop.signal });
    const reader = live.body!.getReader();
    must(!(await reader.read()).done, "a stream of the machine has no event");
    stop.abort();
    await reader.cancel().catch(() => {});
    const signal = AbortSignal.timeout(5);
    await ask("/v1/chat/completions", question(below(DOCUMENTS), true), { signal })
      .then((response) => response.text()).catch(() => {});
    did(2);
  }

  async function tools(): Promise<void> {
    await using served = await mcpTools({ url: `${base}/mcp`, headers: { authorization } }, {
      allow: ["search"],
    });
    const search = served.tools.find(({ name }) => name === "search");
    must(search !== undefined, "there is no tool for searches");
    const number = below(DOCUMENTS);
    const signal = new AbortController().signal;
    const call = { id: "1", name: "search", arguments: "{}" };
    const said = await search.run({ query: words[number] }, { signal, call } as never);
    if (!JSON.stringify(said).includes(`d${number}.md`)) lost(`MCP does not find d${number}.md`);
    did();
  }

  let turn = 0;
  return {
    async step() {
      await questions();
      if (turn % 3 === 0) await left();
      if (turn % 5 === 0) await page();
      if (turn % 7 === 0) await tools();
      if (turn++ % 11 === 0) {
        // Answers that were kept are made anew.
        const at = below(DOCUMENTS);
        await runtime.knowledge.add([{ document: `d${at}.md`, text: texts.markdown(words[at]!) }]);
      }
    },
    async close() {
      client.close();
      await server.close();
      await http.shutdown();
      const metrics = runtime.cache.size;
      must(metrics >= 0, "the cache of the runtime");
      await mcp.close();
      await runtime[Symbol.asyncDispose]();
    },
  };
};

export default open;
