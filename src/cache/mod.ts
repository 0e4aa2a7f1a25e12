/**
 * A cache with times to live, bounds that hold, and one load at a time for a key.
 *
 * Give it a name and it is one cache for all Workers of the process: the entries are in native
 * memory, each isolate keeps what it reads often as ready values, and a change anywhere is seen
 * everywhere with the next read.
 *
 * @example
 * ```ts
 * import { createCache } from "@agent/runtime/cache";
 * import assert from "node:assert/strict";
 *
 * using pages = createCache({ maxEntries: 1_000, ttlMs: 60_000 });
 * const page = await pages.getOrSet("https://example.com/", () => "<h1>Example</h1>");
 * assert.equal(pages.get("https://example.com/"), page);
 * assert.equal(pages.size, 1);
 * ```
 *
 * @module
 */

export * from "../shared/errors.ts";
export type { Implementation } from "../shared/implementation.ts";
export * from "./connect.ts";
export * from "./create.ts";
export type * from "./distributed/types.ts";
export * from "./types.ts";
