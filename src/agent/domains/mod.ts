/**
 * The tools that domains bring.
 *
 * @module
 */

import { wrongValue } from "../../shared/arguments.ts";
import type { Tool } from "../loop/types.ts";
import { codeMetrics, codeSymbols } from "./developer/code_tools.ts";
import { gitTools } from "./developer/git_tools.ts";
import { docOutline } from "./developer/outline_tool.ts";
import { contractTemplate } from "./lawyer/template_tool.ts";
import { findClauses, missingClauses, redline } from "./lawyer/tools.ts";
import { backtest } from "./trader/backtest.ts";
import { indicators } from "./trader/indicators.ts";
import { positionSize } from "./trader/position.ts";
import type { DomainToolsName, DomainToolsOptions } from "./types.ts";

export type { DomainToolsName, DomainToolsOptions } from "./types.ts";

/**
 * The tools of a domain. They compute from what they are given: files of one folder, a series of prices, the text of a
 * contract. `general` has none of its own.
 *
 * @param name The domain.
 * @param options What its tools need: `developer` the folder that it reads.
 * @returns The tools.
 * @throws {RangeError} If there is no such domain, or `developer` has no folder.
 *
 * @example
 * ```ts
 * import { domainTools } from "@agent/runtime/agent";
 * import assert from "node:assert/strict";
 *
 * const names = domainTools("lawyer").map(({ name }) => name);
 * assert.deepEqual(names, ["find_clauses", "missing_clauses", "redline", "contract_template"]);
 * assert.throws(() => domainTools("developer"), /needs options.folder/);
 * ```
 */
export function domainTools(name: DomainToolsName, options?: DomainToolsOptions): Tool[];
export function domainTools(name: DomainToolsName, options: DomainToolsOptions = {}): Tool[] {
  switch (name) {
    case "developer":
      if (options.folder === undefined) {
        throw new RangeError("developer needs options.folder: the folder that its tools read");
      }
      return [
        codeMetrics(options.folder),
        codeSymbols(options.folder),
        docOutline(options.folder),
        ...gitTools(options.folder),
      ];
    case "trader":
      return [indicators(), positionSize(), backtest()];
    case "lawyer":
      return [findClauses(), missingClauses(), redline(), contractTemplate()];
    case "general":
      return [];
    default:
      throw wrongValue("name", "developer, trader, lawyer or general", name);
  }
}
