/**
 * Text in lines, from chunks that are cut anywhere, in time that grows with the text alone: what was searched once is
 * not searched again.
 *
 * @module
 */

import { wholeNumber, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { LineOptions } from "../types.ts";

/** The longest line and the longest event, unless said otherwise. */
export const LONGEST = 8 * 2 ** 20;

/** Where text comes from: a response, or a stream of bytes. */
export type ByteSource = Response | ReadableStream<Uint8Array>;

/** Cuts text into lines. */
export class LineSplitter {
  readonly #most: number;
  /** Whether a CR alone ends a line. */
  readonly #cr: boolean;
  #partial = "";
  #skipLf = false;

  /** Takes lines of at most `most` units; `cr` says whether a CR alone ends one, else only one before an LF goes. */
  constructor(most: number, cr: boolean) {
    this.#most = most;
    this.#cr = cr;
  }

  /** Takes text and gives each line that has ended, without its end. */
  push(text: string, line: (line: string) => void): void {
    let at = 0;
    if (this.#skipLf && text !== "") {
      // The second half of a CRLF.
      if (text.charCodeAt(0) === 0x0a) at = 1;
      this.#skipLf = false;
    }
    let lf = text.indexOf("\n", at);
    let cr = this.#cr ? text.indexOf("\r", at) : -1;
    while (lf >= 0 || cr >= 0) {
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
      line(this.#whole(text.slice(at, end)));
      at = end + 1;
      if (end === cr) {
        if (at === text.length) this.#skipLf = true;
        else if (lf === at) at++;
        cr = text.indexOf("\r", at);
      }
      if (lf >= 0 && lf < at) lf = text.indexOf("\n", at);
    }
    if (at === text.length) return;
    this.#partial += text.slice(at);
    const size = this.#partial.length;
    // A last CR may be that of a CRLF.
    const most = this.#cr || text.at(-1) !== "\r" ? this.#most : this.#most + 1;
    if (size > most) throw tooLong("line", size, this.#most);
  }

  /** The last line, if it has no end; undefined if there is none. */
  rest(): string | undefined {
    return this.#partial === "" ? undefined : this.#whole("");
  }

  #whole(end: string): string {
    const whole = this.#partial + end;
    this.#partial = "";
    const line = !this.#cr && whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    if (line.length > this.#most) throw tooLong("line", line.length, this.#most);
    return line;
  }
}

/** The error of a line or an event that is over its bound. */
export function tooLong(what: "line" | "event", size: number, limit: number): AgentError {
  return new AgentError(
    "TOO_LARGE",
    `A${what === "event" ? "n" : ""} ${what} of the stream is longer than ${limit} characters; ` +
      "allow more if that is what the server sends",
    { what, size, limit },
  );
}

/** The stream of a source. */
export function streamOfSource(source: ByteSource, name: string): ReadableStream<Uint8Array> {
  if (source instanceof ReadableStream) return source;
  if (!(source instanceof Response)) {
    throw wrongType(name, "a Response or a ReadableStream of bytes", source);
  }
  return source.body ?? new ReadableStream({ start: (controller) => controller.close() });
}

/** What makes items of chunks. */
export interface Step<I, O> {
  /** Takes a chunk. */
  push(chunk: I, give: (item: O) => void): void;
  /** The stream has ended. */
  flush?(give: (item: O) => void): void;
}

/**
 * A stream of the items that a step makes of another stream's chunks. Reads a chunk when an item is wanted, and cancels
 * the other stream as soon as it is cancelled or the step fails.
 */
export function through<I, O>(source: ReadableStream<I>, step: Step<I, O>): ReadableStream<O> {
  const reader = source.getReader();
  return new ReadableStream<O>({
    async pull(controller) {
      let given = false;
      const give = (item: O): void => {
        given = true;
        controller.enqueue(item);
      };
      while (!given) {
        const { done, value } = await reader.read();
        try {
          if (!done) step.push(value, give);
          else {
            step.flush?.(give);
            return controller.close();
          }
        } catch (error) {
          reader.cancel(error).catch(() => {});
          throw error;
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/**
 * The lines of a response or a stream: text in UTF-8, ended by LF or CRLF; the last one may have no end.
 *
 * @param source A response, whose body is read, or a stream of bytes. Leaving the loop cancels it.
 * @param options How long a line may be.
 * @returns The lines without their ends. Iterating rejects with `AgentError` `TOO_LARGE` for a line that is longer, and
 * with what the stream fails with.
 * @throws {TypeError | RangeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import { lines } from "@agent/runtime/http";
 * import assert from "node:assert/strict";
 *
 * const response = new Response("one\r\ntwo\n\nthree");
 * assert.deepEqual(await Array.fromAsync(lines(response)), ["one", "two", "", "three"]);
 * ```
 */
export function lines(source: ByteSource, options?: LineOptions): ReadableStream<string>;
export function lines(source: ByteSource, options: LineOptions = {}): ReadableStream<string> {
  const stream = streamOfSource(source, "source");
  const most = wholeNumber(options.maxLineLength, "options.maxLineLength", {
    ...{ fallback: LONGEST, least: 1, most: 2 ** 29 - 24 },
  });
  const decoder = new TextDecoder();
  const splitter = new LineSplitter(most, false);
  return through(stream, {
    push: (chunk, give) => splitter.push(decoder.decode(chunk, { stream: true }), give),
    flush(give) {
      splitter.push(decoder.decode(), give);
      const rest = splitter.rest();
      if (rest !== undefined) give(rest);
    },
  });
}
