/** The door to native near duplicates. @module */

import { AreaDoor } from "../area.ts";
import { type CoreNearSymbols, coreNearSymbols } from "../generated/core_near.ts";

/** Exports `agent_core_near_*` of library core-utils. */
export const nearDoor: AreaDoor<CoreNearSymbols> = new AreaDoor("core-utils", coreNearSymbols);
