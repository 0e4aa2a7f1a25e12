/**
 * Answers from documents, with the places they come from, a computed confidence, and an honest
 * "not there": with no model, no network and no account.
 *
 * ```ts
 * import { createAgent } from "@agent/runtime/agent";
 * import assert from "node:assert/strict";
 *
 * await using agent = createAgent();
 * await agent.knowledge.add([
 *   { document: "lamp.md", text: "# The lamp\n\nThe lamp burns for nine hours on one charge." },
 *   { document: "kettle.md", text: "# The kettle\n\nIt boils a litre in three minutes." },
 * ]);
 * const answer = await agent.ask("How long does the lamp burn?");
 * assert.equal(answer.sources[0]?.quote, "The lamp burns for nine hours on one charge.");
 *
 * const unknown = await agent.ask("Who invented the printing press?");
 * assert.deepEqual(unknown.sources, []);
 * ```
 *
 * @module
 */
import { makeAgent } from "./make.ts";
import type { Agent, AgentOptions } from "./types.ts";

export * from "../shared/errors.ts";
export type { Implementation } from "../shared/implementation.ts";
export type * from "../knowledge/types.ts";
export type * from "./types.ts";
export type * from "./tools/types.ts";
export * from "../llm/ai_sdk.ts";
export * from "../llm/endpoint.ts";
export * from "./queued.ts";
export * from "./tools/mod.ts";
export * from "./domains/mod.ts";

/**
 * Makes an agent that answers questions from documents.
 *
 * Without a model the answer consists of sentences of the documents, found by BM25 and weighted
 * word overlap. The built-in domains are `general`, `developer`, `trader` and `lawyer`.
 *
 * @param options The documents, a model, where answers are kept, domains, the twin of the text area.
 * @returns The agent; dispose it with `await using`, or close it.
 * @throws {TypeError} If an option is unknown or of the wrong kind.
 * @throws {RangeError} If a domain's weight is not from 0 to 4.
 *
 * @example
 * ```ts
 * import { createAgent } from "@agent/runtime/agent";
 * import { openKnowledge } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * using knowledge = openKnowledge();
 * await knowledge.add([{ document: "bridge", text: "The bridge was opened in 1932." }]);
 * await using agent = createAgent({ knowledge });
 * const first = await agent.ask("When was the bridge opened?");
 * const second = await agent.ask("when was the bridge opened");
 * assert.equal(second.cached, true);
 * assert.equal(second.timestamp, first.timestamp);
 * ```
 */
export function createAgent(options?: AgentOptions): Agent;
export function createAgent(options: AgentOptions = {}): Agent {
  return makeAgent(options);
}
