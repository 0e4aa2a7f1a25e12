/**
 * The way of a request through the client, each step around the next:
 * redirects(cache(cassette(retries(caps(checked(transport)))))).
 *
 * @module
 */

import { cacheLayer } from "../cache/mod.ts";
import { cassetteLayer } from "../cassette/mod.ts";
import type { HttpClientOptions } from "../types.ts";
import { closedError } from "../../shared/closed.ts";
import type { OutgoingRequest, Send } from "../transport/types.ts";
import { cappedSend } from "./caps.ts";
import { type CheckedOptions, checkedSend, limitsOf } from "./checked.ts";
import { type Direct, directSend } from "./direct.ts";
import { errorOf } from "./faults.ts";
import { redirectingSend } from "./redirects.ts";
import { retryingSend } from "./retries.ts";
import type { Slots } from "./slots.ts";

/** A step that is made elsewhere: for the cache, the cassette. */
export type Layer = (next: Send) => Send;

/** One that has something to end. */
export interface ClosableLayer extends Layer {
  /** Ends it, after the last request. Idempotent. */
  close(): Promise<void>;
}

/**
 * The steps that options ask for, the outermost first.
 *
 * @throws {TypeError} If an option is none.
 */
export function readLayers(options: HttpClientOptions = {}): ClosableLayer[] {
  const { cache = false, cassette } = options;
  // The cassette first: it may be refused, and the other may have made a cache.
  const layers: ClosableLayer[] = cassette === undefined ? [] : [cassetteLayer(cassette)];
  return cache === false ? layers : [cacheLayer({ cache }), ...layers];
}

/** What the way is made of. */
export interface LayersOptions extends CheckedOptions {
  readonly slots: Slots;
  readonly random: () => number;
  /** Steps between redirects and retries, the outermost first. */
  readonly between: readonly Layer[];
}

/** The ways of requests. */
export interface Ways {
  /** That of all requests. */
  readonly send: Send;
  /** The short one, where nothing stands between. */
  readonly direct: Direct | undefined;
}

/** Puts the steps together. */
export function layered(options: LayersOptions): Ways {
  const { settings, slots, closing, random } = options;
  const meaning = (failure: unknown, request: OutgoingRequest): unknown =>
    closing.aborted ? closedError("HTTP client") : errorOf(failure, request, {
      ...limitsOf(settings, request),
      totalTimeoutMs: request.call?.timeoutMs ?? settings.timeoutMs,
    });
  const capped = cappedSend({ slots, closing, errorOf: meaning }, checkedSend(options));
  const retried = retryingSend({ closing, random, errorOf: meaning }, capped);
  const kept = options.between.reduceRight((next, layer) => layer(next), retried);
  const send = redirectingSend({
    maxRedirects: settings.maxRedirects,
    check: (url) => options.reach.check(url),
  }, kept);
  const direct = options.between.length === 0 ? directSend({ ...options, send }) : undefined;
  return { send, direct };
}
