import { cacheDoor } from "../../src/ffi/doors/cache.ts";
import { cacheConformance } from "./cache.ts";
import { cacheLoadsConformance } from "./cache_loads.ts";
import { twins } from "./twins.ts";

for (const twin of twins(cacheDoor)) {
  cacheConformance(twin);
  cacheLoadsConformance(twin);
}
