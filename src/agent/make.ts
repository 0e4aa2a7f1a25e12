/**
 * Makes an agent of checked options; a runtime gives it its own parts for what is done by name.
 *
 * @module
 */

import { checkBoolean, checkImplementation, wrongType } from "../shared/arguments.ts";
import { knownFields } from "../shared/known_fields.ts";
import { DocumentAgent } from "./agent.ts";
import type { AgentParts } from "./commands.ts";
import { checkDomains } from "./domains.ts";
import { readBudget } from "./loop/budget.ts";
import { readyTools } from "./loop/tools.ts";
import type { Agent, AgentOptions } from "./types.ts";

const OPTIONS = [
  ...["knowledge", "model", "cache", "domains", "implementation"],
  ...["tools", "budget", "approve", "sessions", "state", "tracing"],
];

/**
 * Makes it.
 *
 * @param parts What commands work with; those of the areas if left out.
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function makeAgent(options: AgentOptions, parts?: AgentParts): Agent {
  const unknown = Object.keys(options).filter((key) => !OPTIONS.includes(key));
  if (unknown.length > 0) {
    throw wrongType("options", `an object of ${OPTIONS.join(", ")}`, unknown.join(", "));
  }
  const { cache, implementation, approve, sessions, state } = options;
  if (cache !== undefined && typeof cache !== "boolean" && typeof cache?.get !== "function") {
    throw wrongType("options.cache", "true, false or an object with get, set and clear", cache);
  }
  checkImplementation(implementation, "options.implementation");
  if (approve !== undefined && typeof approve !== "function") {
    throw wrongType("options.approve", "a function", approve);
  }
  for (const [name, place] of Object.entries({ sessions, state })) {
    if (place !== undefined && typeof place?.path !== "string") {
      throw wrongType(`options.${name}`, "an object with a path", place);
    }
  }
  const { tracing = false } = options;
  if (typeof tracing !== "boolean") {
    const { content = false } = knownFields(tracing, "options.tracing", ["content"]);
    checkBoolean(content, "options.tracing.content");
  }
  readBudget(options.budget);
  readyTools(options.tools ?? []);
  if (options.domains !== undefined) checkDomains(options.domains);
  return new DocumentAgent(options, parts);
}
