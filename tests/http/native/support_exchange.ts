/** An exchange as the client would order it. */

import type { Exchange } from "../../../src/http/transport/types.ts";

/** An exchange with this machine. */
export function exchangeWith(url: string, more: Partial<Exchange> = {}): Exchange {
  return {
    method: "GET",
    url: new URL(url),
    headers: [],
    body: undefined,
    signal: undefined,
    wholeBody: true,
    addresses: ["127.0.0.1"],
    proxy: undefined,
    limits: {
      connectTimeoutMs: 20_000,
      firstByteTimeoutMs: 20_000,
      bodyTimeoutMs: 20_000,
      totalTimeoutMs: 30_000,
      maxBodyBytes: 1 << 30,
      maxHeaderBytes: 65_536,
    },
    ...more,
  };
}
