/** Language models of the AI SDK by their shape: what they are asked, what their replies and streams come to. */

import assert from "assertions";
import { type AiSdkModel, fromAiSdk } from "../../src/llm/ai_sdk.ts";
import type { ChatEvent, Message } from "../../src/llm/types.ts";
import { wrong } from "../support/values.ts";

const ASKED: Message[] = [
  { role: "system", content: "Be short." },
  { role: "user", content: "How warm is it?" },
  { role: "assistant", content: "", toolCalls: [{ id: "a", name: "w", arguments: '{"x":1}' }] },
  { role: "tool", content: "21", toolCallId: "a", name: "w", isError: true },
];
const TOOL = { name: "w", description: "Says how warm it is.", parameters: { type: "object" } };

/** Version 2 has plain numbers and words, later ones say of what they are made up. */
const USAGES = {
  v2: {
    usage: { inputTokens: 9, outputTokens: 4, cachedInputTokens: 2 },
    finishReason: "tool-calls",
  },
  v4: {
    usage: { inputTokens: { total: 9, cacheRead: 2 }, outputTokens: { total: 4 } },
    finishReason: { unified: "tool-calls", raw: "tool_use" },
  },
};

function model(version: keyof typeof USAGES, parts: object[], seen: unknown[] = []): AiSdkModel {
  return wrong({
    specificationVersion: version,
    provider: "acme",
    modelId: "gpt-4o",
    doGenerate(options: unknown) {
      seen.push(options);
      const content = [
        { type: "text", text: "It is " },
        { type: "reasoning", text: "hm" },
        { type: "text", text: "21." },
        { type: "tool-call", toolCallId: "b", toolName: "w", input: '{"y":2}' },
      ];
      return Promise.resolve({ content, ...USAGES[version], warnings: [] });
    },
    doStream: () => Promise.resolve({ stream: ReadableStream.from(parts) }),
  });
}

for (const version of ["v2", "v4"] as const) {
  Deno.test(`AI SDK ${version}: a reply, and a stream that comes to the same`, async () => {
    const seen: unknown[] = [];
    const stream = [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "It is " },
      { type: "reasoning-delta", id: "2", delta: "hm" },
      { type: "text-delta", id: "1", delta: "21." },
      { type: "tool-input-start", id: "b", toolName: "w" },
      { type: "tool-input-delta", id: "b", delta: '{"y":2}' },
      { type: "tool-call", toolCallId: "b", toolName: "w", input: '{"y":2}' },
      { type: "finish", ...USAGES[version] },
    ];
    const provider = fromAiSdk(model(version, stream, seen));
    assert.equal(provider.name, "acme gpt-4o");
    assert.equal(provider.contextTokens, 128_000);
    const reply = await provider.chat(ASKED, { tools: [TOOL], toolChoice: { name: "w" } });
    assert.deepEqual(reply, {
      text: "It is 21.",
      finishReason: "tool-calls",
      toolCalls: [{ id: "b", name: "w", arguments: '{"y":2}' }],
      usage: { inputTokens: 9, outputTokens: 4, cachedInputTokens: 2 },
    });
    const events: ChatEvent[] = await Array.fromAsync(provider.stream!(ASKED, {}));
    assert.deepEqual(events.map(({ type }) => type), [
      ...["text", "reasoning", "text", "tool-call-start", "tool-call-arguments", "done"],
    ]);
    const last = events.at(-1)!;
    assert.deepEqual(last.type === "done" && last.reply, reply);
    assert.deepEqual(seen[0], {
      prompt: [
        { role: "system", content: "Be short." },
        { role: "user", content: [{ type: "text", text: "How warm is it?" }] },
        {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "a", toolName: "w", input: { x: 1 } }],
        },
        {
          role: "tool",
          content: [{
            type: "tool-result",
            toolCallId: "a",
            toolName: "w",
            output: { type: "error-text", value: "21" },
          }],
        },
      ],
      tools: [{
        type: "function",
        name: "w",
        description: "Says how warm it is.",
        inputSchema: { type: "object" },
      }],
      toolChoice: { type: "tool", toolName: "w" },
    });
  });
}

Deno.test("AI SDK: what fails in a stream is thrown, and so is an early end", async () => {
  const failed = new Error("overloaded");
  const part = { type: "text-delta", id: "1", delta: "It" };
  const cases: readonly [object[], RegExp][] = [
    [[part, { type: "error", error: failed }], /^Error: overloaded$/],
    [[part, { type: "error", error: "busy" }], /failed: busy/],
    [[part], /ended its stream before it was whole/],
  ];
  for (const [parts, message] of cases) {
    const events = fromAiSdk(model("v2", parts)).stream!(ASKED, {});
    await assert.rejects(Array.fromAsync(events), message);
  }
});

Deno.test("AI SDK: what is no language model of a known version is refused", () => {
  for (const one of [null, {}, { ...model("v2", []), specificationVersion: "v1" }]) {
    assert.throws(() => fromAiSdk(wrong(one)), TypeError);
  }
});
