/**
 * What a protocol of model servers is: how a request is written, and how a reply is read, whole or piece by piece.
 *
 * @module
 */

import type { ServerSentEvent } from "../../http/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { ChatEvent, ChatOptions, ChatReply, Message } from "../types.ts";

/** The names of the protocols. */
export type ProtocolName = "openai-chat" | "openai-responses" | "anthropic";

/** What a request is made of. */
export interface ProtocolRequest {
  /** The model's name at the server. */
  readonly model: string;
  /** What was said so far. */
  readonly messages: readonly Message[];
  /** How the reply is to be made. */
  readonly options: ChatOptions;
  /** Whether it comes piece by piece. */
  readonly isStreamed: boolean;
  /** The host, as some servers want other words than those that speak like them. */
  readonly host: string;
}

/** Reads a reply that comes piece by piece. */
export interface StreamReader {
  /** What an event of the server means; empty if nothing. Throws a {@linkcode ProtocolFault}. */
  take(event: ServerSentEvent): Iterable<ChatEvent>;
  /** The whole reply; undefined if the server did not say that it is whole. */
  reply(): ChatReply | undefined;
}

/** A protocol. */
export interface Protocol {
  /** Its name. */
  readonly name: ProtocolName;
  /** Below the base address. */
  readonly path: string;
  /** The fields that carry the key, and what else the protocol asks for. */
  headers(apiKey: string | undefined): Record<string, string>;
  /** The request's body. */
  body(request: ProtocolRequest): JsonValue;
  /** Reads a whole reply. Throws a {@linkcode ProtocolFault}. */
  reply(body: unknown, options: ChatOptions): ChatReply;
  /** Reads one piece by piece. */
  reader(options: ChatOptions): StreamReader;
}

/** The server said that it failed, or what it said is none of the protocol. */
export class ProtocolFault extends Error {
  override readonly name = "ProtocolFault";
}
