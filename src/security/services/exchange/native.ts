/**
 * Exchanges in Rust, on tokio: twin of `pure.ts`, which says what they must do. Scope and permissions are settled
 * before; the library gets a literal address.
 *
 * @module
 */

import {
  securityDatagram,
  securityLine,
  securityLineStep,
} from "../../../native/generated/security.ts";
import { NativeHandle } from "../../../native/handle.ts";
import { type Answer, type Carrier, ENDS, type Line, type Step } from "./types.ts";

/** The library's sockets. */
export const nativeCarrier: Carrier = {
  implementation: "native",
  line: (address, port) => new NativeLine(address, port),
  datagram: ({ address, port, loopback, send, waitMs, most }, signal) =>
    securityDatagram(address, port, loopback, send, waitMs, most, answerOf, { signal }),
};

class NativeLine extends NativeHandle implements Line {
  constructor(address: string, port: number) {
    super("security-tools", securityLine(address, port), "connection");
  }

  step({ send, connectMs, firstMs, quietMs, totalMs, most }: Step, signal?: AbortSignal) {
    if (this.closed) return Promise.resolve<Answer>({ end: "closed", bytes: new Uint8Array(0) });
    return securityLineStep(
      this.handle,
      send,
      connectMs,
      firstMs,
      quietMs,
      totalMs,
      most,
      answerOf,
      { signal },
    );
  }
}

function answerOf(payload: Uint8Array): Answer {
  return { end: ENDS[payload[0]!]!, bytes: payload.slice(1) };
}
