/**
 * One exchange on a connection: the request goes out while the answer may come already; a signal or a time limit ends
 * it by closing the connection.
 *
 * @module
 */

import { EngineFault } from "../errors.ts";
import type { EngineRequest, EngineResponse } from "../types.ts";
import { BodyReader } from "./body.ts";
import type { Connection } from "./connection.ts";
import { type Head, readFinalHead, requestHead } from "./head.ts";

/** Bodies up to this go out in one piece with the head. */
const JOINED_BYTES = 65_536;
const encoder = new TextEncoder();
const CRLF = encoder.encode("\r\n");

/** An exchange. */
export class Exchange {
  /** Whether not a byte of an answer has come. */
  isUnanswered = true;
  readonly #request: EngineRequest;
  readonly #connection: Connection;
  readonly #release: (isReusable: boolean) => void;
  readonly #abort = (): void => this.#connection.close(this.#request.signal!.reason);
  #upload: AsyncIterator<Uint8Array> | undefined;
  #isSent = false;
  #isOver = false;

  /** `release` gets the connection back, once. */
  constructor(
    request: EngineRequest,
    connection: Connection,
    release: (isReusable: boolean) => void,
  ) {
    this.#request = request;
    this.#connection = connection;
    this.#release = release;
  }

  /** Sends the request and reads the answer's head. */
  async start(host: string): Promise<EngineResponse> {
    const head = await this.head(host, false);
    return {
      status: head.status,
      header: (name) => head.fields.get(name.toLowerCase()) ?? null,
      body: this.body(head),
    };
  }

  /** The same, the head alone; whoever takes it takes the body too, or ends the exchange. */
  async head(host: string, upgrades: boolean): Promise<Head> {
    const { signal, timeoutMs } = this.#request;
    const connection = this.#connection;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (timeoutMs !== undefined) {
      const fault = new EngineFault("head-timeout", String(timeoutMs));
      timer = setTimeout(() => connection.close(fault), timeoutMs);
    }
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
    let failure: unknown;
    const sending = this.#send(host).catch((error) => {
      failure = error;
      // A body of the caller's that fails ends the exchange; a connection that fails may still hold an answer.
      if (!(error instanceof EngineFault)) connection.close(error);
    });
    try {
      return await readFinalHead(connection, this.#request.method, upgrades);
    } catch (error) {
      if (connection.start < connection.end) this.isUnanswered = false;
      this.end(false, error);
      await sending;
      throw error instanceof EngineFault && failure !== undefined ? failure : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The body; it ends the exchange with its own end. */
  body(head: Head): AsyncIterableIterator<Uint8Array> {
    const reader = new BodyReader(this.#connection, head);
    if (reader.isWhole && head.status !== 101) this.end(head.keepsAlive && this.#isSent);
    const over = { done: true, value: undefined } as const;
    const iterator: AsyncIterableIterator<Uint8Array> = {
      next: async () => {
        if (this.#isOver) {
          this.#request.signal?.throwIfAborted();
          return over;
        }
        try {
          const value = await reader.next();
          if (reader.isWhole) this.end(head.keepsAlive && this.#isSent);
          return value === undefined ? over : { done: false, value };
        } catch (error) {
          // What was returned while a read was outstanding has ended, not failed.
          if (this.#isOver && !this.#request.signal?.aborted) return over;
          this.end(false, error);
          throw error;
        }
      },
      return: () => {
        this.end(false);
        return Promise.resolve(over);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Ends it; the connection can be used again or is closed. */
  end(isReusable: boolean, reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#request.signal?.removeEventListener("abort", this.#abort);
    this.#upload?.return?.().catch(() => {});
    if (!isReusable) this.#connection.close(reason);
    this.#release(isReusable);
  }

  async #send(host: string): Promise<void> {
    const { body } = this.#request;
    const connection = this.#connection;
    const head = requestHead(this.#request, host);
    if (body instanceof Uint8Array && head.length + body.length <= JOINED_BYTES) {
      const all = new Uint8Array(head.length + body.length);
      all.set(head);
      all.set(body, head.length);
      await connection.write(all);
    } else {
      await connection.write(head);
      if (body instanceof Uint8Array) await connection.write(body);
      else if (body !== undefined) await this.#stream(body);
    }
    this.#isSent = true;
  }

  async #stream(body: AsyncIterable<Uint8Array>): Promise<void> {
    const upload = this.#upload = body[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await upload.next();
      if (this.#isOver) return;
      if (done) break;
      if (value.length === 0) continue;
      await this.#connection.write(encoder.encode(`${value.length.toString(16)}\r\n`));
      await this.#connection.write(value);
      await this.#connection.write(CRLF);
    }
    await this.#connection.write(encoder.encode("0\r\n\r\n"));
  }
}
