/** The door to native hashes of what comes in parts. @module */

import { AreaDoor } from "../area.ts";
import { type CoreHasherSymbols, coreHasherSymbols } from "../generated/core_text_hasher.ts";

/** Exports `agent_core_text_hasher_*` of library core-utils. */
export const textHasherDoor: AreaDoor<CoreHasherSymbols> = new AreaDoor(
  "core-utils",
  coreHasherSymbols,
);
