/**
 * The same work by `ai` (the AI SDK) with the mock model that it brings: a task of two steps with a tool, and a stream of pieces.
 */

import type { Peers } from "./peers.ts";

const USAGE = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const SCHEMA = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };

/** What of `ai` is used, and the mock of `ai/test`. */
export interface AiSdk {
  generateText(options: object): Promise<{ text: string; steps: unknown[] }>;
  streamText(options: object): { textStream: AsyncIterable<string> };
  tool(options: object): unknown;
  jsonSchema(schema: object, options: object): unknown;
  isStepCount(steps: number): unknown;
  MockLanguageModelV4: new (options: object) => unknown;
}

/** A task of two steps with a tool; undefined where `ai` is not installed. */
export async function aiLoop(
  peers: Peers,
): Promise<((call: number) => Promise<number>) | undefined> {
  const sdk = await peers.ai();
  if (sdk === undefined) return undefined;
  const isInput = (value: unknown): boolean => typeof (value as { n?: unknown })?.n === "number";
  const add = sdk.tool({
    description: "Adds one.",
    inputSchema: sdk.jsonSchema(SCHEMA, {
      validate: (value: unknown) =>
        isInput(value) ? { success: true, value } : { success: false, error: new Error("no n") },
    }),
    execute: ({ n }: { n: number }) => Promise.resolve(n + 1),
  });
  const asked = {
    content: [{ type: "tool-call", toolCallId: "1", toolName: "add", input: '{"n":1}' }],
    finishReason: { unified: "tool-calls", raw: undefined },
    ...{ usage: USAGE, warnings: [] },
  };
  const said = {
    content: [{ type: "text", text: "It is 2." }],
    finishReason: { unified: "stop", raw: undefined },
    ...{ usage: USAGE, warnings: [] },
  };
  return async (call) => {
    // It keeps what it was asked, so each run has one of its own.
    const model = new sdk.MockLanguageModelV4({
      doGenerate: ({ prompt }: { prompt: { role: string }[] }) =>
        Promise.resolve(prompt.at(-1)!.role === "tool" ? said : asked),
    });
    const { text, steps } = await sdk.generateText({
      ...{ model, tools: { add }, prompt: `What is 1 and 1? ${call}` },
      stopWhen: sdk.isStepCount(20),
    });
    return text.length + steps.length;
  };
}

/** A stream of pieces of four bytes, all of them read; undefined where `ai` is not installed. */
export async function aiStream(
  peers: Peers,
  pieces: number,
): Promise<(() => Promise<number>) | undefined> {
  const sdk = await peers.ai();
  if (sdk === undefined) return undefined;
  const stream = (): ReadableStream<object> => {
    let at = 0;
    return new ReadableStream({
      start(controller) {
        controller.enqueue({ type: "stream-start", warnings: [] });
        controller.enqueue({ type: "text-start", id: "1" });
      },
      pull(controller) {
        for (let i = 0; i < 64 && at < pieces; i++, at++) {
          controller.enqueue({ type: "text-delta", id: "1", delta: "abcd" });
        }
        if (at < pieces) return;
        controller.enqueue({ type: "text-end", id: "1" });
        const finishReason = { unified: "stop", raw: undefined };
        controller.enqueue({ type: "finish", finishReason, usage: USAGE });
        controller.close();
      },
    });
  };
  return async () => {
    const model = new sdk.MockLanguageModelV4({
      doStream: () => Promise.resolve({ stream: stream() }),
    });
    let length = 0;
    for await (const text of sdk.streamText({ model, prompt: "Go." }).textStream) {
      length += text.length;
    }
    return length;
  };
}
