/**
 * Commands about the runtime's own cache and queue.
 *
 * @module
 */

import { define, LOOKS } from "./define.ts";
import { COUNT, THING } from "./fields.ts";

const cacheStats = define({
  name: "cache_stats",
  summary: "Tells what the runtime's cache holds and has done",
  fields: {},
  result: {
    entries: COUNT,
    bytes: COUNT,
    hits: COUNT,
    misses: COUNT,
    evictions: COUNT,
    expirations: COUNT,
  },
  examples: [{ title: "Now", input: {} }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["http", "mcp"],
  remote: [] as never[],
  run: (_, { runtime }) => runtime.cache.stats(),
});

const queueStats = define({
  name: "queue_stats",
  summary: "Counts the jobs of the runtime's queue by state",
  fields: {},
  result: { stats: THING },
  examples: [{ title: "Now", input: {} }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["http", "mcp"],
  remote: [] as never[],
  run: async (_, { runtime }) => ({ stats: await runtime.queue.stats() }),
});

/** The commands. */
export const serviceCommands = [cacheStats, queueStats] as const;
