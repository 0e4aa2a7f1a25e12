/** The door to native tokens. @module */

import { AreaDoor } from "../area.ts";
import { type CoreTokensSymbols, coreTokensSymbols } from "../generated/core_tokens.ts";

/** Exports `agent_core_tokens_*` of library core-utils. */
export const tokensDoor: AreaDoor<CoreTokensSymbols> = new AreaDoor(
  "core-utils",
  coreTokensSymbols,
);
