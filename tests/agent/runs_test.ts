/** Runs of an agent: models at addresses and given ones, tools, sessions, and what it closes. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import type { Tool } from "../../src/agent/types.ts";
import { preloadNative } from "../../src/native/status.ts";
import { modelServer, PROTOCOLS } from "../llm/servers.ts";
import { temporary } from "../support/programs.ts";
import { wrong } from "../support/values.ts";
import { asks, call, says, scripted } from "./loop/scripted.ts";

preloadNative();

const CLOCK: Tool = {
  name: "clock",
  description: "Says what time it is.",
  input: { type: "object" },
  run: () => "noon",
};

for (const protocol of PROTOCOLS) {
  Deno.test(`agent: runs with a model at an address (${protocol}), whole and streamed`, async () => {
    const answering = (_: unknown, at: number) =>
      at % 2 === 0
        ? { calls: [{ id: "c1", name: "clock", input: "{}" }] }
        : { text: "It is noon." };
    await modelServer(answering, async (options, seen) => {
      await using agent = createAgent({ model: options(protocol), tools: [CLOCK] });
      const { text, finish, usage } = await agent.run("What time is it?");
      assert.equal(text, "It is noon.");
      assert.equal(finish.reason, "done");
      assert.deepEqual([usage.inputTokens, usage.outputTokens], [22, 14]);
      assert.ok(JSON.stringify(seen[1]!.body).includes("noon"));
      let streamed = "";
      for await (const event of agent.runStream("And now?")) {
        if (event.type === "text") streamed += event.text;
      }
      assert.equal(streamed, "It is noon.");
    });
  });
}

Deno.test("agent: a run of a domain is told so, and answers keep their model", async () => {
  const model = scripted([says("Ok.")]);
  await using agent = createAgent({ model });
  await agent.run("Look at this.", { domain: "lawyer" });
  assert.match(model.asked[0]![0]!.content, /Law/);
  assert.equal((await agent.status()).model, "scripted");
});

Deno.test("agent: a session goes on in another agent", async () => {
  await temporary(async (folder) => {
    const sessions = { path: `${folder}/sessions` };
    const script = [asks(call("ask_me")), says("Done.")];
    const tools: Tool[] = [{ ...CLOCK, name: "ask_me", approval: "always" }];
    let name: string;
    {
      await using agent = createAgent({ model: scripted(script), tools, sessions });
      const waiting = await agent.run("Go.");
      assert.equal(waiting.finish.reason, "waiting");
      name = waiting.session!;
    }
    await using agent = createAgent({ model: scripted(script), tools, sessions });
    const { finish, text } = await agent.resume(name, { "ask_me-1": "allow" });
    assert.equal(finish.reason, "done");
    assert.equal(text, "Done.");
    await assert.rejects(agent.resume("another"), { code: "NOT_FOUND" });
  });
});

Deno.test("agent: without a model there are answers and no runs; after its end neither", async () => {
  const agent = createAgent();
  await assert.rejects(agent.run("Go."), { code: "UNSUPPORTED", message: /need a model/ });
  await agent.close();
  await assert.rejects(agent.run("Go."), { code: "CLOSED" });
});

Deno.test("agent: wrong models are refused", () => {
  assert.throws(() => createAgent({ model: wrong({}) }), TypeError);
  assert.throws(() => createAgent({ model: [] }), /one model at least/);
  assert.throws(
    () => createAgent({ model: [scripted([]), wrong({ name: "x" })] }),
    /options\.model\[1\]/,
  );
});
