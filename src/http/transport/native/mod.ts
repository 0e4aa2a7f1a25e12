/**
 * The native twin of the transport: HTTP/1.1 and HTTP/2 by `rust/areas/http`, on a thread of its own; this side hands
 * over text and numbers and takes responses in batches. Its twin is `../pure/`.
 *
 * @module
 */

import { httpClient, httpExchange, httpFetchFunction } from "../../../native/generated/http.ts";
import { NativeHandle } from "../../../native/handle.ts";
import type { Flow, SubmitOptions } from "../../../native/ring.ts";
import { TransportFault } from "../fault.ts";
import type { Exchange, IncomingResponse, Transport, TransportOptions } from "../types.ts";
import { Held } from "./held.ts";
import { StreamedBody } from "./stream.ts";
import { establishTrust } from "./trust.ts";
import { Upload } from "./upload.ts";
import { type Head, readApart, readBody, readEnd, readHead } from "./wire.ts";

const WHOLE = 0;
const HOLD = 1;
const STREAM = 2;
const NOTHING = new Uint8Array(0);

/** Opens the native transport. */
export function openNativeTransport(options: TransportOptions): Transport {
  return new NativeTransport(options);
}

class NativeTransport extends NativeHandle implements Transport {
  readonly implementation = "native";
  readonly #caCerts: readonly string[];
  #trust: Promise<void> | undefined;
  #copy: ReturnType<typeof httpFetchFunction> | undefined;

  constructor({ caCerts, idlePerHost, idleTimeoutMs }: TransportOptions) {
    super("core-utils", httpClient(idlePerHost, idleTimeoutMs), "HTTP client");
    this.#caCerts = caCerts;
  }

  exchange(exchange: Exchange): Promise<IncomingResponse> {
    if (needsTrust(exchange)) return this.#exchangeTrusting(exchange);
    return this.#exchange(exchange);
  }

  async #exchangeTrusting(exchange: Exchange): Promise<IncomingResponse> {
    await (this.#trust ??= establishTrust(() => this.handle, this.#caCerts));
    return await this.#exchange(exchange);
  }

  #exchange(exchange: Exchange): Promise<IncomingResponse> {
    const { signal } = exchange;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.closed) {
      return Promise.reject(new TransportFault("reset", "the client was closed", true));
    }
    if (exchange.hold === true) return this.#hold(exchange);
    return exchange.wholeBody ? this.#whole(exchange) : this.#streamed(exchange);
  }

  #whole(exchange: Exchange): Promise<IncomingResponse> {
    const decode = (payload: Uint8Array): IncomingResponse => {
      const head = readHead(payload);
      if (head.isBodiless) return responseOf(exchange, head, null);
      const body = readBody(payload) ?? this.#fetch(readApart(payload)!, head.bodyLength);
      return responseOf(exchange, head, body);
    };
    const options = { signal: exchange.signal, onLate: this.#forget };
    return this.#submit(exchange, WHOLE, 0, decode, options);
  }

  /** Takes a body that was set apart; with a length of 0 it is only forgotten. */
  #fetch(id: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    const copy = this.#copy ??= httpFetchFunction();
    if (copy(this.handle, id, bytes, length) !== length && length > 0) {
      throw new TransportFault("reset", "the body is gone");
    }
    return bytes;
  }

  /** Lets go of the body of an exchange that nobody waits for any more. */
  readonly #forget = (payload: Uint8Array): void => {
    const id = readApart(payload);
    if (id !== undefined && !this.closed) this.#fetch(id, 0);
  };

  async #hold(exchange: Exchange): Promise<IncomingResponse> {
    const held = new Held();
    const decode = (payload: Uint8Array): IncomingResponse => {
      const head = readHead(payload);
      const response = responseOf(exchange, head, null);
      held.byteLength = head.bodyLength;
      if (!head.isBodiless) return { ...response, held };
      held.close();
      return response;
    };
    try {
      return await this.#submit(exchange, HOLD, held.number, decode, { signal: exchange.signal });
    } catch (error) {
      held.close();
      throw error;
    }
  }

  #streamed(exchange: Exchange): Promise<IncomingResponse> {
    return new Promise((resolve, reject) => {
      let body: StreamedBody | undefined;
      let flow: Flow | undefined;
      const { promise: over, resolve: isOver } = Promise.withResolvers<void>();
      const options: SubmitOptions = {
        signal: exchange.signal,
        onPiece: (piece) => {
          if (body !== undefined) return body.piece(piece);
          const head = readHead(piece);
          body = new StreamedBody(flow!);
          const response = responseOf(exchange, head, head.isBodiless ? null : body.stream);
          resolve({ ...response, keepAlive: (isKept) => flow!.hold(isKept), over });
        },
        onStart: (started) => flow = started,
      };
      this.#submit(exchange, STREAM, 0, readEnd, options).then(
        () => body!.end(),
        (error) => body === undefined ? reject(error) : body.fail(error),
      ).finally(isOver);
    });
  }

  #submit<T>(
    exchange: Exchange,
    way: number,
    held: number,
    decode: (payload: Uint8Array) => T,
    options: SubmitOptions,
  ): Promise<T> {
    const { body } = exchange;
    return body instanceof ReadableStream
      ? this.#uploading(new Upload(body), exchange, way, held, decode, options)
      : this.#start(exchange, way, held, 0, decode, options);
  }

  async #uploading<T>(
    upload: Upload,
    exchange: Exchange,
    way: number,
    held: number,
    decode: (payload: Uint8Array) => T,
    options: SubmitOptions,
  ): Promise<T> {
    try {
      const decoded = await this.#start(exchange, way, held, upload.handle, decode, {
        ...options,
        onStart: (flow) => {
          options.onStart?.(flow);
          upload.run((reason) => flow.cancel(reason));
        },
      });
      upload.stop();
      return decoded;
    } catch (error) {
      upload.stop(error);
      throw error;
    }
  }

  #start<T>(
    exchange: Exchange,
    way: number,
    held: number,
    upload: number,
    decode: (payload: Uint8Array) => T,
    options: SubmitOptions,
  ): Promise<T> {
    const { body, limits } = exchange;
    const bytes = body instanceof Uint8Array ? body : undefined;
    return httpExchange(
      this.handle,
      orderOf(exchange),
      bytes ?? NOTHING,
      bytes === undefined ? 0 : 1,
      upload,
      way,
      held,
      limits.connectTimeoutMs,
      limits.firstByteTimeoutMs,
      limits.bodyTimeoutMs,
      limits.totalTimeoutMs,
      limits.maxBodyBytes,
      limits.maxHeaderBytes,
      decode,
      options,
    );
  }
}

function needsTrust({ url, proxy }: Exchange): boolean {
  return url.protocol === "https:" || proxy?.url.protocol === "https:";
}

/** What the engine is told: see `Order` in `rust/areas/http/src/order.rs`. */
function orderOf({ method, url, headers, addresses, proxy }: Exchange): string {
  const dialled = (proxy === undefined ? addresses : proxy.addresses).join(",");
  let order = `${method}\n${url.href}\n${dialled}\n`;
  order += proxy === undefined ? "\n" : `${proxy.url.origin}/\n${proxy.authorization ?? ""}`;
  for (let i = 0; i < headers.length; i++) order += `\n${headers[i]![0]}:${headers[i]![1]}`;
  return order;
}

function responseOf(
  { url }: Exchange,
  { status, fields }: Head,
  body: IncomingResponse["body"],
): IncomingResponse {
  return { status, headers: fields, url: url.href, body, attempts: 1, fromCache: false };
}
