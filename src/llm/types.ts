/**
 * The shapes of language models: messages, tool calls, replies, providers. Types only.
 *
 * @module
 */

import type { Limiter } from "../http/limiter/types.ts";
import type { HttpClient } from "../http/types.ts";
import type { JsonValue } from "../shared/json.ts";

/** A JSON Schema, as a model is told the shape of what it is to give. */
export type JsonSchema = { readonly [key: string]: JsonValue };

/** A tool that a model asks to be called. */
export interface ToolCall {
  /** The model's name for this call, which the result carries back. Never empty. */
  readonly id: string;
  /** The tool's name, as the model wrote it; there may be none of that name. */
  readonly name: string;
  /** What the model gave it: JSON, or what was meant to be. */
  readonly arguments: string;
}

/** What somebody said in a conversation. */
export interface SpokenMessage {
  /** Who speaks. */
  readonly role: "system" | "user" | "assistant";
  /** The words. */
  readonly content: string;
  /** What the assistant asked to be called, in the order in which it did. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
}

/** What a tool gave back, or that it failed. */
export interface ToolMessage {
  /** A tool speaks. */
  readonly role: "tool";
  /** The result as text. */
  readonly content: string;
  /** The call that it answers. */
  readonly toolCallId: string;
  /** The tool's name. */
  readonly name: string;
  /** Whether it failed. Default false. */
  readonly isError?: boolean | undefined;
}

/** A message to or from a model; those of tools come to providers with `tools: true` only. */
export type ChatMessage = SpokenMessage | ToolMessage;
/** The same. */
export type Message = ChatMessage;

/** A tool as a model is told of it. */
export interface ToolDefinition {
  /** 1 to 64 letters, digits, `_` and `-`. */
  readonly name: string;
  /** What it does, and when it is of use. */
  readonly description: string;
  /** The shape of its input. */
  readonly parameters: JsonSchema;
}

/** How a reply is to be made. */
export interface ChatOptions {
  /** Ends the work early. */
  readonly signal?: AbortSignal | undefined;
  /** The tools that the model may ask for. A provider without tools refuses them. */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Whether it may, must or must not ask for one. Default `"auto"`. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly name: string } | undefined;
  /** The reply is JSON of this shape. */
  readonly responseSchema?: { readonly name: string; readonly schema: JsonSchema } | undefined;
  /** The most tokens of the reply. */
  readonly maxOutputTokens?: number | undefined;
  /** 0 for the likeliest words. */
  readonly temperature?: number | undefined;
  /** Texts at which the reply ends. */
  readonly stop?: readonly string[] | undefined;
}

/** What a reply took. */
export interface TokenUsage {
  /** Tokens that were read, cached ones included. */
  readonly inputTokens: number;
  /** Tokens that were written. */
  readonly outputTokens: number;
  /** Those of the input that came from the provider's cache. */
  readonly cachedInputTokens?: number | undefined;
}

/** US dollars for a million tokens. */
export interface TokenPrice {
  /** Read. */
  readonly input: number;
  /** Written. */
  readonly output: number;
  /** Read from the provider's cache. Default: as `input`. */
  readonly cachedInput?: number | undefined;
}

/** Why a reply ended. */
export type FinishReason = "stop" | "length" | "tool-calls" | "filter" | "other";

/** What a model said. */
export interface ChatReply {
  /** Its words; empty if it only asks for tools. */
  readonly text: string;
  /** What it asks to be called. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** What it took, if the provider says so. */
  readonly usage?: TokenUsage | undefined;
  /** Why it ended. */
  readonly finishReason?: FinishReason | undefined;
  /** The model that answered, as the provider calls it. */
  readonly model?: string | undefined;
}

/** A piece of a reply on its way. The last one is `done`; a stream without it has thrown. */
export type ChatEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | {
    readonly type: "tool-call-start";
    readonly index: number;
    readonly id: string;
    readonly name: string;
  }
  | { readonly type: "tool-call-arguments"; readonly index: number; readonly text: string }
  | { readonly type: "done"; readonly reply: ChatReply };

/**
 * A language model. `chat` alone is enough to word answers; tools and streams are additions, and a provider without them
 * cannot run tools, or gives its reply in one piece.
 */
export interface ChatProvider {
  /** Its name, as status and reasoning show it; answers are cached by it. */
  readonly name: string;
  /** The model's name at the provider, by which prices, encodings and windows are looked up. */
  readonly model?: string | undefined;
  /** Whether it takes tools. Default false. */
  readonly tools?: boolean | undefined;
  /** How many tokens fit into it, input and output together, if that is known. */
  readonly contextTokens?: number | undefined;
  /** What it costs, if that is known. */
  readonly price?: TokenPrice | undefined;
  /**
   * Continues a conversation.
   *
   * @param messages What was said so far.
   * @param options The signal of the call, tools, the shape of the reply.
   * @returns The model's reply.
   */
  chat(messages: readonly Message[], options: ChatOptions): Promise<ChatReply>;
  /**
   * The same piece by piece.
   *
   * @returns Events; the last is `done` with the whole reply. What fails is thrown.
   */
  stream?(messages: readonly Message[], options: ChatOptions): AsyncIterable<ChatEvent>;
}

/** A provider with connections of its own. */
export interface OpenModel extends ChatProvider, AsyncDisposable {
  /** Closes its connections; a second call does nothing. */
  close(): Promise<void>;
}

/** A model at an address: what `createAgent` and `openModel` take. */
export interface ModelOptions {
  /**
   * The base address, such as `"http://127.0.0.1:11434/v1"`; without a path, `/v1` is meant. It is reached as it stands, loopback
   * and private addresses too; redirects are errors.
   */
  readonly url: string | URL;
  /** The model's name at the server. */
  readonly model: string;
  /** The key. It stands in no error, log, session or cassette. */
  readonly apiKey?: string | undefined;
  /**
   * What the server speaks. Default `"anthropic"` for that company's host, else `"openai-chat"`, which Ollama, vLLM and llama.cpp
   * speak.
   */
  readonly protocol?: "openai-chat" | "openai-responses" | "anthropic" | undefined;
  /** What it is called in answers and steps. Default: the model's name. */
  readonly name?: string | undefined;
  /** More fields of each request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds for a whole reply. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a request that failed before its reply began is repeated, as the server's `Retry-After` wants. Default 2. */
  readonly retries?: number | undefined;
  /** Whether the model takes tools. Default true. */
  readonly tools?: boolean | undefined;
  /** How many tokens fit into it. Default: what is known of the model. */
  readonly contextTokens?: number | undefined;
  /** What it costs. Default: what is known of the model. */
  readonly price?: TokenPrice | undefined;
  /** Requests and tokens wait for it. Its limits follow what the server says of its own. */
  readonly limiter?: Limiter | undefined;
  /** The client that is used, for its cassette or its authorities. It must allow the address. Default: one of its own. */
  readonly http?: HttpClient | undefined;
}
