/** The door to native monitor. @module */

import { AreaDoor } from "../area.ts";
import { type MonitorSymbols, monitorSymbols } from "../generated/monitor.ts";

/** Exports `agent_monitor_*` of library performance-monitor. */
export const monitorDoor: AreaDoor<MonitorSymbols> = new AreaDoor(
  "performance-monitor",
  monitorSymbols,
);
