/**
 * Reads the body that a caller gives, in any form that fetch takes.
 *
 * @module
 */

import { wrongType } from "../../shared/arguments.ts";

/** A body on its way out. */
export interface ReadBody {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  /** What its form says about its type, if it says something. */
  readonly contentType: string | undefined;
}

const encoder = new TextEncoder();

/**
 * Reads a body. What is no stream becomes bytes, so that it can be sent again.
 *
 * @throws {TypeError} If it has another form, or is a stream that somebody reads already.
 */
export async function readBody(init: unknown): Promise<ReadBody> {
  if (typeof init === "string") {
    return { body: encoder.encode(init), contentType: "text/plain;charset=UTF-8" };
  }
  if (init instanceof ArrayBuffer) {
    return { body: new Uint8Array(init.slice(0)), contentType: undefined };
  }
  if (ArrayBuffer.isView(init)) {
    const view = new Uint8Array(init.buffer, init.byteOffset, init.byteLength);
    return { body: new Uint8Array(view), contentType: undefined };
  }
  if (init instanceof ReadableStream) {
    if (init.locked) throw new TypeError("init.body is a stream that is being read already");
    return { body: init, contentType: undefined };
  }
  if (init instanceof URLSearchParams || init instanceof FormData || init instanceof Blob) {
    const response = new Response(init);
    const contentType = response.headers.get("content-type") ?? undefined;
    return { body: await response.bytes(), contentType };
  }
  throw wrongType("init.body", "a string, bytes, a form, a Blob or a ReadableStream", init);
}
