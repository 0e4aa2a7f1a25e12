/**
 * A request as bytes of HTTP/1.1.
 *
 * @module
 */

import { cancelReason, TransportFault } from "../fault.ts";
import type { Exchange } from "../types.ts";
import type { Wire } from "./wire.ts";

/** Bodies up to this go out in one piece with the head. */
const JOINED_BYTES = 65_536;
const CRLF = new Uint8Array([13, 10]);

const encoder = new TextEncoder();

/** The head of a request. */
function headOf(exchange: Exchange): string {
  const { url, method, headers, body, proxy } = exchange;
  const isForwarded = proxy !== undefined && url.protocol === "http:";
  const path = `${url.pathname}${url.search}`;
  let text = `${method} ${isForwarded ? `http://${url.host}${path}` : path} HTTP/1.1\r\n` +
    `host: ${url.host}\r\n`;
  if (isForwarded && proxy.authorization !== undefined) {
    text += `proxy-authorization: ${proxy.authorization}\r\n`;
  }
  for (let i = 0; i < headers.length; i++) {
    const [name, value] = headers[i]!;
    text += `${name}: ${value}\r\n`;
  }
  if (body instanceof Uint8Array) text += `content-length: ${body.length}\r\n`;
  else if (body !== undefined) text += "transfer-encoding: chunked\r\n";
  else if (method === "POST" || method === "PUT" || method === "PATCH") {
    text += "content-length: 0\r\n";
  }
  return `${text}\r\n`;
}

/** One character, one byte: values of fields are bytes, and none is above 0xff. */
function bytesOf(text: string, extra: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length + extra);
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read !== text.length || written !== text.length) {
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  }
  return bytes;
}

/** A request on its way. */
export class Sending {
  /** Resolves when all of it is written; rejects if the connection fails, or with what the body's stream failed with. */
  readonly done: Promise<void>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isStopped = false;

  /** Begins. */
  constructor(wire: Wire, exchange: Exchange) {
    this.done = this.#send(wire, exchange);
  }

  /** Gives the rest up, and the stream that it comes from; `failure` is what ended the exchange, if it failed. */
  stop(failure?: unknown): void {
    this.#isStopped = true;
    this.#reader?.cancel(cancelReason(failure)).catch(() => {});
    this.#reader = undefined;
  }

  async #send(wire: Wire, exchange: Exchange): Promise<void> {
    const { body } = exchange;
    const head = headOf(exchange);
    if (body === undefined) return await wire.write(bytesOf(head, 0));
    if (body instanceof ReadableStream) {
      await wire.write(bytesOf(head, 0));
      return await this.#stream(wire, body);
    }
    if (body.length > JOINED_BYTES) {
      await wire.write(bytesOf(head, 0));
      return await wire.write(body);
    }
    const all = bytesOf(head, body.length);
    all.set(body, head.length);
    return await wire.write(all);
  }

  async #stream(wire: Wire, body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = this.#reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isStopped) return;
        if (done) break;
        if (!(value instanceof Uint8Array)) {
          throw new TypeError("The stream of a body must give Uint8Arrays");
        }
        if (value.length === 0) continue;
        await wire.write(encoder.encode(`${value.length.toString(16)}\r\n`));
        await wire.write(value);
        await wire.write(CRLF);
      }
      await wire.write(encoder.encode("0\r\n\r\n"));
    } catch (error) {
      // Where the connection broke, whoever ends the exchange gives the stream up.
      if (error instanceof TransportFault && !this.#isStopped) throw error;
      this.stop(error);
      throw error;
    }
    this.#reader = undefined;
    reader.releaseLock();
  }
}
