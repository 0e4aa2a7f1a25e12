/** The door to native security. @module */

import { AreaDoor } from "../area.ts";
import { type SecuritySymbols, securitySymbols } from "../generated/security.ts";

/** Exports `agent_security_*` of library security-tools. */
export const securityDoor: AreaDoor<SecuritySymbols> = new AreaDoor(
  "security-tools",
  securitySymbols,
);
