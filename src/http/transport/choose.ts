/**
 * Which transport a client works with. The one place that knows both twins.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { effectiveImplementation } from "../../native/settings.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { TransportFault } from "./fault.ts";
import { openNativeTransport } from "./native/mod.ts";
import { openPureTransport } from "./pure/mod.ts";
import type { Exchange, IncomingResponse, Transport, TransportOptions } from "./types.ts";

/** Opens the transport of a client. */
export function openTransport(
  wish: Implementation | undefined,
  options: TransportOptions,
): Transport {
  if (!pick("http", 1, 1, wish)) return openPureTransport(options);
  return effectiveImplementation("http", wish) === "auto"
    ? new MixedTransport(options)
    : openNativeTransport(options);
}

/**
 * What `"auto"` is where native code can be used: a batch is faster natively, since its exchanges are taken together and
 * run beside the event loop; an exchange by itself is faster without the way to another thread and back.
 */
class MixedTransport implements Transport {
  readonly implementation = "native";
  readonly #options: TransportOptions;
  #pure: Transport | undefined;
  #native: Transport | undefined;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  exchange(exchange: Exchange): Promise<IncomingResponse> {
    if (this.#isClosed) {
      return Promise.reject(new TransportFault("reset", "the client was closed", true));
    }
    const isOfBatch = exchange.call?.batch !== undefined || exchange.hold === true;
    const transport = isOfBatch
      ? this.#native ??= openNativeTransport(this.#options)
      : this.#pure ??= openPureTransport(this.#options);
    return transport.exchange(exchange);
  }

  close(): void {
    this.#isClosed = true;
    this.#pure?.close();
    this.#native?.close();
  }
}
