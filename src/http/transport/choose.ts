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
import { Sizes } from "./sizes.ts";
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

/** Bodies from this size on are not worth the way from the engine's thread to this one. */
const LARGE_BYTES = 32_768;

/**
 * What `"auto"` is where native code can be used: a batch is faster natively, since its exchanges are taken together and
 * run beside the event loop; an exchange by itself is faster without the way to another thread and back. Large bodies
 * would be copied on that way, so that a batch of them is faster without it too, unless they have to be decrypted.
 */
class MixedTransport implements Transport {
  readonly implementation = "native";
  readonly #options: TransportOptions;
  readonly #sizes = new Sizes();
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
    if (exchange.hold === true) return this.#natively(exchange);
    if (exchange.call?.batch === undefined) return this.#purely(exchange);
    const { protocol, origin } = exchange.url;
    if (protocol !== "http:" || !exchange.wholeBody) return this.#natively(exchange);
    const begun = this.#sizes.of(origin) >= LARGE_BYTES
      ? this.#purely(exchange)
      : this.#natively(exchange);
    this.#sizes.learn(origin, begun);
    return begun;
  }

  close(): void {
    this.#isClosed = true;
    this.#pure?.close();
    this.#native?.close();
  }

  #natively(exchange: Exchange): Promise<IncomingResponse> {
    return (this.#native ??= openNativeTransport(this.#options)).exchange(exchange);
  }

  #purely(exchange: Exchange): Promise<IncomingResponse> {
    return (this.#pure ??= openPureTransport(this.#options)).exchange(exchange);
  }
}
