import { createCache } from "../../src/cache/mod.ts";
import { cacheConformance, type CacheFactory } from "./cache.ts";
import { cacheLoadsConformance } from "./cache_loads.ts";

const pure: CacheFactory = {
  name: "pure",
  text: (options) => createCache(options && { implementation: "pure", ...options }),
  bytes: (options) => createCache({ implementation: "pure", ...options, codec: "bytes" }),
  json: (options) => createCache({ implementation: "pure", ...options, codec: "json" }),
};

cacheConformance(pure);
cacheLoadsConformance(pure);
