/**
 * The Responses protocol of OpenAI. Nothing is kept at the server: each request carries the whole conversation.
 *
 * @module
 */

import type { ServerSentEvent } from "../../http/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { ChatEvent, ChatReply, FinishReason, Message, ToolCall } from "../types.ts";
import { CallCollector } from "./calls.ts";
import { checkError, count, field, list, parsed, text, usageOf } from "./read.ts";
import { type Protocol, ProtocolFault, type ProtocolRequest, type StreamReader } from "./types.ts";

/** Responses. */
export const openaiResponses: Protocol = {
  name: "openai-responses",
  path: "responses",
  headers: (apiKey): Record<string, string> =>
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  body,
  reply: replyOf,
  reader: () => new ResponsesReader(),
};

function body({ model, messages, options, isStreamed }: ProtocolRequest): JsonValue {
  const { tools, toolChoice, responseSchema, maxOutputTokens, temperature } = options;
  return {
    model,
    input: messages.flatMap(items),
    store: false,
    ...(tools !== undefined && tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        name,
        description,
        parameters,
        strict: false,
      })),
      ...(toolChoice !== undefined && {
        tool_choice: typeof toolChoice === "string"
          ? toolChoice
          : { type: "function", name: toolChoice.name },
      }),
    }),
    ...(responseSchema !== undefined && {
      text: {
        format: {
          type: "json_schema",
          name: responseSchema.name,
          schema: responseSchema.schema,
          strict: true,
        },
      },
    }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(isStreamed && { stream: true }),
  };
}

function items(message: Message): JsonValue[] {
  if (message.role === "tool") {
    return [{
      type: "function_call_output",
      call_id: message.toolCallId,
      output: message.content,
    }];
  }
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }): JsonValue => ({
    type: "function_call",
    call_id: id,
    name,
    arguments: given,
  }));
  const { role, content } = message;
  return content === "" && calls.length > 0 ? calls : [{ role, content }, ...calls];
}

function replyOf(body: unknown): ChatReply {
  checkError(body);
  if (!Array.isArray(field(body, "output"))) throw new ProtocolFault("there is no output");
  const words: string[] = [];
  const calls: ToolCall[] = [];
  for (const item of list(body, "output")) {
    const type = text(item, "type");
    if (type === "message") {
      for (const part of list(item, "content")) {
        words.push(text(part, "text") || text(part, "refusal"));
      }
    } else if (type === "function_call") {
      calls.push({
        id: text(item, "call_id") || text(item, "id") || `call_${calls.length}`,
        name: text(item, "name"),
        arguments: text(item, "arguments"),
      });
    }
  }
  const usage = field(body, "usage");
  const took = usageOf(
    count(usage, "input_tokens"),
    count(usage, "output_tokens"),
    count(field(usage, "input_tokens_details"), "cached_tokens"),
  );
  const model = text(body, "model");
  return {
    text: words.join(""),
    finishReason: reasonOf(body, calls.length > 0),
    ...(calls.length > 0 && { toolCalls: calls }),
    ...(took !== undefined && { usage: took }),
    ...(model !== "" && { model }),
  };
}

function reasonOf(body: unknown, asks: boolean): FinishReason {
  const reason = text(field(body, "incomplete_details"), "reason");
  if (reason === "max_output_tokens") return "length";
  if (reason === "content_filter") return "filter";
  if (text(body, "status") === "incomplete") return "other";
  return asks ? "tool-calls" : "stop";
}

/** The ends that a response can have. */
const ENDS: readonly string[] = ["response.completed", "response.incomplete"];

class ResponsesReader implements StreamReader {
  readonly #calls = new CallCollector();
  #reply: ChatReply | undefined;

  *take({ event, data }: ServerSentEvent): Generator<ChatEvent> {
    if (data === "[DONE]") return;
    const body = parsed(data);
    const type = text(body, "type") || event;
    if (type === "error") {
      throw new ProtocolFault(text(body, "message") || text(field(body, "error"), "message"));
    }
    const index = count(body, "output_index") ?? 0;
    const delta = text(body, "delta");
    if (type === "response.output_text.delta" || type === "response.refusal.delta") {
      if (delta !== "") yield { type: "text", text: delta };
    } else if (/^response\.reasoning(_summary)?_text\.delta$/.test(type)) {
      if (delta !== "") yield { type: "reasoning", text: delta };
    } else if (type === "response.output_item.added") {
      const item = field(body, "item");
      if (text(item, "type") !== "function_call") return;
      yield this.#calls.begin(index, text(item, "call_id"), text(item, "name"));
    } else if (type === "response.function_call_arguments.delta") {
      if (this.#calls.has(index) && delta !== "") yield this.#calls.add(index, delta);
    } else if (type === "response.failed") {
      checkError(field(body, "response"));
      throw new ProtocolFault("the response failed, without a reason");
    } else if (ENDS.includes(type)) {
      // It holds all of the reply once more, which is what counts.
      this.#reply = replyOf(field(body, "response"));
    }
  }

  reply(): ChatReply | undefined {
    return this.#reply;
  }
}
