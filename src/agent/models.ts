/**
 * The models of an agent: those that it opens itself, and those that it was given.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { openModel } from "../llm/endpoint.ts";
import { firstOf } from "../llm/fallback.ts";
import type { ChatProvider, ModelOptions, OpenModel } from "../llm/types.ts";
import type { AgentOptions, ModelStatus } from "./types.ts";

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

/** What is known of models; why something is not goes into `unavailable`. */
export function statusOf(
  models: readonly ChatProvider[],
  unavailable: Record<string, string>,
): ModelStatus[] {
  return models.map(({ name, tools = false, contextTokens = null, price = null }, at) => {
    const known = { contextTokens, price };
    for (const [field, value] of Object.entries(known)) {
      if (value === null) {
        unavailable[`models.${at}.${field}`] = `it is not known of ${name}, and not given with it`;
      }
    }
    return { name, tools, ...known };
  });
}

/** The models that an agent has now, which can be replaced while some of them answer. */
export class CurrentModels {
  readonly #given: AgentOptions["model"];
  #current: AgentModels;
  /** Closed when nothing is under way any more. */
  #replaced: AgentModels[] = [];
  #underWay = 0;

  /** Opens them. */
  constructor(given: AgentOptions["model"]) {
    this.#given = given;
    this.#current = openModels(given);
  }

  /** Those of now. */
  get now(): AgentModels {
    return this.#current;
  }

  /** Opens them anew. */
  async reload(): Promise<AgentModels> {
    const models = openModels(this.#given);
    this.#replaced.push(this.#current);
    this.#current = models;
    if (this.#underWay === 0) await this.#closeReplaced();
    return models;
  }

  /** From here until what it gives is disposed, none that is open is closed. */
  hold(): AsyncDisposable {
    this.#underWay++;
    return {
      [Symbol.asyncDispose]: async () => {
        if (--this.#underWay === 0) await this.#closeReplaced();
      },
    };
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    await this.#closeReplaced();
    await this.#current.close();
  }

  async #closeReplaced(): Promise<void> {
    for (const models of this.#replaced.splice(0)) await models.close();
  }
}
