/**
 * Responses as the caller gets them: a real one for `fetch`, and one of the same interface for `fetchMany`, whose
 * headers and body become objects when they are asked for, since making them costs more than the exchange itself.
 *
 * @module
 */

import type { HeaderFields, HeldBody, IncomingResponse } from "../transport/types.ts";
import type { HttpResponse } from "../types.ts";

/** What a response says beside what HTTP does. */
export interface ResponseFacts {
  readonly url: string;
  readonly redirected: boolean;
  readonly attempts: number;
  readonly fromCache: boolean;
  readonly durationMs: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Statuses whose responses have no body (Fetch standard). */
const BODILESS: readonly number[] = [204, 205, 304];

/** Makes a real response. */
export function realResponse(
  { status, headers, body, url, attempts, fromCache }: IncomingResponse,
  redirected: boolean,
  durationMs: number,
): HttpResponse {
  if (body instanceof ReadableStream && BODILESS.includes(status)) body.cancel().catch(() => {});
  clientResponse ??= defineClientResponse();
  return new clientResponse(BODILESS.includes(status) ? null : body, {
    status,
    headers: headers.entries(),
  }, { url, redirected, attempts, fromCache, durationMs });
}

/** The class, once something needs it: Deno loads what `Response` stands on when it is first named. */
let clientResponse: ReturnType<typeof defineClientResponse> | undefined;

// deno-lint-ignore explicit-function-return-type -- a class has no other name for its type
function defineClientResponse() {
  return class ClientResponse extends Response implements HttpResponse {
    readonly #facts: ResponseFacts;

    constructor(
      body: Bytes | ReadableStream<Bytes> | null,
      init: ResponseInit,
      facts: ResponseFacts,
    ) {
      super(body, init);
      this.#facts = facts;
    }

    override get url(): string {
      return this.#facts.url;
    }

    override get redirected(): boolean {
      return this.#facts.redirected;
    }

    get attempts(): number {
      return this.#facts.attempts;
    }

    get fromCache(): boolean {
      return this.#facts.fromCache;
    }

    get durationMs(): number {
      return this.#facts.durationMs;
    }

    override clone(): ClientResponse {
      const { body, status, headers } = super.clone();
      return new ClientResponse(body, { status, headers }, this.#facts);
    }
  };
}

const decoder = new TextDecoder();

/** A response that was read to its end. */
export class LazyResponse implements HttpResponse {
  readonly status: number;
  readonly url: string;
  readonly attempts: number;
  readonly fromCache: boolean;
  readonly durationMs: number;
  readonly redirected: boolean;
  /** Its body where that stayed in native memory. */
  readonly held: HeldBody | undefined;
  readonly #fields: HeaderFields;
  readonly #bytes: Bytes | null;
  #headers: Headers | undefined;
  #isUsed = false;
  /** The same as a response of the platform, once something needs it. */
  #real: Response | undefined;

  /** Wraps what came; its body must be bytes or null. */
  constructor(
    response: IncomingResponse,
    redirected: boolean,
    durationMs: number,
    real?: Response,
  ) {
    linkToPlatform();
    const { body } = response;
    this.status = response.status;
    this.url = response.url;
    this.attempts = response.attempts;
    this.fromCache = response.fromCache;
    this.durationMs = durationMs;
    this.redirected = redirected;
    this.held = response.held;
    this.#fields = response.headers;
    this.#bytes = body instanceof Uint8Array && !BODILESS.includes(response.status) ? body : null;
    this.#real = real;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get statusText(): string {
    return "";
  }

  get type(): ResponseType {
    return "default";
  }

  get headers(): Headers {
    return this.#headers ??= new Headers(this.#fields.entries());
  }

  get body(): ReadableStream<Bytes> | null {
    return this.#platform().body;
  }

  get bodyUsed(): boolean {
    return this.#real === undefined ? this.#isUsed : this.#real.bodyUsed;
  }

  bytes(): Promise<Bytes> {
    return this.#real?.bytes() ?? this.#take((bytes) => bytes);
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#real?.arrayBuffer() ??
      this.#take(({ buffer, byteOffset, byteLength }) =>
        byteLength === buffer.byteLength
          ? buffer
          : buffer.slice(byteOffset, byteOffset + byteLength)
      );
  }

  text(): Promise<string> {
    return this.#real?.text() ?? this.#take((bytes) => decoder.decode(bytes));
  }

  // deno-lint-ignore no-explicit-any
  json(): Promise<any> {
    return this.#real?.json() ?? this.#take((bytes) => JSON.parse(decoder.decode(bytes)));
  }

  blob(): Promise<Blob> {
    return this.#platform().blob();
  }

  formData(): Promise<FormData> {
    return this.#platform().formData();
  }

  textStream(): ReadableStream<string> {
    return this.#platform().textStream();
  }

  clone(): LazyResponse {
    const { status, url, attempts, fromCache, durationMs, redirected } = this;
    const facts = { status, url, attempts, fromCache, headers: this.#fields };
    // Bytes that are given out are their owner's, to change as he likes.
    if (this.#real === undefined && !this.#isUsed) {
      const body = this.#bytes === null ? null : this.#bytes.slice();
      return new LazyResponse({ ...facts, body }, redirected, durationMs);
    }
    const copy = this.#platform().clone();
    return new LazyResponse({ ...facts, body: null }, redirected, durationMs, copy);
  }

  #platform(): Response {
    if (this.#real !== undefined) return this.#real;
    const { status, headers } = this;
    this.#real = new Response(this.#bytes, { status, headers });
    // What was read already cannot be read again.
    if (this.#isUsed) this.#real.bytes().catch(() => {});
    return this.#real;
  }

  async #take<T>(read: (bytes: Bytes) => T): Promise<T> {
    if (this.#bytes === null) return read(new Uint8Array());
    if (this.#isUsed) throw new TypeError("The body was read already");
    this.#isUsed = true;
    return await read(this.#bytes);
  }
}

let isLinked = false;

/** Makes it a response by `instanceof` too, with none of its slots: every member of it is defined above. */
function linkToPlatform(): void {
  if (isLinked) return;
  isLinked = true;
  Object.setPrototypeOf(LazyResponse.prototype, Response.prototype);
}

/** The body of a response in native memory, if it stayed there. Whoever takes it closes it. */
export function heldOf(response: HttpResponse): HeldBody | undefined {
  return response instanceof LazyResponse ? response.held : undefined;
}
