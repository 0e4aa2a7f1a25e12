/**
 * Cassettes of the HTTP client: exchanges that are recorded once and replayed in tests, without their secrets.
 *
 * @module
 */

export { type CassetteLayer, cassetteLayer } from "./layer.ts";
