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
