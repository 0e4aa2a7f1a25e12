/**
 * What an AI agent needs besides its model, in one import: text tools, a cache, a searchable store of
 * documents, answers with sources; each twice, in Rust and in TypeScript, equal in what they do.
 *
 * Importing has no effect and needs no permission. Native code is used where it is there, allowed and
 * faster; without it everything works the same.
 *
 * ```ts
 * import { createAgent, createCache, text } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * const [best] = text.rank("colour", ["dolor", "color", "parlour"], { limit: 1 });
 * assert.equal(best?.choice, "color");
 *
 * using cache = createCache({ ttlMs: 60_000 });
 * cache.set("greeting", "hello");
 * assert.equal(cache.get("greeting"), "hello");
 *
 * await using agent = createAgent();
 * await agent.knowledge.add([{ document: "tea.md", text: "Green tea steeps for two minutes." }]);
 * const answer = await agent.ask("How long does green tea steep?");
 * assert.equal(answer.sources[0]?.document, "tea.md");
 * ```
 *
 * @module
 */

export * from "./src/agent/mod.ts";
// Of names that two areas have, the agent's is meant here; the others have theirs under their own subpaths.
export type { RunOptions, RunResult } from "./src/agent/mod.ts";
export * from "./src/cache/mod.ts";
export * from "./src/containers/mod.ts";
export * from "./src/http/mod.ts";
export * from "./src/queue/mod.ts";
export * from "./src/shared/errors.ts";
export type * from "./src/shared/implementation.ts";
export * from "./src/knowledge/mod.ts";
export * from "./src/monitor/mod.ts";
export * from "./src/security/mod.ts";
export * as text from "./src/text/mod.ts";
export type { Area } from "./src/areas.ts";
export type { LibraryState } from "./src/native/load.ts";
export {
  type LibraryStatus,
  nativeStatus,
  preloadNative,
  prepareNative,
} from "./src/native/status.ts";
export { createRuntime } from "./src/runtime.ts";
export type {
  ContainersFunctions,
  FunctionsOf,
  MonitorFunctions,
  Runtime,
  RuntimeOptions,
  SecurityFunctions,
  TextFunctions,
} from "./src/runtime.ts";
