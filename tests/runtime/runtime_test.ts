/** `createRuntime()`: lazily made parts, one choice of twin, closed together. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { parseSettings } from "../../src/native/settings.ts";
import { createRuntime } from "../../src/runtime.ts";
import * as containers from "../../src/containers/mod.ts";
import * as monitor from "../../src/monitor/mod.ts";
import * as security from "../../src/security/mod.ts";
import * as text from "../../src/text/mod.ts";
import "../support/default_twin.ts";
import { wrong } from "../support/values.ts";

Deno.test("parts are made once, and closed with the runtime", async () => {
  const runtime = createRuntime();
  const { cache, http, knowledge, agent } = runtime;
  assert.equal(runtime.cache, cache);
  assert.equal(runtime.http, http);
  assert.equal(runtime.knowledge, knowledge);
  assert.equal(agent.knowledge, knowledge);
  await runtime.close();
  await runtime.close();
  assert.throws(() => cache.get("x"), (error) => AgentError.is(error, "CLOSED"));
  assert.throws(() => runtime.cache, (error) => AgentError.is(error, "CLOSED"));
  assert.throws(() => runtime.http, (error) => AgentError.is(error, "CLOSED"));
  await assert.rejects(http.fetch("http://x.test/"), (error) => AgentError.is(error, "CLOSED"));
  assert.throws(() => runtime.agent, (error) => AgentError.is(error, "CLOSED"));
});

Deno.test("implementation holds for the parts, and a call may say otherwise", async () => {
  await using pure = createRuntime({ implementation: "pure" });
  assert.equal(pure.cache.implementation, "pure");
  assert.equal(pure.http.implementation, "pure");
  using matcher = pure.text.matcher(["a", "b"]);
  assert.equal(matcher.implementation, "pure");
  await using byArea = createRuntime({ implementation: { text: "pure" } });
  using other = byArea.text.matcher(["a"]);
  assert.equal(other.implementation, "pure");
  assert.equal(byArea.text.hash("", { implementation: "pure" }), pure.text.hash(""));
});

Deno.test("implementation refuses words and areas that there are not", () => {
  assert.throws(() => createRuntime({ implementation: "fast" as "auto" }), /"fast"/);
  assert.throws(
    () => createRuntime({ implementation: { texts: "pure" } as Record<string, "pure"> }),
    /"texts"/,
  );
  assert.throws(() => createRuntime({ implementation: { text: "rust" as "pure" } }), /"rust"/);
});

Deno.test("the agent answers from the runtime's documents", async () => {
  await using runtime = createRuntime();
  await runtime.knowledge.add([
    { document: "tea.md", text: "# Tea\n\nGreen tea steeps for two minutes." },
    { document: "bread.md", text: "# Bread\n\nThe dough rests overnight." },
  ]);
  const answer = await runtime.agent.ask("How long does green tea steep?");
  assert.equal(answer.sources[0]?.document, "tea.md");
});

Deno.test("parseSettings() reads one word for all and exceptions, in any order", () => {
  assert.equal(parseSettings("").text, "auto");
  assert.equal(parseSettings("pure").cache, "pure");
  const mixed = parseSettings(" cache=native , pure ");
  assert.equal(mixed.cache, "native");
  assert.equal(mixed.text, "pure");
  assert.equal(parseSettings("auto,http=pure").text, "auto");
  assert.throws(() => parseSettings("http=fast"), /"fast" must be/);
  assert.throws(() => parseSettings("texts=pure"), /"texts" must be one of/);
  assert.throws(() => parseSettings("text="), /must be "auto"/);
});

Deno.test("every function of an area is there", async () => {
  await using runtime = createRuntime();
  for (
    const [area, module] of Object.entries({ text, containers, security, monitor })
  ) {
    const functions = Object.entries(module)
      .filter(([name, value]) => typeof value === "function" && !/^[A-Z]/.test(name))
      .map(([name]) => name);
    assert.deepEqual(Object.keys(runtime[area as "text"]).sort(), functions.sort(), area);
  }
});

Deno.test("options that are frozen, without a prototype, or changed between calls", async () => {
  await using runtime = createRuntime({ implementation: "pure" });
  const frozen = Object.freeze({ limit: 1 });
  assert.equal(runtime.text.rank("a", ["a", "b"], frozen).length, 1);
  assert.equal(
    runtime.text.rank("a", ["a", "b"], Object.assign(Object.create(null), frozen)).length,
    1,
  );
  const literals = ["secret"];
  assert.equal(runtime.text.redact("a secret", { literals }).text, "a [LITERAL]");
  literals.push("other");
  assert.equal(runtime.text.redact("other secret", { literals }).text, "[LITERAL] [LITERAL]");
});

Deno.test("the implementation holds as it was given", async () => {
  const implementation: { text: "pure" | "native" } = { text: "pure" };
  await using runtime = createRuntime({ implementation });
  implementation.text = "native";
  using matcher = runtime.text.matcher(["a"]);
  assert.equal(matcher.implementation, "pure");
  for (const odd of [5, null, () => {}]) {
    assert.throws(() => createRuntime({ implementation: wrong(odd) }), TypeError);
  }
});
