/** Engines of the tests that write down what they are sent, byte by byte, and answer as they are told. */

import { allowEngine, nameEngine, openTransport } from "../../src/containers/engine/address.ts";
import type { EngineTransport } from "../../src/containers/engine/types.ts";
import { listening } from "../support/servers.ts";

const decoder = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** One connection, as the engine's side sees it. */
export class Line {
  /** All that came. */
  received = "";
  readonly #connection: Deno.Conn;

  /** Takes a connection over. */
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Reads until the other side ends, or a text is there; what came so far. */
  async until(text?: string): Promise<string> {
    const buffer = new Uint8Array(65_536);
    while (text === undefined || !this.received.includes(text)) {
      const count = await this.#connection.read(buffer);
      if (count === null) break;
      this.received += decoder.decode(buffer.subarray(0, count));
    }
    return this.received;
  }

  /** Reads one request without a body, or with one whose length is told or that comes in chunks; what it was. */
  async request(): Promise<string> {
    this.received = "";
    await this.until("\r\n\r\n");
    const length = Number(/content-length: (\d+)/.exec(this.received)?.[1] ?? 0);
    const whole = this.received.indexOf("\r\n\r\n") + 4 + length;
    const isChunked = /transfer-encoding: chunked/i.test(this.received);
    const buffer = new Uint8Array(65_536);
    while (isChunked ? !this.received.endsWith("\r\n0\r\n\r\n") : this.received.length < whole) {
      const count = await this.#connection.read(buffer);
      if (count === null) break;
      this.received += decoder.decode(buffer.subarray(0, count));
    }
    return this.received;
  }

  /** Sends. */
  async send(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** Ends this side. */
  end(): Promise<void> {
    return this.#connection.closeWrite();
  }
}

/** Runs a body with a transport to an engine that does what it likes with each connection. */
export async function withTransport(
  implementation: "pure" | "native",
  each: (line: Line, number: number) => Promise<void>,
  body: (transport: EngineTransport, address: string) => Promise<void>,
): Promise<void> {
  let number = 0;
  await listening((connection) => each(new Line(connection), number++), async (address) => {
    const named = nameEngine({ host: `tcp://${address}` });
    const allowed = await allowEngine(named, 2_000);
    await using transport = await openTransport(allowed, implementation);
    await body(transport, address);
  });
}

/** An answer with a length. */
export function answer(body: string, status = "200 OK", fields = ""): string {
  return `HTTP/1.1 ${status}\r\n${fields}content-length: ${
    encoder.encode(body).length
  }\r\n\r\n${body}`;
}
