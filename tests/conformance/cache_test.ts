import { cacheDoor } from "../../src/ffi/doors/cache.ts";
import { cachefileDoor } from "../../src/ffi/doors/cachefile.ts";
import { cachetagsDoor } from "../../src/ffi/doors/cachetags.ts";
import { cacheConformance } from "./cache.ts";
import { cacheLoadsConformance } from "./cache_loads.ts";
import { cacheSnapshotConformance } from "./cache_snapshot.ts";
import { cacheTagsConformance } from "./cache_tags.ts";
import { twins } from "./twins.ts";

// Opened at once, before any test begins.
cachetagsDoor.get();
cachefileDoor.get();
for (const twin of twins(cacheDoor)) {
  cacheConformance(twin);
  cacheLoadsConformance(twin);
  cacheTagsConformance(twin);
  cacheSnapshotConformance(twin);
}
