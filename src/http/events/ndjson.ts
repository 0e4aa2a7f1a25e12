/** JSON values one a line: NDJSON, JSON Lines. @module */

import type { JsonValue } from "../../shared/json.ts";
import { AgentError } from "../../shared/errors.ts";
import { type ByteSource, lines, through } from "./lines.ts";
import type { LineOptions } from "../types.ts";

/**
 * The values of a response or a stream that has one JSON value a line. Empty lines are passed over.
 *
 * @param source A response, whose body is read, or a stream of bytes. Leaving the loop cancels it.
 * @param options How long a line may be.
 * @returns The values. Iterating rejects with `AgentError` `CORRUPT`, which says in which line, if one is not JSON;
 * with `TOO_LARGE` if one is too long; and with what the stream fails with.
 * @throws {TypeError | RangeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import { ndjson } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * const response = new Response('{"n":1}\n{"n":2}\r\n[3]');
 * assert.deepEqual(await Array.fromAsync(ndjson(response)), [{ n: 1 }, { n: 2 }, [3]]);
 * ```
 */
export function ndjson(source: ByteSource, options?: LineOptions): ReadableStream<JsonValue>;
export function ndjson(source: ByteSource, options: LineOptions = {}): ReadableStream<JsonValue> {
  const path = source instanceof Response && source.url !== "" ? source.url : "stream";
  let line = 0;
  return through(lines(source, options), {
    push(text, give) {
      line++;
      if (text.trim() !== "") give(parsed(text, line, path));
    },
  });
}

function parsed(text: string, line: number, path: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's own words show a piece of the text, which may be anyone's secret.
    const place = / at position (\d+)/.exec((error as Error).message)?.[1];
    const where = place === undefined ? "" : ` (it goes wrong at character ${Number(place) + 1})`;
    throw new AgentError("CORRUPT", `Line ${line} of the stream is not JSON${where}`, {
      path: withoutQuery(path),
    });
  }
}

/** An address without what may be secret in it. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
