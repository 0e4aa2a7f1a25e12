/** What an agent does by name, what it says of itself, and what it keeps over processes. */

import assert from "assertions";
import { createAgent, type Tool } from "../../src/agent/mod.ts";
import { scriptedProvider } from "../../src/agent/testing/mod.ts";
import { preloadNative } from "../../src/native/status.ts";
import { createRuntime } from "../../src/runtime.ts";
import { temporary } from "../support/programs.ts";

// A library that a test loads stays loaded.
preloadNative();

const write: Tool = {
  name: "write",
  description: "Writes.",
  input: { type: "object" },
  approval: "always",
  run: () => "written",
};

Deno.test("command() does each command of the registry, within the runtime's own scope", async () => {
  const authorization = { scope: ["203.0.113.0/24"], reference: "t", expires: "2020-01-01" };
  await using runtime = createRuntime({ security: { authorization } });
  const { agent } = runtime;
  const scan = await agent.command("security_scan", { target: "127.0.0.1", ports: "1-3" });
  // The configuration is over, so that nothing is scanned: it holds for commands as well.
  assert.equal(scan.error?.code, "SCOPE");
  await using other = createRuntime();
  const done = await other.agent.command("security-scan", { target: "127.0.0.1", ports: "1-3" });
  assert.equal(done.ok, true, done.error?.message);
  assert.equal((done.data["counts"] as { closed: number }).closed, 3);
  const outside = await other.agent.command("security_scan", { target: "203.0.113.1" });
  assert.equal(outside.error?.code, "SCOPE");
  const wrong = await other.agent.command("performance_test", { url: 7 });
  assert.equal(wrong.error?.code, "INVALID_COMMAND");
  assert.match(wrong.error!.message, /url must be of type string/);
  const unknown = await other.agent.command("train", {});
  assert.equal(unknown.error?.code, "INVALID_COMMAND");
});

Deno.test("command() of an agent by itself scans, and says what it has not", async () => {
  await using agent = createAgent();
  const scan = await agent.command("security_scan", { target: "127.0.0.1", ports: "1-3" });
  assert.equal(scan.ok, true, scan.error?.message);
  const cache = await agent.command("cache_stats");
  assert.equal(cache.error?.code, "UNSUPPORTED");
});

Deno.test("status() says what is not known, and why", async () => {
  await temporary(async (folder) => {
    const model = scriptedProvider(["x"], { name: "demo", contextTokens: 4096 });
    const sessions = { path: `${folder}/s.db` };
    await using agent = createAgent({ model, tools: [write], sessions });
    await agent.run("hello", { session: "a" });
    const status = await agent.status();
    assert.deepEqual(status.models, [
      { name: "demo", tools: true, contextTokens: 4096, price: null },
    ]);
    assert.deepEqual(status.tools, ["write"]);
    assert.deepEqual(status.sessions, { path: sessions.path, count: 1 });
    assert.match(status.unavailable["models.0.price"]!, /not known of demo/);
    assert.deepEqual(Object.keys(status.unavailable), ["models.0.price"]);
    assert.ok(Date.parse(status.startedAt) <= Date.now());
  });
});

Deno.test("updateDomain() changes what it is given, and adds", async () => {
  await temporary(async (folder) => {
    const state = { path: `${folder}/agent.sqlite` };
    {
      await using agent = createAgent({ state });
      assert.equal(agent.updateDomain("developer", { weight: 2 }).weight, 2);
      agent.updateDomain("sailor", { description: "Ships", vocabulary: ["port"] });
      assert.throws(() => agent.updateDomain("x", { weight: 1 }), /x\.description/);
      assert.throws(() => agent.updateDomain("trader", { weight: 9 }), RangeError);
      const lost = { description: "Lost", vocabulary: ["x"] };
      assert.throws(
        () => agent.updateDomain("__proto__", lost),
        /name of a domain must be another/,
      );
      await agent.ask("What is a port?", { domain: "sailor" });
    }
    await using agent = createAgent({ state });
    const { domains, metrics } = await agent.status();
    assert.ok(domains.includes("sailor") && domains.includes("trader"));
    assert.deepEqual(metrics.byDomain, { sailor: 1 });
    assert.ok(metrics.p50Ms! > 0);
    // What was not changed is as it is built in.
    const { vocabulary, weight } = agent.updateDomain("developer", {});
    assert.equal(weight, 2);
    assert.ok(vocabulary.includes("api"));
    assert.equal((await agent.ask("What?", { domain: "sailor" })).domain, "sailor");
  });
});

Deno.test("state: two agents at once count together, and a broken file keeps nothing and says so", async () => {
  await temporary(async (folder) => {
    const state = { path: `${folder}/agent.sqlite` };
    {
      await using one = createAgent({ state });
      await using two = createAgent({ state });
      await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : two).ask(`q ${at}`)));
      assert.equal(one.metrics().questions, 20);
      two.resetMetrics();
      assert.equal(one.metrics().questions, 0);
    }
    Deno.writeTextFileSync(`${folder}/broken`, "no database of ours, and long enough to be read");
    await using agent = createAgent({ state: { path: `${folder}/broken` } });
    await agent.ask("What?");
    assert.equal(agent.metrics().questions, 1);
    assert.match((await agent.status()).unavailable["state"]!, /cannot be read/);
    assert.throws(() => agent.updateDomain("trader", { weight: 1 }), { code: "CORRUPT" });
  });
});

Deno.test("reloadModel() opens connections anew, and breaks no run under way", async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    if (asked++ === 0) await gate.promise;
    return Response.json({ choices: [{ message: { content: `Answer ${asked}` } }] });
  });
  await using _server = server;
  const url = `http://127.0.0.1:${server.addr.port}/v1`;
  await using agent = createAgent({ model: { url, model: "m" } });
  const before = agent.run("first");
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { ok, data } = await agent.command("reload_model");
  assert.equal(ok, true);
  assert.equal((data["models"] as { name: string }[])[0]!.name, "m");
  const after = await agent.run("second");
  assert.equal(after.finish.reason, "done");
  gate.resolve();
  assert.equal((await before).finish.reason, "done");
});

Deno.test("resumeStream() tells how a session goes on; sessionEnd() says how it ended", async () => {
  await temporary(async (folder) => {
    const model = scriptedProvider([{ toolCalls: [{ name: "write", id: "w" }] }, "Done."]);
    await using agent = createAgent({
      model,
      tools: [write],
      sessions: { path: `${folder}/s.db` },
    });
    assert.equal(await agent.sessionEnd("s"), undefined);
    await agent.run("go", { session: "s" });
    assert.equal((await agent.sessionEnd("s"))?.reason, "waiting");
    const events = await Array.fromAsync(agent.resumeStream("s", { w: "allow" }));
    assert.deepEqual(events.map(({ type }) => type).filter((type) => type !== "text"), [
      ...["domain", "approval", "tool-call", "tool-result", "step-end"],
      ...["step-start", "step-end", "done"],
    ]);
    assert.equal((await agent.sessionEnd("s"))?.reason, "done");
    assert.deepEqual(await agent.sessions(), ["s"]);
    await assert.rejects(Array.fromAsync(agent.resumeStream("none")), { code: "NOT_FOUND" });
  });
});

Deno.test("a session that somebody stopped takes a new task; what was open is told as it is", async () => {
  await temporary(async (folder) => {
    const begun = Promise.withResolvers<void>();
    const slow: Tool = {
      name: "slow",
      description: "Takes its time.",
      input: { type: "object" },
      async run(_, { signal }) {
        begun.resolve();
        await new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      },
    };
    const toolCalls = [{ name: "slow", id: "s" }, { name: "write", id: "w" }];
    const model = scriptedProvider([{ toolCalls }, "On to the next."]);
    const tools = [slow, write];
    await using agent = createAgent({ model, tools, sessions: { path: `${folder}/s.db` } });
    const stop = new AbortController();
    const run = agent.run("go", { session: "s", signal: stop.signal });
    await begun.promise;
    stop.abort(new Error("enough"));
    assert.equal((await run).finish.reason, "cancelled");
    const { finish, steps } = await agent.run("something else", { session: "s" });
    assert.equal(finish.reason, "done");
    assert.deepEqual(steps[0]!.calls.map(({ outcome }) => outcome), ["unknown", "refused"]);
  });
});
