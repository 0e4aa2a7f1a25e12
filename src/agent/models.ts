/**
 * The models of an agent: those that it opens itself, and those that it was given.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { openModel } from "../llm/endpoint.ts";
import { firstOf } from "../llm/fallback.ts";
import type { ChatProvider, ModelOptions, OpenModel } from "../llm/types.ts";
import type { AgentOptions } from "./types.ts";

/** The models of an agent. */
export interface AgentModels {
  /** Each, in the order in which they are tried. */
  readonly all: readonly ChatProvider[];
  /** All of them as one; undefined if there is none. */
  readonly first: ChatProvider | undefined;
  /** Closes those that were opened for the agent. */
  close(): Promise<void>;
}

/**
 * Opens what is an address, and takes what is a provider.
 *
 * @throws {TypeError | RangeError} If it is neither, or an option of a model is wrong.
 */
export function openModels(given: AgentOptions["model"]): AgentModels {
  const opened: OpenModel[] = [];
  const each = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const all = each.map((model: ModelOptions | ChatProvider, at): ChatProvider => {
    const name = each.length === 1 ? "options.model" : `options.model[${at}]`;
    if (model !== null && typeof model === "object") {
      if ("url" in model) {
        const one = openModel(model);
        opened.push(one);
        return one;
      }
      if (typeof model.name === "string" && typeof model.chat === "function") return model;
    }
    throw wrongType(
      name,
      "a model's address and name, or an object with a name and a chat function",
      model,
    );
  });
  if (given !== undefined && all.length === 0) {
    throw wrongType("options.model", "one model at least", given);
  }
  return {
    all,
    first: all.length === 0 ? undefined : firstOf(all),
    async close(): Promise<void> {
      for (const one of opened) await one.close();
    },
  };
}
