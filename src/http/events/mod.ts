/**
 * Streams of events and of lines: server-sent events by the HTML standard, NDJSON, lines of text.
 *
 * @module
 */

export { type ByteSource, lines } from "./lines.ts";
export { ndjson } from "./ndjson.ts";
export { parseEvents } from "./parser.ts";
export { openEvents } from "./source.ts";
