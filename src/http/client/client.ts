/**
 * The client itself: what its calls share, and `fetch`.
 *
 * @module
 */

import type { Implementation } from "../../shared/implementation.ts";
import { closedError } from "../../shared/closed.ts";
import { type PageClient, pagesOf } from "../pages/mod.ts";
import { openEvents } from "../events/mod.ts";
import { Reach } from "../address/reach.ts";
import { openTransport } from "../transport/choose.ts";
import type { IncomingResponse, Transport } from "../transport/types.ts";
import type {
  EventsInit,
  FetchManyOptions,
  HttpClient,
  HttpClientOptions,
  HttpOutcome,
  HttpRequest,
  HttpRequestInit,
  HttpResponse,
  PageOptions,
  PageOutcome,
  ServerSentEvent,
} from "../types.ts";
import { plainCall, type ReadCall, readCall, readUrl } from "./call.ts";
import { type ClosableLayer, layered, readLayers, type Ways } from "./layers.ts";
import { Many } from "./many.ts";
import { realResponse } from "./response.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Slots } from "./slots.ts";

/** Idle connections are given up before servers and routers forget them silently. */
const IDLE_TIMEOUT_MS = 20_000;

/** What tests put in the place of chance. */
export interface ClientSeams {
  /** From 0 up to but not including 1. */
  random?: () => number;
}

/** A client over a transport. */
export class Client implements HttpClient {
  readonly implementation: "native" | "pure";
  readonly #wish: Implementation | undefined;
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #reach: Reach;
  readonly #slots: Slots;
  readonly #between: readonly ClosableLayer[];
  readonly #ways: Ways;
  readonly #closing = new AbortController();
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #pageClient: PageClient;

  /** Makes one; nothing is opened before its first request but the native library, if that is chosen. */
  constructor(options: HttpClientOptions | undefined, seams: ClientSeams = {}) {
    const settings = readSettings(options);
    this.#wish = options?.implementation;
    this.#settings = settings;
    // Before there is a transport, which would have to be closed where an option is wrong.
    const between = readLayers(options);
    this.#transport = openTransport(options?.implementation, {
      caCerts: settings.caCerts,
      idlePerHost: settings.perHost,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    this.implementation = this.#transport.implementation;
    this.#reach = new Reach(settings);
    this.#slots = new Slots(settings);
    this.#between = between;
    this.#ways = layered({
      settings,
      reach: this.#reach,
      transport: this.#transport,
      slots: this.#slots,
      closing: this.#closing.signal,
      random: seams.random ?? Math.random,
      between,
    });
    this.#pageClient = {
      fetch: (address, init) => this.fetch(address, init),
      fetchMany: (requests, many) => this.fetchMany(requests, many),
      ...(this.implementation === "native" && {
        fetchHeld: (requests, many) => this.#many(requests, many, true),
      }),
    };
  }

  async fetch(address: string | URL, init?: HttpRequestInit): Promise<HttpResponse> {
    const begun = performance.now();
    this.#checkOpen();
    const url = readUrl(address, "url");
    const call = init === undefined
      ? plainCall(url, this.#settings, undefined, undefined, begun)
      : await readCall(url, init, this.#settings);
    const response = await this.#perform(call, begun);
    return realResponse(response, call.call.redirected, performance.now() - begun);
  }

  fetchMany(
    requests: Iterable<HttpRequest> | AsyncIterable<HttpRequest>,
    options?: FetchManyOptions,
  ): AsyncIterable<HttpOutcome> {
    return this.#many(requests, options, false);
  }

  pages(
    urls: Iterable<string | URL> | AsyncIterable<string | URL>,
    options?: PageOptions,
  ): AsyncIterable<PageOutcome> {
    this.#checkOpen();
    return pagesOf(this.#pageClient, urls, options, this.#wish);
  }

  events(url: string | URL, init?: EventsInit): AsyncIterable<ServerSentEvent> {
    this.#checkOpen();
    return openEvents(
      (address, request) => this.fetch(address, request),
      readUrl(url, "url"),
      init,
    );
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(closedError("HTTP client"));
      this.#slots.close();
      this.#transport.close();
    }
    if (this.#underWay > 0) await (this.#idle ??= Promise.withResolvers()).promise;
    for (const layer of this.#between) await layer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** `hold` leaves bodies in native memory. */
  #many(
    requests: Iterable<HttpRequest> | AsyncIterable<HttpRequest>,
    options: FetchManyOptions | undefined,
    hold: boolean,
  ): AsyncIterable<HttpOutcome> {
    this.#checkOpen();
    return new Many(requests, options, {
      settings: this.#settings,
      slots: this.#slots,
      closing: this.#closing.signal,
      perform: hold
        ? ({ request, call }, now) => this.#perform({ request: { ...request, hold }, call }, now)
        : (call, now) => this.#perform(call, now),
    });
  }

  async #perform({ request }: ReadCall, now: number): Promise<IncomingResponse> {
    this.#checkOpen();
    request.signal?.throwIfAborted();
    const { origin } = request.url;
    this.#reach.check(request.url, origin);
    const { send, direct } = this.#ways;
    this.#underWay++;
    try {
      return await (direct?.(request, origin, now) ?? send(request));
    } finally {
      if (--this.#underWay === 0) this.#idle?.resolve();
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw closedError("HTTP client");
  }
}
