/**
 * What a provider said, looked at before it is kept: a reply that is none would stand in the journal, and stop every later try.
 *
 * @module
 */

import type { ChatReply, TokenUsage, ToolCall } from "../../llm/types.ts";
import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";

/**
 * The reply with what can be relied on: words, calls of three strings, and tokens only if they are counts.
 *
 * @throws {AgentError} `UNAVAILABLE` if it is no reply.
 */
export function checkedReply(reply: unknown, provider: string): ChatReply {
  const fault = (what: string, value: unknown): AgentError<"UNAVAILABLE"> =>
    new AgentError(
      "UNAVAILABLE",
      `The model ${provider} gave what is no reply: ${what}, got ${shown(value)}`,
      { server: provider },
    );
  if (reply === null || typeof reply !== "object") throw fault("it must be an object", reply);
  const { text, toolCalls, usage, ...more } = reply as ChatReply;
  if (typeof text !== "string") throw fault("text must be a string", text);
  if (toolCalls !== undefined && toolCalls !== null && !Array.isArray(toolCalls)) {
    throw fault("toolCalls must be a list", toolCalls);
  }
  for (const [at, call] of (toolCalls ?? []).entries()) {
    for (const field of ["id", "name", "arguments"] as const satisfies (keyof ToolCall)[]) {
      const value: unknown = (call as ToolCall | null)?.[field];
      if (typeof value !== "string") {
        throw fault(`toolCalls[${at}].${field} must be a string`, value);
      }
    }
  }
  return {
    ...more,
    text,
    ...(toolCalls && { toolCalls }),
    ...(isCounted(usage) && { usage }),
  };
}

/** Only what can be added up is counted: with anything else no bound would ever be reached. */
function isCounted(usage: TokenUsage | undefined | null): usage is TokenUsage {
  if (usage === undefined || usage === null) return false;
  const { inputTokens, outputTokens, cachedInputTokens = 0 } = usage;
  return [inputTokens, outputTokens, cachedInputTokens].every((n) =>
    typeof n === "number" && n >= 0 && n < Infinity
  );
}
