/** An embedder behind an endpoint: what is sent, what comes, and endpoints that refuse. */

import assert from "assertions";
import { openaiEmbedder, openKnowledge } from "@agent/runtime/knowledge";
import { preloadNative } from "../../src/native/status.ts";

preloadNative();

Deno.test("openaiEmbedder() asks the endpoint, and tells what it refuses", async () => {
  const heard: { model: string; input: string[] }[] = [];
  let answer: ((input: string[]) => Response) | undefined;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      assert.equal(new URL(request.url).pathname, "/v1/embeddings");
      assert.equal(request.headers.get("authorization"), "Bearer secret");
      const body = await request.json();
      heard.push(body);
      if (answer !== undefined) return answer(body.input);
      const data = body.input.map((text: string, index: number) => ({
        index,
        embedding: [text.includes("tea") ? 1 : 0, text.includes("rain") ? 1 : 0],
      }));
      return Response.json({ data: data.reverse() });
    },
  );
  try {
    const embedder = openaiEmbedder({
      url: `http://127.0.0.1:${server.addr.port}/v1/`,
      model: "small",
      dimensions: 2,
      apiKey: "secret",
    });
    using knowledge = openKnowledge({ embedder });
    await knowledge.add([{ document: "a", text: "tea is hot" }, { document: "b", text: "rain" }]);
    assert.deepEqual([heard[0]?.model, heard[0]?.input.length], ["small", 2]);
    assert.equal((await knowledge.search("rain again"))[0]?.document, "b");
    answer = () => new Response("no such model", { status: 404 });
    await assert.rejects(knowledge.search("tea"), /answered 404: no such model/);
    answer = () => Response.json({ data: [{ embedding: "AAAA" }] });
    await assert.rejects(knowledge.search("tea"), { code: "UNAVAILABLE" });
    assert.equal(knowledge.searchText("tea")[0]?.document, "a");
  } finally {
    await server.shutdown();
  }
});

Deno.test("openaiEmbedder() learns how long vectors are, and asks again after a failure", async () => {
  let asked = 0;
  let answer = () => new Response("starting", { status: 404 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      asked++;
      const { input } = await request.json();
      if (asked === 1) return answer();
      return Response.json({
        data: input.map((text: string) => ({ embedding: [text.length, 1, 2, 3, 4] })),
      });
    },
  );
  try {
    const embedder = openaiEmbedder({ url: `http://127.0.0.1:${server.addr.port}`, model: "m" });
    assert.equal(embedder.dimensions, 0);
    using knowledge = openKnowledge({ embedder });
    await assert.rejects(knowledge.search("tea"), /starting/);
    await knowledge.add([{ document: "a", text: "tea is hot" }]);
    assert.equal(embedder.dimensions, 5);
    assert.equal((await knowledge.search("tea"))[0]?.document, "a");
    asked = 0;
    answer = () => Response.json({ data: [{ embedding: [1, 2] }] });
    await assert.rejects(knowledge.search("tea"), /vectors of 5 numbers/);
  } finally {
    await server.shutdown();
  }
});

Deno.test("openaiEmbedder() checks its options", () => {
  const right = { url: "http://127.0.0.1/v1", model: "m", dimensions: 2 };
  for (const wrong of [{ url: "here" }, { model: 1 }, { apiKey: 1 }]) {
    assert.throws(() => openaiEmbedder({ ...right, ...wrong } as typeof right), TypeError);
  }
  assert.throws(() => openaiEmbedder({ ...right, dimensions: 0 }), RangeError);
});
