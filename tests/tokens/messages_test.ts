/** `countMessages` against the worked examples of OpenAI's cookbook, and `encodingForModel`. */

import assert from "assertions";
import { createRuntime } from "@agent/runtime";
import { encodingForModel, loadEncoding } from "@agent/runtime/text";
import { testOf, twins } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** The example of the cookbook's section 6, for which it prints 129 (gpt-3.5-turbo, gpt-4) and 124 (gpt-4o). */
const MESSAGES = [
  {
    role: "system",
    content:
      "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
  },
  {
    role: "system",
    name: "example_user",
    content: "New synergies will help drive top-line growth.",
  },
  {
    role: "system",
    name: "example_assistant",
    content: "Things working well together will increase revenue.",
  },
  {
    role: "system",
    name: "example_user",
    content:
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
  },
  {
    role: "system",
    name: "example_assistant",
    content: "Let's talk later when we're less busy about how to do better.",
  },
  {
    role: "user",
    content:
      "This late pivot means we don't have time to boil the ocean for the client deliverable.",
  },
];

/** The example of section 7: 105 tokens (gpt-3.5-turbo, gpt-4) and 101 (gpt-4o). */
const TOOLS = [{
  type: "function",
  function: {
    name: "get_current_weather",
    description: "Get the current weather in a given location",
    parameters: {
      type: "object",
      properties: {
        location: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
        unit: {
          type: "string",
          description: "The unit of temperature to return",
          enum: ["celsius", "fahrenheit"],
        },
      },
      required: ["location"],
    },
  },
}];
const ASKED = [
  {
    role: "system",
    content: "You are a helpful assistant that can answer to questions about the weather.",
  },
  { role: "user", content: "What's the weather like in San Francisco?" },
];

for (const twin of twins("text").each) {
  testOf("tokens", twin, "countMessages() gives what the cookbook prints", async () => {
    for (
      const [name, plain, withTools] of [["cl100k_base", 129, 105], [
        "o200k_base",
        124,
        101,
      ]] as const
    ) {
      using encoding = await loadEncoding(name, { implementation: twin.name });
      assert.equal(encoding.countMessages(MESSAGES), plain);
      assert.equal(encoding.countMessages(ASKED, TOOLS), withTools);
      assert.equal(encoding.countMessages([]), 3);
      const parts = [{ role: "user", content: [{ type: "text", text: "Hello" }] }];
      assert.equal(
        encoding.countMessages(parts),
        encoding.countMessages([{ role: "user", content: "Hello" }]),
      );
      const call = {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      };
      assert.equal(
        encoding.countMessages([call]),
        3 + 3 + encoding.count("assistant") + 3 + encoding.count("f") + encoding.count("{}"),
      );
      const picture = [{ role: "user", content: [{ type: "image_url" }] }];
      assert.throws(
        () => encoding.countMessages(picture),
        /messages\[0\]\.content\[0\].*image_url/,
      );
      assert.throws(() => encoding.countMessages(wrong("hello")), TypeError);
      assert.throws(() => encoding.countMessages([wrong({ role: 1 })]), TypeError);
      assert.throws(() => encoding.countMessages([], wrong({})), TypeError);
    }
  });
}

Deno.test("tokens: encodingForModel() knows OpenAI's models", () => {
  const known = {
    o200k_base: [
      "gpt-4o",
      "gpt-4o-mini-2024-07-18",
      "chatgpt-4o-latest",
      "gpt-4.1-nano",
      "gpt-4.5-preview",
      "gpt-5",
      "gpt-5.1-codex",
      "gpt-5-mini",
      "o1",
      "o3-mini",
      "o4-mini-2025-04-16",
      "gpt-oss-120b",
      "ft:gpt-4o-mini:acme::abc",
      "openai/gpt-4o",
      "openai/gpt-5.2",
    ],
    cl100k_base: [
      "gpt-4",
      "gpt-4-turbo-preview",
      "gpt-4-0613",
      "gpt-3.5-turbo",
      "gpt-3.5",
      "gpt-35-turbo",
      "ft:gpt-3.5-turbo:acme::abc",
      "davinci-002",
      "babbage-002",
      "text-embedding-ada-002",
      "text-embedding-3-large",
    ],
  };
  for (const [name, models] of Object.entries(known)) {
    for (const model of models) assert.equal(encodingForModel(model), name, model);
  }
  assert.throws(() => encodingForModel("text-davinci-003"), /p50k_base/);
  for (const model of ["claude-3", "llama-3", "", "gpt", "o"]) {
    assert.throws(() => encodingForModel(model), RangeError, model);
  }
  assert.throws(() => encodingForModel(wrong(5)), TypeError);
});

// What a caller must not be able to write.
export async function typed(): Promise<void> {
  // @ts-expect-error: a name is needed
  await loadEncoding();
  // @ts-expect-error: undefined is no name
  await loadEncoding(undefined);
  const runtime = createRuntime();
  // @ts-expect-error: a name is needed
  await runtime.text.loadEncoding();
}
