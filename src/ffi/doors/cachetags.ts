/** The door to tags of the native cache. @module */

import { AreaDoor } from "../area.ts";
import { type CoreCachetagsSymbols, coreCachetagsSymbols } from "../generated/core_cachetags.ts";

/** Exports `agent_core_cachetags_*` of library core-utils. */
export const cachetagsDoor: AreaDoor<CoreCachetagsSymbols> = new AreaDoor(
  "core-utils",
  coreCachetagsSymbols,
);
