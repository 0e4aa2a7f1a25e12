/**
 * What a loop tells of itself while it runs, for traces. Types only.
 *
 * @module
 */

import type { ChatProvider, ChatReply, Message, ToolCall } from "../../llm/types.ts";
import type { RunResult, Tool, ToolOutcome } from "./types.ts";

/** Something that takes time. Each is ended once; what is told behind that counts for nothing. */
export interface Span {
  /** Does something as a part of it, so that what is traced within (requests of tools and models) belongs to it. */
  within<T>(work: () => T): T;
  /** It failed, and so ended. */
  fail(error: unknown): void;
  /** It ended without anything more to say of it, as where nobody reads a stream to its end. */
  end(): void;
}

/** A turn of a model. */
export interface TurnSpan extends Span {
  /** It answered. */
  done(reply: ChatReply, provider: ChatProvider): void;
}

/** The work of a tool. */
export interface ToolSpan extends Span {
  /** It ended. */
  done(outcome: ToolOutcome, result: string): void;
}

/** A run. */
export interface RunSpan extends Span {
  /** A model is asked. */
  turn(step: number, provider: ChatProvider, messages: readonly Message[]): TurnSpan;
  /** A tool is run. */
  tool(call: ToolCall, tool: Tool): ToolSpan;
  /** It ended. */
  done(result: RunResult): void;
}

/** Makes spans of runs. */
export interface Tracing {
  /** A run begins, or goes on. */
  run(session: string | undefined, domain: string | undefined): RunSpan;
}
