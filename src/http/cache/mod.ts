/**
 * The cache of the HTTP client: RFC 9111, and stale responses by RFC 5861, as a layer over what sends requests.
 *
 * @module
 */

export { type CacheLayer, cacheLayer, type CacheLayerOptions } from "./layer.ts";
