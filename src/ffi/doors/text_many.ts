/** The door to native text work on many strings. @module */

import { AreaDoor } from "../area.ts";
import { type CoreTextManySymbols, coreTextManySymbols } from "../generated/core_text_many.ts";

/** Exports `agent_core_text_matcher_*` and `agent_core_text_submit_*` of library core-utils. */
export const textManyDoor: AreaDoor<CoreTextManySymbols> = new AreaDoor(
  "core-utils",
  coreTextManySymbols,
);
