/** The door to snapshots of the native cache. @module */

import { AreaDoor } from "../area.ts";
import { type CoreCachefileSymbols, coreCachefileSymbols } from "../generated/core_cachefile.ts";

/** Exports `agent_core_cachefile_*` of library core-utils. */
export const cachefileDoor: AreaDoor<CoreCachefileSymbols> = new AreaDoor(
  "core-utils",
  coreCachefileSymbols,
);
