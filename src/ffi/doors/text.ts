/** The door to native text. @module */

import { AreaDoor } from "../area.ts";
import { type CoreTextSymbols, coreTextSymbols } from "../generated/core_text.ts";

/** Exports `agent_core_text_*` of library core-utils, but for those of `text_many.ts`. */
export const textDoor: AreaDoor<CoreTextSymbols> = new AreaDoor("core-utils", coreTextSymbols);
