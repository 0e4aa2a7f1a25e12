/** What a transport rejects with, before the client says in the caller's words what it means. @module */

import type { FaultKind } from "./types.ts";

/** A failed exchange. */
export class TransportFault extends Error {
  /** What went wrong. */
  readonly kind: FaultKind;
  /** Whether not a byte of the request was processed, so that repeating it is safe whatever its method. */
  readonly unsent: boolean;

  /** Makes one; `detail` is the system's or the library's own words, which the twins need not share. */
  constructor(kind: FaultKind, detail: string, unsent = false) {
    super(detail);
    this.name = "TransportFault";
    this.kind = kind;
    this.unsent = unsent;
  }
}

/**
 * What the stream of a request's body is cancelled with when its exchange is over: the caller's own reason, such as that of
 * its signal; nothing where the exchange was answered or broke, which the call itself says.
 */
export function cancelReason(failure: unknown): unknown {
  return failure instanceof TransportFault ? undefined : failure;
}
