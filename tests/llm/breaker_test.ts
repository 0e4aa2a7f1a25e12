/** Models that fail again and again: they rest, are asked last, and come back. */

import assert from "assertions";
import { FAILURES, inOrder, noteFailure, REST_MS } from "../../src/llm/breaker.ts";
import { firstOf } from "../../src/llm/fallback.ts";
import type { ChatOptions, ChatProvider } from "../../src/llm/types.ts";
import { AgentError } from "../../src/shared/errors.ts";

const OPTIONS: ChatOptions = { signal: new AbortController().signal };

/** A model that answers or fails as it is told. */
function model(name: string): ChatProvider & { asked: number; fault: Error | undefined } {
  const made = {
    name,
    asked: 0,
    fault: undefined as Error | undefined,
    chat() {
      made.asked++;
      return made.fault === undefined
        ? Promise.resolve({ text: name })
        : Promise.reject(made.fault);
    },
  };
  return made;
}

const away = (): Error => new AgentError("UNAVAILABLE", "away", { server: "x" });

Deno.test("models: one that failed several times in a row is passed over for a while", async () => {
  const [first, second] = [model("first"), model("second")];
  first.fault = away();
  const both = firstOf([first, second]);
  for (let i = 0; i < 10; i++) assert.equal((await both.chat([], OPTIONS)).text, "second");
  assert.equal(first.asked, FAILURES);
  // It is not given up: where the other fails as well it is asked, and is well again.
  second.fault = away();
  first.fault = undefined;
  assert.equal((await both.chat([], OPTIONS)).text, "first");
  second.fault = undefined;
  assert.equal((await both.chat([], OPTIONS)).text, "first");
});

Deno.test("models: streams make one rest as whole replies do", async () => {
  const [first, second] = [model("first"), model("second")];
  first.fault = away();
  for (let i = 0; i < 5; i++) {
    let text = "";
    for await (const event of firstOf([first, second]).stream!([], OPTIONS)) {
      if (event.type === "text") text += event.text;
    }
    assert.equal(text, "second");
  }
  assert.equal(first.asked, FAILURES);
});

Deno.test("models: when all fail, all were asked", async () => {
  const all = [model("a"), model("b")];
  for (const one of all) one.fault = away();
  const both = firstOf(all);
  for (let i = 0; i < 5; i++) {
    await assert.rejects(both.chat([], OPTIONS), /None of 2 models answered: away; away/);
  }
  assert.deepEqual(all.map(({ asked }) => asked), [5, 5]);
});

Deno.test("models: a rest ends, and one failure more begins the next", () => {
  const [first, second] = [model("first"), model("second")];
  const names = (now: number) => inOrder([first, second], now).map(({ name }) => name);
  for (let i = 0; i < FAILURES; i++) noteFailure(first, new Error("x"), 1_000);
  assert.deepEqual(names(1_000 + REST_MS - 1), ["second", "first"]);
  assert.deepEqual(names(1_000 + REST_MS), ["first", "second"]);
  noteFailure(first, new Error("x"), 50_000);
  assert.deepEqual(names(50_001), ["second", "first"]);
});

Deno.test("models: what was wrong with a request makes nobody rest", () => {
  const [first, second] = [model("first"), model("second")];
  for (let i = 0; i < 10; i++) {
    noteFailure(first, new AgentError("UNSUPPORTED", "too long", { what: "x" }), 1);
  }
  assert.deepEqual(inOrder([first, second], 2), [first, second]);
});
