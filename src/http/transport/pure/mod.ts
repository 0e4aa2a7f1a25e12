/**
 * The TypeScript twin of the transport: HTTP/1.1 over connections of Deno's own, which go to the address that was
 * checked, with TLS too. Its twin is `../native/`. Limit: it offers servers HTTP/1.1 and not 2.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { Exchange, IncomingResponse, Transport, TransportOptions } from "../types.ts";
import { RawBody } from "./body.ts";
import { codingsOf, decodePieces } from "./decode.ts";
import { dial, portOf } from "./dial.ts";
import type { Head } from "./head.ts";
import { Pool } from "./pool.ts";
import { decodedOf, limited, wholeOf } from "./read_body.ts";
import { readFinalHead } from "./read_head.ts";
import { Sending } from "./request.ts";
import { Run } from "./run.ts";
import { Signals } from "./signals.ts";
import { Watch } from "./watch.ts";
import { Wire } from "./wire.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const DECODED_AWAY = ["content-encoding", "content-length"];
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** Opens the TypeScript transport. */
export function openPureTransport(options: TransportOptions): Transport {
  return new PureTransport(options);
}

class PureTransport implements Transport {
  readonly implementation = "pure";
  readonly #caCerts: readonly string[];
  readonly #pool: Pool;
  readonly #watch = new Watch();
  readonly #running = new Set<Run>();
  readonly #signals = new Signals();
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#caCerts = options.caCerts;
    this.#pool = new Pool(options);
  }

  async exchange(exchange: Exchange): Promise<IncomingResponse> {
    const { signal } = exchange;
    if (signal?.aborted) throw signal.reason;
    if (this.#isClosed) throw new TransportFault("reset", "the client was closed", true);
    const run = new Run(exchange);
    this.#begin(run, signal);
    try {
      const wire = await this.#wireFor(exchange, run);
      const response = await this.#over(wire, exchange, run);
      if (!(response.body instanceof ReadableStream)) this.#end(run, signal);
      return response;
    } catch (error) {
      this.#end(run, signal);
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const run of [...this.#running]) {
      run.fail(new TransportFault("reset", "the client was closed"));
    }
    this.#pool.close();
    this.#watch.close();
  }

  async #wireFor(exchange: Exchange, run: Run): Promise<Wire> {
    const key = keyOf(exchange);
    let wire = this.#pool.take(key);
    if (wire === undefined) {
      const options = { caCerts: this.#caCerts, signal: run.dialling };
      wire = new Wire(key, await dial(exchange, options));
    }
    run.use(wire);
    return wire;
  }

  /** Sends the request over a connection and reads its answer. */
  async #over(wire: Wire, exchange: Exchange, run: Run): Promise<IncomingResponse> {
    run.pause();
    const sending = new Sending(wire, exchange);
    let isAnswered = false;
    let isSent = false;
    sending.done.then(() => {
      isSent = true;
      // The server's time begins when it has all of the request.
      if (!isAnswered) run.enter("first-byte-timeout");
    }, (error) => {
      // A body that cannot be sent ends the exchange; a connection that breaks may still hold an answer.
      if (!(error instanceof TransportFault)) run.fail(error);
      else if (!isAnswered) run.enter("first-byte-timeout");
    });
    try {
      const head = await readFinalHead(wire, exchange);
      isAnswered = true;
      wire.carried++;
      // Where it answers before it has read all, what follows on this connection could be anything.
      const keepsAlive = head.keepsAlive && isSent;
      return await this.#respond(wire, { ...head, keepsAlive }, exchange, run, sending);
    } catch (error) {
      sending.stop(run.reasonOr(error));
      wire.close();
      run.check();
      throw isAnswered ? error : withUnsent(error, wire, exchange);
    }
  }

  async #respond(
    wire: Wire,
    head: Head,
    exchange: Exchange,
    run: Run,
    sending: Sending,
  ): Promise<IncomingResponse> {
    const { status, fields } = head;
    const { url, wholeBody, limits } = exchange;
    const give = (body: IncomingResponse["body"]): IncomingResponse => ({
      status,
      headers: fields,
      url: url.href,
      body,
      attempts: 1,
      fromCache: false,
    });
    if (head.isBodiless) {
      sending.stop();
      this.#release(wire, head.keepsAlive && wire.start === wire.end);
      return give(null);
    }
    const raw = new RawBody(wire, head);
    const codings = codingsOf(fields.get("content-encoding"));
    if (codings !== undefined && codings.length > 0) fields.hide(DECODED_AWAY);
    const isCoded = codings !== undefined && codings.length > 0;
    run.enter("body-timeout");
    if (!isCoded && (raw.length ?? 0) > limits.maxBodyBytes) {
      throw new TransportFault("body-too-large", `it says ${raw.length} bytes`);
    }
    const finished = (isWhole: boolean, failure?: unknown): void => {
      sending.stop(failure);
      this.#release(wire, isWhole && raw.isReusable && wire.start === wire.end);
    };
    // One that is there already needs no stream, which costs more than all the rest.
    const isHere = !isCoded && raw.length !== undefined && raw.length <= wire.end - wire.start;
    if (!wholeBody && !isHere) {
      const pieces = isCoded
        ? decodePieces(() => raw.next(), codings, limits.maxBodyBytes)
        : limited(raw, limits.maxBodyBytes);
      const stream = this.#streamOf(pieces, run, exchange.signal, finished);
      const { promise: over, resolve } = Promise.withResolvers<void>();
      run.onOver = resolve;
      return { ...give(stream), keepAlive: (isKept) => this.#keepAlive(run, wire, isKept), over };
    }
    const bytes = isCoded
      ? await decodedOf(raw, run, codings, limits.maxBodyBytes)
      : await wholeOf(raw, run, limits.maxBodyBytes);
    finished(true);
    return give(bytes);
  }

  #streamOf(
    pieces: AsyncGenerator<Bytes>,
    run: Run,
    signal: AbortSignal | undefined,
    finished: (isWhole: boolean, failure?: unknown) => void,
  ): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>({
      start: (controller) => {
        run.onFail = (reason) => {
          finished(false, reason);
          this.#end(run, signal);
          controller.error(reason);
        };
      },
      pull: async (controller) => {
        run.enter("body-timeout");
        try {
          run.check();
          const { done, value } = await pieces.next();
          run.pause();
          if (!done) return controller.enqueue(value);
          finished(true);
          this.#end(run, signal);
          controller.close();
        } catch (error) {
          finished(false, run.reasonOr(error));
          this.#end(run, signal);
          run.check();
          throw error;
        }
      },
      cancel: async () => {
        run.onFail = undefined;
        run.fail(new TransportFault("reset", "the body was given up"));
        finished(false);
        this.#end(run, signal);
        await pieces.return(undefined).catch(() => {});
      },
    }, { highWaterMark: 0 });
  }

  #keepAlive(run: Run, wire: Wire, isKept: boolean): void {
    // Once it is over, its connection may be another exchange's.
    if (!this.#running.has(run)) return;
    wire.hold(isKept);
    this.#watch.hold(run, isKept);
  }

  #release(wire: Wire, isReusable: boolean): void {
    if (isReusable && !wire.isClosed) this.#pool.give(wire);
    else wire.close();
  }

  #begin(run: Run, signal: AbortSignal | undefined): void {
    this.#running.add(run);
    this.#watch.add(run);
    if (signal !== undefined) this.#signals.add(signal, run);
  }

  #end(run: Run, signal: AbortSignal | undefined): void {
    this.#running.delete(run);
    this.#watch.remove(run);
    if (signal !== undefined) this.#signals.remove(signal, run);
    run.onOver?.();
  }
}

/**
 * A connection that had waited may have ended just as it was taken. Nothing is lost if not a byte of the request was
 * taken any more, whatever its method; else whether the server saw it cannot be known, which makes no difference to
 * these methods.
 */
function withUnsent(error: unknown, wire: Wire, { method, body }: Exchange): unknown {
  const isDead = error instanceof TransportFault && error.kind === "reset" && wire.carried > 0 &&
    wire.end === 0;
  const isHarmless = wire.sent === 0 || (SAFE_METHODS.includes(method) && body === undefined);
  return isDead && isHarmless ? new TransportFault("reset", error.message, true) : error;
}

/** Connections are shared by exchanges that would be made over the same way. */
function keyOf({ url, proxy }: Exchange): string {
  const origin = `${url.protocol}//${url.hostname}:${portOf(url)}`;
  if (proxy === undefined) return origin;
  const way = `${proxy.url.href} ${proxy.authorization ?? ""}`;
  return url.protocol === "http:" ? way : `${way} ${origin}`;
}
