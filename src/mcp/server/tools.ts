/**
 * Tools as clients see and call them: told with schemas and what they do to the world, judged as those of a run are, asked
 * for where somebody's word is needed, and run within the bounds.
 *
 * @module
 */

import { canonical } from "../../agent/loop/arguments.ts";
import { fitting, messageOf } from "../../agent/loop/calls.ts";
import { cut } from "../../agent/loop/results.ts";
import type { JsonSchema } from "../../llm/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import { hash } from "../../text/hash/mod.ts";
import type { ServerContext, ServerSdk } from "../sdk.ts";
import type { Offer, Offered } from "./offer.ts";
import type { Word, Words } from "./word.ts";

/** A tool as it is listed. */
export type ListedTool = Record<string, unknown> & {
  name: string;
  description: string;
  inputSchema: { type: "object"; [field: string]: unknown };
};

/** What came of a call. */
export interface CallResult {
  [field: string]: unknown;
  content: { type: "text"; text: string }[];
  structuredContent?: { [field: string]: unknown };
  isError?: boolean;
}

/** All tools that are offered, as they are listed. */
export function listTools({ tools }: Offer): ListedTool[] {
  return [...tools.values()].map(({ definition, tool }) => {
    const { readOnly, destructive, openWorld } = tool.effects ?? {};
    return {
      name: definition.name,
      description: definition.description,
      inputSchema: definition.parameters as ListedTool["inputSchema"],
      ...(tool.output !== undefined && { outputSchema: outputOf(tool.output) }),
      annotations: {
        ...(readOnly !== undefined && { readOnlyHint: readOnly }),
        ...(destructive !== undefined && { destructiveHint: destructive }),
        ...(tool.retry === "safe" && { idempotentHint: true }),
        ...(openWorld !== undefined && { openWorldHint: openWorld }),
      },
    };
  });
}

/** The shape of structured results, which are objects: what is none stands in `result`. */
function outputOf(output: JsonSchema): JsonSchema {
  if (output["type"] === "object") return output;
  return { type: "object", properties: { result: output as JsonValue }, required: ["result"] };
}

/** A call of a tool that is offered. */
export async function callTool(
  sdk: ServerSdk,
  offer: Offer,
  words: Words,
  request: { name: string; arguments?: Record<string, unknown> | undefined },
  context: ServerContext,
): Promise<CallResult | ReturnType<ServerSdk["inputRequired"]>> {
  const offered = offer.tools.get(request.name);
  if (offered === undefined) {
    throw new sdk.ProtocolError(
      sdk.ProtocolErrorCode.InvalidParams,
      `There is no tool ${JSON.stringify(cut(request.name, 100))}`,
    );
  }
  const given = request.arguments ?? {};
  const call = { id: `${context.mcpReq.id}`, name: request.name, arguments: JSON.stringify(given) };
  const judged = await fitting(call, offered, given);
  if ("outcome" in judged) return failed(judged.result);
  if (judged.needsWord && offered.consent !== "allowed") {
    const about: Word = { tool: request.name, digest: hash(canonical(judged.input)) };
    const word = await words.of(about, context, () => question(offered, judged.input));
    if (word === "no") return failed("It was not allowed by the person who was asked");
    if (word !== "yes") return word;
  }
  try {
    const { tool } = offered;
    const value = await offer.calls.run(
      async (signal) => await tool.run(judged.input, { signal, session: undefined, call }),
      context.mcpReq.signal,
    );
    return told(value, offered, offer.resultLength);
  } catch (error) {
    // Whoever cancelled it waits for no answer.
    context.mcpReq.signal.throwIfAborted();
    return failed(messageOf(error));
  }
}

function question({ definition }: Offered, input: unknown): string {
  return `Allow ${definition.name} with ${cut(JSON.stringify(input), 2_000)}?`;
}

function told(value: unknown, { tool }: Offered, mostLength: number): CallResult {
  const json = JSON.stringify(value) ?? "null";
  const text = typeof value === "string" ? value : json;
  if (tool.output === undefined) {
    return { content: [{ type: "text", text: cut(text.toWellFormed(), mostLength) }] };
  }
  if (json.length > mostLength) {
    return failed(
      `The result has ${json.length} characters, more than ${mostLength}: ask for less`,
    );
  }
  const plain = JSON.parse(json.toWellFormed());
  return {
    content: [{ type: "text", text: text.toWellFormed() }],
    structuredContent: tool.output["type"] === "object" ? plain : { result: plain },
  };
}

function failed(text: string): CallResult {
  return { content: [{ type: "text", text }], isError: true };
}
