/** The door to native containers. @module */

import { AreaDoor } from "../area.ts";
import { type ContainersSymbols, containersSymbols } from "../generated/containers.ts";

/** Exports `agent_containers_*` of library container-orchestrator. */
export const containersDoor: AreaDoor<ContainersSymbols> = new AreaDoor(
  "container-orchestrator",
  containersSymbols,
);
