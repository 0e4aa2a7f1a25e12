/**
 * The step that repeats what may be repeated: idempotent requests (RFC 9110, 9.2.2), others with an idempotency key, and
 * any that its server has not seen. It waits a random part of a time that doubles (full jitter), or for as long as the
 * server says, never longer than the call may take.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { parseRetryAfter } from "../dates.ts";
import { TransportFault } from "../transport/fault.ts";
import type { FaultKind, IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import { pause } from "./waiting.ts";

/** What the step works with. */
export interface RetryOptions {
  readonly closing: AbortSignal;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Makes the error of the last failure. */
  readonly errorOf: (failure: unknown, request: OutgoingRequest) => unknown;
}

const IDEMPOTENT: readonly string[] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
const FAULTS: readonly FaultKind[] = [
  "connect",
  "connect-timeout",
  "reset",
  "first-byte-timeout",
  "body-timeout",
  "body-incomplete",
];
const STATUSES: readonly number[] = [429, 502, 503, 504];
const FIRST_MS = 250;
const LONGEST_MS = 30_000;
/** How often connections that turn out to be dead are replaced without it counting as a retry. */
const MOST_UNSENT = 2;

/** Makes the step. */
export function retryingSend(options: RetryOptions, next: Send): Send {
  return async (request, begun) => {
    const retries = request.call?.retries ?? 0;
    let unsent = 0;
    for (let attempt = 1, failed = 0;; attempt++) {
      let response: IncomingResponse | undefined;
      let failure: unknown;
      try {
        response = await next(request, attempt === 1 ? begun : undefined);
      } catch (error) {
        failure = error;
      }
      if (response !== undefined && !STATUSES.includes(response.status)) {
        return withAttempts(response, attempt);
      }
      if (
        response === undefined && failure instanceof TransportFault && failure.unsent &&
        isReplayable(request) && unsent++ < MOST_UNSENT
      ) continue;
      const wait = failed < retries && isReplayable(request) && isRepeatable(request) &&
          (response !== undefined || isPassing(failure))
        ? waitOf(failed, options.random, response, request)
        : undefined;
      if (wait === undefined) {
        if (response !== undefined) return withAttempts(response, attempt);
        throw options.errorOf(failure, request);
      }
      failed++;
      if (response?.body instanceof ReadableStream) await response.body.cancel().catch(() => {});
      response?.held?.close();
      await waiting(wait, request, options.closing);
    }
  };
}

function withAttempts(response: IncomingResponse, attempts: number): IncomingResponse {
  return attempts === 1 ? response : { ...response, attempts };
}

/** Whether its body can be sent once more. */
function isReplayable({ body }: OutgoingRequest): boolean {
  return !(body instanceof ReadableStream);
}

function isRepeatable({ method, call }: OutgoingRequest): boolean {
  return IDEMPOTENT.includes(method) || call?.isRepeatable === true;
}

/** Whether another attempt may fare better. */
function isPassing(failure: unknown): boolean {
  if (failure instanceof TransportFault) return FAULTS.includes(failure.kind);
  // A name that cannot be resolved now.
  return AgentError.is(failure, "IO");
}

/** How long to wait; undefined if the call would be over by then. */
function waitOf(
  failed: number,
  random: () => number,
  response: IncomingResponse | undefined,
  { call }: OutgoingRequest,
): number | undefined {
  const asked = response === undefined
    ? undefined
    : parseRetryAfter(response.headers.get("retry-after"), Date.now());
  const wait = asked ?? random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** failed);
  const left = (call?.deadline ?? Infinity) - performance.now();
  return wait < left ? wait : undefined;
}

async function waiting(ms: number, request: OutgoingRequest, closing: AbortSignal): Promise<void> {
  const batch = request.call?.batch;
  if (batch === undefined) return await pause(ms, request, closing);
  // Others of the batch go on meanwhile.
  batch.waiting++;
  batch.changed();
  try {
    await pause(ms, request, closing);
  } finally {
    batch.waiting--;
  }
}
