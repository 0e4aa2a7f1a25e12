/**
 * A language model of the Vercel AI SDK as a provider, by its shape alone: specification versions 2 to 4, no package needed.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { contextOf, priceOf } from "./models.ts";
import { CallCollector } from "./protocols/calls.ts";
import { count, field, list, shorten, text, usageOf } from "./protocols/read.ts";
import type {
  ChatEvent,
  ChatOptions,
  ChatProvider,
  ChatReply,
  FinishReason,
  Message,
  ToolCall,
} from "./types.ts";

/** A language model of that SDK, as far as it is used here. */
export interface AiSdkModel {
  /** `"v2"`, `"v3"` or `"v4"`. */
  readonly specificationVersion: string;
  /** Whose it is. */
  readonly provider: string;
  /** Its name there. */
  readonly modelId: string;
  /** A whole reply. */
  doGenerate(options: never): PromiseLike<object>;
  /** One piece by piece. */
  doStream(options: never): PromiseLike<object>;
}

const VERSIONS: readonly string[] = ["v2", "v3", "v4"];

/**
 * Takes a language model of the Vercel AI SDK, such as `openai("gpt-4o")`.
 *
 * @param model The model.
 * @returns A provider for `createAgent`.
 * @throws {TypeError} If it is none, or of another version than 2 to 4.
 */
export function fromAiSdk(model: AiSdkModel): ChatProvider {
  // Their models are instances of classes: what is asked for may stand in the prototype.
  const version = (model as Partial<AiSdkModel> | null)?.specificationVersion;
  if (typeof version !== "string" || !VERSIONS.includes(version)) {
    throw wrongType("model", `a language model of specification ${VERSIONS.join(", ")}`, version);
  }
  if (typeof model.doGenerate !== "function" || typeof model.doStream !== "function") {
    throw wrongType("model", "a language model with doGenerate and doStream", model);
  }
  const { modelId, provider } = model;
  const call = (messages: readonly Message[], options: ChatOptions): never =>
    callOf(messages, options) as never;
  return {
    name: `${provider} ${modelId}`,
    model: modelId,
    tools: true,
    contextTokens: contextOf(modelId),
    price: priceOf(modelId),
    async chat(messages, options) {
      const result = await model.doGenerate(call(messages, options));
      const parts = list(result, "content");
      const words = parts.filter((part) => text(part, "type") === "text");
      const calls = parts.filter((part) => text(part, "type") === "tool-call").map(callFrom);
      return replyOf(words.map((part) => text(part, "text")).join(""), calls, result);
    },
    async *stream(messages, options) {
      const stream = field(await model.doStream(call(messages, options)), "stream");
      if (!(stream instanceof ReadableStream)) throw failed(modelId, "gave no stream");
      yield* events(stream, modelId);
    },
  };
}

async function* events(stream: ReadableStream<unknown>, model: string): AsyncGenerator<ChatEvent> {
  const pieces: string[] = [];
  const calls: ToolCall[] = [];
  const begun = new CallCollector();
  const places = new Map<string, number>();
  for await (const part of stream) {
    const type = text(part, "type");
    if (type === "error") {
      const error = field(part, "error");
      throw error instanceof Error ? error : failed(model, `failed: ${shorten(String(error))}`);
    }
    const delta = text(part, "delta");
    if (type === "text-delta" && delta !== "") {
      pieces.push(delta);
      yield { type: "text", text: delta };
    } else if (type === "reasoning-delta" && delta !== "") yield { type: "reasoning", text: delta };
    else if (type === "tool-input-start") {
      places.set(text(part, "id"), places.size);
      yield begun.begin(places.size - 1, text(part, "id"), text(part, "toolName"));
    } else if (type === "tool-input-delta") {
      const place = places.get(text(part, "id"));
      if (place !== undefined && delta !== "") yield begun.add(place, delta);
    } else if (type === "tool-call") calls.push(callFrom(part));
    else if (type === "finish") {
      yield { type: "done", reply: replyOf(pieces.join(""), calls, part) };
      return;
    }
  }
  throw failed(model, "ended its stream before it was whole");
}

function callFrom(part: unknown): ToolCall {
  const input = field(part, "input");
  return {
    id: text(part, "toolCallId"),
    name: text(part, "toolName"),
    arguments: typeof input === "string" ? input : JSON.stringify(input ?? {}),
  };
}

function replyOf(words: string, calls: readonly ToolCall[], result: unknown): ChatReply {
  const usage = field(result, "usage");
  // Version 2 has numbers, later ones say of what they are made up.
  const number = (name: string): number | undefined =>
    count(usage, name) ?? count(field(usage, name), "total");
  const cached = count(usage, "cachedInputTokens") ??
    count(field(usage, "inputTokens"), "cacheRead");
  const took = usageOf(number("inputTokens"), number("outputTokens"), cached);
  const reason = field(result, "finishReason");
  return {
    text: words,
    finishReason: reasonOf(typeof reason === "string" ? reason : text(reason, "unified")),
    ...(calls.length > 0 && { toolCalls: calls }),
    ...(took !== undefined && { usage: took }),
  };
}

function reasonOf(reason: string): FinishReason {
  if (reason === "stop" || reason === "length" || reason === "tool-calls") return reason;
  return reason === "content-filter" ? "filter" : "other";
}

function callOf(messages: readonly Message[], options: ChatOptions): object {
  const { tools, toolChoice, responseSchema, maxOutputTokens, temperature, stop, signal } = options;
  return {
    prompt: messages.map(promptOf),
    ...(tools !== undefined && tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        name,
        description,
        inputSchema: parameters,
      })),
      toolChoice: typeof toolChoice === "object"
        ? { type: "tool", toolName: toolChoice.name }
        : { type: toolChoice ?? "auto" },
    }),
    ...(responseSchema !== undefined && {
      responseFormat: { type: "json", name: responseSchema.name, schema: responseSchema.schema },
    }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(stop !== undefined && { stopSequences: [...stop] }),
    ...(signal !== undefined && { abortSignal: signal }),
  };
}

function promptOf(message: Message): object {
  if (message.role === "tool") {
    const { toolCallId, name, content, isError } = message;
    const output = { type: isError === true ? "error-text" : "text", value: content };
    return { role: "tool", content: [{ type: "tool-result", toolCallId, toolName: name, output }] };
  }
  const { role, content, toolCalls = [] } = message;
  if (role === "system") return { role, content };
  const words = content === "" && toolCalls.length > 0 ? [] : [{ type: "text", text: content }];
  const calls = toolCalls.map(({ id, name, arguments: given }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName: name,
    input: inputOf(given),
  }));
  return { role, content: [...words, ...calls] };
}

function inputOf(given: string): JsonValue {
  try {
    return JSON.parse(given === "" ? "{}" : given) as JsonValue;
  } catch {
    return { invalid: given };
  }
}

function failed(model: string, what: string): AgentError<"UNAVAILABLE"> {
  return new AgentError("UNAVAILABLE", `The model ${model} ${what}`, { server: model });
}
