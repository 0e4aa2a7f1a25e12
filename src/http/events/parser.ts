/**
 * Server-sent events by the algorithm of the HTML standard (9.2.6), with bounds: no line and no event is longer than
 * allowed, and a byte is looked at once.
 *
 * @module
 */

import { wholeNumber } from "../../shared/arguments.ts";
import {
  type ByteSource,
  LineSplitter,
  LONGEST,
  streamOfSource,
  through,
  tooLong,
} from "./lines.ts";
import type { EventParseOptions, ServerSentEvent } from "../types.ts";

/** More than a timer takes is as good as never: 24 days. */
const LONGEST_RETRY_MS = 2 ** 31 - 1;

/** Parses one stream. */
export class EventParser {
  /** The last id that took effect: with the event that it came with, or with an empty one. */
  lastEventId: string;
  /** How long the server wants to be left alone before a new connection, in milliseconds. */
  retryMs: number | undefined;
  readonly #most: number;
  readonly #splitter: LineSplitter;
  // One mark of byte order at the start goes, half ones of characters wait for the next chunk.
  readonly #decoder = new TextDecoder();
  #id: string;
  #type = "";
  #data: string[] = [];
  #size = 0;

  /** Begins a stream, with the id that the one before ended with. */
  constructor(most: number, lastEventId = "") {
    this.#most = most;
    this.#splitter = new LineSplitter(most, true);
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  /**
   * Takes a chunk and gives the events that it completes. What is not complete at the end of the stream is no event.
   *
   * @throws {AgentError} `TOO_LARGE` for a line or an event that is longer than allowed.
   */
  push(chunk: Uint8Array, give: (event: ServerSentEvent) => void): void {
    this.#splitter.push(this.#decoder.decode(chunk, { stream: true }), (line) => {
      if (line === "") this.#dispatch(give);
      else this.#field(line);
    });
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const start = line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
    const value = colon < 0 ? "" : line.slice(start);
    switch (name) {
      case "data":
        this.#size += value.length + 1;
        if (this.#size > this.#most) throw tooLong("event", this.#size, this.#most);
        this.#data.push(value);
        break;
      case "event":
        this.#type = value;
        break;
      case "id":
        if (!value.includes("\0")) this.#id = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) this.retryMs = Math.min(Number(value), LONGEST_RETRY_MS);
    }
  }

  #dispatch(give: (event: ServerSentEvent) => void): void {
    this.lastEventId = this.#id;
    const type = this.#type;
    const data = this.#data;
    this.#type = "";
    if (data.length === 0) return;
    this.#data = [];
    this.#size = 0;
    const text = data.join("\n");
    // By the standard, an event whose data is one empty line has empty data, and is one.
    give({ event: type === "" ? "message" : type, data: text, id: this.lastEventId });
  }
}

/** The bound that options give. */
export function eventLength(value: unknown, name: string): number {
  return wholeNumber(value, name, { fallback: LONGEST, least: 1, most: 2 ** 29 - 24 });
}

/**
 * The events of a response or a stream, by the algorithm of the HTML standard; also of the answer to a POST.
 *
 * @param source A response, whose body is read, or a stream of bytes. Leaving the loop cancels it.
 * @param options How long an event may be.
 * @returns The events. An incomplete one at the end is left out, as the standard says. Iterating rejects with
 * `AgentError` `TOO_LARGE` for a line or an event that is longer than allowed, and with what the stream fails with.
 * @throws {TypeError | RangeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import { parseEvents } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * const response = new Response("id: 7\nevent: delta\ndata: Hel\ndata: lo\n\n: ping\n\ndata: [DONE]\n\n");
 * assert.deepEqual(await Array.fromAsync(parseEvents(response)), [
 *   { event: "delta", data: "Hel\nlo", id: "7" },
 *   { event: "message", data: "[DONE]", id: "7" },
 * ]);
 * ```
 */
export function parseEvents(
  source: ByteSource,
  options?: EventParseOptions,
): ReadableStream<ServerSentEvent>;
export function parseEvents(
  source: ByteSource,
  options: EventParseOptions = {},
): ReadableStream<ServerSentEvent> {
  const stream = streamOfSource(source, "source");
  const most = eventLength(options.maxEventLength, "options.maxEventLength");
  return parsedBy(new EventParser(most), stream);
}

/** The events of a stream, by a parser that the caller goes on to look at. */
export function parsedBy(
  parser: EventParser,
  stream: ReadableStream<Uint8Array>,
): ReadableStream<ServerSentEvent> {
  return through(stream, parser);
}
