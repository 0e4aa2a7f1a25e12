/**
 * Chat completions as OpenAI published them and as Ollama, vLLM, llama.cpp and most others speak them.
 *
 * @module
 */

import type { ServerSentEvent } from "../../http/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { ChatEvent, ChatReply, FinishReason, Message, ToolCall } from "../types.ts";
import { CallCollector } from "./calls.ts";
import { checkError, count, field, list, parsed, text, usageOf } from "./read.ts";
import { type Protocol, ProtocolFault, type ProtocolRequest, type StreamReader } from "./types.ts";

/** Chat completions. */
export const openaiChat: Protocol = {
  name: "openai-chat",
  path: "chat/completions",
  headers: (apiKey): Record<string, string> =>
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  body,
  reply(body) {
    checkError(body);
    const choice = list(body, "choices")[0];
    const message = field(choice, "message");
    if (message === undefined) throw new ProtocolFault("there is no choices[0].message");
    const calls = list(message, "tool_calls").map((call, at): ToolCall => {
      const { name, written } = functionOf(call);
      return { id: text(call, "id") || `call_${at}`, name, arguments: written };
    });
    return replyOf({
      text: text(message, "content") || text(message, "refusal"),
      calls: calls.length > 0 ? calls : undefined,
      finish: text(choice, "finish_reason"),
      usage: field(body, "usage"),
      model: text(body, "model"),
    });
  },
  reader: () => new ChatReader(),
};

function body({ model, messages, options, isStreamed, host }: ProtocolRequest): JsonValue {
  const { tools, toolChoice, responseSchema, maxOutputTokens, temperature, stop } = options;
  // OpenAI's own newer models refuse the older word, others know no other.
  const most = host === "api.openai.com" ? "max_completion_tokens" : "max_tokens";
  return {
    model,
    messages: messages.map(written),
    ...(tools !== undefined && tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        function: { name, description, parameters },
      })),
      ...(toolChoice !== undefined && {
        tool_choice: typeof toolChoice === "string"
          ? toolChoice
          : { type: "function", function: { name: toolChoice.name } },
      }),
    }),
    ...(responseSchema !== undefined && {
      response_format: {
        type: "json_schema",
        json_schema: { name: responseSchema.name, schema: responseSchema.schema, strict: true },
      },
    }),
    ...(maxOutputTokens !== undefined && { [most]: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
    ...(isStreamed && { stream: true, stream_options: { include_usage: true } }),
  };
}

function written(message: Message): JsonValue {
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
  }
  const { role, content, toolCalls } = message;
  if (toolCalls === undefined || toolCalls.length === 0) return { role, content };
  return {
    role,
    content: content === "" ? null : content,
    tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
      id,
      type: "function",
      function: { name, arguments: given },
    })),
  };
}

/** Some servers write arguments as an object, against what they say they speak. */
function functionOf(call: unknown): { name: string; written: string } {
  const named = field(call, "function");
  const given = field(named, "arguments");
  const written = typeof given === "string" ? given : JSON.stringify(given);
  return { name: text(named, "name"), written: written ?? "" };
}

interface Parts {
  readonly text: string;
  readonly calls: readonly ToolCall[] | undefined;
  readonly finish: string;
  readonly usage: unknown;
  readonly model: string;
}

function replyOf({ text: words, calls, finish, usage, model }: Parts): ChatReply {
  const cached = count(field(usage, "prompt_tokens_details"), "cached_tokens");
  const took = usageOf(count(usage, "prompt_tokens"), count(usage, "completion_tokens"), cached);
  return {
    text: words,
    finishReason: reasonOf(finish, calls !== undefined),
    ...(calls !== undefined && { toolCalls: calls }),
    ...(took !== undefined && { usage: took }),
    ...(model !== "" && { model }),
  };
}

function reasonOf(finish: string, asks: boolean): FinishReason {
  if (asks && (finish === "tool_calls" || finish === "function_call" || finish === "stop")) {
    return "tool-calls";
  }
  if (finish === "stop" || finish === "length") return finish;
  return finish === "content_filter" ? "filter" : "other";
}

class ChatReader implements StreamReader {
  readonly #calls = new CallCollector();
  readonly #pieces: string[] = [];
  #finish: string | undefined;
  #usage: unknown;
  #model = "";

  *take({ data }: ServerSentEvent): Generator<ChatEvent> {
    if (data === "[DONE]") {
      this.#finish ??= "";
      return;
    }
    const chunk = parsed(data);
    checkError(chunk);
    this.#model ||= text(chunk, "model");
    this.#usage = field(chunk, "usage") ?? this.#usage;
    const choice = list(chunk, "choices")[0];
    const delta = field(choice, "delta");
    const thought = text(delta, "reasoning_content") || text(delta, "reasoning");
    if (thought !== "") yield { type: "reasoning", text: thought };
    const piece = text(delta, "content") || text(delta, "refusal");
    if (piece !== "") {
      this.#pieces.push(piece);
      yield { type: "text", text: piece };
    }
    for (const call of list(delta, "tool_calls")) yield* this.#call(call);
    const finish = text(choice, "finish_reason");
    if (finish !== "") this.#finish = finish;
  }

  *#call(call: unknown): Generator<ChatEvent> {
    const { name, written } = functionOf(call);
    const id = text(call, "id");
    // Servers that send calls whole may leave the place out.
    const index = count(call, "index") ?? this.#calls.size;
    if (!this.#calls.has(index)) yield this.#calls.begin(index, id, name);
    if (written !== "") yield this.#calls.add(index, written);
  }

  reply(): ChatReply | undefined {
    if (this.#finish === undefined) return undefined;
    return replyOf({
      text: this.#pieces.join(""),
      calls: this.#calls.calls(),
      finish: this.#finish,
      usage: this.#usage,
      model: this.#model,
    });
  }
}
