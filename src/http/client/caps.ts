/**
 * The step that keeps the caps: an exchange begins when it has a slot, and holds it until its body is over.
 *
 * @module
 */

import { parseRetryAfter } from "../dates.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import type { Slots } from "./slots.ts";
import { trackedBody } from "./streams.ts";
import { onEnd } from "./waiting.ts";

/** What the step works with. */
export interface CapsOptions {
  readonly slots: Slots;
  readonly closing: AbortSignal;
  /** Makes the error of a failed body. */
  readonly errorOf: (failure: unknown, request: OutgoingRequest) => unknown;
}

/** A pause that a host asks for without saying how long, milliseconds. */
const PLAIN_PAUSE_MS = 0;

/** Makes the step. */
export function cappedSend(options: CapsOptions, next: Send): Send {
  const { slots, closing, errorOf } = options;
  return async (request, begun) => {
    const host = request.url.host;
    const batch = request.call?.batch;
    if (begun === undefined && !slots.tryAcquire(host, batch)) {
      await slots.wait(host, batch, (fail) => onEnd(request, closing, fail));
    }
    let response: IncomingResponse;
    try {
      response = await next(request, begun);
      observe(slots, host, request, response);
    } catch (error) {
      slots.release(host, batch);
      throw error;
    }
    const { body, keepAlive, over, ...rest } = response;
    if (!(body instanceof ReadableStream)) {
      slots.release(host, batch);
      return response;
    }
    let isReleased = false;
    const release = (): void => {
      if (!isReleased) slots.release(host, batch);
      isReleased = true;
    };
    // A body that failed while nobody read it is noticed by its reader only.
    void over?.then(release);
    const tracked = trackedBody(body, {
      ended: release,
      errorOf: (failure) => errorOf(failure, request),
      keepAlive,
    });
    return { ...rest, body: tracked };
  };
}

/** Learns from an answer how much its host can be asked. */
function observe(
  slots: Slots,
  host: string,
  request: OutgoingRequest,
  { status, headers }: IncomingResponse,
): void {
  if (status !== 429 && status !== 503) return slots.answered(host);
  const asked = parseRetryAfter(headers.get("retry-after"), Date.now());
  if (status === 503 && asked === undefined) return;
  // Nobody is made to wait for longer than such a call may take.
  const most = request.call?.timeoutMs ?? Infinity;
  slots.throttled(host, Math.min(asked ?? PLAIN_PAUSE_MS, most));
}
