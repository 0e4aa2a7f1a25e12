import assert from "assertions";
import { createMcpHandler } from "../../src/mcp/mod.ts";
import { connect, connectBefore, echo, knowledgeOf, serve, textOf } from "./support.ts";

const ERAS = ["2026-07-28", "legacy"] as const;

for (const era of ERAS) {
  Deno.test(`a client of the era ${era} lists and calls tools, reads documents, gets prompts`, async () => {
    using knowledge = await knowledgeOf({ "lamp.md": "# The lamp\n\nIt burns for nine hours." });
    await using server = serve({ tools: [echo()], knowledge });
    await using client = await connect(server, era);
    assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), ["echo"]);
    const result = await client.callTool({ name: "echo", arguments: { text: "hello" } });
    assert.equal(textOf(result), "hello");
    const { resources } = await client.listResources();
    assert.deepEqual(
      resources.map(({ uri, name, title, mimeType }) => [uri, name, title, mimeType]),
      [
        ["knowledge://document/lamp.md", "lamp.md", "The lamp", "text/markdown"],
      ],
    );
    const { contents } = await client.readResource({ uri: resources[0]!.uri });
    assert.match((contents[0] as { text: string }).text, /nine hours/);
    const part = await client.readResource({ uri: `${resources[0]!.uri}?start=2&end=10` });
    assert.equal((part.contents[0] as { text: string }).text, "The lamp");
    const { prompts } = await client.listPrompts();
    assert.deepEqual(
      prompts.map(({ name }) => name),
      ["ask_general", "ask_developer", "ask_trader", "ask_lawyer"],
    );
    const prompt = await client.getPrompt({ name: "ask_lawyer", arguments: { question: "Why?" } });
    assert.match(JSON.stringify(prompt.messages), /Question: Why\?/);
    const completed = await client.complete({
      ref: { type: "ref/resource", uri: "knowledge://document/{document}{?start,end}" },
      argument: { name: "document", value: "la" },
    });
    assert.deepEqual(completed.completion.values, ["lamp.md"]);
  });

  Deno.test(`what goes wrong is told to a client of the era ${era}`, async () => {
    const broken = echo({
      name: "broken",
      run: () => {
        throw new Error("the disk is full");
      },
    });
    await using server = serve({ tools: [echo(), broken] });
    await using client = await connect(server, era);
    await assert.rejects(client.callTool({ name: "nothing" }), /There is no tool "nothing"/);
    const invalid = await client.callTool({ name: "echo", arguments: { words: "hello" } });
    assert.equal(invalid.isError, true);
    assert.match(textOf(invalid), /does not fit/);
    const failed = await client.callTool({ name: "broken", arguments: { text: "" } });
    assert.deepEqual([failed.isError, textOf(failed)], [true, "the disk is full"]);
  });

  Deno.test(`a call that needs somebody's word is asked for in the era ${era}`, async () => {
    const asked: string[] = [];
    let ran = 0;
    const bound = echo({ approval: "always", run: () => `run ${++ran}` });
    await using server = serve({ tools: [bound], ask: ["echo"] });
    const call = { name: "echo", arguments: { text: "hello" } };
    for (
      const [action, allow, expected] of [
        ["accept", true, "run 1"],
        ["accept", false, "It was not allowed by the person who was asked"],
        ["decline", true, "It was not allowed by the person who was asked"],
      ] as const
    ) {
      await using client = await connect(server, era, (message) => {
        asked.push(message);
        return { action, ...(action === "accept" && { content: { allow } }) };
      });
      const result = await client.callTool(call);
      assert.equal(textOf(result), expected);
    }
    assert.deepEqual(asked, Array(3).fill('Allow echo with {"text":"hello"}?'));
    assert.equal(ran, 1);
    await using mute = await connect(server, era);
    const refused = await mute.callTool(call).then(
      (result) => result.isError === true,
      () => true,
    );
    assert.deepEqual([refused, ran], [true, 1]);
  });
}

Deno.test("tools that need somebody's word are offered as the program says", async () => {
  const bound = ["free", "allowed", "asked", "hidden"].map((name) =>
    echo({ name, approval: name === "free" ? "never" : "always" })
  );
  await using server = serve({ tools: bound, allow: ["allowed"], ask: ["asked"] });
  await using client = await connect(server, "2026-07-28");
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(({ name }) => name), ["free", "allowed", "asked"]);
  const result = await client.callTool({ name: "allowed", arguments: { text: "hello" } });
  assert.equal(textOf(result), "hello");
  await assert.rejects(client.callTool({ name: "hidden", arguments: { text: "hello" } }));
  assert.throws(() => createMcpHandler({ tools: bound, allow: ["other"] }), /options.allow/);
});

Deno.test("a rule that asks for some inputs is kept", async () => {
  const rule = echo({ approval: (input) => (input as { text: string }).text !== "harmless" });
  await using server = serve({ tools: [rule], ask: ["echo"] });
  await using client = await connect(server, "2026-07-28", () => ({ action: "decline" }));
  const call = async (text: string) =>
    textOf(await client.callTool({ name: "echo", arguments: { text } }));
  assert.equal(await call("harmless"), "harmless");
  assert.match(await call("other"), /not allowed/);
});

Deno.test("the budget bounds calls, their number at once and their time", async () => {
  const open = Promise.withResolvers<void>();
  const tools = [
    echo(),
    echo({ name: "waits", run: () => open.promise.then(() => "done") }),
  ];
  await using server = serve({ tools, budget: { calls: 3, concurrent: 1, callMs: 300 } });
  await using client = await connect(server, "legacy");
  const late = client.callTool({ name: "waits", arguments: { text: "" } });
  const busy = await client.callTool({ name: "echo", arguments: { text: "" } });
  assert.match(textOf(busy), /1 calls are under way/);
  assert.match(textOf(await late), /not finished within 300 ms/);
  open.resolve();
  for (const [text, expected] of [["a", "a"], ["b", "b"], ["c", "used up"]]) {
    const result = await client.callTool({ name: "echo", arguments: { text } });
    assert.ok(textOf(result).includes(expected!), textOf(result));
  }
});

Deno.test("results are bounded, and lists are objects in structured results", async () => {
  const output = { type: "array", items: { type: "string" } };
  const tools = [
    echo({ name: "text", run: () => "x".repeat(5_000) }),
    echo({ name: "list", output, run: (input) => [(input as { text: string }).text] }),
    echo({ name: "large", output, run: () => ["x".repeat(5_000)] }),
  ];
  await using server = serve({ tools, budget: { resultLength: 1_000 } });
  for (const client of [await connect(server, "2026-07-28"), await connectBefore(server)]) {
    await using _ = client;
    await client.listTools();
    const call = (name: string) => client.callTool({ name, arguments: { text: "a" } });
    assert.match(textOf(await call("text")), /characters left out/);
    assert.deepEqual((await call("list")).structuredContent, { result: ["a"] });
    const large = await call("large");
    assert.deepEqual([large.isError, large.structuredContent], [true, undefined]);
  }
});
