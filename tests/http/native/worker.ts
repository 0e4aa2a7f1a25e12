/** A Worker that has exchanges under way, for as long as it is let live. */

/// <reference lib="deno.worker" />

import { exchangeWith } from "./support_exchange.ts";
import { openNativeTransport } from "../../../src/http/transport/native/mod.ts";

self.onmessage = ({ data: url }: MessageEvent<string>): void => {
  const transport = openNativeTransport({ caCerts: [], idlePerHost: 8, idleTimeoutMs: 20_000 });
  for (let n = 0; n < 20; n++) {
    transport.exchange(exchangeWith(url, { wholeBody: n % 2 === 0 })).catch(() => {});
  }
  self.postMessage("begun");
};
