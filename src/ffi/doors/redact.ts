/** The door to native redaction. @module */

import { AreaDoor } from "../area.ts";
import { type CoreRedactSymbols, coreRedactSymbols } from "../generated/core_redact.ts";

/** Exports `agent_core_redact_*` of library core-utils. */
export const redactDoor: AreaDoor<CoreRedactSymbols> = new AreaDoor(
  "core-utils",
  coreRedactSymbols,
);
