/**
 * What tests of agents need: models that say what a script says, recordings of real models, crashes at a chosen point.
 *
 * Scripts and recordings ask no network and no key, so tests are quick and always the same.
 *
 * @module
 */

export * from "../../shared/errors.ts";
export type {
  ChatEvent,
  ChatOptions,
  ChatProvider,
  ChatReply,
  FinishReason,
  JsonSchema,
  Message,
  SpokenMessage,
  TokenPrice,
  TokenUsage,
  ToolCall,
  ToolDefinition,
  ToolMessage,
} from "../../llm/types.ts";
export type { JsonValue } from "../../shared/json.ts";
export type * from "./types.ts";
export { SimulatedCrash } from "../loop/crash.ts";
export type { StandardResult, StandardSchema, Tool, ToolContext } from "../loop/types.ts";
export { cassetteProvider } from "./cassette.ts";
export { crashAfter } from "./crash.ts";
export { loadScript } from "./script_file.ts";
export { scriptedProvider } from "./scripted.ts";
