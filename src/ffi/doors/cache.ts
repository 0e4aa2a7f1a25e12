/** The door to native cache. @module */

import { AreaDoor } from "../area.ts";
import { type CoreCacheSymbols, coreCacheSymbols } from "../generated/core_cache.ts";

/** Exports `agent_core_cache_*` of library core-utils. */
export const cacheDoor: AreaDoor<CoreCacheSymbols> = new AreaDoor("core-utils", coreCacheSymbols);
