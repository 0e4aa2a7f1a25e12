/**
 * The last step before the transport: where the request may go is found out and checked, for each exchange anew.
 *
 * @module
 */

import type { Reach } from "../address/reach.ts";
import { TransportFault } from "../transport/fault.ts";
import type { ExchangeLimits, OutgoingRequest, Send, Transport, Way } from "../transport/types.ts";
import { timeoutOf } from "./faults.ts";
import type { Settings } from "./settings.ts";
import { within } from "./waiting.ts";

/** What a client sends with. */
export interface CheckedOptions {
  readonly settings: Settings;
  readonly reach: Reach;
  readonly transport: Transport;
  readonly closing: AbortSignal;
}

/** The bounds of an exchange that begins now; `spentMs` of the time for its connection are gone. */
export function limitsOf(
  settings: Settings,
  { call }: OutgoingRequest,
  now: number = performance.now(),
  spentMs = 0,
): ExchangeLimits {
  const { connectTimeoutMs, firstByteTimeoutMs, bodyTimeoutMs, maxHeaderBytes } = settings.limits;
  return {
    connectTimeoutMs: Math.max(1, Math.ceil(connectTimeoutMs - spentMs)),
    firstByteTimeoutMs,
    bodyTimeoutMs,
    maxHeaderBytes,
    totalTimeoutMs: call === undefined ? settings.timeoutMs : call.deadline - now,
    maxBodyBytes: call?.maxBodyBytes ?? settings.maxBodyBytes,
  };
}

/** Makes the step. */
export function checkedSend({ settings, reach, transport, closing }: CheckedOptions): Send {
  const exchange = (
    request: OutgoingRequest,
    { addresses, proxy }: Way,
    spentMs = 0,
  ): ReturnType<Send> => {
    const limits = limitsOf(settings, request, undefined, spentMs);
    if (limits.totalTimeoutMs <= 0) return Promise.reject(timeoutOf(request, settings.timeoutMs));
    return transport.exchange({ ...request, addresses, proxy, limits });
  };
  const send: Send = async (request) => {
    const batch = request.call?.batch;
    const known = batch && reach.known(request.url, batch);
    if (known) return await exchange(request, known);
    // The time for a connection begins with the question where it goes to.
    const begun = performance.now();
    const { connectTimeoutMs } = settings.limits;
    const way = await within(reach.find(request.url, batch), request, closing, {
      ms: connectTimeoutMs,
      failure: () =>
        new TransportFault("connect-timeout", "the name's addresses were not found in time", true),
    });
    return await exchange(request, way, performance.now() - begun);
  };
  return async (request, begun) => {
    const response = await (begun ?? send(request));
    const { status, body } = response;
    if (status >= 200 && status <= 599) return response;
    // The Fetch standard has no response with another status.
    if (body instanceof ReadableStream) await body.cancel().catch(() => {});
    throw new TransportFault("protocol", `the status is ${status}`);
  };
}
