import { createCache } from "../../src/cache/mod.ts";
import { cacheConformance, type CacheFactory } from "./cache.ts";
import { cacheLoadsConformance } from "./cache_loads.ts";

const native: CacheFactory = {
  name: "native",
  text: (options) => createCache({ implementation: "native", ...options }),
  bytes: (options) => createCache({ implementation: "native", ...options, codec: "bytes" }),
  json: (options) => createCache({ implementation: "native", ...options, codec: "json" }),
};

cacheConformance(native);
cacheLoadsConformance(native);
