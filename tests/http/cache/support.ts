/** A server of the tests behind the cache, which answers what it is told, and a clock that moves when it is told. */

import { createCache } from "../../../src/cache/mod.ts";
import { type CacheLayer, cacheLayer } from "../../../src/http/cache/mod.ts";
import type { ByteCache } from "../../../src/http/cache/store.ts";
import { httpDate } from "../../../src/http/dates.ts";
import { type Field, FieldList, joined } from "../../../src/http/fields.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../../../src/http/transport/types.ts";
import type { HttpRequestInit } from "../../../src/http/types.ts";

export type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;

/** What the server answers. */
export interface Answer {
  status?: number;
  /** Fields; a list for more lines of one name. A `date` of now is added unless there is one, or it is "". */
  headers?: Record<string, string | string[] | undefined>;
  body?: string | Body;
}

/** What a test asks. */
export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  mode?: HttpRequestInit["cache"];
  signal?: AbortSignal;
  wholeBody?: boolean;
  body?: string;
}

/** What a test gets. */
export interface Got {
  status: number;
  text: string;
  fromCache: boolean;
  attempts: number;
  get(name: string): string | null;
}

export const PAGE = "http://site.test/page";

const encoder = new TextEncoder();

/** Bytes of a text. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** The cache before a server. */
export class Site implements AsyncDisposable {
  /** Moves when a test says so. */
  nowMs = Date.UTC(2026, 0, 15, 12);
  /** What came to the server. */
  readonly requests: OutgoingRequest[] = [];
  /** Says what the server answers; `n` counts from 1. */
  answer: (request: OutgoingRequest, n: number) => Answer | Promise<Answer>;
  readonly #send: Send;
  readonly #layer: CacheLayer;
  readonly #cache: ByteCache;

  constructor(answer: Site["answer"], options: { cache?: ByteCache; maxBodyBytes?: number } = {}) {
    this.answer = answer;
    this.#cache = options.cache ?? createCache({ codec: "bytes", implementation: "pure" });
    this.#layer = cacheLayer({
      cache: this.#cache,
      now: () => this.nowMs,
      maxBodyBytes: options.maxBodyBytes,
    });
    this.#send = this.#layer((request) => this.#serve(request));
  }

  /** A date so many seconds from now. */
  date(seconds = 0): string {
    return httpDate(this.nowMs + seconds * 1000);
  }

  /** Lets seconds pass. */
  later(seconds: number): void {
    this.nowMs += seconds * 1000;
  }

  /** How many requests came to the server. */
  get count(): number {
    return this.requests.length;
  }

  /** A field of the last request that came. */
  asked(name: string): string | null {
    return joined(this.requests.at(-1)!.headers, name);
  }

  /** Sends a request. */
  send(url: string, ask: Ask = {}): Promise<IncomingResponse> {
    const fields: Field[] = Object.entries(ask.headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]);
    return this.#send({
      method: ask.method ?? "GET",
      url: new URL(url),
      headers: fields,
      body: ask.body === undefined ? undefined : bytesOf(ask.body),
      signal: ask.signal,
      wholeBody: ask.wholeBody ?? false,
      cacheMode: ask.mode,
    });
  }

  /** Sends a request and reads the response. */
  async ask(url: string = PAGE, ask: Ask = {}): Promise<Got> {
    const response = await this.send(url, ask);
    const { status, fromCache, attempts, headers, body } = response;
    const text = body === null ? "" : await new Response(body).text();
    return { status, text, fromCache, attempts, get: (name) => headers.get(name) };
  }

  /** Closes the layer alone. */
  close(): Promise<void> {
    return this.#layer.close();
  }

  async #serve(request: OutgoingRequest): Promise<IncomingResponse> {
    this.requests.push(request);
    const { status = 200, headers = {}, body } = await this.answer(request, this.count);
    const fields: Field[] = Object.entries(headers).flatMap(([name, value = []]) =>
      [value].flat().map((each): Field => [name.toLowerCase(), each])
    );
    if (headers.date === undefined) fields.push(["date", this.date()]);
    const none = request.method === "HEAD" || status === 204 || status === 304;
    const content = typeof body === "string" || body === undefined
      ? bytesOf(body ?? `answer ${this.count}`)
      : body;
    return {
      status,
      headers: new FieldList(fields.filter(([name, value]) => name !== "date" || value !== "")),
      url: request.url.href,
      body: none
        ? null
        : request.wholeBody || !(content instanceof Uint8Array)
        ? content
        : ReadableStream.from([content]),
      attempts: 1,
      fromCache: false,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#layer.close();
    await this.#cache.close();
  }
}

/** A server that answers always the same fields. */
export function site(headers: Record<string, string | string[]>, status = 200): Site {
  return new Site(() => ({ status, headers }));
}
