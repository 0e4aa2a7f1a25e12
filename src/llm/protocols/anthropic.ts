/**
 * Anthropic's messages protocol, version 2023-06-01. A reply of a given shape is asked for as the input of a tool that must
 * be used, which every model of theirs knows.
 *
 * @module
 */

import type { ServerSentEvent } from "../../http/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import type {
  ChatEvent,
  ChatOptions,
  ChatReply,
  FinishReason,
  Message,
  TokenUsage,
  ToolCall,
} from "../types.ts";
import { CallCollector } from "./calls.ts";
import { checkError, count, field, list, parsed, text, usageOf } from "./read.ts";
import { type Protocol, ProtocolFault, type ProtocolRequest, type StreamReader } from "./types.ts";

const VERSION = "2023-06-01";
/** The protocol wants a bound; what no caller gave is this. */
const MOST_TOKENS = 4_096;

/** Messages. */
export const anthropic: Protocol = {
  name: "anthropic",
  path: "messages",
  headers: (apiKey) => ({
    "anthropic-version": VERSION,
    ...(apiKey !== undefined && { "x-api-key": apiKey }),
  }),
  body,
  reply: (body, options) => {
    checkError(body);
    if (!Array.isArray(field(body, "content"))) throw new ProtocolFault("there is no content");
    const words: string[] = [];
    const calls: ToolCall[] = [];
    for (const part of list(body, "content")) {
      if (text(part, "type") === "text") words.push(text(part, "text"));
      else if (text(part, "type") === "tool_use") {
        calls.push({
          id: text(part, "id") || `call_${calls.length}`,
          name: text(part, "name"),
          arguments: JSON.stringify(field(part, "input") ?? {}),
        });
      }
    }
    return replyOf({
      text: words.join(""),
      calls,
      stop: text(body, "stop_reason"),
      usage: tookOf(field(body, "usage")),
      model: text(body, "model"),
    }, options);
  },
  reader: (options) => new MessagesReader(options),
};

function body({ model, messages, options, isStreamed }: ProtocolRequest): JsonValue {
  const { toolChoice, responseSchema, maxOutputTokens, temperature, stop } = options;
  const tools = (options.tools ?? []).map(({ name, description, parameters }) => ({
    name,
    description,
    input_schema: parameters,
  }));
  if (responseSchema !== undefined) {
    const { name, schema } = responseSchema;
    tools.push({ name, description: "Gives the answer.", input_schema: schema });
  }
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const choice = responseSchema !== undefined
    ? { type: "tool", name: responseSchema.name }
    : choiceOf(toolChoice);
  return {
    model,
    max_tokens: maxOutputTokens ?? MOST_TOKENS,
    ...(system.length > 0 && { system: system.join("\n\n") }),
    messages: turns(messages),
    ...(tools.length > 0 && { tools, ...(choice !== undefined && { tool_choice: choice }) }),
    ...(temperature !== undefined && { temperature }),
    ...(stop !== undefined && stop.length > 0 && { stop_sequences: stop }),
    ...(isStreamed && { stream: true }),
  };
}

function choiceOf(choice: ChatOptions["toolChoice"]): Record<string, string> | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice !== "string") return { type: "tool", name: choice.name };
  return { type: choice === "required" ? "any" : choice };
}

/** What one side says in a row is one message, as the protocol wants it; results of tools are the user's. */
function turns(messages: readonly Message[]): JsonValue[] {
  const all: { role: "user" | "assistant"; content: JsonValue[] }[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const parts = partsOf(message);
    const last = all.at(-1);
    if (last?.role === role) last.content.push(...parts);
    else if (parts.length > 0) all.push({ role, content: parts });
  }
  return all;
}

function partsOf(message: Message): JsonValue[] {
  if (message.role === "tool") {
    return [{
      type: "tool_result",
      tool_use_id: message.toolCallId,
      content: message.content,
      ...(message.isError === true && { is_error: true }),
    }];
  }
  // A text of nothing but blanks is refused by the server.
  const words = message.content.trim() === "" ? [] : [{ type: "text", text: message.content }];
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }) => ({
    type: "tool_use",
    id,
    name,
    input: inputOf(given),
  }));
  return [...words, ...calls];
}

/** The protocol takes objects only; what a model wrote that is none goes back as what it wrote. */
function inputOf(given: string): JsonValue {
  try {
    const input: unknown = JSON.parse(given === "" ? "{}" : given);
    if (input !== null && typeof input === "object" && !Array.isArray(input)) {
      return input as JsonValue;
    }
  } catch {
    // Below.
  }
  return { invalid: given };
}

function tookOf(usage: unknown): TokenUsage | undefined {
  const cached = count(usage, "cache_read_input_tokens");
  const fresh = count(usage, "input_tokens");
  if (fresh === undefined) return undefined;
  // Here the count of the input is without what the cache read and wrote.
  const input = fresh + (cached ?? 0) + (count(usage, "cache_creation_input_tokens") ?? 0);
  return usageOf(input, count(usage, "output_tokens"), cached);
}

interface Parts {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly stop: string;
  readonly usage: TokenUsage | undefined;
  readonly model: string;
}

function replyOf(
  { text: words, calls, stop, usage, model }: Parts,
  { responseSchema }: ChatOptions,
): ChatReply {
  const answer = responseSchema && calls.find(({ name }) => name === responseSchema.name);
  const asked = calls.filter((call) => call !== answer);
  return {
    text: answer === undefined ? words : answer.arguments,
    finishReason: answer !== undefined && asked.length === 0 ? "stop" : reasonOf(stop),
    ...(asked.length > 0 && { toolCalls: asked }),
    ...(usage !== undefined && { usage }),
    ...(model !== "" && { model }),
  };
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "filter",
};

function reasonOf(stop: string): FinishReason {
  return Object.hasOwn(REASONS, stop) ? REASONS[stop]! : "other";
}

class MessagesReader implements StreamReader {
  readonly #options: ChatOptions;
  readonly #calls = new CallCollector();
  readonly #pieces: string[] = [];
  #usage: Record<string, unknown> = {};
  #stop = "";
  #model = "";
  #isWhole = false;
  /** Where the tool is whose input is the answer, whose pieces so are the reply's text. */
  #answer: number | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  *take({ event, data }: ServerSentEvent): Generator<ChatEvent> {
    const body = parsed(data);
    const type = text(body, "type") || event;
    if (type === "error") {
      checkError(body);
      throw new ProtocolFault("an error without a reason");
    }
    if (type === "message_start") {
      const message = field(body, "message");
      this.#model = text(message, "model");
      this.#count(field(message, "usage"));
    } else if (type === "message_delta") {
      this.#stop = text(field(body, "delta"), "stop_reason") || this.#stop;
      this.#count(field(body, "usage"));
    } else if (type === "message_stop") this.#isWhole = true;
    else if (type === "content_block_start") {
      const block = field(body, "content_block");
      if (text(block, "type") !== "tool_use") return;
      const index = count(body, "index") ?? 0;
      const begun = this.#calls.begin(index, text(block, "id"), text(block, "name"));
      if (text(block, "name") === this.#options.responseSchema?.name) this.#answer = index;
      else yield begun;
    } else if (type === "content_block_delta") yield* this.#delta(body);
  }

  *#delta(body: unknown): Generator<ChatEvent> {
    const delta = field(body, "delta");
    const words = text(delta, "text");
    const thought = text(delta, "thinking");
    const given = text(delta, "partial_json");
    const index = count(body, "index") ?? 0;
    if (words !== "") {
      this.#pieces.push(words);
      yield { type: "text", text: words };
    }
    if (thought !== "") yield { type: "reasoning", text: thought };
    if (given === "" || !this.#calls.has(index)) return;
    const added = this.#calls.add(index, given);
    yield index === this.#answer ? { type: "text", text: given } : added;
  }

  /** Later counts are of the whole, not of what was added. */
  #count(usage: unknown): void {
    if (usage === null || typeof usage !== "object") return;
    for (const [name, value] of Object.entries(usage)) {
      if (typeof value === "number") this.#usage[name] = value;
    }
  }

  reply(): ChatReply | undefined {
    if (!this.#isWhole) return undefined;
    return replyOf({
      text: this.#pieces.join(""),
      // A tool without input is told of without a piece of it.
      calls: (this.#calls.calls() ?? []).map((call) => ({
        ...call,
        arguments: call.arguments || "{}",
      })),
      stop: this.#stop,
      usage: tookOf(this.#usage),
      model: this.#model,
    }, this.#options);
  }
}
