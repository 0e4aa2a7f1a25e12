/**
 * The short way of a batch's request, for when nothing on the long one has anything to do: the host's way is known, a
 * slot is free, and the answer is an ordinary one. The first exchange is begun here; what came of it, where it is
 * anything but an ordinary answer, goes the way of all requests, whose steps then decide as ever. Each step costs a
 * promise or two, which together are more than the exchange.
 *
 * @module
 */

import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import { type CheckedOptions, limitsOf } from "./checked.ts";
import type { Slots } from "./slots.ts";

/** What the way is made of. */
export interface DirectOptions extends CheckedOptions {
  readonly slots: Slots;
  /** The way of all requests. */
  readonly send: Send;
}

/**
 * Sends a request the short way; undefined, and nothing was done, if it has to go the long one.
 *
 * @param request The request; its address is checked.
 * @param origin The origin of its address.
 * @param now `performance.now()`.
 */
export type Direct = (
  request: OutgoingRequest,
  origin: string,
  now: number,
) => Promise<IncomingResponse> | undefined;

/** Makes the way. */
export function directSend({ settings, reach, transport, slots, send }: DirectOptions): Direct {
  return (request, origin, now) => {
    const { method, url, headers, body, signal, wholeBody, hold, call } = request;
    const batch = call?.batch;
    if (batch === undefined || body instanceof ReadableStream) return undefined;
    const known = reach.knownOf(origin, batch, now);
    if (known?.found === undefined) return undefined;
    const { host, found: { addresses, proxy } } = known;
    const limits = limitsOf(settings, request, now);
    if (limits.totalTimeoutMs <= 0 || !slots.tryAcquire(host, batch)) return undefined;
    const begun = transport.exchange({
      method,
      url,
      headers,
      body,
      signal,
      wholeBody,
      hold: hold === true,
      call,
      addresses,
      proxy,
      limits,
    });
    return begun.then((response) => {
      if (!isOrdinary(response)) return send(request, begun);
      slots.answered(host);
      slots.release(host, batch);
      return response;
    }, () => send(request, begun));
  };
}

/** Whether no step has anything to do with an answer. */
function isOrdinary({ status, body }: IncomingResponse): boolean {
  return status >= 200 && status < 300 && !(body instanceof ReadableStream);
}
