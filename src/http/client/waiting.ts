/**
 * Waiting that ends with a call: by its signal, its deadline or the client's end.
 *
 * @module
 */

import type { OutgoingRequest } from "../transport/types.ts";
import { timeoutOf } from "./faults.ts";

/** The longest delay that a timer takes. */
const MOST_MS = 2_147_483_647;

/**
 * Calls `fail` when a request must wait no longer.
 *
 * @param request Whose signal and deadline hold.
 * @param closing The client's end.
 * @returns Stops looking.
 */
export function onEnd(
  request: OutgoingRequest,
  closing: AbortSignal,
  fail: (reason: unknown) => void,
): () => void {
  const { signal, call } = request;
  const byCaller = (): void => fail(signal!.reason);
  const byClient = (): void => fail(closing.reason);
  const left = call === undefined ? undefined : call.deadline - performance.now();
  const timer = left === undefined
    ? undefined
    : setTimeout(() => fail(timeoutOf(request, 0)), Math.min(MOST_MS, Math.max(0, left)));
  if (closing.aborted) queueMicrotask(byClient);
  else if (signal?.aborted) queueMicrotask(byCaller);
  closing.addEventListener("abort", byClient);
  signal?.addEventListener("abort", byCaller);
  return () => {
    clearTimeout(timer);
    closing.removeEventListener("abort", byClient);
    signal?.removeEventListener("abort", byCaller);
  };
}

/** How long something may take by itself, and what it failed with if it takes longer. */
export interface Bound {
  readonly ms: number;
  readonly failure: () => unknown;
}

/**
 * What a promise gives, unless the request must wait no longer or a bound is over: then the reason is thrown, and the work
 * goes on unseen.
 */
export function within<T>(
  work: Promise<T>,
  request: OutgoingRequest,
  closing: AbortSignal,
  bound?: Bound,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = (): void => {
      stop();
      clearTimeout(timer);
    };
    const fail = (reason: unknown): void => {
      over();
      reject(reason);
    };
    const stop = onEnd(request, closing, fail);
    if (bound !== undefined) {
      timer = setTimeout(() => fail(bound.failure()), Math.min(MOST_MS, bound.ms));
    }
    work.then(resolve, reject).finally(over);
  });
}

/** Lets milliseconds pass. */
export function pause(ms: number, request: OutgoingRequest, closing: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      resolve();
    }, Math.min(MOST_MS, ms));
    const stop = onEnd(request, closing, (reason) => {
      clearTimeout(timer);
      stop();
      reject(reason);
    });
  });
}
